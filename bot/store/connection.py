"""One connection to the SQLite file: its settings, whole transactions in one thread hop, and our errors for its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, cast

import aiosqlite

from bot.errors import StoreError

BUSY_TIMEOUT_S = 5

T = TypeVar("T")

_COMMON_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",  # no temporary file may hold erased words
    "PRAGMA mmap_size = 0",  # a damaged file must give an error, not a dead process
    "PRAGMA trusted_schema = OFF",
)
_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # A killed process loses nothing with NORMAL either; a power cut does. Only FULL may acknowledge (2026-11).
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
)
_READER_PRAGMAS = ("PRAGMA query_only = ON",)


class DiskFull(StoreError):
    """There is no room for what was to be written."""


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that runs a whole transaction in its thread at once."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` gives when called with the connection, in the connection's own thread.

        2026-11: aiosqlite hops to its thread and back for every statement, 0.15 to 0.35 ms each, so the executor
        beneath its methods is used directly. It also logs what it executes with all parameters at DEBUG level; of
        `hop` it can only log the name. tests/store/test_connection.py notices when either changes.
        """

        def hop() -> T:
            return work(self._conn)

        execute: Callable[[Callable[[], T]], Awaitable[T]] = self._execute  # has no annotations of its own
        return await execute(hop)


async def connect_writer(path: Path) -> Connection:
    """Return the connection that writes: durable when COMMIT returns, deleted bytes overwritten."""
    return await _connect(path, _WRITER_PRAGMAS + _COMMON_PRAGMAS)


async def connect_reader(path: Path) -> Connection:
    """Return a connection that cannot write."""
    return await _connect(path, _COMMON_PRAGMAS + _READER_PRAGMAS)


async def _connect(path: Path, pragmas: tuple[str, ...]) -> Connection:
    def connector() -> sqlite3.Connection:
        # isolation_level None: Python must not open transactions of its own.
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            for pragma in pragmas:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    try:
        return cast("Connection", await Connection(connector, iter_chunk_size=64))
    except sqlite3.Error as error:
        raise explain(error, "open the data") from error


def explain(error: sqlite3.Error, doing: str) -> StoreError:
    """Say in one line what SQLite found and what to do, without its own text.

    Args:
        doing: what failed, to follow "could not", such as "store" or "read".
    """
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE")):
        lost = ", nothing was saved" if doing == "store" else ""
        return DiskFull(f"could not {doing}: disk full; free some space{lost}")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return damaged(doing)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreError(f"could not {doing}: memory.db is not writable; check the owner and mode of the data folder")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(f"could not {doing}: another program held memory.db for {BUSY_TIMEOUT_S} s; close it")
    if name.startswith("SQLITE_IOERR"):
        return StoreError(f"could not {doing}: the disk reported an error ({name}); check the disk")
    return StoreError(f"could not {doing}: the database refused ({name}); nothing was changed")


def damaged(doing: str) -> StoreError:
    """Say that the file is damaged and was left as it is."""
    return StoreError(
        f"could not {doing}: memory.db is damaged; it was left as it is, "
        "copy the folder away and run: forgetmenot restore"
    )
