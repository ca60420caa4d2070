"""When a growing reply is shown: its first words after a moment, what follows in its turn, and its end for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from adapters.pacing import LiveText, Pace
from bot.errors import PlatformError
from bot.tasks import TaskRunner

FIRST_S = 0.04
"""Seconds that the first words wait for more, so that an answer that is whole by then is sent at once."""

STOPPABLE_S = 2.0
"""Seconds after which a reply gets the button that stops it; one that ends sooner would only flicker."""


class Growing:
    """One reply while it grows.

    Args:
        show: shows the reply as it is when it is called; for what it may raise and wait for, see LiveText.
        has_words: tells whether there is something to be shown of it.
        lost: errors after which nothing more can be shown; for others a later state, or the end, makes up.
        pace: the channel's.
        tasks: where it is shown in the background.
        name: what is shown, for the log; no contents.
    """

    def __init__(
        self,
        show: Callable[[], Awaitable[None]],
        has_words: Callable[[], object],
        *,
        lost: tuple[type[PlatformError], ...],
        pace: Pace,
        tasks: TaskRunner,
        name: str,
    ) -> None:
        # A state is the number of parts: what they look like is seen when it is shown.
        self._live: LiveText[int] = LiveText(lambda _: show(), pace, tasks, name)
        self._has_words = has_words
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._begun_at = self._loop.time()
        self._first: asyncio.TimerHandle | None = None
        self._parts = 0

    @property
    def is_stoppable(self) -> bool:
        """Whether it takes so long that somebody may want to stop it."""
        return self._loop.time() - self._begun_at >= STOPPABLE_S

    def more(self) -> None:
        """Have it shown in its turn: there is more of it.

        Raises:
            PlatformError: one of those after which nothing more can be shown.
        """
        self._parts += 1
        if self._first is None:
            if self._has_words():
                self._first = self._loop.call_later(FIRST_S, lambda: self._live.offer(self._parts))
            return
        if self._loop.time() < self._first.when():
            return
        try:
            self._live.offer(self._parts)
        except self._lost:
            raise
        except PlatformError:
            return

    async def finish(self) -> None:
        """Show it as it stays.

        Raises:
            PlatformError: it could not be shown.
        """
        self._wait_no_more()
        await self._live.finish(self._parts + 1)

    async def stop(self) -> None:
        """Show nothing more; returns when no call is under way."""
        self._wait_no_more()
        await self._live.stop()

    def _wait_no_more(self) -> None:
        if self._first is not None:
            self._first.cancel()
