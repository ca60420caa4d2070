"""Checks a data folder from outside: neither holds nor changes it, so that the bot may be running."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from bot.errors import StoreError
from bot.findings import Finding, fine, problem, warning
from bot.protocols import Space
from bot.store.connection import BUSY_TIMEOUT_S, damaged, explain
from bot.store.folder import FILE_MODE, FOLDER_MODE, unusable
from bot.store.hashes import KeyedHashes
from bot.store.migrations import APPLICATION_ID, MIGRATIONS
from bot.store.schema import CHECKED_BYTES, inspect
from bot.store.seal import open_sealed

LITTLE_SPACE = 500 * 2**20
"""Bytes below which a disk is nearly full."""

LEAST_SPACE = 50 * 2**20
"""Bytes that have to be free beside room for a copy of memory.db, which forgetting makes for a moment."""

_SHARED = stat.S_IRWXG | stat.S_IRWXO


def folder_findings(folder: Path) -> Iterator[Finding]:
    """Yield whether a data folder can be used and read by its owner alone, and what room there is.

    Raises:
        StoreError: it cannot be used.
    """
    about, shown = "data folder", folder.resolve()
    try:
        existing = next(place for place in (shown, *shown.parents) if place.exists())
        if not existing.is_dir():
            raise StoreError(f"{existing} is no folder; move it away, or set FORGETMENOT_DATA to another folder")
        if not os.access(existing, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(f"{existing} cannot be written by this user; change its owner or mode: ls -ld {existing}")
        if existing != shown:
            yield fine(about, f"{shown} will be made at the first start")
        else:
            yield from _private(about, shown)
        yield _room(existing, shown / "memory.db")
    except OSError as error:
        raise unusable(folder, error) from error


def _private(about: str, folder: Path) -> Iterator[Finding]:
    shared = [path for path in sorted(folder.glob("memory.db*")) if path.stat().st_mode & _SHARED]
    if folder.stat().st_mode & _SHARED:
        text = f"{folder} is open to other users of this machine, who can see the names of its files"
        yield warning(about, text, f"chmod {FOLDER_MODE:o} {shlex.quote(str(folder))}")
    if shared:
        paths = " ".join(shlex.quote(str(path)) for path in shared)
        text = f"other users of this machine can read {', '.join(path.name for path in shared)} in {folder}"
        yield problem(about, text, f"chmod {FILE_MODE:o} {paths}")
    elif not folder.stat().st_mode & _SHARED:
        yield fine(about, f"{folder} is open to its owner alone")


def _room(existing: Path, database: Path) -> Finding:
    free = shutil.disk_usage(existing).free
    needed = LEAST_SPACE + (database.stat().st_size if database.exists() else 0)
    text = f"{free / 2**20:,.0f} MB free"
    if free < needed:
        return problem("disk", f"{text}, of {needed / 2**20:,.0f} MB that forgetting needs", "free some space")
    return warning("disk", text, "free some space") if free < LITTLE_SPACE else fine("disk", text)


def database_findings(folder: Path, space: Space) -> Iterator[Finding]:
    """Yield what memory.db holds, read without changing it.

    Args:
        space: that of the embedder in use.

    Raises:
        StoreError: it is damaged, not ours, or written by a newer version.
    """
    path = folder / "memory.db"
    if not path.exists() or not path.stat().st_size:
        yield fine("database", "none yet; the first start makes it")
        return
    inspect(path, len(MIGRATIONS))
    try:
        with closing(_opened(path)) as connection:
            yield from _facts(connection, path, space)
    except sqlite3.Error as error:
        raise explain(error, "read") from error


def notes_in(folder: Path, subject: str, beginning: str) -> dict[str, str]:
    """Return what an adapter keeps under names that begin so, by name.

    Args:
        subject: as the adapter's `Notes` has it.

    Raises:
        StoreError: it is damaged, not ours, or written by a newer version.
    """
    path = folder / "memory.db"
    if not path.exists() or not path.stat().st_size:
        return {}
    inspect(path, len(MIGRATIONS))
    try:
        with closing(_opened(path)) as connection:
            if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
                return {}
            (secret,) = connection.execute("SELECT value FROM meta WHERE name = 'secret'").fetchone()
            rows = connection.execute(
                "SELECT name, CAST(value AS BLOB) FROM settings WHERE subject = ? AND substr(name, 1, ?) = ?",
                (KeyedHashes(secret).subject(subject), len(beginning), beginning),
            ).fetchall()
    except sqlite3.Error as error:
        raise explain(error, "read") from error
    return {name: open_sealed(value).decode() for name, value in rows}


def _opened(path: Path) -> sqlite3.Connection:
    """Open for reading. Beside a log, even an empty one, a bot may be writing; `immutable` would not see it."""
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, timeout=BUSY_TIMEOUT_S)


def _facts(connection: sqlite3.Connection, path: Path, space: Space) -> Iterator[Finding]:
    def number(query: str, *parameters: object) -> int:
        return int(connection.execute(query, parameters).fetchone()[0])

    if number("PRAGMA application_id") != APPLICATION_ID:
        yield fine("database", "empty; the first start fills it")
        return
    size = path.stat().st_size
    if size <= CHECKED_BYTES and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise damaged("read")
    memories, people = number("SELECT count(*) FROM memories"), number(_PEOPLE)
    checked = "in order" if size <= CHECKED_BYTES else "readable"
    yield fine("database", f"{checked}, {size / 2**20:,.1f} MB; memories: {memories:,}, people: {people:,}")
    if number("PRAGMA user_version") < len(MIGRATIONS):
        yield fine("database", "an earlier version wrote it; the next start brings it up, after a copy")
    if missing := number(_WITHOUT_VECTOR, space.model, space.dim):
        text = f"memories without a vector of {space.model}, found by their words alone: {missing:,}"
        yield warning("database", text, "start the bot, which makes them, or run: forgetmenot reindex")
    if erasures := number("SELECT count(*) FROM erasures"):
        text = f"deletions that were interrupted before their last traces were gone: {erasures:,}"
        yield warning("database", text, "start the bot, which finishes them")


_PEOPLE = """
SELECT count(DISTINCT platform || char(0) || user_id) FROM scopes
WHERE user_id <> '@guild' AND EXISTS (SELECT 1 FROM memories WHERE id >= uid << 32 AND id < (uid + 1) << 32)
"""

_WITHOUT_VECTOR = """
SELECT count(*) FROM memories WHERE NOT EXISTS (
    SELECT 1 FROM vectors JOIN spaces ON spaces.id = vectors.space
    WHERE vectors.id = memories.id AND model = ? AND dim = ?
)
"""
