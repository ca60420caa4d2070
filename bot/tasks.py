"""Background work: the one place where it starts, fails alone and is brought to an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

CANCEL_S = 2.0
"""Seconds that cancelled work gets to clean up after itself."""


class TaskRunner:
    """Runs background tasks between `async with` and its end, where they are given time to finish.

    Args:
        drain_s: seconds that tasks get to finish by themselves when the block ends.
    """

    def __init__(self, drain_s: float) -> None:
        self._drain_s = drain_s
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself keeps only weak references
        self._endless: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drain(self._drain_s)

    def start(self, name: str, work: Coroutine[object, object, None], *, endless: bool = False) -> asyncio.Task[None]:
        """Start work in the background and return its task, which never raises but when it is cancelled.

        Args:
            name: what the work is, for the log; no contents.
            endless: the work has no end of its own, so shutdown cancels it without waiting.

        Raises:
            RuntimeError: the runner is closed.
        """
        if self._closed:
            work.close()
            raise RuntimeError(f"task {name} was started after the shutdown")
        task = asyncio.create_task(_alone(name, work), name=name)
        task.add_done_callback(lambda _: work.close())  # for a task that is cancelled before its first step
        for group in (self._tasks, self._endless) if endless else (self._tasks,):
            group.add(task)
            task.add_done_callback(group.discard)
        return task

    async def drain(self, timeout_s: float) -> int:
        """Let running tasks finish, and what they start meanwhile; then cancel the rest and take no more.

        Returns:
            How many tasks had to be cut short; endless ones are not counted.
        """
        _cancel(self._endless)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while self._tasks and (left_s := deadline - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left_s)
        self._closed = True
        late = set(self._tasks)
        _cancel(late)
        if cut := late - self._endless:
            log.warning("%d tasks were cut short at shutdown: %s", len(cut), sorted(task.get_name() for task in cut))
        if late:
            await asyncio.wait(late, timeout=CANCEL_S)
        return len(cut)


def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


async def _alone(name: str, work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - whatever fails in the background must not take the bot with it
        # The type alone: texts and traces of foreign errors may hold what people said.
        log.error("task %s failed: %s", name, type(error).__name__)
