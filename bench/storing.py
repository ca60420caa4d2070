"""What remembering and forgetting cost, beside what a durable write of one page costs on the same disk."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from bench.measuring import Figure, Page, Spent, median_cpu, median_wall, timed
from bench.people import ROOM, ROOMY, Sizes, fill, person, said
from bench.sentences import statements
from bot.config import MemorySettings
from bot.embedders.static import SPACE
from bot.errors import EmbeddingError
from bot.memory.core import MemoryCore, utc_now
from bot.protocols import Embedder, NewMemory, Selection, Space, Vectors
from bot.store.database import Database
from bot.store.rows import SqliteRows
from bot.types import Kind, Reach, Scope, Statement, Status

_TOGETHER = 32
_LONE_A_ROUND = 10


async def adding(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure durable adds one after another, and 32 that wait together: of the store, and of the whole remember."""
    return [*await _rows(folder / "rows", sizes), *await _remembering(folder / "whole", sizes)]


async def _rows(folder: Path, sizes: Sizes) -> list[Figure]:
    """The store alone: a text and its vector, on disk when the call returns."""
    lone, pages, together = list[Spent](), list[Spent](), list[float]()
    async with Database.open(folder, utc_now) as database:
        rows, page, texts = SqliteRows(database, SPACE), Page(folder), statements(3)

        async def add(text: str) -> None:
            await rows.add(person(), [_new(text)])

        for _ in range(sizes.rounds * _LONE_A_ROUND):
            with timed(lone):
                await add(next(texts))
            pages.append(page.append())
        for _ in range(sizes.rounds):
            spent: list[Spent] = []
            with timed(spent):
                await asyncio.gather(*map(add, islice(texts, _TOGETHER)))
            together.append(1000 * _TOGETHER / spent[0].wall_ms)
    fsync, rate, note = median_wall(pages), 1000 / median_wall(lone), f"median of {len(lone)}"
    return [
        Figure(
            "lone durable add", median_wall(lone), "ms", 1.5 * fsync + 1, limit=fsync, limit_name="fsync", note=note
        ),
        Figure("lone durable add, CPU", median_cpu(lone), "ms", 1.0, note=note),
        Figure(
            name="32 waiting adds",
            value=statistics.median(together),
            unit="/s",
            bar=4 * rate,
            at_least=True,
            limit=rate,
            limit_name="lone",
            note=f"median of {len(together)}",
        ),
    ]


def _new(text: str) -> NewMemory:
    vector = np.full(SPACE.dim, SPACE.dim**-0.5, np.float32)
    return NewMemory(
        text,
        Kind.FACT,
        Status.CURRENT,
        ROOM,
        Reach.HERE,
        author=None,
        event_time=utc_now(),
        importance=0.5,
        vector=vector,
    )


async def _remembering(folder: Path, sizes: Sizes) -> list[Figure]:
    """The whole way of a statement of a person who has memories already: judgement, vector, merging, commit."""
    await fill(folder, person(), sizes.usual)
    page, texts = Page(folder), statements(3)
    lone, pages, rates = list[Spent](), list[Spent](), list[float]()
    async with MemoryCore.open(folder, settings=ROOMY) as core:
        await core.remember(person(), said("I am only here to be loaded"))
        for _ in range(sizes.rounds):
            for _ in range(_LONE_A_ROUND):
                with timed(lone):
                    await core.remember(person(), said(next(texts)))
                pages.append(page.append())
            waiting = [said(text) for text in islice(texts, _TOGETHER)]
            spent: list[Spent] = []
            with timed(spent):
                await asyncio.gather(*(core.remember(person(), statement) for statement in waiting))
            rates.append(1000 * _TOGETHER / spent[0].wall_ms)
    fsync, note = median_wall(pages), f"CPU {median_cpu(lone):.1f} ms, median of {len(lone)}"
    rate = statistics.median(rates)
    return [
        Figure("remember one", median_wall(lone), "ms", limit=fsync, limit_name="fsync", note=note),
        Figure("32 waiting to be remembered", rate, "/s", limit=1000 / median_wall(lone), limit_name="lone"),
    ]


async def forgetting(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure forgetting one memory and all of a person, with different numbers of memories."""
    figures = []
    for count in (sizes.usual, sizes.many):
        own = folder / str(count)
        await fill(own, person(), count)
        figures += await forgotten(own, person(), f"{count:,}", sizes.rounds)
    return figures


async def forgotten(folder: Path, scope: Scope, among: str, times: int) -> list[Figure]:
    """Measure forgetting one memory, some times over, and then all of a person, in a folder that is not open."""
    page = Page(folder)
    one: list[Spent] = []
    whole: list[Spent] = []
    pages: list[Spent] = []
    async with MemoryCore.open(folder, settings=ROOMY) as core:
        memories = await core.list(scope)
        for memory in memories[:: len(memories) // times][:times]:
            with timed(one):
                await core.forget(scope, Selection(ids=(memory.id,)))
            pages.append(page.append())
        with timed(whole):
            await core.forget_all(scope)
    fsync = median_wall(pages)
    note = f"CPU {median_cpu(one):.1f} ms, median of {len(one)}"
    return [
        Figure(f"forget one of {among}", median_wall(one), "ms", limit=fsync, limit_name="fsync", note=note),
        Figure(f"forget a person, {among}", median_wall(whole), "ms", limit=fsync, limit_name="fsync", note="once"),
    ]


class _Silent(Embedder):
    """An embedder that is down, so that memories are kept without vectors."""

    @property
    def space(self) -> Space:
        return SPACE

    async def embed(self, texts: Sequence[str]) -> Vectors:
        raise EmbeddingError(f"no vectors for {len(texts)} texts")

    async def close(self) -> None:
        """Do nothing."""


async def reindexing(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure the making of all vectors with the embedded embedder."""
    spent: list[Spent] = []
    texts = [Statement(text, said(text).place, as_given=True) for text in islice(statements(4), sizes.usual)]
    settings = MemorySettings(merge=False, max_memories_per_person=100_000)
    async with MemoryCore.open(folder, embedder=_Silent(), settings=settings) as core:
        await core.remember_all(person(), texts)
    async with MemoryCore.open(folder, settings=settings) as core:
        with timed(spent):
            made = await core.reindex()
    assert made == sizes.usual
    page = median_wall([Page(folder).append() for _ in range(20)])
    thousand = 1000 / made
    note = f"CPU {spent[0].cpu_ms * thousand:.0f} ms"
    return [
        Figure("reindex, per 1,000", spent[0].wall_ms * thousand, "ms", limit=page, limit_name="fsync", note=note),
    ]
