"""Many people at once: what is cached at the end is what a fresh load gives, and nobody sees anybody else's."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from bot.config import MemorySettings
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.types import Hit, Scope
from tests.memory.folders import PUBLIC, Clock, core_on, files_of, texts_of, told

PEOPLE = [Scope("slack", "guild", f"person{n}") for n in range(20)]
SETTINGS = MemorySettings(index_file_from=1, merge=False, relevance_floor=0, recall_limit=100)
QUESTIONS = ("tea", "where do I keep my chess set?", "person3 and person7", "number 2")


async def errand(core: MemoryCore, seed: int) -> list[str]:
    """Remember, recall and forget for one person in a random order with random pauses; return what others' was seen."""
    chance = random.Random(seed)
    person = PEOPLE[seed % len(PEOPLE)]
    seen: list[str] = []
    for step in range(4):
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        action = chance.random()
        if action < 0.5:
            await core.remember(
                person, told(f"tea number {step} of {person.user_id} in {seed}", PUBLIC, f"{seed}.{step}")
            )
        elif action < 0.85:
            found = await core.recall(person, chance.choice(QUESTIONS), place=PUBLIC)
            seen += [text for text in texts_of(found) if f"of {person.user_id} in" not in text]
        elif action < 0.97:
            await core.forget(person, Selection(source_id=f"{seed}.{chance.randrange(step + 1)}"))
        else:
            await core.forget(person, Selection(), words=f"number {step}")
    return seen


async def answers(core: MemoryCore, person: Scope) -> list[tuple[Hit, ...]]:
    """Return the hits of several questions with their scores."""
    return [(await core.recall(person, question, place=PUBLIC)).hits for question in QUESTIONS]


@pytest.mark.parametrize(("seed", "max_bytes"), [(1, 1 << 30), (2, 60_000)], ids=["room for all", "room for few"])
async def test_two_hundred_errands_leave_the_cache_as_the_rows_are(
    folder: Path, clock: Clock, seed: int, max_bytes: int
) -> None:
    """After interleaved work on 20 scopes cached answers equal those of a fresh load; nobody saw another's words."""
    async with core_on(folder, clock, settings=SETTINGS) as core:
        core._shelf._max_bytes = max_bytes  # the setting counts whole megabytes

        seen = await asyncio.gather(*(errand(core, 1000 * seed + nth) for nth in range(200)))

        cached = [await answers(core, person) for person in PEOPLE]
        for person in PEOPLE:
            await core._shelf.put_away(person)
        from_files = [await answers(core, person) for person in PEOPLE]
    for path in files_of(folder):
        path.unlink()
    async with core_on(folder, clock, settings=SETTINGS) as core:
        fresh = [await answers(core, person) for person in PEOPLE]

    assert [text for texts in seen for text in texts] == []
    assert cached == from_files == fresh
    assert sum(len(hits) for of_one in fresh for hits in of_one) > 300
