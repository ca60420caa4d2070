"""One message of a person at a time, in order, and only so many waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.types import Scope


class Busy(Exception):
    """Too much waits already; nothing was begun."""


class Lanes:
    """A queue of messages for each scope.

    Args:
        per_scope: most messages of one scope that may wait behind the one being answered.
        total: most messages in all lanes together.
    """

    def __init__(self, per_scope: int, total: int) -> None:
        self._per_scope = per_scope
        self._total = total
        self._locks: dict[Scope, asyncio.Lock] = {}
        self._inside: dict[Scope, int] = {}

    @asynccontextmanager
    async def turn(self, scope: Scope) -> AsyncIterator[None]:
        """Wait for the turn of a message; those of one scope go in the order in which they came.

        Raises:
            Busy: a queue is full.
        """
        inside = self._inside.get(scope, 0)
        if inside > self._per_scope or sum(self._inside.values()) >= self._total:
            raise Busy
        self._inside[scope] = inside + 1
        lock = self._locks.setdefault(scope, asyncio.Lock())
        try:
            async with lock:  # wakes those who wait first in, first out
                yield
        finally:
            self._inside[scope] -= 1
            if not self._inside[scope]:
                del self._inside[scope], self._locks[scope]
