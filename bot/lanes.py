"""One message of a person at a time, in order, and only so many waiting; one change of a message likewise."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Busy(Exception):
    """Too much waits already; nothing was begun."""


class Ticket:
    """A place in a queue."""

    def __init__(self) -> None:
        self._called = asyncio.Event()

    async def turn(self) -> None:
        """Wait until everything before it has left the queue."""
        await self._called.wait()

    def call(self) -> None:
        """Let its turn come; a second time changes nothing."""
        self._called.set()

    @classmethod
    @contextmanager
    def outside(cls) -> Iterator[Ticket]:
        """Hold what stands in no queue, and need not wait."""
        ticket = cls()
        ticket.call()
        yield ticket


class Lanes:
    """A queue for each scope, or for each of what else is to be done in order.

    Args:
        most_each: most that may wait in one lane behind what is being done.
        total: most in all lanes together.
    """

    def __init__(self, most_each: int, total: int) -> None:
        self._most_each = most_each
        self._total = total
        self._lanes: dict[Hashable, deque[Ticket]] = {}

    @contextmanager
    def ticket(self, of: Hashable) -> Iterator[Ticket]:
        """Hold a place in a queue for the block. It is taken at once, before anything is waited for.

        Whoever leaves the block lets the next one in, or, while still waiting, only the queue close up.

        Raises:
            Busy: a queue is full.
        """
        lane = self._lanes.get(of, deque())
        if len(lane) > self._most_each or sum(map(len, self._lanes.values())) >= self._total:
            raise Busy
        ticket = Ticket()
        self._lanes[of] = lane
        lane.append(ticket)
        lane[0].call()
        try:
            yield ticket
        finally:
            lane.remove(ticket)
            if lane:
                lane[0].call()
            else:
                del self._lanes[of]
