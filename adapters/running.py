"""The replies that are being given, so that the asker, a deleted question or the shutdown can end one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from enum import StrEnum


class Ending(StrEnum):
    """Why a reply ended before it was whole."""

    STOPPED = "stopped"  # the asker wants no more of it
    WITHDRAWN = "withdrawn"  # the message that it answers is gone
    CUT_OFF = "cut off"  # the bot is being stopped


class RunningReply:
    """A reply that is being given; `ending` is why it is cut short, should its time run out."""

    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit
        self.ending: Ending | None = None

    def end(self, why: Ending, in_s: float = 0.0) -> None:
        """Cut the reply short after some seconds, unless it is to end earlier anyway."""
        at = asyncio.get_running_loop().time() + in_s
        before = self._limit.when()
        if before is None or at < before:
            self.ending = why
            self._limit.reschedule(at)


class RunningReplies:
    """Replies by who asked, and by the message that they answer or another name, such as that of their thread."""

    def __init__(self) -> None:
        self._replies: defaultdict[str, list[tuple[str, RunningReply]]] = defaultdict(list)
        self._closing_at: float | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the bot is being stopped."""
        return self._closing_at is not None

    @asynccontextmanager
    async def begun(self, user_id: str, *names: str) -> AsyncIterator[RunningReply]:
        """Hold a reply as running for the block.

        Raises:
            TimeoutError: it was ended before the block was through.
        """
        async with asyncio.timeout(None) as limit:
            reply = RunningReply(limit)
            if self._closing_at is not None:
                reply.end(Ending.CUT_OFF, self._closing_at - asyncio.get_running_loop().time())
            for name in names:
                self._replies[name].append((user_id, reply))
            try:
                yield reply
            finally:
                for name in names:
                    self._replies[name].remove((user_id, reply))
                    if not self._replies[name]:
                        del self._replies[name]

    def stop(self, user_id: str, name: str) -> bool:
        """Stop a person's replies of a name; tell whether any was running."""
        own = [reply for owner, reply in self._replies.get(name, ()) if owner == user_id]
        for reply in own:
            reply.end(Ending.STOPPED)
        return bool(own)

    def withdraw(self, source_ids: Collection[str]) -> None:
        """End the replies to messages that are gone."""
        for source_id in source_ids:
            for _, reply in self._replies.get(source_id, ()):
                reply.end(Ending.WITHDRAWN)

    def close(self, grace_s: float) -> None:
        """Cut off what is still running after some seconds, also what begins meanwhile."""
        self._closing_at = asyncio.get_running_loop().time() + grace_s
        for replies in self._replies.values():
            for _, reply in replies:
                reply.end(Ending.CUT_OFF, grace_s)
