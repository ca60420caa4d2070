"""What the connections promise, and the behaviour of aiosqlite and SQLite that this rests on."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.events import IncomingMessage
from bot.store.connection import Connection, DiskFull, connect_reader, connect_writer, explain
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.rows import SqliteRows
from bot.types import Author
from tests.conformance.row_store import ANNA, NOON, SPACE, TEMPLATE, saying


def pragma(connection: sqlite3.Connection, name: str) -> object:
    """Return the value of a pragma."""
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


async def test_the_writer_survives_power_cuts_and_overwrites(database: Database) -> None:
    """The writing connection has WAL, synchronous FULL (2), secure_delete, foreign keys, and no memory map."""
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "mmap_size", "temp_store", "busy_timeout")

    values = await database.write(lambda connection: [pragma(connection, name) for name in names])

    assert values == ["wal", 2, 1, 1, 0, 2, 5000]


async def test_the_reader_cannot_write(database: Database) -> None:
    """A write through the reading connection is an error, whatever tries it."""
    with pytest.raises(StoreError, match="not writable"):
        await database.read(lambda connection: connection.execute("DELETE FROM memories"))


async def test_python_opens_no_transaction(database: Database) -> None:
    """Neither connection is in a transaction between pieces of work."""
    assert await database.read(lambda connection: connection.isolation_level) is None
    await database.write(lambda connection: connection.execute("DELETE FROM forgotten"))

    assert not await database._writing.run(lambda connection: connection.in_transaction)


async def test_work_runs_whole_in_the_connections_thread(tmp_path: Path) -> None:
    """`run` calls its work once with the raw connection, in one thread that is not the caller's."""
    connection = await connect_writer(tmp_path / "memory.db")
    threads: list[int] = []

    def work(raw: sqlite3.Connection) -> type:
        threads.append(threading.get_ident())
        return type(raw)

    given = [await connection.run(work), await connection.run(work)]
    await connection.close()

    assert given == [sqlite3.Connection] * 2
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_an_error_in_the_thread_reaches_the_caller(tmp_path: Path) -> None:
    """What work raises is raised where `run` was awaited, and the connection goes on."""
    connection = await connect_writer(tmp_path / "memory.db")
    try:
        with pytest.raises(ZeroDivisionError):
            await connection.run(lambda _: 1 // 0)
        assert await connection.run(lambda raw: raw.execute("SELECT 1").fetchone()) == (1,)
    finally:
        await connection.close()


async def test_nothing_that_is_stored_reaches_a_log(
    database: Database, caplog: pytest.LogCaptureFixture, canary: str
) -> None:
    """At DEBUG, aiosqlite logs every hop; texts, ids and parameters are in none of the records."""
    rows, inbox, ledger = SqliteRows(database, SPACE), Inbox(database), Ledger(database)
    message = IncomingMessage(canary, ANNA, TEMPLATE.place, Author(canary, canary), canary, canary, NOON)

    await inbox.receive(message, canary)
    (memory,) = await rows.add(ANNA, [saying(canary, canary)])
    await rows.finish(await rows.edit(ANNA, memory.id, f"{canary} again", None))
    await ledger.put(canary, canary, canary)
    with pytest.raises(StoreError):
        await database.write(lambda connection: connection.execute("INSERT INTO memories (text) VALUES (?)", (canary,)))

    records = [record.getMessage() for record in caplog.records if record.name == "aiosqlite"]
    assert records
    assert not [text for text in records if canary in text]


async def test_plain_aiosqlite_would_log_parameters(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Control: the same library, used by its own methods, writes parameters to the log."""
    connection = await connect_writer(tmp_path / "memory.db")
    await connection.execute("SELECT ?", ("a word in a parameter",))
    await connection.close()

    assert "a word in a parameter" in caplog.text
    assert logging.getLogger("aiosqlite").isEnabledFor(logging.DEBUG)


async def test_a_folder_that_vanished_is_an_error(tmp_path: Path) -> None:
    """A file that cannot be opened gives one line, and no thread is left behind."""
    before = threading.enumerate()

    with pytest.raises(StoreError, match=r"could not open the data: memory\.db is not writable"):
        await connect_reader(tmp_path / "gone" / "memory.db")

    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(5)
    assert not any(thread.is_alive() for thread in left)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("SQLITE_FULL", DiskFull, "disk full; free some space, nothing was saved"),
        ("SQLITE_IOERR_WRITE", DiskFull, "disk full"),
        ("SQLITE_CORRUPT", StoreError, "damaged; it was left as it is"),
        ("SQLITE_NOTADB", StoreError, "damaged"),
        ("SQLITE_READONLY_DBMOVED", StoreError, "not writable"),
        ("SQLITE_BUSY", StoreError, "another program held memory.db for 5 s"),
        ("SQLITE_IOERR_READ", StoreError, "the disk reported an error (SQLITE_IOERR_READ)"),
        ("SQLITE_CONSTRAINT_UNIQUE", StoreError, "refused (SQLITE_CONSTRAINT_UNIQUE)"),
    ],
)
def test_every_error_says_what_to_do_but_not_what_was_stored(name: str, kind: type, said: str) -> None:
    """Errors are told apart by SQLite's code; its text stays out."""
    error = sqlite3.OperationalError("text of SQLite")
    error.sqlite_errorname = name

    explained = explain(error, "store")

    assert type(explained) is kind
    assert said in str(explained)
    assert "text of SQLite" not in str(explained)


def test_connections_are_ours() -> None:
    """`run` is an addition: aiosqlite has no method of that name that it would hide."""
    assert not hasattr(Connection.__base__, "run")
