"""Shows a reply to its end, and cuts a reply or a wait short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from adapters.terminal.shown import Shown
from adapters.terminal.texts import CUT_OFF, NO_ANSWER
from bot.events import ReplyEnd, ReplyNotice, ReplyPart
from bot.tasks import CANCEL_S, TaskRunner

_USED_OF_GRACE = 0.8  # the rest is for ending properly before whoever set `stopping` loses patience
_LAST_WORDS_S = 1.0


async def answer(parts: AsyncGenerator[ReplyPart, None], shown: Shown) -> None:
    """Show a reply as it arrives."""
    ended = False
    async with aclosing(parts):
        async for part in parts:
            await shown.show(part)
            ended = isinstance(part, ReplyEnd)
    if not ended:
        await _end(shown, NO_ANSWER)


async def answer_until(
    parts: AsyncGenerator[ReplyPart, None], shown: Shown, stopping: asyncio.Event, grace_s: float
) -> None:
    """Show a reply, cut as `cut_when` does."""
    try:
        async with cut_when(stopping, grace_s):
            await answer(parts, shown)
    except TimeoutError:
        await cut_off(shown)


async def cut_off(shown: Shown) -> None:
    """End a reply that was cut off; in vain if that was because nobody reads it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_S):
            await _end(shown, CUT_OFF)


async def _end(shown: Shown, why: str) -> None:
    await shown.show(ReplyNotice(why))
    await shown.show(ReplyEnd(failed=True))


@asynccontextmanager
async def cut_when(stopping: asyncio.Event, grace_s: float = 0) -> AsyncIterator[asyncio.Timeout]:
    """Run the block until a little less than `grace_s` seconds after `stopping` is set.

    It gives the timeout, so that the block can also be cut for another reason.

    Raises:
        TimeoutError: the block was cut.
    """
    async with asyncio.timeout(None) as limit, TaskRunner(CANCEL_S) as tasks:
        tasks.start("terminal stop", _shorten(limit, stopping, grace_s * _USED_OF_GRACE), endless=True)
        yield limit


async def _shorten(limit: asyncio.Timeout, stopping: asyncio.Event, left_s: float) -> None:
    await stopping.wait()
    limit.reschedule(asyncio.get_running_loop().time() + left_s)
