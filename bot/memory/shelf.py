"""The scopes held in memory: loaded from rows when needed, bounded by bytes, put away least recently used first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

import numpy as np

from bot.memory.entry import ScopeEntry
from bot.memory.lexical import Analyzer, Floats, WordSimilarity
from bot.memory.watching import Watchers
from bot.protocols import Embedder, Ids, RowStore, Space, Stamp, VectorIndex, Vectors
from bot.types import MemoryId, Scope, Status

_IN_THREAD_FROM = 500  # rows; reading words of more than this would hold the event loop for over 5 ms
_MOST_NEIGHBOURS = 2048  # every memory of an ordinary scope; of a huge one, the nearest


class Shelf:
    """Owns what is cached of every scope: its columns and words here, its vectors in the index.

    Args:
        max_bytes: most memory that all scopes together may take.
    """

    def __init__(
        self,
        *,
        rows: RowStore,
        index: VectorIndex,
        space: Space,
        analyzer: Analyzer,
        similarity: WordSimilarity,
        max_bytes: int,
    ) -> None:
        self._rows = rows
        self._index = index
        self._space = space
        self._analyzer = analyzer
        self._similarity = similarity
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Scope, ScopeEntry] = OrderedDict()
        self._sizes: dict[Scope, int] = {}
        self._locks: WeakValueDictionary[Scope, asyncio.Lock] = WeakValueDictionary()

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the cached scopes take."""
        return sum(self._sizes.values())

    @asynccontextmanager
    async def entry(self, scope: Scope) -> AsyncIterator[ScopeEntry]:
        """Lend a scope's entry, loaded when needed; nobody else changes or searches the scope meanwhile."""
        async with self._lock(scope):
            entry = self._entries.get(scope)
            if entry is None:  # an empty one is false, and must not be loaded again beside its open index
                entry = await self._load(scope)
            self._entries.move_to_end(scope)
            yield entry
        await self._make_room(scope)

    async def cosines(self, scope: Scope, ids: Ids, vector: Vectors | None) -> Floats:
        """Return (n,) float32 cosines of these memories of a lent scope, NaN for those without a vector.

        Beyond the nearest 2,048 a memory counts as near as the last of them.
        """
        cosines = np.full(len(ids), np.nan, np.float32)
        if vector is None or not len(ids) or not vector.any():
            return cosines
        near = await self._index.search(scope, ids, vector, min(len(ids), _MOST_NEIGHBOURS))
        if len(near.ids) and len(ids) > _MOST_NEIGHBOURS:
            cosines[:] = near.cosines[-1]
        cosines[np.searchsorted(ids, near.ids)] = near.cosines
        return cosines

    async def added(self, scope: Scope) -> None:
        """Follow memories that were committed, if the scope is loaded.

        They are read back: one may have been erased since its commit, and one whose task was cancelled is missing yet.
        """
        async with self._lock(scope):
            entry = self._entries.get(scope)
            if entry is None:
                return
            last_id = entry.last_id
            entry.add(await self._rows.rows(scope, last_id))
            ids, vectors = await self._rows.vectors(scope, self._space, last_id)
            await self._index.add(scope, ids, vectors)
        await self._make_room(scope)

    async def mark(
        self, scope: Scope, memory_id: MemoryId, *, pinned: bool | None = None, status: Status | None = None
    ) -> None:
        """Follow a flag that was changed, if the scope is loaded."""
        async with self._lock(scope):
            entry = self._entries.get(scope)
            if entry is not None:
                entry.mark(memory_id, pinned=pinned, status=status)

    @asynccontextmanager
    async def changing(self, scope: Scope) -> AsyncIterator[None]:
        """Keep everybody else from a scope while its rows change; it need not be loaded for that."""
        async with self._lock(scope):
            yield

    async def forget(self, scope: Scope) -> None:
        """Drop a scope whose `changing` lock is held: memory, index and file."""
        self._entries.pop(scope, None)
        self._sizes.pop(scope, None)
        await self._index.drop(scope)

    async def put_away(self, scope: Scope) -> None:
        """Release a scope's memory, leaving its index file for the next load."""
        async with self._lock(scope):
            if self._entries.pop(scope, None) is not None:
                self._sizes.pop(scope, None)
                await self._index.close(scope, persist=True)

    async def close(self) -> None:
        """Put every scope away."""
        for scope in list(self._entries):
            await self.put_away(scope)

    def _lock(self, scope: Scope) -> asyncio.Lock:
        lock = self._locks.get(scope)
        if lock is None:
            lock = self._locks[scope] = asyncio.Lock()
        return lock

    async def _load(self, scope: Scope) -> ScopeEntry:
        epoch = await self._rows.epoch(scope)
        rows = await self._rows.rows(scope)
        entry = ScopeEntry(self._analyzer, self._similarity)
        if len(rows) > _IN_THREAD_FROM:
            await asyncio.to_thread(entry.add, rows)
        else:
            entry.add(rows)

        async def read(after: int) -> tuple[Ids, Vectors]:
            return await self._rows.vectors(scope, self._space, after)

        await self._index.open(scope, Stamp(self._space, epoch), read)
        self._entries[scope] = entry
        return entry

    async def _make_room(self, current: Scope) -> None:
        """Measure the current scope, then put away the least recently used others until the bound holds."""
        if current in self._entries:
            self._sizes[current] = self._entries[current].nbytes + self._index.nbytes(current)
        while self.nbytes > self._max_bytes:
            others = (scope for scope in self._entries if scope != current)
            oldest = next((scope for scope in others if not self._lock(scope).locked()), None)
            if oldest is None:
                return
            await self.put_away(oldest)


@dataclass(frozen=True, slots=True)
class Desk:
    """What remembering and recalling both work with. watchers: are told of what was changed."""

    rows: RowStore
    shelf: Shelf
    embedder: Embedder
    analyzer: Analyzer
    watchers: Watchers
