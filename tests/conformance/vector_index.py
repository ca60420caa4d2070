"""What every vector index must do; subclass it and give the fixture `index`.

Beyond the signatures it fixes what recall relies on: equal cosines come by id, hidden rows have no influence, a row
that is added twice is there once, and a scope that is not open is an error and never an empty answer.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import numpy as np
import pytest

from bot.protocols import Ids, Neighbours, Space, Stamp, VectorIndex, Vectors
from bot.types import Scope

SCOPE = Scope("discord", "100", "7")
OTHER = Scope("discord", "100", "8")
SPACE = Space("test-model", 32)
STAMP = Stamp(SPACE, 3)


def unit_rows(count: int, seed: int, dim: int = SPACE.dim) -> Vectors:
    """Return (count, dim) float32 random unit rows, rounded to half precision as stored rows are."""
    rows = np.random.default_rng(seed).standard_normal((count, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float16).astype(np.float32)


def ids_of(count: int, uid: int = 5) -> Ids:
    """Return (count,) int64 ids as a store gives them to one scope."""
    return (np.int64(uid) << 32) + np.arange(1, count + 1, dtype=np.int64)


class Rows:
    """The rows of one scope, as a store reads them; remembers from where it was asked to read."""

    def __init__(self, ids: Ids, vectors: Vectors) -> None:
        self.ids = ids
        self.vectors = vectors
        self.read_after: list[int] = []

    @classmethod
    def random(cls, count: int, seed: int = 1, uid: int = 5) -> Rows:
        """Return rows with random vectors."""
        return cls(ids_of(count, uid), unit_rows(count, seed))

    async def read(self, after: int) -> tuple[Ids, Vectors]:
        """Give the rows with an id above `after`, by id."""
        self.read_after.append(after)
        newer = self.ids > after
        return self.ids[newer], self.vectors[newer]

    def without(self, gone: Ids) -> Rows:
        """Return what is left after some were deleted."""
        kept = ~np.isin(self.ids, gone)
        return Rows(self.ids[kept], self.vectors[kept])


def assert_same(one: Neighbours, other: Neighbours) -> None:
    """Check that two answers are the same to the last bit."""
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_array_equal(one.cosines.view(np.uint32), other.cosines.view(np.uint32))


class VectorIndexConformance(ABC):
    """Subclass as `class TestX(VectorIndexConformance)` and override `index`."""

    @pytest.fixture
    @abstractmethod
    def index(self) -> object:
        """Give a `VectorIndex` without open scopes; if it keeps files, for scopes of 10 vectors and more."""

    async def test_nearest_come_first(self, index: VectorIndex) -> None:
        """The answer is that of comparing every row, best first, as int64 ids and float32 cosines."""
        rows, (query,) = Rows.random(200), unit_rows(1, 9)
        await index.open(SCOPE, STAMP, rows.read)

        near = await index.search(SCOPE, None, query, 10)

        cosines = rows.vectors @ query
        order = np.argsort(-cosines)[:10]
        assert near.ids.dtype == np.int64
        assert near.cosines.dtype == np.float32
        np.testing.assert_array_equal(near.ids, rows.ids[order])
        np.testing.assert_allclose(near.cosines, cosines[order], atol=1e-5)

    async def test_all_can_be_asked_for(self, index: VectorIndex) -> None:
        """A limit above the number of rows gives every row once."""
        rows = Rows.random(60)
        await index.open(SCOPE, STAMP, rows.read)

        near = await index.search(SCOPE, None, rows.vectors[4], 1000)

        assert near.ids[0] == rows.ids[4]
        assert sorted(near.ids.tolist()) == rows.ids.tolist()

    async def test_scope_without_rows_gives_nothing(self, index: VectorIndex) -> None:
        """Somebody new is no error."""
        await index.open(SCOPE, STAMP, Rows.random(0).read)

        near = await index.search(SCOPE, None, unit_rows(1, 9)[0], 10)

        assert near.ids.shape == near.cosines.shape == (0,)

    async def test_hidden_rows_are_never_returned(self, index: VectorIndex) -> None:
        """Whatever is allowed and however much is asked for, answers are among the allowed and complete."""
        rows, rng = Rows.random(80), np.random.default_rng(2)
        await index.open(SCOPE, STAMP, rows.read)

        for _ in range(200):
            allowed = rng.choice(rows.ids, rng.integers(1, 80), replace=False)
            limit = int(rng.integers(1, 90))
            query = rows.vectors[rng.integers(80)]  # often a hidden row, which would come first

            near = await index.search(SCOPE, allowed, query, limit)

            assert set(near.ids.tolist()) <= set(allowed.tolist())
            assert len(near.ids) == min(limit, len(allowed))

    async def test_hidden_rows_do_not_move_visible_ones(self, index: VectorIndex) -> None:
        """Restricting gives, to the last bit, what an index of the allowed rows alone gives."""
        rows, (query,) = Rows.random(80), unit_rows(1, 9)
        hidden = rows.ids[::3]
        visible = rows.without(hidden)
        await index.open(SCOPE, STAMP, rows.read)
        await index.open(OTHER, STAMP, visible.read)

        restricted = await index.search(SCOPE, visible.ids, query, 20)

        assert_same(restricted, await index.search(OTHER, None, query, 20))

    async def test_nothing_allowed_gives_nothing(self, index: VectorIndex) -> None:
        """An empty permission and one for unknown ids open nothing; only None means all."""
        rows = Rows.random(20)
        await index.open(SCOPE, STAMP, rows.read)

        none = await index.search(SCOPE, np.empty(0, np.int64), rows.vectors[0], 5)
        unknown = await index.search(SCOPE, ids_of(20, uid=6), rows.vectors[0], 5)

        assert len(none.ids) == len(unknown.ids) == 0

    @pytest.mark.parametrize("limit", [1, 3, 5, 6, 7, 30])
    async def test_equal_cosines_come_by_id(self, index: VectorIndex, limit: int) -> None:
        """Memories with the same words come in order of id, also where the limit cuts between them."""
        vectors = unit_rows(30, 1)
        vectors[[3, 8, 9, 20, 29]] = vectors[11]
        ids = ids_of(30)
        shuffled = np.random.default_rng(4).permutation(30)
        await index.open(SCOPE, STAMP, Rows.random(0).read)
        await index.add(SCOPE, ids[shuffled], vectors[shuffled])

        near = await index.search(SCOPE, None, vectors[11], limit)

        same = ids[[3, 8, 9, 11, 20, 29]]
        np.testing.assert_array_equal(near.ids[:6], same[:limit])

    async def test_large_ids_survive(self, index: VectorIndex) -> None:
        """Ids carry the scope's number above bit 32, up to the largest that a signed integer holds."""
        ids = np.array([1, (1 << 32) + 1, (1 << 62) + 5, (1 << 63) - 1], np.int64)
        rows = Rows(ids, unit_rows(4, 1))
        await index.open(SCOPE, STAMP, rows.read)

        near = await index.search(SCOPE, ids[2:3], rows.vectors[0], 4)
        everything = await index.search(SCOPE, None, rows.vectors[0], 4)

        assert near.ids.tolist() == [ids[2]]
        assert sorted(everything.ids.tolist()) == ids.tolist()

    async def test_added_row_is_found(self, index: VectorIndex) -> None:
        """A row can be found as soon as `add` returns."""
        rows, (fresh,) = Rows.random(20), unit_rows(1, 9)
        await index.open(SCOPE, STAMP, rows.read)

        await index.add(SCOPE, ids_of(21)[20:], fresh[None, :])

        assert (await index.search(SCOPE, None, fresh, 1)).ids.tolist() == ids_of(21)[20:].tolist()

    async def test_row_added_twice_is_there_once(self, index: VectorIndex) -> None:
        """What `open` read already may be handed to `add` by whoever committed it meanwhile."""
        rows = Rows.random(20)
        await index.open(SCOPE, STAMP, rows.read)

        await index.add(SCOPE, ids_of(22)[18:], np.concatenate([rows.vectors[18:], unit_rows(2, 9)]))

        near = await index.search(SCOPE, None, rows.vectors[0], 50)
        assert sorted(near.ids.tolist()) == ids_of(22).tolist()

    async def test_vectors_of_another_size_are_refused(self, index: VectorIndex) -> None:
        """A vector of another space is an error, and the rows that were there stay usable."""
        rows = Rows.random(20)
        await index.open(SCOPE, STAMP, rows.read)

        with pytest.raises(ValueError, match="expected"):
            await index.add(SCOPE, ids_of(21)[20:], unit_rows(1, 9, dim=16))

        assert len((await index.search(SCOPE, None, rows.vectors[0], 50)).ids) == 20

    async def test_scopes_are_apart(self, index: VectorIndex) -> None:
        """What one scope adds, closes or drops is nothing to another."""
        mine, theirs = Rows.random(20), Rows.random(20, seed=2, uid=6)
        await index.open(SCOPE, STAMP, mine.read)
        await index.open(OTHER, STAMP, theirs.read)
        before = await index.search(OTHER, None, mine.vectors[0], 50)

        await index.add(SCOPE, ids_of(21)[20:], unit_rows(1, 9))
        await index.drop(SCOPE)

        assert sorted(before.ids.tolist()) == theirs.ids.tolist()
        assert_same(before, await index.search(OTHER, None, mine.vectors[0], 50))

    @pytest.mark.parametrize("persist", [True, False])
    async def test_closing_changes_no_answer(self, index: VectorIndex, persist: bool) -> None:
        """After close and open the answers are the same to the last bit, with the rows that came meanwhile."""
        rows, (query,) = Rows.random(80), unit_rows(1, 9)
        await index.open(SCOPE, STAMP, Rows(rows.ids[:50], rows.vectors[:50]).read)
        await index.add(SCOPE, rows.ids[50:60], rows.vectors[50:60])
        await index.close(SCOPE, persist=persist)

        await index.open(SCOPE, STAMP, rows.read)

        await index.open(OTHER, STAMP, rows.read)
        for limit in (1, 10, 80):
            assert_same(
                await index.search(SCOPE, None, query, limit),
                await index.search(OTHER, None, query, limit),
            )

    async def test_deleted_row_is_gone_under_the_next_epoch(self, index: VectorIndex) -> None:
        """A cached copy from before a deletion is not used, even when nobody dropped it."""
        rows = Rows.random(40)
        await index.open(SCOPE, STAMP, rows.read)
        await index.close(SCOPE, persist=True)

        await index.open(SCOPE, Stamp(SPACE, STAMP.epoch + 1), rows.without(rows.ids[7:8]).read)

        near = await index.search(SCOPE, None, rows.vectors[7], 50)
        assert sorted(near.ids.tolist()) == np.delete(rows.ids, 7).tolist()

    async def test_open_scope_follows_a_new_stamp(self, index: VectorIndex) -> None:
        """Opening an open scope under another epoch or space starts again from rows."""
        rows = Rows.random(40)
        await index.open(SCOPE, STAMP, rows.read)

        await index.open(SCOPE, Stamp(SPACE, STAMP.epoch + 1), rows.without(rows.ids[:30]).read)
        fewer = await index.search(SCOPE, None, rows.vectors[0], 50)
        await index.open(SCOPE, Stamp(Space("test-model", 8), 9), Rows(rows.ids, unit_rows(40, 3, dim=8)).read)
        smaller = await index.search(SCOPE, None, unit_rows(1, 4, dim=8)[0], 50)

        assert sorted(fewer.ids.tolist()) == rows.ids[30:].tolist()
        assert sorted(smaller.ids.tolist()) == rows.ids.tolist()

    async def test_failed_read_leaves_the_scope_closed(self, index: VectorIndex) -> None:
        """When rows cannot be read the error passes through, and nothing half-loaded can be searched."""

        async def fail(_: int) -> tuple[Ids, Vectors]:
            raise OSError("rows are away")

        with pytest.raises(OSError, match="rows are away"):
            await index.open(SCOPE, STAMP, fail)

        with pytest.raises(LookupError):
            await index.search(SCOPE, None, unit_rows(1, 9)[0], 5)

    async def test_closed_scope_cannot_be_searched(self, index: VectorIndex) -> None:
        """Forgetting to open is an error; an empty answer would say that nothing is known."""
        await index.open(SCOPE, STAMP, Rows.random(20).read)
        await index.close(SCOPE, persist=False)

        with pytest.raises(LookupError, match="open"):
            await index.search(SCOPE, None, unit_rows(1, 9)[0], 5)
        with pytest.raises(LookupError, match="open"):
            await index.add(SCOPE, ids_of(1), unit_rows(1, 9))

    async def test_dropped_scope_comes_from_rows_alone(self, index: VectorIndex) -> None:
        """After drop nothing is held, and the next open reads every row."""
        rows = Rows.random(40)
        await index.open(SCOPE, STAMP, rows.read)
        await index.close(SCOPE, persist=True)
        await index.open(SCOPE, STAMP, rows.read)

        await index.drop(SCOPE)

        assert index.nbytes(SCOPE) == 0
        left = rows.without(rows.ids[:30])
        await index.open(SCOPE, STAMP, left.read)
        assert left.read_after == [0]
        assert len((await index.search(SCOPE, None, rows.vectors[0], 50)).ids) == 10

    async def test_unknown_scope_may_be_closed_and_dropped(self, index: VectorIndex) -> None:
        """Closing and dropping say what should be, not what was."""
        await index.close(SCOPE, persist=True)
        await index.drop(SCOPE)

        assert index.nbytes(SCOPE) == 0

    async def test_size_follows_the_rows(self, index: VectorIndex) -> None:
        """An open scope takes memory in step with its rows, a closed one none."""
        await index.open(SCOPE, STAMP, Rows.random(100).read)
        small = index.nbytes(SCOPE)
        await index.open(OTHER, STAMP, Rows.random(1000).read)
        large = index.nbytes(OTHER)
        await index.close(OTHER, persist=False)

        assert 8 * small < large < 12 * small
        assert index.nbytes(OTHER) == 0

    async def test_searches_and_adds_at_once(self, index: VectorIndex) -> None:
        """Every one of many simultaneous searches sees whole rows, and in the end all rows are there."""
        rows, (query,) = Rows.random(300), unit_rows(1, 9)
        await index.open(SCOPE, STAMP, Rows(rows.ids[:100], rows.vectors[:100]).read)
        right = dict(zip(rows.ids.tolist(), (rows.vectors @ query).tolist(), strict=True))

        async def search() -> Neighbours:
            return await index.search(SCOPE, None, query, 1000)

        async def add(start: int) -> None:
            await index.add(SCOPE, rows.ids[start : start + 10], rows.vectors[start : start + 10])

        async with asyncio.TaskGroup() as group:
            searches = []
            for start in range(100, 300, 10):
                group.create_task(add(start))
                searches.append(group.create_task(search()))

        for found in (search.result() for search in searches):
            assert len(set(found.ids.tolist())) == len(found.ids) >= 100
            np.testing.assert_allclose(found.cosines, [right[id_] for id_ in found.ids.tolist()], atol=1e-5)
        assert len((await search()).ids) == 300
