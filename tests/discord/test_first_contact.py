"""What a person is told once: with whatever they use the bot first, for them alone."""

from __future__ import annotations

import pytest

from bot.errors import StoreError
from bot.types import Mode
from tests.discord.interface_world import Bot, World, bot, options, scope_of, seen, world
from tests.servers.discord.people import Person

__all__ = ["bot", "world"]

NOTICE = "-# I'm Forget-me-not, an AI. I remember what you tell me"


@pytest.fixture
def eve(world: World) -> Person:
    """Somebody who may manage the guild and has not met the bot."""
    eve = world.server.add_person("Eve")
    world.guild.add_member(eve, roles=[world.guild.add_role("managers", "manage_guild")])
    return eve


@pytest.mark.parametrize(
    "first",
    [
        ("help", {}),
        ("memories", {}),
        ("forget", {"what": "tea"}),
        ("settings", {}),
        ("remember", {"text": "I like tea"}),
        ("why", {}),
    ],
    ids=lambda first: first[0],
)
async def test_first_answer_begins_with_the_notice(
    world: World, bot: Bot, eve: Person, first: tuple[str, dict[str, str]]
) -> None:
    """Whatever command it is an answer to; the next one comes without."""
    name, options = first
    met = await seen(await eve.runs(world.channel, name, options))
    again = await seen(await eve.runs(world.channel, "help"))

    assert met.content.startswith(NOTICE)
    assert met.content.count("an AI") == 1
    assert "an AI" not in again.content


async def test_a_menu_entry_may_be_the_first(world: World, bot: Bot, eve: Person) -> None:
    """The same as with a command."""
    said = await eve.says(world.channel, "I like tea")

    assert (await seen(await eve.runs_on(said, "Forget what came from this"))).content.startswith(NOTICE)


async def test_who_opted_out_is_told_nothing(world: World, bot: Bot, eve: Person) -> None:
    """Nothing is kept of them, which is what the notice is about."""
    await bot.app.core.set_mode(scope_of(eve, world.channel), Mode.OFF)

    assert "an AI" not in (await seen(await eve.runs(world.channel, "help"))).content


async def test_an_answer_that_needs_no_memory_comes_without_it(
    world: World, bot: Bot, eve: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether somebody was told cannot be read here; the notice is left to a later answer."""

    async def broken(*_: object) -> bool:
        raise StoreError("disk is full")

    with monkeypatch.context() as broken_ledger:
        broken_ledger.setattr(bot.app.ledger, "noticed", broken)
        met = await seen(await eve.runs(world.channel, "help"))
    later = await seen(await eve.runs(world.channel, "help"))

    assert met.content.startswith("Mention me")
    assert later.content.startswith(NOTICE)


async def test_a_search_is_found_again_under_the_notice(world: World, bot: Bot, eve: Person) -> None:
    """Where the list goes on is read from its heading, which stands below then."""
    await bot.learns(eve, world.channel, "I like tea", "I like jam")
    message = await seen(await eve.runs(world.channel, "memories", {"search": "tea"}))
    value = options(message)[0]["value"]
    await (await eve.presses(message, "Choose one to change or forget", [value])).answered()

    assert message.content.startswith("**Your memories with “tea”**")
