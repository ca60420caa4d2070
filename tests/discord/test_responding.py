"""Interactions are acknowledged within a second whatever happens, and answered with what came of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.discord.interface import commands_help, responding
from adapters.discord.interface.presses import button, view_of
from adapters.discord.interface.responding import Work
from bot.config import OpenAISettings, Secret
from bot.errors import StoreError
from bot.events import IncomingMessage
from bot.panel import Page
from bot.types import Author, Memory, Place, PlaceKind
from tests.assistant.talking import Gate
from tests.discord.interface_world import Bot, World, bot, labels, opened_world, scope_of, seen, world
from tests.servers.discord.faults import Behaviour, Exchange, hang, lose_answer, lose_request, usual
from tests.servers.discord.interactions import Use
from tests.servers.discord.nouns import Message
from tests.servers.discord.wire import answer
from tests.servers.openai_server import OpenAIServer, reply

__all__ = ["bot", "world"]

CALLBACK = "/interactions/*/*/callback"


async def _talk(world: World, bot: Bot) -> None:
    """Let Ann ask the model something in the conversation, as the rest of the adapter does."""
    place = Place(PlaceKind.PUBLIC, str(world.channel.id))
    scope = scope_of(world.ann, world.channel)
    author = Author(scope.user_id, "Ann")
    message = IncomingMessage("asked", scope, place, author, "What is new?", "asked", datetime.now(UTC))
    async with aclosing(bot.app.assistant.handle(message)) as parts:
        async for _ in parts:
            pass


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    """The service that answers; nothing that was asked of it was malformed."""
    async with OpenAIServer() as model:
        yield model

        assert model.violations == []


async def test_slow_model_delays_no_acknowledgement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: OpenAIServer
) -> None:
    """While the model does not answer, commands wait behind it acknowledged, and lists do not wait at all."""
    gate = Gate()
    model.will(reply("Nothing", before_piece=gate))
    openai = OpenAISettings(api_key=Secret("key"), base_url=model.base_url, model="local", max_retries=0)
    async with opened_world(tmp_path, monkeypatch, openai) as world, world.bot() as bot:
        talk = asyncio.create_task(_talk(world, bot))
        await gate.reached.wait()
        remember = await world.ann.runs(world.channel, "remember", {"text": "I'm vegan"})
        listed = await seen(await world.ann.runs(world.channel, "memories"))
        waited = remember.deferred and not remember.is_answered
        gate.open.set()
        await talk
        message = await seen(remember)

    assert waited
    assert remember.acknowledged_after_s is not None
    assert remember.acknowledged_after_s < 1
    assert message.content.startswith("Remembered: #1 I'm vegan")
    assert labels(message) == ["remembered · undo"]
    assert "nothing about you yet" in listed.content


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything counts as slow, so that the path of slow work is taken without waiting for it."""
    monkeypatch.setattr(responding, "ACKNOWLEDGE_S", 0)


async def test_an_interaction_that_comes_twice_is_answered_once(world: World, bot: Bot) -> None:
    """As after a resumed session; Discord would refuse the second answer."""
    use = await world.ann.runs(world.channel, "help")
    await use.answered()
    world.server.gateway.repeat_last(1, "INTERACTION_CREATE")
    await world.server.settled()

    assert len(use.messages) == 1
    assert world.server.violations == []


@pytest.mark.usefixtures("hurried")
async def test_a_slow_change_changes_the_message_that_was_pressed(world: World, bot: Bot) -> None:
    """A press is acknowledged without a new message, and then changes the old one."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "tea"}))
    use = await world.ann.presses(message, "Forget")
    await use.until(lambda: labels(message) == [])

    assert use.deferred
    assert message.content.startswith("Forgotten: 1 memory.")
    assert use.messages == [message]


@pytest.mark.usefixtures("hurried")
async def test_a_slow_form_is_asked_to_be_pressed_again(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form can only be the first response; when it comes too late, that is said."""
    (memory,) = await bot.learns(world.ann, world.channel, "I like tea")
    said = await world.ann.says(world.channel, "Hello")
    shown = await bot.replies(
        said, "Tea", view_of(button("edit", str(world.ann.id), memory.id, "all", 1, label="Edit"))
    )
    acknowledged = asyncio.Event()

    async def slow(*_: object) -> Memory:
        await acknowledged.wait()
        return memory

    monkeypatch.setattr(bot.app.panel, "get", slow)
    use = await world.ann.presses(shown, "Edit")
    acknowledged.set()

    assert (await seen(use)).content == "That took me too long. Please press it again."
    assert use.modal is None


@pytest.mark.usefixtures("hurried")
async def test_a_slow_export_has_its_file(world: World, bot: Bot) -> None:
    """A file can come late too."""
    await bot.learns(world.ann, world.channel, "I like tea")
    (file,) = (await seen(await world.ann.runs(world.channel, "export"))).attachments

    assert b"I like tea" in file.content


@pytest.mark.usefixtures("hurried")
async def test_work_beyond_the_token_is_dropped(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that comes when nothing can be said any more is given up, and that is logged."""
    over = asyncio.Event()
    monkeypatch.setattr(responding, "TOKEN_S", 0)
    monkeypatch.setattr(bot.app.panel, "page", lambda *_, **__: over.wait())
    through = asyncio.create_task(bot.client.wait_for("app_command_completion", timeout=5))
    use = await world.ann.runs(world.channel, "memories")
    await through
    over.set()

    assert use.deferred
    assert not use.is_answered
    assert "longer than its token lives" in caplog.text


@pytest.mark.parametrize("error", [StoreError("disk is full"), ZeroDivisionError("I like tea")])
async def test_an_error_is_an_honest_line(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """What goes wrong is said without its text; a mistake of ours is found in the log by its reference."""

    async def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(bot.app.panel, "page", broken)
    message = await seen(await world.ann.runs(world.channel, "memories"))
    reference = re.search(r"in the log as (\w+)\.", message.content)

    assert str(error) not in message.content
    assert "I like tea" not in caplog.text
    if isinstance(error, StoreError):
        assert message.content.startswith("I can't reach my memory right now.")
    else:
        assert reference is not None
        assert f"task interaction {reference[1]} failed: ZeroDivisionError" in caplog.text


async def _broken(_: object, __: object, work: Work, **___: object) -> None:
    work.close()
    raise ZeroDivisionError("I like tea")


def _reference(message: Message) -> str:
    return message.content.partition("in the log as ")[2].rstrip(".")


async def test_a_command_that_cannot_be_begun_is_said(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever gave it has the reference with which the log names the error, whose text is nowhere."""
    monkeypatch.setattr(commands_help, "respond", _broken)
    message = await seen(await world.ann.runs(world.channel, "help"))

    assert f"a command failed: ZeroDivisionError ({_reference(message)})" in caplog.text
    assert "I like tea" not in caplog.text + message.content


async def test_a_lost_response_leaves_the_bot_alive(world: World, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """When Discord does not take the answer, that is logged with its code, and the next one works."""

    async def too_late(exchange: Exchange) -> web.StreamResponse:
        await exchange.proceed()
        return answer({"message": "Unknown interaction", "code": 10062}, 404)

    world.server.will("POST", CALLBACK, too_late)
    through = asyncio.create_task(bot.client.wait_for("app_command_completion", timeout=5))
    await world.ann.runs(world.channel, "memories")
    await through
    message = await seen(await world.ann.runs(world.channel, "memories"))

    assert message.content
    assert "HTTP 404, code 10062" in caplog.text


async def _slow_answer(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch, *behaviours: Behaviour) -> Use:
    """Ann asks for a list that takes until it was acknowledged, and the acknowledgement meets these behaviours."""
    page, tried = bot.app.panel.page, asyncio.Event()

    async def slow(*given: Any, **named: Any) -> Page:  # noqa: ANN401 - passed through
        await tried.wait()
        return await page(*given, **named)

    async def last(exchange: Exchange) -> web.StreamResponse:
        tried.set()
        return await behaviours[-1](exchange)

    monkeypatch.setattr(bot.app.panel, "page", slow)
    world.server.will("POST", CALLBACK, *behaviours[:-1], last)
    return await world.ann.runs(world.channel, "memories")


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "behaviours",
    [(lose_answer(), usual()), (lose_request(), usual()), (lose_answer(), lose_answer()), (hang(), usual())],
    ids=["answer lost", "request lost", "answers lost", "no answer in time"],
)
async def test_a_lost_acknowledgement_is_no_lost_answer(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch, behaviours: tuple[Behaviour, ...]
) -> None:
    """Whether Discord took it or not: nothing is left at "thinking", and nothing is said twice."""
    monkeypatch.setattr(responding, "TRY_S", 0.2)  # a second otherwise
    use = await _slow_answer(world, bot, monkeypatch, *behaviours)

    assert "nothing about you yet" in (await seen(use)).content
    assert use.deferred


@pytest.mark.usefixtures("hurried")
async def test_an_answer_is_given_first_where_no_acknowledgement_came_through(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no message to fill then, which Discord says; as long as it takes a first response it gets it."""
    use = await _slow_answer(world, bot, monkeypatch, lose_request(), lose_request())

    assert "nothing about you yet" in (await seen(use)).content
    assert not use.deferred


@pytest.mark.usefixtures("hurried")
async def test_a_lost_acknowledgement_of_a_press_is_no_lost_change(world: World, bot: Bot) -> None:
    """The message that was pressed changes all the same."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "tea"}))
    world.server.will("POST", CALLBACK, lose_answer())
    use = await world.ann.presses(message, "Forget")
    await use.until(lambda: labels(message) == [])

    assert message.content.startswith("Forgotten: 1 memory.")
    assert use.messages == [message]
