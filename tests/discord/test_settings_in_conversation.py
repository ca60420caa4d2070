"""What an admin chooses under /settings is what the whole bot then does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import opened
from bot.config import Secret
from tests.conformance.adapter import EchoAssistant
from tests.discord.interface_world import scope_of, seen
from tests.discord.world import World
from tests.servers.discord.nouns import Message
from tests.servers.discord.people import Person
from tests.servers.openai_server import OpenAIServer

FORM = "Model, persona, limits"


@pytest.fixture
def ada(world: World) -> Person:
    """Somebody who may manage the server."""
    ada = world.server.add_person("Ada")
    world.guild.add_member(ada, roles=[world.guild.add_role("admins", "manage_guild")])
    return ada


async def _settings(world: World, ada: Person) -> Message:
    """What /settings shows, once there are commands."""
    await world.server.until(lambda: world.server.commands.get(None))
    return await seen(await ada.runs(world.general, "settings"))


async def _written(world: World, ada: Person, **fields: object) -> None:
    """Fill in the form, and wait until that is saved."""
    form = await (await ada.presses(await _settings(world, ada), FORM)).answered()
    await (await form.submit(fields)).answered()


async def test_strict_threads_need_a_mention(world: World, ada: Person, echo: EchoAssistant) -> None:
    """Where the bot took part, it stays silent from the choice on, unless it is mentioned."""
    world.server.intents.add("message_content")
    thread = world.general.add_thread("talk", owner=world.ann)
    async with world.bot(echo):
        await world.answered(await world.ann.says(thread, f"{world.server.mention} one"), "one")
        await world.answered(await world.ann.says(thread, "two"), "two")
        message = await _settings(world, ada)
        ids = [part["custom_id"] for row in message.components for part in row["components"]]
        strict = next(one for one in ids if one.startswith("strict/"))
        await (await ada.presses(message, strict, [str(world.general.id)])).answered()
        await world.ann.says(thread, "three")
        await world.answered(await world.ann.says(thread, f"{world.server.mention} four"), "four")

    assert [message.text for message in echo.heard] == ["one", "two", "four"]


async def test_model_and_persona_are_what_answers(world: World, ada: Person) -> None:
    """The chosen model is asked from then on, and told how to behave."""
    async with OpenAIServer() as service:
        openai = {"api_key": Secret("key"), "base_url": service.base_url, "model": "local", "more_models": ("big",)}
        async with world.bot(openai=openai):
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} Hello!"))
            await _written(world, ada, model="big", persona="You are a pirate.")
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} Hello again!"))
    before, after = service.requests

    assert (before["model"], after["model"]) == ("local", "big")
    assert ["You are a pirate." in str(one["messages"]) for one in (before, after)] == [False, True]


@pytest.mark.parametrize(("days", "left"), [("1", 0), ("0", 1)])
async def test_retention_removes_what_is_unused(world: World, ada: Person, days: str, left: int) -> None:
    """What nobody used for longer than was chosen is gone; without a choice it stays."""
    async with world.bot():
        await _written(world, ada, retention=days)
        await seen(await world.ann.runs(world.general, "remember", {"text": "I like tea"}))
    async with opened(world.settings, lambda: datetime.now(UTC) + timedelta(days=2)) as app:
        await app.expiry().once()
        kept = await app.core.list(scope_of(world.ann, world.general))

    assert len(kept) == left
