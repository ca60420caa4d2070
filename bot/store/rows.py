"""The row store on SQLite: what `bot.protocols.RowStore` promises, one transaction a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.errors import MemoryGone
from bot.protocols import Erasure, Idle, Ids, IndexRow, NewMemory, Selection, Space, Unembedded, Vectors
from bot.store import erasing, statements
from bot.store.database import Database
from bot.store.inbox import set_remembered
from bot.store.records import (
    SEQUENCE_BITS,
    Row,
    conditions,
    fresh_memory,
    id_range,
    index_row_of,
    json_list,
    memory_of,
    new_record,
    pack_vector,
    sources_by_memory,
    unembedded_of,
    unpack_vectors,
)
from bot.store.seal import seal
from bot.types import SHARED_USER, Memory, MemoryId, Scope, Source, Status


class SqliteRows:
    """Memories in the SQLite file of a data folder.

    Args:
        database: the open data folder.
        space: the space of vectors given to `add` and `edit`.
    """

    def __init__(self, database: Database, space: Space) -> None:
        self._database = database
        self._space = space

    async def epoch(self, scope: Scope) -> int:
        """Return the scope's epoch; every deletion and edit raises it. 0 for a scope never written."""
        hashed = self._database.hashes.scope(scope)

        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT epoch FROM scopes WHERE hash = ?", (hashed,)).fetchone()
            return int(row[0]) if row else 0

        return await self._database.read(work)

    async def add(self, scope: Scope, new: Sequence[NewMemory], inbox_key: str | None = None) -> list[Memory]:
        """Store memories in one transaction, in order; marks what each supersedes, and the inbox row as remembered."""
        now = self._database.clock()
        packed = [None if one.vector is None else pack_vector(one.vector, self._space) for one in new]

        def work(connection: sqlite3.Connection) -> list[Memory]:
            uid, seq = self._claim(connection, scope, len(new))
            first = (uid << SEQUENCE_BITS) | seq
            memories = [fresh_memory(scope, first + nth, one, now) for nth, one in enumerate(new)]
            connection.executemany(statements.INSERT_MEMORY, map(new_record, memories))
            self._insert_vectors(connection, [(m.id, v) for m, v in zip(memories, packed, strict=True) if v])
            connection.executemany(
                statements.INSERT_SOURCE, (_source_record(m.id, s) for m in memories for s in m.sources)
            )
            connection.executemany(
                statements.SUPERSEDE,
                (
                    {"newer": memory.id, "older": one.supersedes, "uid": uid}
                    for memory, one in zip(memories, new, strict=True)
                    if one.supersedes is not None
                ),
            )
            self._remembered(connection, scope, inbox_key)
            return memories

        return await self._database.write(work)

    async def attach(self, scope: Scope, memory_id: MemoryId, source: Source, inbox_key: str | None = None) -> None:
        """Add a source to a memory that said the same already, which counts as a use of it.

        Raises:
            StoreError: also when the memory is gone.
        """
        now = self._database.clock().timestamp()

        def work(connection: sqlite3.Connection) -> None:
            self._require(connection, scope, memory_id)
            connection.execute(statements.INSERT_SOURCE, _source_record(memory_id, source))
            connection.execute(statements.USED, (now, memory_id))
            self._remembered(connection, scope, inbox_key)

        await self._database.write(work)

    async def detach(self, scope: Scope, memory_id: MemoryId, source_id: str) -> None:
        """Take a source from a memory; its keyed hash stays, so that redelivery does not add it again.

        Raises:
            StoreError: also when the memory is gone.
        """

        def work(connection: sqlite3.Connection) -> None:
            self._require(connection, scope, memory_id)
            connection.execute("DELETE FROM sources WHERE memory_id = ? AND source_id = ?", (memory_id, source_id))
            erasing.note_forgotten(connection, self._database.hashes, scope, [source_id])

        await self._database.write(work)

    async def edit(self, scope: Scope, memory_id: MemoryId, text: str, vector: Vectors | None) -> Erasure:
        """Replace a memory's text and vector, a use of it, and raise the epoch; the old text is to be erased.

        Raises:
            StoreError: also when the memory is gone.
        """
        now = self._database.clock().timestamp()
        packed = None if vector is None else pack_vector(vector, self._space)

        def work(connection: sqlite3.Connection) -> Erasure:
            uid = self._require(connection, scope, memory_id)
            connection.execute("UPDATE memories SET text = ? WHERE id = ?", (seal(text.encode()), memory_id))
            connection.execute(statements.USED, (now, memory_id))
            connection.execute("DELETE FROM vectors WHERE id = ?", (memory_id,))
            self._insert_vectors(connection, [(memory_id, packed)] if packed else [])
            return erasing.record(connection, scope, uid, (memory_id,), whole=False)

        return await self._database.write_at_need(work)

    async def mark(
        self, scope: Scope, memory_id: MemoryId, *, pinned: bool | None = None, status: Status | None = None
    ) -> None:
        """Change a flag of a memory; status CURRENT also cuts its link to a newer one.

        Raises:
            StoreError: also when the memory is gone.
        """

        def work(connection: sqlite3.Connection) -> None:
            self._require(connection, scope, memory_id)
            connection.execute(statements.MARK, {"id": memory_id, "pinned": pinned, "status": status})

        await self._database.write(work)

    async def rows(self, scope: Scope, after: MemoryId = 0) -> list[IndexRow]:
        """Return what ranking needs of every memory with an id above `after`, proposed ones left out, by id."""

        def work(connection: sqlite3.Connection) -> list[IndexRow]:
            low, high = self._range(connection, scope)
            rows = connection.execute(statements.INDEX_ROWS, (max(low, after), high)).fetchall()
            return [index_row_of(row) for row in rows]

        return await self._database.read(work)

    async def vectors(self, scope: Scope, space: Space, after: MemoryId = 0) -> tuple[Ids, Vectors]:
        """Return (n,) ids and (n, dim) float32 unit rows of one space with an id above `after`, by id."""

        def work(connection: sqlite3.Connection) -> tuple[Ids, Vectors]:
            low, high = self._range(connection, scope)
            wanted = (max(low, after), high, _space_id(connection, space))
            return unpack_vectors(connection.execute(statements.VECTORS, wanted).fetchall(), space.dim)

        return await self._database.read(work)

    async def get(self, scope: Scope, ids: Sequence[MemoryId]) -> list[Memory]:
        """Return the memories with their sources, in the order of `ids`; those that are gone are left out."""
        found = {memory.id: memory for memory in await self.select(scope, Selection(ids=tuple(ids)))}
        return [found[memory_id] for memory_id in ids if memory_id in found]

    async def select(
        self, scope: Scope, selection: Selection, limit: int | None = None, before: MemoryId | None = None
    ) -> list[Memory]:
        """Return matching memories, newest id first, with ids below `before`."""

        def work(connection: sqlite3.Connection) -> list[Memory]:
            low, high = self._range(connection, scope)
            rows = connection.execute(
                statements.SELECT_MEMORIES,
                {
                    "low": low,
                    "high": high if before is None else min(high, before),
                    "limit": -1 if limit is None else limit,
                    **conditions(selection),
                },
            ).fetchall()
            sources = sources_by_memory(connection.execute(statements.SOURCES_OF, (json_list(row[0] for row in rows),)))
            return [memory_of(scope, row, sources.get(row[0], ())) for row in rows]

        return await self._database.read(work)

    async def erase(self, scope: Scope, ids: Sequence[MemoryId] | None, *, relearnable: bool = False) -> Erasure:
        """Delete memories (None: everything of the scope, its inbox texts too) and raise the epoch, in one transaction.

        What superseded a deleted memory stays; what a deleted memory superseded becomes current again only through
        `mark`. Keyed hashes of the deleted sources stay behind, so that redelivery does not teach them again, but for
        those that are `relearnable`.
        """

        def work(connection: sqlite3.Connection) -> Erasure:
            uid, _ = self._claim(connection, scope, 0)
            return erasing.erase(connection, self._database.hashes, scope, uid, ids, relearnable=relearnable)

        return await self._database.write_at_need(work)

    async def finish(self, erasure: Erasure) -> None:
        """Remove the traces from the file and its write-ahead log and close the erasure."""
        await self._database.scrub()
        self._database.drop_copies()
        nameless = await self._database.write_at_need(lambda connection: erasing.close(connection, erasure))
        if nameless:
            await self._database.scrub()

    async def unfinished_erasures(self) -> list[Erasure]:
        """Return erasures that a crash interrupted."""
        return await self._database.read(erasing.unfinished)

    async def was_forgotten(self, scope: Scope, source_id: str) -> bool:
        """Tell whether memories of this source were forgotten."""
        hashed = self._database.hashes.forgotten(scope, source_id)

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute("SELECT 1 FROM forgotten WHERE hash = ?", (hashed,)).fetchone() is not None

        return await self._database.read(work)

    async def without_vector(self, space: Space, limit: int) -> list[Unembedded]:
        """Return memories that have no vector in this space, by id."""

        def work(connection: sqlite3.Connection) -> list[Unembedded]:
            wanted = (_space_id(connection, space), limit)
            return [unembedded_of(row) for row in connection.execute(statements.WITHOUT_VECTOR, wanted)]

        return await self._database.read(work)

    async def set_vectors(self, space: Space, waiting: Sequence[Unembedded], vectors: Vectors) -> None:
        """Store (n, dim) vectors, replacing those of another space, and raise the epochs of their scopes.

        Those whose scope has another epoch by now are skipped: the text may have changed.
        """
        packed = [(one.id, pack_vector(vector, space), one.epoch) for one, vector in zip(waiting, vectors, strict=True)]

        def work(connection: sqlite3.Connection) -> None:
            space_id = _make_space(connection, space)
            connection.executemany(
                statements.SET_VECTOR, [(memory_id, vector, space_id, epoch) for memory_id, vector, epoch in packed]
            )
            # A cached index may have counted past these ids already, without their vectors.
            connection.execute(statements.RAISE_EPOCHS, (json_list(one.id for one in waiting),))

        await self._database.write(work)

    async def count(self, space: Space | None = None) -> int:
        """Return how many memories there are, or how many have a vector in a space."""

        def work(connection: sqlite3.Connection) -> int:
            if space is None:
                return int(connection.execute("SELECT count(*) FROM memories").fetchone()[0])
            wanted = (_space_id(connection, space),)
            return int(connection.execute("SELECT count(*) FROM vectors WHERE space = ?", wanted).fetchone()[0])

        return await self._database.read(work)

    async def scopes(self, platform: str | None = None, user_id: str | None = None) -> list[Scope]:
        """Return the scopes that have rows."""
        wanted = {"platform": platform, "user_id": user_id}
        return await self._database.read(
            lambda connection: [Scope(*row) for row in connection.execute(statements.SCOPES, wanted)]
        )

    async def scopes_of(self, platform: str, guild_id: str, source_ids: Sequence[str] | None = None) -> list[Scope]:
        """Return the scopes of a guild, or only those with a memory from one of these sources."""
        wanted = {"platform": platform, "guild_id": guild_id, "sources": json_list(source_ids)}
        return await self._database.read(
            lambda connection: [Scope(*row) for row in connection.execute(statements.SCOPES_OF, wanted)]
        )

    async def owner(self, memory_id: MemoryId) -> Scope | None:
        """Return the scope that a memory's id belongs to; None when there is none. The memory may be gone."""
        query = "SELECT platform, guild_id, user_id FROM scopes WHERE uid = ? AND platform IS NOT NULL"

        def work(connection: sqlite3.Connection) -> Scope | None:
            row = connection.execute(query, (memory_id >> SEQUENCE_BITS,)).fetchone()
            return Scope(*row) if row else None

        return await self._database.read(work) if 0 < memory_id < 1 << 63 else None  # SQLite takes no larger numbers

    async def notes_by(self, platform: str, author_id: str) -> list[Scope]:
        """Return the scopes of shared notes that hold one by this person."""
        wanted = (author_id, platform, SHARED_USER)
        return await self._database.read(
            lambda connection: [Scope(*row) for row in connection.execute(statements.NOTES_BY, wanted)]
        )

    async def idle(self, guilds: Sequence[Idle], most: int) -> tuple[int, list[tuple[Scope, MemoryId]]]:
        """Return how many memories of these guilds lie idle, pinned ones apart, and the `most` longest idle."""
        since = {(one.platform, one.guild_id): one.since.timestamp() for one in guilds}

        def work(connection: sqlite3.Connection) -> tuple[int, list[tuple[Scope, MemoryId]]]:
            # Joined here: SQLite would look at every guild for every scope.
            every = connection.execute("SELECT uid, platform, guild_id, user_id FROM scopes WHERE platform IS NOT NULL")
            scopes = {uid: Scope(*ids) for uid, *ids in every if (ids[0], ids[1]) in since}
            limits = json_list((uid, since[scope.platform, scope.guild_id]) for uid, scope in scopes.items())
            rows = connection.execute(statements.IDLE, {"scopes": limits, "most": most}).fetchall()
            return (rows[0][1] if rows else 0), [(scopes[id_ >> SEQUENCE_BITS], id_) for id_, _ in rows]

        return await self._database.read(work)

    def _claim(self, connection: sqlite3.Connection, scope: Scope, count: int) -> tuple[int, int]:
        """Enter the scope if need be; return its uid and the first of `count` sequence numbers that are now taken."""
        ids = (self._database.hashes.scope(scope), scope.platform, scope.guild_id, scope.user_id, count, count)
        uid, following = connection.execute(statements.CLAIM, ids).fetchone()
        return uid, following - count

    def _range(self, connection: sqlite3.Connection, scope: Scope) -> tuple[MemoryId, MemoryId]:
        """Return the id range of a scope; an empty one when it was never written."""
        hashed = self._database.hashes.scope(scope)
        row = connection.execute("SELECT uid FROM scopes WHERE hash = ?", (hashed,)).fetchone()
        return id_range(row[0]) if row else (0, 0)

    def _require(self, connection: sqlite3.Connection, scope: Scope, memory_id: MemoryId) -> int:
        """Return the uid of a scope that holds this memory now."""
        low, high = self._range(connection, scope)
        found = connection.execute("SELECT 1 FROM memories WHERE id = ?", (memory_id,)).fetchone()
        if not (found and low <= memory_id < high):
            raise MemoryGone(f"memory {memory_id} is not there any more; nothing was changed")
        return low >> SEQUENCE_BITS

    def _insert_vectors(self, connection: sqlite3.Connection, packed: Sequence[tuple[MemoryId, bytes]]) -> None:
        if packed:
            space_id = _make_space(connection, self._space)
            connection.executemany("INSERT INTO vectors VALUES (?, ?, ?)", [(i, space_id, v) for i, v in packed])

    def _remembered(self, connection: sqlite3.Connection, scope: Scope, inbox_key: str | None) -> None:
        if inbox_key is not None:
            set_remembered(connection, self._database.hashes.delivery(scope.platform, inbox_key))


def _space_id(connection: sqlite3.Connection, space: Space) -> int | None:
    """Return the number of a space, or None, which equals no vector's, when nothing was stored in it."""
    wanted = (space.model, space.dim)
    row = connection.execute("SELECT id FROM spaces WHERE model = ? AND dim = ?", wanted).fetchone()
    return int(row[0]) if row else None


def _make_space(connection: sqlite3.Connection, space: Space) -> int | None:
    connection.execute("INSERT OR IGNORE INTO spaces (model, dim) VALUES (?, ?)", (space.model, space.dim))
    return _space_id(connection, space)


def _source_record(memory_id: MemoryId, source: Source) -> Row:
    return memory_id, source.id, source.said_at.timestamp()
