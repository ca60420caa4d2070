"""The sign that the bot is typing: one for each channel, however many replies are being made in it."""

from __future__ import annotations

import asyncio
from collections import Counter

from adapters.discord.line import Line
from adapters.discord.sending import our_errors
from adapters.discord.spot import Spot
from bot.errors import PlatformError
from bot.tasks import TaskRunner

FIRST_S = 0.2
"""Seconds before the sign is shown; an answer that is there by then needs none."""

REPEAT_S = 8.0
"""Seconds after which it is shown again; Discord's clients show it for ten."""

_REQUEST_S = 5.0


class TypingSigns:
    """Shows the sign in the channels where replies are being made."""

    def __init__(self, line: Line, tasks: TaskRunner) -> None:
        self._line = line
        self._tasks = tasks
        self._busy: Counter[int] = Counter()
        self._shown: dict[int, asyncio.Task[None]] = {}

    def begin(self, spot: Spot) -> TypingSign:
        """Show the sign in a channel until the last of those who began it there has ended it."""
        self._busy[spot.channel_id] += 1
        if spot.channel_id not in self._shown:
            work = self._type(spot)
            self._shown[spot.channel_id] = self._tasks.start("discord typing", work, endless=True)
        return TypingSign(self, spot.channel_id)

    async def leave(self, channel_id: int) -> None:
        """Take one reply off; the last one takes the sign down."""
        self._busy[channel_id] -= 1
        if self._busy[channel_id] > 0:
            return
        del self._busy[channel_id]
        task = self._shown.pop(channel_id)
        task.cancel()
        await asyncio.wait({task})  # a request under way would show the sign again after what is sent next

    async def _type(self, spot: Spot) -> None:
        """Nobody misses a sign, so errors end it in silence."""
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                client = await self._line.client()
                async with asyncio.timeout(_REQUEST_S):
                    with our_errors("a typing sign"):
                        await spot.channel(client).typing()
            except (PlatformError, TimeoutError):
                return
            await asyncio.sleep(REPEAT_S)


class TypingSign:
    """One reply's part in the sign of a channel."""

    def __init__(self, signs: TypingSigns, channel_id: int) -> None:
        self._signs = signs
        self._channel_id = channel_id
        self._ended = False

    async def end(self) -> None:
        """Take it down; a second time changes nothing. There is no other way to end it before what is sent next."""
        if not self._ended:
            self._ended = True
            await self._signs.leave(self._channel_id)
