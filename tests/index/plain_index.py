"""A vector index in a page, of numpy alone and without files: it shows how small the interface is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.protocols import Ids, Neighbours, ReadVectors, Stamp, VectorIndex, Vectors
from bot.types import Scope


@dataclass(slots=True)
class _Held:
    stamp: Stamp
    ids: Ids
    vectors: Vectors


class PlainIndex(VectorIndex):
    """Compares every row by hand."""

    def __init__(self) -> None:
        self._open: dict[Scope, _Held] = {}

    async def open(self, scope: Scope, stamp: Stamp, read: ReadVectors) -> None:
        """Read all rows."""
        held = self._open.pop(scope, None)
        if held is None or held.stamp != stamp:
            held = _Held(stamp, *await read(0))
        self._open[scope] = held

    async def add(self, scope: Scope, ids: Ids, vectors: Vectors) -> None:
        """Append the rows whose ids are new."""
        held = self._held(scope)
        if vectors.shape != (len(ids), held.stamp.space.dim):
            raise ValueError(f"vectors have shape {vectors.shape}, expected {(len(ids), held.stamp.space.dim)}")
        new = ~np.isin(ids, held.ids)
        held.ids = np.concatenate((held.ids, ids[new]))
        held.vectors = np.concatenate((held.vectors, vectors[new]))

    async def search(self, scope: Scope, allowed: Ids | None, vector: Vectors, limit: int) -> Neighbours:
        """Return the best of the allowed rows."""
        held = self._held(scope)
        visible = np.ones(len(held.ids), np.bool_) if allowed is None else np.isin(held.ids, allowed)
        ids = held.ids[visible]
        cosines = (held.vectors[visible] * vector).sum(axis=1)  # row by row: equal rows give equal bits
        order = np.lexsort((ids, -cosines))[:limit]
        return Neighbours(ids[order], cosines[order])

    async def close(self, scope: Scope, *, persist: bool) -> None:
        """Let go of the rows."""
        self._open.pop(scope, None)

    async def drop(self, scope: Scope) -> None:
        """Let go of the rows."""
        self._open.pop(scope, None)

    def nbytes(self, scope: Scope) -> int:
        """Bytes of the arrays."""
        held = self._open.get(scope)
        return 0 if held is None else held.ids.nbytes + held.vectors.nbytes

    def _held(self, scope: Scope) -> _Held:
        if scope not in self._open:
            raise LookupError("the index of this scope is not open; call open first")
        return self._open[scope]
