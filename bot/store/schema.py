"""Brings the file to the newest schema, and refuses files that are newer, foreign or damaged without touching them."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bot.errors import NewerSchema, StoreError
from bot.store.connection import damaged, explain
from bot.store.folder import open_private
from bot.store.migrations import APPLICATION_ID, Migrations

CHECKED_BYTES = 64 * 2**20
"""Files up to this size are checked at every start; larger ones would delay it by more than half a second."""


OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING; https://www.sqlite.org/lang_returning.html."""


def inspect(path: Path, newest: int) -> None:
    """Refuse a file that this version must not open, leaving every byte of it.

    Raises:
        NewerSchema: a newer version wrote it.
        StoreError: it is not ours or damaged, or SQLite is too old for us.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"SQLite is {sqlite3.sqlite_version}, 3.35 or newer is needed; use a newer Python build")
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with _open_untouched(path) as connection:
            version = _number(connection, "PRAGMA user_version")
            owner = _number(connection, "PRAGMA application_id")
            tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        raise explain(error, "open the data") from error
    if owner != APPLICATION_ID and tables:
        raise StoreError(f"{path} was not written by this program; move it away, or set FORGETMENOT_DATA")
    if version > newest:
        raise NewerSchema(
            f"{path} has schema {version}, this version knows up to {newest}; it was left untouched: "
            "start the newer version, or restore a backup made before it"
        )


def migrate(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> None:
    """Apply what is pending in one transaction, after a copy to `memory.db.before-N` when there is something to copy.

    Raises:
        sqlite3.Error: a statement failed; the file is as before.
    """
    version = _number(connection, "PRAGMA user_version")
    if version >= len(migrations):
        return
    if version:
        copy(connection, path.with_name(f"{path.name}.before-{version + 1}"))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        if not version:
            connection.execute("INSERT INTO meta VALUES ('secret', ?)", (secrets.token_bytes(32),))
        connection.execute(f"PRAGMA user_version = {len(migrations)}")  # a pragma takes no parameters
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Read a file of up to CHECKED_BYTES once through.

    Raises:
        StoreError: it is damaged.
    """
    if path.stat().st_size > CHECKED_BYTES:
        return
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise damaged("open the data")


def copy(connection: sqlite3.Connection, target: Path) -> None:
    """Write a consistent private copy of the whole database, replacing what is there."""
    os.close(open_private(target, os.O_WRONLY | os.O_TRUNC))
    with closing(sqlite3.connect(target)) as destination:
        connection.backup(destination)


@contextmanager
def _open_untouched(path: Path) -> Iterator[sqlite3.Connection]:
    """Open for reading without creating anything beside the file.

    `immutable` ignores the write-ahead log, which can hold a newer schema after a crash; then only `mode=ro` will do,
    and the log stays because a read-only connection cannot check it in.
    """
    log = path.with_name(path.name + "-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    with closing(sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True)) as connection:
        yield connection


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
