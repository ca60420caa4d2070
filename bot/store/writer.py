"""Group commit: whatever arrived during the last fsync goes into one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from bot.errors import StoreError
from bot.store.connection import Connection, explain

MAX_WAITING = 1024

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]


@dataclass(frozen=True, slots=True)
class _Failed:
    """What a piece of work raised; it is raised again where the work came from."""

    error: Exception


class Writer:
    """Carries out pieces of work in order, several to a commit, and answers each when it is on disk."""

    def __init__(self, connection: Connection) -> None:
        self.commits = 0
        self._connection = connection
        self._room = asyncio.Semaphore(MAX_WAITING)
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._arrived = asyncio.Event()
        self._closed = False
        self._task = asyncio.create_task(self._drain(), name="store-writer")

    async def write(self, work: Work[T]) -> T:
        """Return what `work` gives, once it is durable. Cancelled before its turn, it is not done at all.

        Raises:
            StoreError: it could not be stored, and left nothing behind.
        """
        async with self._room:
            if self._closed:
                raise StoreError("could not store: the data folder is closed; nothing was saved")
            answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._waiting.append((work, answer))
            self._arrived.set()
            return await answer

    async def close(self) -> None:
        """Refuse new work and return when what was waiting is done."""
        self._closed = True
        self._arrived.set()
        await self._task

    async def _drain(self) -> None:
        while self._waiting or not self._closed:
            await self._arrived.wait()
            self._arrived.clear()
            batch = [(work, answer) for work, answer in self._waiting if not answer.cancelled()]
            self._waiting.clear()
            if batch:
                await self._commit([work for work, _ in batch], [answer for _, answer in batch])

    async def _commit(self, works: Sequence[Work[Any]], answers: Sequence[asyncio.Future[Any]]) -> None:
        try:
            outcomes = await self._connection.run(lambda connection: commit_together(connection, works))
        except sqlite3.Error as error:
            outcomes = [_Failed(explain(error, "store")) for _ in works]
        else:
            self.commits += 1
        for answer, outcome in zip(answers, outcomes, strict=True):
            _resolve(answer, outcome)


def _resolve(answer: asyncio.Future[Any], outcome: object) -> None:
    if answer.done():  # the one who asked was cancelled meanwhile
        return
    if isinstance(outcome, _Failed):
        answer.set_exception(outcome.error)
    else:
        answer.set_result(outcome)


def commit_together(connection: sqlite3.Connection, works: Sequence[Work[Any]]) -> list[Any]:
    """Do all pieces of work in one transaction; one that fails is undone alone.

    Raises:
        sqlite3.Error: the transaction did not commit; nothing of it was stored.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_attempt(connection, work) for work in works]
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return outcomes


def _attempt(connection: sqlite3.Connection, work: Work[T]) -> T | _Failed:
    connection.execute("SAVEPOINT piece")
    try:
        outcome: T | _Failed = work(connection)
    except sqlite3.Error as error:
        if not connection.in_transaction:  # a full disk makes SQLite give up the whole transaction, all pieces with it
            raise
        outcome = _Failed(explain(error, "store"))
    except Exception as error:  # noqa: BLE001 - carried to the caller of write(), where it is raised
        outcome = _Failed(error)
    if isinstance(outcome, _Failed):
        connection.execute("ROLLBACK TO piece")
    connection.execute("RELEASE piece")
    return outcome
