"""What the FAISS index promises beyond the contract: files, threads, locks and cost."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest

from bot.index import faiss_index
from bot.index.faiss_index import FaissIndex
from tests.conformance.vector_index import OTHER, SCOPE, SPACE, STAMP, Rows, assert_same, ids_of, unit_rows


@pytest.fixture
def index(tmp_path: Path) -> FaissIndex:
    """Give an index that keeps files of scopes with 100 vectors and more."""
    return FaissIndex(tmp_path, b"key")


def files(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [path for path in folder.rglob("*") if not path.is_dir()]


async def persisted(index: FaissIndex, rows: Rows) -> None:
    """Leave a file of the scope."""
    await index.open(SCOPE, STAMP, rows.read)
    await index.close(SCOPE, persist=True)


async def test_small_scope_has_no_file(index: FaissIndex, tmp_path: Path) -> None:
    """Scopes that load from rows as quickly get no file."""
    await persisted(index, Rows.random(99))

    assert files(tmp_path) == []


async def test_file_is_written_on_close(index: FaissIndex, tmp_path: Path) -> None:
    """A scope of the limit gets one file, below `vec`, and nothing half-written beside it."""
    await persisted(index, Rows.random(100))

    (path,) = files(tmp_path)
    assert path.parent.parent == tmp_path / "vec"
    assert path.suffix == ".fvx"


async def test_file_waits_for_persist(index: FaissIndex, tmp_path: Path) -> None:
    """Adding and searching write nothing, nor does a close that does not ask for it."""
    await index.open(SCOPE, STAMP, Rows.random(100).read)
    await index.add(SCOPE, ids_of(101)[100:], unit_rows(1, 9))
    await index.close(SCOPE, persist=False)

    assert files(tmp_path) == []


async def test_newer_rows_only_are_read_beside_a_file(index: FaissIndex) -> None:
    """With a file the store is asked for rows above the highest id in it."""
    rows = Rows.random(120)
    await persisted(index, Rows(rows.ids[:110], rows.vectors[:110]))

    await index.open(SCOPE, STAMP, rows.read)

    assert rows.read_after == [rows.ids[109]]
    assert len((await index.search(SCOPE, None, rows.vectors[0], 999)).ids) == 120


async def test_unchanged_scope_is_not_written_again(index: FaissIndex, tmp_path: Path) -> None:
    """Opening and closing leaves the file alone until a row is added."""
    rows = Rows.random(100)
    await persisted(index, rows)
    first = files(tmp_path)[0].stat()

    await persisted(index, rows)
    second = files(tmp_path)[0].stat()
    await persisted(index, Rows.random(101))
    third = files(tmp_path)[0].stat()

    assert (second.st_ino, second.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert third.st_size > second.st_size


async def test_unrounded_vector_answers_as_its_stored_row(index: FaissIndex, tmp_path: Path) -> None:
    """A vector that was added before it was rounded gives the bits of the row that the store gives back."""
    exact = np.random.default_rng(1).standard_normal((500, SPACE.dim)).astype(np.float32)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    stored = Rows(ids_of(500), exact.astype(np.float16).astype(np.float32))
    await index.open(SCOPE, STAMP, Rows.random(0).read)
    await index.add(SCOPE, stored.ids, exact)

    added = await index.search(SCOPE, None, exact[0], 500)

    again = FaissIndex(tmp_path / "again", b"key")
    await again.open(SCOPE, STAMP, stored.read)
    assert_same(added, await again.search(SCOPE, None, exact[0], 500))


async def test_drop_leaves_no_bytes(index: FaissIndex, tmp_path: Path) -> None:
    """After drop the folder holds no file, where before it held each vector's bytes."""
    rows = Rows.random(100)
    await persisted(index, rows)
    vector = rows.vectors[42].astype("<f2").tobytes()
    held_before = [vector in path.read_bytes() for path in files(tmp_path)]

    await index.drop(SCOPE)

    assert held_before == [True]
    assert files(tmp_path) == []


async def test_new_index_sweeps_its_folder(index: FaissIndex, tmp_path: Path) -> None:
    """What a crash left half written is gone before the first scope is opened."""
    await persisted(index, Rows.random(100))
    (path,) = files(tmp_path)
    path.with_name(f"{path.name}.tmp").write_bytes(b"half")

    FaissIndex(tmp_path, b"key")

    assert files(tmp_path) == [path]


async def test_vector_that_is_not_finite_is_never_found(index: FaissIndex) -> None:
    """A number that a service got wrong hides its own row and no other."""
    rows = Rows.random(20)
    rows.vectors[3, 0] = np.nan
    await index.open(SCOPE, STAMP, rows.read)

    near = await index.search(SCOPE, None, rows.vectors[4], 50)

    assert sorted(near.ids.tolist()) == np.delete(rows.ids, 3).tolist()


async def test_large_search_leaves_the_loop(index: FaissIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit a search runs in a worker thread, below it on the loop."""
    seen: list[bool] = []
    nearest = faiss_index._ScopeVectors.nearest

    def spy(*arguments: object) -> object:  # the thread cannot be seen from outside
        seen.append(threading.current_thread() is threading.main_thread())
        return nearest(*arguments)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(faiss_index._ScopeVectors, "nearest", spy)
    rows = Rows.random(20)
    await index.open(SCOPE, STAMP, rows.read)

    await index.search(SCOPE, None, rows.vectors[0], 5)
    monkeypatch.setattr(faiss_index, "LOOP_FLOATS", 20 * SPACE.dim - 1)
    await index.search(SCOPE, None, rows.vectors[0], 5)

    assert seen == [True, False]


async def test_scope_is_left_alone_while_a_thread_searches_it(
    index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An add to a scope waits until a search of it in a worker thread has ended; other scopes do not wait."""
    inside, release = threading.Event(), threading.Event()
    nearest = faiss_index._ScopeVectors.nearest

    def slow(*arguments: object) -> object:  # a search that lasts as long as the test wants
        inside.set()
        release.wait(5)
        return nearest(*arguments)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(faiss_index._ScopeVectors, "nearest", slow)
    monkeypatch.setattr(faiss_index, "LOOP_FLOATS", 2 * SPACE.dim)  # the search is large, the adds are small
    rows, fresh = Rows.random(20), (ids_of(21)[20:], unit_rows(1, 9))
    await index.open(SCOPE, STAMP, rows.read)
    await index.open(OTHER, STAMP, rows.read)
    search = asyncio.create_task(index.search(SCOPE, None, rows.vectors[0], 50))
    await asyncio.to_thread(inside.wait, 5)
    add = asyncio.create_task(index.add(SCOPE, *fresh))

    await asyncio.create_task(index.add(OTHER, *fresh))  # begins after the add before it
    added_meanwhile = add.done()
    release.set()
    await add

    assert not added_meanwhile
    assert len((await search).ids) == 20


async def test_cancelled_caller_waits_for_its_thread() -> None:
    """The lock of a scope is not given back while a thread still works on it."""
    started, release, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        release.wait(5)
        ended.set()

    caller = asyncio.create_task(faiss_index._in_thread(work))
    await asyncio.to_thread(started.wait, 5)
    caller.cancel()
    done, _ = await asyncio.wait([caller], timeout=0.01)
    release.set()

    with pytest.raises(asyncio.CancelledError):
        await caller
    assert not done
    assert ended.is_set()


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread anyway")
def test_search_keeps_openmp_to_one_thread() -> None:
    """The thread that searches has OpenMP set to one thread, whichever thread it is; a new one has more."""
    seen: list[int] = []

    def search() -> None:
        seen.append(faiss.omp_get_max_threads())
        held = faiss_index._ScopeVectors(STAMP)
        held.add(ids_of(10), unit_rows(10, 1))
        held.nearest(None, unit_rows(1, 2)[0], 5)
        seen.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()

    assert seen[0] > 1
    assert seen[1] == 1


def test_locks_live_no_longer_than_their_use(index: FaissIndex) -> None:
    """A bot that meets a million people does not keep a million locks."""
    lock = index._lock(SCOPE)
    assert index._lock(SCOPE) is lock

    del lock

    assert len(index._locks) == 0
