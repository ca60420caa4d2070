"""What deleting a memory deletes with it, and the record of erasures whose traces are still to be removed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from bot.protocols import Erasure
from bot.store.hashes import KeyedHashes
from bot.store.inbox import blank_scope, blank_sources
from bot.store.records import id_range, json_list
from bot.types import MemoryId, Scope


def erase(
    connection: sqlite3.Connection,
    hashes: KeyedHashes,
    scope: Scope,
    uid: int,
    ids: Sequence[MemoryId] | None,
    *,
    relearnable: bool,
) -> Erasure:
    """Delete memories of a scope, or all that is kept of it; vectors, sources and links follow by foreign keys.

    Rows go before anything is written, so that a full file has room for the record.

    Args:
        relearnable: leave no keyed hashes of the sources behind, by which redelivery is known.
    """
    doomed = _existing(connection, uid, ids)
    doomed_list = json_list(doomed)
    sources = [
        source_id
        for (source_id,) in connection.execute(
            "SELECT DISTINCT source_id FROM sources WHERE memory_id IN (SELECT value FROM json_each(?))", (doomed_list,)
        )
    ]
    connection.execute("DELETE FROM memories WHERE id IN (SELECT value FROM json_each(?))", (doomed_list,))
    if ids is None:
        connection.execute("DELETE FROM replies WHERE scope = ?", (hashes.scope(scope),))
        blank_scope(connection, scope.platform, hashes.scope(scope))
    messages = [hashes.source(scope.platform, scope.guild_id, source_id) for source_id in sources]
    blank_sources(connection, scope.platform, messages)
    if not relearnable:
        note_forgotten(connection, hashes, scope, sources)
    return record(connection, scope, uid, doomed, whole=ids is None)


def note_forgotten(
    connection: sqlite3.Connection, hashes: KeyedHashes, scope: Scope, source_ids: Sequence[str]
) -> None:
    """Let these sources teach a scope nothing again, in the caller's transaction."""
    hashed = [(hashes.forgotten(scope, source_id),) for source_id in source_ids]
    connection.executemany("INSERT OR IGNORE INTO forgotten VALUES (?)", hashed)


def record(
    connection: sqlite3.Connection, scope: Scope, uid: int, ids: tuple[MemoryId, ...], *, whole: bool
) -> Erasure:
    """Raise the scope's epoch and note what is left to do, in the caller's transaction."""
    connection.execute("UPDATE scopes SET epoch = epoch + 1 WHERE uid = ?", (uid,))
    (erasure_id,) = connection.execute(
        "INSERT INTO erasures (uid, whole, ids) VALUES (?, ?, ?) RETURNING id", (uid, whole, json_list(ids))
    ).fetchone()
    return Erasure(erasure_id, scope, ids)


def close(connection: sqlite3.Connection, erasure: Erasure) -> bool:
    """Drop the record of an erasure; return whether the scope's ids went too, because nothing of it is left."""
    row = connection.execute("DELETE FROM erasures WHERE id = ? RETURNING uid, whole", (erasure.id,)).fetchone()
    if row is None:
        return False
    uid, whole = row
    if not whole or _existing(connection, uid, None):
        return False
    cursor = connection.execute(
        """UPDATE scopes SET platform = NULL, guild_id = NULL, user_id = NULL
        WHERE uid = ?1 AND NOT EXISTS (SELECT 1 FROM erasures WHERE uid = ?1)""",
        (uid,),
    )
    return cursor.rowcount > 0


def unfinished(connection: sqlite3.Connection) -> list[Erasure]:
    """Return the erasures that were not closed, oldest first."""
    rows = connection.execute(
        """SELECT erasures.id, platform, guild_id, user_id, ids
        FROM erasures JOIN scopes USING (uid) ORDER BY erasures.id"""
    )
    return [Erasure(row[0], Scope(*row[1:4]), tuple(json.loads(row[4]))) for row in rows]


def _existing(connection: sqlite3.Connection, uid: int, ids: Sequence[MemoryId] | None) -> tuple[MemoryId, ...]:
    """Return which memories of a scope are there, of all of them or of some ids."""
    low, high = id_range(uid)
    rows = connection.execute(
        """SELECT id FROM memories WHERE id >= ?1 AND id < ?2
        AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) ORDER BY id""",
        (low, high, json_list(ids)),
    )
    return tuple(memory_id for (memory_id,) in rows)
