"""An event is acknowledged when the bot cannot lose it any more, and not before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable

import pytest

from adapters.slack import listening
from bot.events import IncomingMessage, MessagesDeleted, ReplyEnd, ReplyPart, ReplyText
from bot.protocols import LookAround, nowhere, untold
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Message
from tests.servers.slack.deliveries import Delivery
from tests.slack.test_http import by_http
from tests.slack.world import World
from tests.worlds import PATIENCE_S

__all__ = ["by_http"]


class SlowDisk(EchoAssistant):
    """Has a message, or an erasure, on disk when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.written = asyncio.Event()

    async def handle(
        self, message: IncomingMessage, *, taken: Callable[[], None] = untold, around: LookAround = nowhere
    ) -> AsyncGenerator[ReplyPart, None]:
        """Answer what was not heard before."""
        is_new = message.dedupe_key not in {heard.dedupe_key for heard in self.heard}
        self.heard.append(message)
        self.reached.set()
        await self.written.wait()
        taken()
        if is_new:
            yield ReplyText("got it")
            yield ReplyEnd()

    async def deleted(self, event: MessagesDeleted) -> None:
        """Take time."""
        self.reached.set()
        await self.written.wait()
        await super().deleted(event)


def sent_about(world: World, message: Message) -> Delivery:
    """Return how the latest event about a message was brought."""
    return [sent for sent in world.server.deliveries.sent if sent.message is message][-1]


async def seen(event: asyncio.Event) -> None:
    """Wait for an event, but not for ever."""
    async with asyncio.timeout(PATIENCE_S):
        await event.wait()


@pytest.fixture(params=["world", "by_http"])
def either(request: pytest.FixtureRequest) -> World:
    """The world for a bot that is reached by a socket, or by HTTP."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, World)
    return found


async def test_message_is_acknowledged_once_it_is_on_disk(either: World) -> None:
    """Until then Slack keeps it; its answer is not waited for."""
    disk = SlowDisk()
    async with either.bot(disk):
        asked = await either.ann.says(either.ann.im, "hello")
        await seen(disk.reached)
        before = sent_about(either, asked).done.is_set()
        disk.written.set()
        await either.settled()
        await either.answered(asked, "got it")

    assert (before, sent_about(either, asked).acknowledged) == (False, True)


async def test_deletion_is_acknowledged_once_it_is_done(either: World) -> None:
    """What is not forgotten yet comes again."""
    disk = SlowDisk()
    disk.written.set()
    async with either.bot(disk):
        asked = await either.ann.says(either.ann.im, "hello")
        await either.answered(asked, "got it")
        disk.written.clear()
        disk.reached.clear()
        await either.ann.deletes(asked)
        await seen(disk.reached)
        before = sent_about(either, asked).done.is_set()
        disk.written.set()
        await either.settled()

    assert (before, len(disk.deletions)) == (False, 1)


async def test_lost_acknowledgement_is_no_alarm(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The socket closes with the bot; Slack sends the event to the next run."""
    disk = SlowDisk()
    async with world.bot(disk) as bot:
        await world.ann.says(world.ann.im, "hello")
        await seen(disk.reached)
        bot.stopping.set()
        await world.server.until(lambda: not world.server.sockets.connections, PATIENCE_S)
        disk.written.set()

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "was not acknowledged" in caplog.text


async def test_what_is_not_safe_in_time_comes_again(either: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not acknowledged, so Slack sends it again; it is answered once."""
    monkeypatch.setattr(listening, "ACKNOWLEDGED_S", 0.3)  # a constant; Slack waits for three seconds
    disk = SlowDisk()
    async with either.bot(disk):
        asked = await either.ann.says(either.ann.im, "hello")
        await either.server.until(lambda: len(sent_about(either, asked).outcomes) >= 1, PATIENCE_S)
        disk.written.set()
        await either.settled()
        await either.answered(asked, "got it")
        sent = sent_about(either, asked)

    assert [outcome.acknowledged for outcome in sent.outcomes] == [False, True]
    assert len(either.server.replies_to(asked)) == 1
    (violation,) = either.server.violations
    assert "not acknowledged" in violation
    either.server.violations.clear()  # that one was wanted
