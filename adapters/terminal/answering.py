"""One message to its shown reply, and how a reply or a wait is cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

from adapters.terminal.texts import CUT_OFF, NO_ANSWER
from bot.protocols import Assistant
from bot.tasks import CANCEL_S, TaskRunner
from bot.types import IncomingMessage, ReplyEnd, ReplyNotice, ReplyPart

_USED_OF_GRACE = 0.8  # the rest is for ending properly before whoever set `stopping` loses patience


class Shown(Protocol):
    """Where one reply is shown. An `end` is always the last part it is given."""

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply; returns when the person can see it."""
        ...


class Unshown:
    """For a reply that nobody waits for."""

    async def show(self, part: ReplyPart) -> None:
        """Show nothing."""


async def answer(assistant: Assistant, message: IncomingMessage, shown: Shown) -> None:
    """Show the reply to a message as it arrives."""
    ended = False
    async with aclosing(assistant.handle(message)) as parts:
        async for part in parts:
            await shown.show(part)
            ended = isinstance(part, ReplyEnd)
    if not ended:
        await _end(shown, NO_ANSWER)


async def answer_until(
    assistant: Assistant, message: IncomingMessage, shown: Shown, stopping: asyncio.Event, grace_s: float
) -> None:
    """Show the reply to a message, cut a little less than `grace_s` seconds after `stopping` is set."""
    try:
        async with cut_when(stopping, grace_s * _USED_OF_GRACE):
            await answer(assistant, message, shown)
    except TimeoutError:
        await cut_off(shown)


async def cut_off(shown: Shown) -> None:
    """End a reply that was cut off."""
    await _end(shown, CUT_OFF)


async def _end(shown: Shown, why: str) -> None:
    await shown.show(ReplyNotice(why))
    await shown.show(ReplyEnd(failed=True))


@asynccontextmanager
async def cut_when(stopping: asyncio.Event, grace_s: float = 0) -> AsyncIterator[asyncio.Timeout]:
    """Run the block until `grace_s` seconds after `stopping` is set, or until whoever holds the timeout cuts it.

    Raises:
        TimeoutError: the block was cut.
    """
    async with asyncio.timeout(None) as limit, TaskRunner(CANCEL_S) as tasks:
        tasks.start("terminal stop", _shorten(limit, stopping, grace_s), endless=True)
        yield limit


async def _shorten(limit: asyncio.Timeout, stopping: asyncio.Event, grace_s: float) -> None:
    await stopping.wait()
    limit.reschedule(asyncio.get_running_loop().time() + grace_s)
