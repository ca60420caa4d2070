"""What remembering and forgetting cost, beside what a durable write of one page costs on the same disk."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.measuring import Figure, Page, Spent, median_cpu, median_wall, timed
from bench.people import ROOMY, Sizes, fill, person, said
from bench.sentences import statements
from bot.config import MemorySettings
from bot.embedders.static import SPACE
from bot.errors import EmbeddingError
from bot.memory.core import MemoryCore
from bot.protocols import Embedder, Selection, Space, Vectors
from bot.types import Action, Outcome, Scope, Statement

_TOGETHER = 32
_LONE_A_ROUND = 10


async def adding(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure durable adds of a person who has memories already: one after another, and 32 that wait together."""
    await fill(folder, person(), sizes.usual)
    page, texts = Page(folder), statements(3)
    lone: list[Spent] = []
    pages: list[Spent] = []
    rates: dict[str, list[float]] = {"one scope": [], "32 scopes": []}
    async with MemoryCore.open(folder, settings=ROOMY) as core:
        await core.remember(person(), said("I am only here to be loaded"))
        for _ in range(sizes.rounds):
            for _ in range(_LONE_A_ROUND):
                if spent := await _add(core, person(), said(next(texts))):
                    lone.append(spent)
                    pages.append(page.append())
            rates["one scope"].append(await _rate(core, [person()] * _TOGETHER, texts))
            rates["32 scopes"].append(await _rate(core, [person(i) for i in range(1, _TOGETHER + 1)], texts))
    return [*_lone(lone, pages), *_together(lone, rates)]


async def _add(core: MemoryCore, scope: Scope, statement: Statement) -> Spent | None:
    """What one add took; None when it was one that stores no row, because it repeats another."""
    spent: list[Spent] = []
    with timed(spent):
        outcome = await core.remember(scope, statement)
    return spent[0] if _stored(outcome) else None


async def _rate(core: MemoryCore, scopes: Sequence[Scope], texts: Iterator[str]) -> float:
    """Memories stored in a second when one add for each scope waits at the same time."""
    spent: list[Spent] = []
    waiting = [said(text) for text in islice(texts, len(scopes))]
    with timed(spent):
        outcomes = await asyncio.gather(*map(core.remember, scopes, waiting))
    return 1000 * sum(map(_stored, outcomes)) / spent[0].wall_ms


def _stored(outcome: Outcome) -> bool:
    assert outcome.memory is not None, outcome.reason
    return outcome.action is not Action.MERGED


def _lone(lone: Sequence[Spent], pages: Sequence[Spent]) -> list[Figure]:
    wall, cpu, page = median_wall(lone), median_cpu(lone), median_wall(pages)
    note = f"median of {len(lone)}"
    return [
        Figure("lone durable add", wall, "ms", 1.5 * page + 1, limit=page, limit_name="fsync", note=note),
        Figure("lone durable add, CPU", cpu, "ms", 1.0, limit=median_cpu(pages), limit_name="fsync", note=note),
    ]


def _together(lone: Sequence[Spent], rates: dict[str, list[float]]) -> list[Figure]:
    alone = 1000 / median_wall(lone)
    return [
        Figure(
            name=f"32 waiting adds, {where}",
            value=statistics.median(found),
            unit="/s",
            bar=4 * alone,
            at_least=True,
            limit=alone,
            limit_name="lone",
            note=f"median of {len(found)}",
        )
        for where, found in rates.items()
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
