"""People with memories: data folders filled for a benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.sentences import statements
from bot.config import MemorySettings
from bot.memory.core import MemoryCore
from bot.types import Place, PlaceKind, Scope, Statement

ROOM = Place(PlaceKind.PUBLIC, "room")
ROOMY = MemorySettings(max_memories_per_person=100_000)
"""The defaults, but for the bound that 10,000 memories of one person would meet."""

_FILLING = MemorySettings(max_memories_per_person=100_000, merge=False, index_file_from=1)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. few, usual, many: memories of one person. crowd: people with `each` memories."""

    few: int = 100
    usual: int = 1000
    many: int = 10_000
    crowd: int = 2000
    each: int = 50
    rounds: int = 20
    messages: int = 400
    starts: int = 3
    settle_s: float = 1.5


FULL = Sizes()
QUICK = Sizes(many=3000, crowd=200, rounds=5, messages=60)


def person(number: int = 0) -> Scope:
    """Return the scope of one invented person."""
    return Scope("bench", "guild", f"person-{number}")


def said(text: str) -> Statement:
    """Return a text as a person's command to remember it, which no filter drops."""
    return Statement(text, ROOM, explicit=True)


async def fill(folder: Path, scope: Scope, count: int, seed: int = 1) -> list[str]:
    """Store memories of one person in a data folder that is not open, and return their texts."""
    texts = list(islice(statements(seed), count))
    async with MemoryCore.open(folder, settings=_FILLING) as core:
        for chunk in _chunks(texts, _AT_ONCE):
            await core.remember_all(scope, [Statement(text, ROOM, as_given=True) for text in chunk])
    return texts


async def fill_crowd(folder: Path, sizes: Sizes) -> None:
    """Store memories of many people in a data folder that is not open."""
    texts = statements(2)
    async with MemoryCore.open(folder, settings=_FILLING) as core:
        for number in range(sizes.crowd):
            own = [Statement(text, ROOM, as_given=True) for text in islice(texts, sizes.each)]
            await core.remember_all(person(number), own)


def _chunks(texts: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
