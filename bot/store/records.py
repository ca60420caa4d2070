"""How a memory, its sources and its vector stand in the file, and back. Knows no SQL beyond column order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np

from bot.protocols import Ids, IndexRow, NewMemory, Selection, Space, Unembedded, Vectors
from bot.store.seal import open_sealed, seal
from bot.types import Author, Kind, Memory, MemoryId, Place, PlaceKind, Reach, Scope, Source, Status

Row: TypeAlias = tuple[Any, ...]

SEQUENCE_BITS = 32


def id_range(uid: int) -> tuple[MemoryId, MemoryId]:
    """Return the lowest id of a scope and the lowest of the next."""
    return uid << SEQUENCE_BITS, (uid + 1) << SEQUENCE_BITS


def new_record(memory: Memory) -> Row:
    """Return the columns of INSERT_MEMORY."""
    return (
        memory.id,
        seal(memory.text.encode()),
        memory.kind,
        memory.status,
        memory.place.kind,
        memory.place.channel_id,
        memory.place.thread_id,
        memory.reach,
        memory.author.id if memory.author else None,
        memory.author.name if memory.author else None,
        memory.created.timestamp(),
        memory.event_time.timestamp(),
        memory.importance,
    )


def fresh_memory(scope: Scope, memory_id: MemoryId, new: NewMemory, now: datetime) -> Memory:
    """Return what is about to be stored, as it will be read back."""
    return Memory(
        id=memory_id,
        scope=scope,
        text=new.text,
        kind=new.kind,
        status=new.status,
        place=new.place,
        reach=new.reach,
        author=new.author,
        created=now,
        event_time=new.event_time,
        importance=new.importance,
        pinned=False,
        sources=(new.source,) if new.source else (),
    )


def memory_of(scope: Scope, row: Row, sources: tuple[Source, ...]) -> Memory:
    """Return the memory of a row with the columns of SELECT_MEMORIES."""
    (memory_id, text, kind, status, superseded_by, place_kind, channel_id, thread_id, reach) = row[:9]
    (author_id, author_name, created, event_time, importance, pinned) = row[9:]
    return Memory(
        id=memory_id,
        scope=scope,
        text=open_sealed(text).decode(),
        kind=Kind(kind),
        status=Status(status),
        place=Place(PlaceKind(place_kind), channel_id, thread_id),
        reach=Reach(reach),
        author=None if author_id is None else Author(author_id, author_name),
        created=moment(created),
        event_time=moment(event_time),
        importance=importance,
        pinned=bool(pinned),
        superseded_by=superseded_by,
        sources=sources,
    )


def index_row_of(row: Row) -> IndexRow:
    """Return what ranking needs from a row in the order of IndexRow."""
    return IndexRow._make((row[0], open_sealed(row[1]).decode(), *row[2:10], bool(row[10])))


def unembedded_of(row: Row) -> Unembedded:
    """Return the memory of a row with the columns of WITHOUT_VECTOR."""
    platform, guild_id, user_id, memory_id, author_id, author_name, text, epoch = row
    author = None if author_id is None else Author(author_id, author_name)
    return Unembedded(Scope(platform, guild_id, user_id), memory_id, author, open_sealed(text).decode(), epoch)


def conditions(selection: Selection) -> dict[str, object]:
    """Return a selection as parameters of SELECT_MEMORIES; what is None holds for every memory."""
    return {
        "ids": json_list(selection.ids),
        "source": selection.source_id,
        "author": selection.author_id,
        "kinds": json_list(selection.kinds),
        "statuses": json_list(selection.statuses),
        "since": _seconds(selection.since),
        "until": _seconds(selection.until),
    }


def sources_by_memory(rows: Iterable[tuple[MemoryId, str, float]]) -> dict[MemoryId, tuple[Source, ...]]:
    """Group (memory id, source id, said at) rows by memory, keeping their order."""
    grouped: dict[MemoryId, tuple[Source, ...]] = {}
    for memory_id, source_id, said_at in rows:
        grouped[memory_id] = (*grouped.get(memory_id, ()), Source(source_id, moment(said_at)))
    return grouped


def moment(seconds: float) -> datetime:
    """Return a stored time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def pack_vector(vector: Vectors, space: Space) -> bytes:
    """Return a (dim,) vector as sealed little-endian float16.

    Raises:
        ValueError: it has another dimension, or numbers that are not finite.
    """
    if vector.shape != (space.dim,):
        raise ValueError(f"vector has shape {vector.shape}, the space of {space.model} has ({space.dim},)")
    if not np.isfinite(vector).all():
        raise ValueError(f"vector of {space.model} holds numbers that are not finite")
    return seal(vector.astype("<f2").tobytes())


def unpack_vectors(rows: Sequence[tuple[MemoryId, bytes]], dim: int) -> tuple[Ids, Vectors]:
    """Return (n,) ids and (n, dim) float32 rows: unit length again after the rounding to float16; zero stays zero."""
    ids = np.fromiter((memory_id for memory_id, _ in rows), np.int64, len(rows))
    packed = b"".join([open_sealed(sealed) for _, sealed in rows])
    vectors = np.frombuffer(packed, "<f2").astype(np.float32).reshape(len(rows), dim)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    lengths[lengths == 0] = 1
    vectors /= lengths[:, None]
    return ids, vectors


def json_list(values: Iterable[object] | None) -> str | None:
    """Return values for json_each, by which one fixed statement takes any number of them; None stays None."""
    return None if values is None else json.dumps(list(values))


def _seconds(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()
