"""What recall costs with everything in memory, and what it costs to bring a person's memories there."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from bench.measuring import Figure, Spent, median_cpu, timed
from bench.people import ROOM, ROOMY, Sizes, fill, person
from bench.sentences import questions, statements
from bot.config import MemorySettings
from bot.embedders.static import SPACE, StaticEmbedder
from bot.index.faiss_index import FaissIndex
from bot.memory.core import MemoryCore, utc_now
from bot.protocols import Ids, Stamp, Vectors
from bot.store.database import Database
from bot.store.rows import SqliteRows

_LIMIT = 10
_ASKED = 50
_STAMP = Stamp(SPACE, 0)


async def vector_search(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure the index alone, by turns with one numpy product over the same vectors, both in this thread."""
    embedder = StaticEmbedder.load()
    vectors = await embedder.embed(list(islice(statements(5), sizes.usual)))
    ids = np.arange(1, sizes.usual + 1, dtype=np.int64)
    asked = await embedder.embed(list(islice(questions(5), _ASKED)))

    async def read(after: int) -> tuple[Ids, Vectors]:
        return ids[ids > after], vectors[ids > after]

    index = FaissIndex(folder, b"benchmark")
    await index.open(person(), _STAMP, read)
    best: list[float] = []
    ranked: list[float] = []
    products: list[float] = []
    for _ in range(sizes.rounds):
        for question in asked:
            best.append(await _search_ms(index, None, question, _LIMIT))
            ranked.append(await _search_ms(index, ids, question, len(ids)))
            products.append(_product_ms(vectors, question))
    dot, note = statistics.median(products), f"median of {len(best)}"
    bar = 1.5 * dot + 0.1
    return [
        _search_figure("vector search, best 10", statistics.median(best), bar, dot, note),
        _search_figure("vector search, all in order", statistics.median(ranked), bar, dot, "as recall asks"),
    ]


def _search_figure(name: str, value: float, bar: float, dot: float, note: str) -> Figure:
    return Figure(name, value, "ms CPU", bar, limit=dot, limit_name="numpy dot", note=note)


async def _search_ms(index: FaissIndex, allowed: Ids | None, vector: Vectors, limit: int) -> float:
    started = time.thread_time()
    found = await index.search(person(), allowed, vector, limit)
    spent = time.thread_time() - started
    assert len(found.ids) == limit
    return 1000 * spent


def _product_ms(vectors: Vectors, vector: Vectors) -> float:
    started = time.thread_time()
    np.dot(vectors, vector)
    return 1000 * (time.thread_time() - started)


async def recalling(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure whole recalls of people with few, the usual and many memories: words, fusion, ranking and rows."""
    figures = []
    for number, count in enumerate((sizes.few, sizes.usual, sizes.many)):
        texts = await fill(folder, person(number), count)
        vectors = await StaticEmbedder.load().embed(texts)
        asked = list(islice(questions(6), _ASKED))
        spent: list[Spent] = []
        products: list[float] = []
        async with MemoryCore.open(folder, settings=ROOMY) as core:
            await core.recall(person(number), asked[0], place=ROOM)
            for question in asked * max(sizes.rounds // 5, 1):
                with timed(spent):
                    await core.recall(person(number), question, place=ROOM)
                products.append(_product_ms(vectors, vectors[0]))
        figures.append(
            Figure(
                name=f"recall among {count:,}",
                value=median_cpu(spent),
                unit="ms CPU",
                bar=5.0 if count == sizes.usual else None,
                limit=statistics.median(products),
                limit_name="numpy dot",
                note=f"median of {len(spent)}; longest {max(one.cpu_ms for one in spent):.1f}",
            )
        )
    return figures


async def loading(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure the first use of a person's memories after a start, from rows alone and with an index file."""
    await fill(folder, person(), sizes.usual)  # its core closes, which leaves the index file
    await fill(folder, person(1), sizes.few)
    stored = np.zeros((sizes.usual, SPACE.dim), np.float16)
    plain = folder / "plain.vectors"
    stored.tofile(plain)
    spent: dict[str, list[Spent]] = {name: [] for name in ("file", "rows", "vectors", "vectors, file", "plain")}
    leaves_none = MemorySettings(max_memories_per_person=100_000, index_file_from=1_000_000)
    for _ in range(sizes.rounds):
        spent["file"].append(await _first_recall(folder, ROOMY))
        spent["vectors, file"].append(await _index_opened(folder))
        with timed(spent["plain"]):
            np.fromfile(plain, np.float16)
        with _without_index_files(folder):
            spent["rows"].append(await _first_recall(folder, leaves_none))
            spent["vectors"].append(await _index_opened(folder))
    return [_load_figure(*row, spent, sizes.usual) for row in _LOADS]


_LOADS = (
    ("cold load of vectors from rows, per 1,000", "vectors", 5.0),
    ("cold load of vectors with a file, per 1,000", "vectors, file", 5.0),
    ("cold load of all from rows, per 1,000", "rows", 15.0),
    ("cold load of all with a file, per 1,000", "file", 15.0),
)


def _load_figure(name: str, which: str, bar: float, spent: dict[str, list[Spent]], count: int) -> Figure:
    thousand = 1000 / count
    read = median_cpu(spent["plain"]) * thousand
    note = f"median of {len(spent[which])}"
    return Figure(
        name, median_cpu(spent[which]) * thousand, "ms CPU", bar, limit=read, limit_name="plain read", note=note
    )


async def _first_recall(folder: Path, settings: MemorySettings) -> Spent:
    """What the first recall after a start takes beyond the second of the same question."""
    first: list[Spent] = []
    second: list[Spent] = []
    async with MemoryCore.open(folder, settings=settings) as core:
        await core.recall(person(1), "Where is my kayak?", place=ROOM)  # what every first recall of a process pays
        for spent in (first, *[second] * 5):
            with timed(spent):
                await core.recall(person(), "Where is my kayak?", place=ROOM)
    wall = first[0].wall_ms - statistics.median(one.wall_ms for one in second)
    return Spent(wall, first[0].cpu_ms - median_cpu(second))


async def _index_opened(folder: Path) -> Spent:
    """What making a person's vectors searchable takes, after a start."""
    spent: list[Spent] = []
    async with Database.open(folder, utc_now) as database:
        rows = SqliteRows(database, SPACE)
        index = FaissIndex(folder, database.hashes.of("index files"))
        epoch = await rows.epoch(person())

        async def read(after: int) -> tuple[Ids, Vectors]:
            return await rows.vectors(person(), SPACE, after)

        with timed(spent):
            await index.open(person(), Stamp(SPACE, epoch), read)
        assert index.nbytes(person()) > 0
        await index.close(person(), persist=False)
    return spent[0]


@contextmanager
def _without_index_files(folder: Path) -> Iterator[None]:
    """Put the index files out of sight for the block, which must not leave others."""
    shelf, hidden = folder / "vec", folder / "hidden"
    shelf.rename(hidden)
    yield
    assert list(hidden.glob("*/*.fvx"))
    assert not list(shelf.glob("*/*.fvx"))
    hidden.rename(shelf)
