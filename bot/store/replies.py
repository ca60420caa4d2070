"""What replies were built from: the newest of each person, by message and by place. Works in the caller's transaction.

A memory that is forgotten disappears from every reply through its foreign key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.store.records import json_list, moment
from bot.types import MemoryId

KEPT_A_PERSON = 20
"""Replies kept of one person in one guild; who asks why, asks about one of the last."""

Parts: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reply:
    """When a reply was given, and which memories it was built from, best first.

    Memories that were forgotten since are left out.
    """

    at: datetime
    hits: tuple[tuple[MemoryId, Parts], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """Keyed hashes of the place and person of a reply, and of the message that it answers."""

    place: bytes
    scope: bytes
    source: bytes


def save(connection: sqlite3.Connection, key: Key, at: datetime, hits: Sequence[tuple[MemoryId, Parts]]) -> bool:
    """Keep a reply in place of an earlier one to the same message; tell whether there was none.

    The memories it was built from count as used now; those that are gone meanwhile are left out.
    """
    again = connection.execute("DELETE FROM replies WHERE source = ?", (key.source,)).rowcount
    (reply_id,) = connection.execute(
        "INSERT INTO replies (place, scope, source, at) VALUES (?, ?, ?, ?) RETURNING id",
        (key.place, key.scope, key.source, at.timestamp()),
    ).fetchone()
    connection.executemany(
        "INSERT INTO reply_hits SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM memories WHERE id = ?3)",
        [(reply_id, rank, memory_id, json.dumps(dict(parts))) for rank, (memory_id, parts) in enumerate(hits)],
    )
    connection.execute(
        "UPDATE memories SET last_used = ? WHERE id IN (SELECT value FROM json_each(?))",
        (at.timestamp(), json_list(memory_id for memory_id, _ in hits)),
    )
    connection.execute(
        """DELETE FROM replies WHERE scope = ?1
        AND id <= (SELECT id FROM replies WHERE scope = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)""",
        (key.scope, KEPT_A_PERSON),
    )
    return not again


def last_in(connection: sqlite3.Connection, place: bytes) -> Reply | None:
    """Return the newest reply in a place."""
    return _reply(connection, "SELECT id, at FROM replies WHERE place = ? ORDER BY id DESC LIMIT 1", place)


def to_source(connection: sqlite3.Connection, source: bytes) -> Reply | None:
    """Return the reply to a message."""
    return _reply(connection, "SELECT id, at FROM replies WHERE source = ?", source)


def prune(connection: sqlite3.Connection, before: datetime) -> None:
    """Drop replies given before a time."""
    connection.execute("DELETE FROM replies WHERE at < ?", (before.timestamp(),))


def _reply(connection: sqlite3.Connection, query: str, key: bytes) -> Reply | None:
    row = connection.execute(query, (key,)).fetchone()
    if row is None:
        return None
    hits = connection.execute("SELECT memory_id, parts FROM reply_hits WHERE reply_id = ? ORDER BY rank", row[:1])
    return Reply(moment(row[1]), tuple((memory_id, json.loads(parts)) for memory_id, parts in hits))
