"""Shows a growing text by edits, no more often than a channel bears; it does not know how a platform shows one."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.errors import BotError
from bot.tasks import TaskRunner

log = logging.getLogger(__name__)

State = TypeVar("State")

MOST_PACES = 1024
"""Channels whose pace is remembered; the one that was quiet longest is forgotten first."""


class Pace:
    """The turns of one channel, shared by all replies in it.

    Discord publishes no figure for edits; about 5 calls in 5 seconds per channel are borne.

    Args:
        interval_s: seconds between two turns.
        clock: gives seconds that never go back; by default those of the running loop.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        interval_s: float,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock or asyncio.get_running_loop().time
        self._sleep = sleep
        self._free_at = self._clock()
        self._waiting: list[tuple[bool, int]] = []  # a heap: last edits first, then by arrival
        self._arrivals = itertools.count()

    def take(self) -> None:
        """Take a turn without waiting; the next one is an interval later."""
        self._free_at = self._clock() + self._interval_s

    async def turn(self, *, last: bool = False) -> None:
        """Wait for a turn and take it; the last edit of a reply goes before edits that others will follow."""
        ticket = (not last, next(self._arrivals))
        heapq.heappush(self._waiting, ticket)
        try:
            while (left_s := self._free_at - self._clock()) > 0 or self._waiting[0] != ticket:
                await self._sleep(max(left_s, 0))  # 0: whoever is first wakes in the same round of the loop
        finally:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
        self.take()


class Paces:
    """The pace of each channel.

    Args:
        interval_s: seconds between two turns in one channel.
        clock: as for Pace.
        sleep: as for Pace.
        most: channels that are remembered.
    """

    def __init__(
        self,
        interval_s: float,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most: int = MOST_PACES,
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._sleep = sleep
        self._most = most
        self._by_channel: OrderedDict[str, Pace] = OrderedDict()

    def of(self, channel_id: str) -> Pace:
        """Return the pace of a channel."""
        if channel_id not in self._by_channel:
            self._by_channel[channel_id] = Pace(self._interval_s, self._clock, self._sleep)
        self._by_channel.move_to_end(channel_id)
        while len(self._by_channel) > self._most:
            self._by_channel.popitem(last=False)
        return self._by_channel[channel_id]


class LiveText(Generic[State]):
    """One reply while it grows: the newest state is shown, states that were overtaken are not.

    A state is whatever `show` takes; equal states look the same. Calls of `show` never overlap.

    Args:
        show: shows a state; returns when the platform has it, raises a BotError, and waits for nothing without a limit.
        pace: the channel's; the first state goes at once, and counts.
        tasks: where states are shown in the background.
        name: what is shown, for the log; no contents.
    """

    def __init__(self, show: Callable[[State], Awaitable[None]], pace: Pace, tasks: TaskRunner, name: str) -> None:
        self._show = show
        self._pace = pace
        self._tasks = tasks
        self._name = name
        self._offered: list[State] = []  # the newest state that is not shown yet, or nothing
        self._shown: list[State] = []  # the state last shown, or nothing
        self._following: asyncio.Task[None] | None = None
        self._is_first = True
        self._is_showing = False
        self._is_stopped = False
        self._failure: BotError | None = None

    def offer(self, state: State) -> None:
        """Have a state shown in its turn, unless a newer one comes first; nothing after the end.

        Raises:
            BotError: an earlier state could not be shown. This one was not taken; a later one will be tried again.
            RuntimeError: the task runner is closed.
        """
        if self._is_stopped:
            return
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        self._offered = [state]
        if self._following is None or self._following.done():
            self._following = self._tasks.start(self._name, self._follow())

    async def finish(self, state: State) -> None:
        """Show the last state, unless it stands there already; what was offered before is dropped.

        An earlier failure that was not raised yet is logged when this one state makes up for it.

        Raises:
            BotError: the state could not be shown.
        """
        await self.stop()
        if self._shown != [state]:
            await self._turn(last=True)
            await self._call(state)
        if self._failure is not None:
            log.warning("%s: an edit failed before the last: %s", self._name, type(self._failure).__name__)

    async def stop(self) -> None:
        """Show nothing more in the background; returns when no call is under way."""
        self._is_stopped = True
        self._offered = []
        following = self._following
        if following is None or following.done():
            return
        if not self._is_showing:
            following.cancel()
        await asyncio.wait({following})  # not cancelled with us: a call under way is not torn

    async def _follow(self) -> None:
        while self._offered:
            await self._turn()
            newest, self._offered = self._offered, []
            try:
                await self._call(*newest)
            except BotError as error:
                self._failure = error
                self._offered = []

    async def _turn(self, *, last: bool = False) -> None:
        if self._is_first:
            self._is_first = False
            self._pace.take()
        else:
            await self._pace.turn(last=last)

    async def _call(self, state: State) -> None:
        self._is_showing = True
        self._shown = []  # what stands there after a failure is unknown
        try:
            await self._show(state)
        finally:
            self._is_showing = False
        self._shown = [state]
