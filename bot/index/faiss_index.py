"""Exact vector search per scope with FAISS, and a cached file per scope for a quick next start.

The only file that imports faiss. Every answer depends on rows alone: a cached file is used only when it is, byte for
byte, what this index wrote for this scope, space and epoch. Files hold plain arrays: FAISS's own file format has no
checksum, and its reader has been made to overrun memory (facebookresearch/faiss#5400), so it is never called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

import faiss
import numpy as np
import numpy.typing as npt

from bot.index.vector_file import StoredVectors
from bot.index.vector_folder import VectorFolder
from bot.protocols import Ids, Neighbours, ReadVectors, Space, Stamp, VectorIndex, Vectors
from bot.types import Scope

Result = TypeVar("Result")

LOOP_FLOATS = 2_000_000  # numbers to look at: about 0.2 ms, where a thread hop begins to pay
FOLDER_NAME = "vec"


class FaissIndex(VectorIndex):
    """Finds near vectors of one scope.

    Args:
        folder: the data folder; cached files lie in its folder `vec`.
        hash_key: secret that file names are made with, not empty.
        file_from: fewest vectors of a scope that get a file; smaller ones load as quickly from rows.
    """

    def __init__(self, folder: Path, hash_key: bytes, *, file_from: int = 100) -> None:
        self._files = VectorFolder(folder / FOLDER_NAME, hash_key)
        self._files.sweep()
        self._file_from = file_from
        self._open: dict[Scope, _ScopeVectors] = {}
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[Scope, asyncio.Lock] = WeakValueDictionary()

    async def open(self, scope: Scope, stamp: Stamp, read: ReadVectors) -> None:
        """Make a scope searchable, from a cached copy with this stamp plus newer rows, else from all rows.

        A scope that is open with this stamp stays as it is; one with another stamp is read again.
        """
        async with self._lock(scope):
            held = self._open.pop(scope, None)
            if held is None or held.stamp != stamp:
                held = await _in_thread(lambda: self._load(scope, stamp))
                ids, vectors = await read(held.watermark)
                await _in_thread(lambda: held.add(ids, vectors))
            self._open[scope] = held

    async def add(self, scope: Scope, ids: Ids, vectors: Vectors) -> None:
        """Add (n, dim) float32 unit rows to an open scope; rows that it has already are left as they are."""
        async with self._lock(scope):
            held = self._held(scope)
            await _run(vectors.size, lambda: held.add(ids, vectors))

    async def search(self, scope: Scope, allowed: Ids | None, vector: Vectors, limit: int) -> Neighbours:
        """Return up to `limit` nearest of an open scope, best first, equal ones by id.

        Args:
            allowed: ids to search among; None means all.
            vector: (dim,) float32, unit length.
        """
        async with self._lock(scope):
            held = self._held(scope)
            return await _run(held.floats, lambda: held.nearest(allowed, vector, limit))

    async def close(self, scope: Scope, *, persist: bool) -> None:
        """Release a scope's memory; with `persist`, leave a cached copy when it is large enough and not there yet."""
        async with self._lock(scope):
            held = self._open.pop(scope, None)
            if held is not None and persist and held.changed and len(held.ids) >= self._file_from:
                await _in_thread(lambda: self._files.write(scope, held.stamp, held.stored()))

    async def drop(self, scope: Scope) -> None:
        """Erase what is held of a scope, in memory and on disk. Returns when the bytes are unlinked.

        Raises:
            StoreError: the file is still there.
        """
        async with self._lock(scope):
            self._open.pop(scope, None)
            await _in_thread(lambda: self._files.erase(scope))

    def nbytes(self, scope: Scope) -> int:
        """Bytes of memory that an open scope takes; 0 when it is not open."""
        held = self._open.get(scope)
        return 0 if held is None else held.nbytes

    def _lock(self, scope: Scope) -> asyncio.Lock:
        """Return the lock that surrounds every use of a scope: faiss releases the interpreter lock while it works."""
        return self._locks.setdefault(scope, asyncio.Lock())

    def _held(self, scope: Scope) -> _ScopeVectors:
        try:
            return self._open[scope]
        except KeyError:
            raise LookupError("the index of this scope is not open; call open first") from None

    def _load(self, scope: Scope, stamp: Stamp) -> _ScopeVectors:
        held = _ScopeVectors(stamp)
        stored = self._files.read(scope, stamp)
        if stored is not None:
            held.add(stored.ids, stored.halves)
            held.changed = False
        return held


class _ScopeVectors:
    """The vectors of one open scope. One caller at a time."""

    __slots__ = ("_quantiser", "changed", "ids", "stamp")

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        self.ids: Ids = np.empty(0, np.int64)  # (n,), the id at each place of the quantiser
        self.changed = False  # since the cached copy
        self._quantiser = _quantiser(stamp.space)

    @property
    def watermark(self) -> int:
        return int(self.ids.max(initial=0))

    @property
    def floats(self) -> int:
        return len(self.ids) * self.stamp.space.dim

    @property
    def nbytes(self) -> int:
        return self.ids.nbytes + len(self.ids) * int(self._quantiser.code_size)

    def add(self, ids: Ids, vectors: Vectors | npt.NDArray[np.float16]) -> None:
        """Add rows whose ids are new."""
        dim = self.stamp.space.dim
        if vectors.shape != (len(ids), dim):
            raise ValueError(f"vectors have shape {vectors.shape}, expected {(len(ids), dim)}")
        # A row can arrive twice: committed, read by `open`, and then handed to `add` by the one who committed it.
        new = ~np.isin(ids, self.ids)
        if not new.all():
            ids, vectors = ids[new], vectors[new]
        if not len(ids):
            return
        # Rounded by numpy, as stored rows are: faiss rounds some numbers the other way, and then file and rows differ.
        halves = np.ascontiguousarray(vectors, np.float16)
        self._quantiser.add_sa_codes(halves.view(np.uint8))
        self.ids = np.concatenate((self.ids, ids))
        self.changed = True

    def nearest(self, allowed: Ids | None, vector: Vectors, limit: int) -> Neighbours:
        """Return the best `limit` of the allowed rows, equal cosines by id, whatever order they came in."""
        if allowed is not None and np.array_equal(allowed, self.ids):  # the usual case, and `isin` would sort
            allowed = None
        mask = None if allowed is None else np.isin(self.ids, allowed)  # (n,)
        count = len(self.ids) if mask is None else int(np.count_nonzero(mask))
        wanted = min(limit, count)
        if wanted < 1:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        marked = None if mask is None or count == len(mask) else _only(mask)
        ids, cosines = self._search(vector, min(wanted + 1, count), marked)
        if len(ids) > wanted and cosines[wanted - 1] == cosines[wanted]:
            # Equal at the cut: which of them faiss keeps depends on the order they came in. Look at all of them.
            ids, cosines = self._search(vector, count, marked)
        if (cosines[1:] == cosines[:-1]).any():
            order = np.lexsort((ids, -cosines))
            ids, cosines = ids[order], cosines[order]
        return Neighbours(ids[:wanted], cosines[:wanted])

    def stored(self) -> StoredVectors:
        """Return what a cached file holds."""
        codes = faiss.vector_to_array(self._quantiser.codes)
        return StoredVectors(self.ids, codes.view(np.float16).reshape(len(self.ids), self.stamp.space.dim))

    def _search(self, vector: Vectors, limit: int, marked: faiss.SearchParameters | None) -> tuple[Ids, Vectors]:
        """Return (k,) ids and (k,) cosines, best first."""
        _use_one_thread()
        cosines, places = self._quantiser.search(vector[None, :], limit, params=marked)
        found = np.count_nonzero(places[0] >= 0)  # faiss fills up with -1 when a stored number is not finite
        return self.ids[places[0, :found]], cosines[0, :found]


def _quantiser(space: Space) -> faiss.IndexScalarQuantizer:
    """Return an empty exact index, whose codes are the float16 vectors as they are.

    No IndexIDMap2 around it: translating ids needs a hash look-up per row of a restricted search (0.44 against 0.19 ms
    for 8,000 rows), and a hash table of about 40 bytes a row.
    """
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexScalarQuantizer(space.dim, half, faiss.METRIC_INNER_PRODUCT)


def _only(mask: npt.NDArray[np.bool_]) -> faiss.SearchParameters:
    """Return what restricts a search to the marked places, before it begins."""
    bits = np.packbits(mask, bitorder="little")
    marked = faiss.SearchParameters()
    marked.sel = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # the stub misses this form
    return marked


def _use_one_thread() -> None:
    """Keep OpenMP from starting threads. The setting belongs to the calling thread, so every caller makes it."""
    faiss.omp_set_num_threads(1)


async def _run(floats: int, work: Callable[[], Result]) -> Result:
    """Run small work at once, because a thread hop costs more, and large work in a worker thread."""
    return work() if floats <= LOOP_FLOATS else await _in_thread(work)


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Run blocking work in a worker thread, and stay until it ends even when cancelled.

    A thread cannot be stopped: were the caller's lock given back on cancellation, the next one would meet it at work.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
