"""The open data folder: one connection that writes, one that reads, and the secret behind every keyed hash."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

from bot.errors import StoreError
from bot.protocols import Clock
from bot.store.connection import Connection, DiskFull, connect_reader, connect_writer, explain
from bot.store.folder import hold_folder, open_private, unusable
from bot.store.hashes import KeyedHashes
from bot.store.migrations import MIGRATIONS, Migrations
from bot.store.schema import check, inspect, migrate
from bot.store.writer import Work, Writer

RESERVE_BYTES = 4 * 2**20
"""Kept in a file of its own, so that something can still be forgotten when the disk is full."""

T = TypeVar("T")


class Database:
    """One data folder, held by this process until it is closed."""

    def __init__(self, folder: Path, clock: Clock, connections: tuple[Connection, Connection], secret: bytes) -> None:
        self.folder = folder
        self.clock = clock
        self.hashes = KeyedHashes(secret)
        self.run_id = secrets.token_bytes(16)
        self._writing, self._reading = connections
        self._writer = Writer(self._writing)
        self._scrubbing = asyncio.Lock()
        self._scrubs_begun = 0
        self._last_scrub = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, clock: Clock, migrations: Migrations = MIGRATIONS) -> AsyncIterator[Database]:
        """Hold a data folder, made if need be, and close it at the end.

        Raises:
            FolderInUse: another process holds it.
            NewerSchema: a newer version wrote it; it was left untouched.
            StoreError: it cannot be used, is damaged or is not ours.
        """
        path = folder / "memory.db"
        async with AsyncExitStack() as stack:
            stack.enter_context(hold_folder(folder))
            await asyncio.to_thread(_prepare, path, len(migrations))
            writing = await connect_writer(path)
            stack.push_async_callback(writing.close)
            secret = await _run(writing, lambda connection: _bring_up(connection, path, migrations), "open the data")
            reading = await connect_reader(path)
            stack.push_async_callback(reading.close)
            database = cls(folder, clock, (writing, reading), secret)
            stack.push_async_callback(database._writer.close)
            yield database

    @property
    def commits(self) -> int:
        """How many transactions were committed since it was opened."""
        return self._writer.commits

    async def write(self, work: Work[T]) -> T:
        """Return what `work` gives when called with the writing connection, once that is durable.

        Raises:
            StoreError: it could not be stored, and left nothing behind.
        """
        return await self._writer.write(work)

    async def write_at_need(self, work: Work[T]) -> T:
        """Write as `write` does, and on a full disk once more with the reserve: for what makes room or erases."""
        try:
            return await self.write(work)
        except DiskFull:
            self._spend_reserve()
            with suppress(StoreError):
                await self.checkpoint()
            return await self.write(work)

    async def read(self, work: Work[T]) -> T:
        """Return what `work` gives when called with the reading connection.

        Raises:
            StoreError: it could not be read.
        """
        return await _run(self._reading, work, "read")

    async def checkpoint(self) -> None:
        """Move the write-ahead log into the file and cut it to nothing.

        Raises:
            StoreError: a reader kept it from being cut for BUSY_TIMEOUT_S; SQLite retries until then by itself.
        """
        if await _run(self._writing, _truncate_log, "clear the log"):
            raise StoreError("could not clear the log: another program reads memory.db; close it, then forget again")

    async def scrub(self) -> None:
        """Leave no byte of what was deleted before this call, neither in the file nor in the log.

        Calls that wait for one that runs share the next.

        Raises:
            StoreError: traces may be left; asking again later may succeed.
        """
        begun_before = self._scrubs_begun
        async with self._scrubbing:
            if self._last_scrub > begun_before:
                return
            self._scrubs_begun += 1
            await self.checkpoint()
            # 2026-11: secure_delete zeroes a row where it lies, not where it lay before SQLite moved it to balance
            # pages: 8 of 235 random histories left one of some hundred erased texts readable, with VACUUM none.
            await _run(self._writing, _rebuild, "clear the file")
            await self.checkpoint()
            self._last_scrub = self._scrubs_begun

    def drop_copies(self) -> None:
        """Remove the copies made before migrations: they hold what was erased since.

        Raises:
            StoreError: one could not be removed.
        """
        try:
            for copied in self.folder.glob("memory.db.before-*"):
                copied.unlink()
        except OSError as error:
            raise unusable(self.folder, error) from error

    def _spend_reserve(self) -> None:
        with suppress(OSError):
            (self.folder / "reserve").unlink()


async def _run(connection: Connection, work: Callable[[sqlite3.Connection], T], doing: str) -> T:
    try:
        return await connection.run(work)
    except sqlite3.Error as error:
        raise explain(error, doing) from error


def _prepare(path: Path, newest: int) -> None:
    """Look at the file before SQLite writes to it, and make it private; SQLite gives its own files the same mode."""
    inspect(path, newest)
    try:
        os.close(open_private(path, os.O_RDWR))
    except OSError as error:
        raise unusable(path.parent, error) from error
    with suppress(OSError):  # on a full disk the start must succeed without a reserve
        _fill_reserve(path.with_name("reserve"))


def _fill_reserve(path: Path) -> None:
    descriptor = open_private(path, os.O_WRONLY)
    try:
        missing = RESERVE_BYTES - os.fstat(descriptor).st_size
        if missing > 0:
            os.pwrite(descriptor, bytes(missing), RESERVE_BYTES - missing)
    finally:
        os.close(descriptor)


def _bring_up(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> bytes:
    """Migrate, check, and empty the log that a crash left; return the folder's secret."""
    migrate(connection, path, migrations)
    check(connection, path)
    _truncate_log(connection)
    secret: bytes = connection.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()[0]
    return secret


def _rebuild(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")


def _truncate_log(connection: sqlite3.Connection) -> bool:
    """Return whether a reader was in the way."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)
