"""Forget-me-not itself, through MemoryCore: a search is a whole recall, by words and vectors, and a deletion erases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np

from bench.peering.workload import LIMIT, Given, Vectors, run
from bench.people import ROOM, person
from bot.config import MemorySettings
from bot.memory.core import MemoryCore
from bot.protocols import Embedder, Selection, Space
from bot.types import MemoryId, Statement

_SETTINGS = MemorySettings(merge=False, relevance_floor=0, max_memories_per_person=100_000)


class _GivenVectors(Embedder):
    """Looks the vector of a text up."""

    def __init__(self, given: Given) -> None:
        self._dim = given.vectors.shape[1]
        self._by_text = dict(zip(given.texts, given.vectors, strict=True))
        self._by_text |= dict(zip(given.questions, given.question_vectors, strict=True))

    @property
    def space(self) -> Space:
        return Space("given", self._dim)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._by_text[text] for text in texts])

    async def close(self) -> None:
        """Do nothing."""


class Ours:
    """One person's memories; the event loop runs for one call at a time, as the others do."""

    def __init__(self, folder: Path, given: Given) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        opening = MemoryCore.open(folder, embedder=_GivenVectors(given), settings=_SETTINGS)
        self._core = self._runner.run(self._stack.enter_async_context(opening))
        self._ids: dict[int, MemoryId] = {}

    def add(self, numbers: Sequence[int], texts: Sequence[str], _: Vectors) -> None:
        """Store texts."""
        said = [Statement(text, ROOM, as_given=True) for text in texts]
        outcomes = self._runner.run(self._core.remember_all(person(), said))
        stored = [outcome.memory.id for outcome in outcomes if outcome.memory]
        self._ids |= dict(zip(numbers, stored, strict=True))

    def search(self, text: str, _: Vectors) -> list[int]:
        """Return the numbers of the best."""
        numbers = {memory_id: number for number, memory_id in self._ids.items()}
        recollection = self._runner.run(self._core.recall(person(), text, place=ROOM, limit=LIMIT))
        return [numbers.get(hit.memory.id, -1) for hit in recollection.hits]

    def delete(self, number: int) -> None:
        """Forget one."""
        self._runner.run(self._core.forget(person(), Selection(ids=(self._ids[number],))))

    def close(self) -> None:
        """Close the core and its loop."""
        self._runner.run(self._stack.aclose())
        self._runner.close()


if __name__ == "__main__":
    run(Ours)
