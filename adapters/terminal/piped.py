"""The conversation with a script: one message a line on standard input, replies in order on standard output."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from adapters.terminal.answering import answer_until, cut_when
from adapters.terminal.descriptors import Line, read_lines
from adapters.terminal.shown import Shown, Unshown
from adapters.terminal.speaker import PLATFORM, Speaker
from adapters.terminal.texts import TOO_LONG
from bot.config import LimitsSettings
from bot.events import ReplyEnd, ReplyPart, ReplyText
from bot.protocols import Assistant


class Piped:
    """A conversation that ends with its input.

    Args:
        new_reply: gives where the next reply is shown.
    """

    def __init__(
        self, speaker: Speaker, descriptor: int, new_reply: Callable[[], Shown], limits: LimitsSettings
    ) -> None:
        self._speaker = speaker
        self._descriptor = descriptor
        self._new_reply = new_reply
        self._limits = limits

    async def serve(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Answer line by line until the input ends, nobody reads the replies any more, or `stopping` is set."""
        ready()
        with suppress(BrokenPipeError):
            await self._catch_up(assistant, stopping)
            async with aclosing(read_lines(self._descriptor, self._limits.max_message_characters)) as lines:
                while (line := await _next(lines, stopping)) is not None:
                    await self._answer(line, assistant, stopping)

    async def _catch_up(self, assistant: Assistant, stopping: asyncio.Event) -> None:
        """Answer what an earlier run left, for what it teaches; whoever reads expects one reply a line."""
        for message in await assistant.unanswered(PLATFORM):
            if not stopping.is_set():
                await answer_until(assistant.handle(message), Unshown(), stopping, self._limits.shutdown_s)

    async def _answer(self, line: Line, assistant: Assistant, stopping: asyncio.Event) -> None:
        text = line.text.strip()
        if line.whole and not text:
            return
        parts = assistant.handle(self._speaker.says(text)) if line.whole else self._refusal()
        await answer_until(parts, self._new_reply(), stopping, self._limits.shutdown_s)

    async def _refusal(self) -> AsyncGenerator[ReplyPart, None]:
        yield ReplyText(TOO_LONG.format(most=self._limits.max_message_characters))
        yield ReplyEnd(failed=True)


async def _next(lines: AsyncGenerator[Line, None], stopping: asyncio.Event) -> Line | None:
    """Return the next line; None at the end of input, and once no more is to be taken in."""
    if stopping.is_set():
        return None
    try:
        async with cut_when(stopping):
            return await anext(lines, None)
    except TimeoutError:
        return None
