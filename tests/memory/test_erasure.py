"""What was forgotten through the core is in no file of the data folder, a killed process included."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path

import pytest

from bot.config import MemorySettings
from bot.embedders.static import StaticEmbedder
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.types import Scope
from tests.memory.folders import ANNA, PUBLIC, Clock, core_on, files_of, table, told

WITH_FILES = MemorySettings(index_file_from=1, merge=False)


def tokens(seed: int, count: int) -> list[str]:
    """Return random words of 16 hexadecimal digits."""
    source = random.Random(seed)
    return [f"{source.getrandbits(64):016x}" for _ in range(count)]


def text_with(token: str) -> str:
    """Return a memory's text that holds a token."""
    return f"my locker code word is {token}"


async def traces_of(token: str) -> list[bytes]:
    """Return what must not be found: the token, its tail, other spellings, and its vector at both precisions."""
    (vector,) = await StaticEmbedder(table()).embed([text_with(token)])
    halves = vector.astype("<f2").tobytes()
    wide = vector.astype("<f4").tobytes()
    words = [token.encode(), token[-8:].encode(), token.encode("utf-16-le")]
    return [*words, *(part for whole in (halves, wide) for part in (whole[:24], whole[-24:]))]


def content_of(folder: Path) -> bytes:
    """Return the bytes of every file of a folder."""
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def left_in(folder: Path, chosen: list[str]) -> list[str]:
    """Return which tokens have left any trace in any file of a folder."""
    content = content_of(folder)
    return [token for token in chosen if any(trace in content for trace in await traces_of(token))]


async def remember_all(core: MemoryCore, scope: Scope, chosen: list[str]) -> None:
    """Remember each token in a message of its own name."""
    await core.remember_all(scope, [told(text_with(token), PUBLIC, f"message of {token}") for token in chosen])


@pytest.mark.parametrize("seed", range(2))
async def test_the_forgotten_half_leaves_no_trace(folder: Path, clock: Clock, seed: int) -> None:
    """With index files written in between, no byte of the forgotten half is found in any file, and the kept half is."""
    people = [Scope("slack", "guild", f"person {n}") for n in range(3)]
    planted = {person: tokens(100 * seed + n, 12) for n, person in enumerate(people)}
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        core._shelf._max_bytes = 1  # every scope pushes the others out, which writes their files
        for person, chosen in planted.items():
            await remember_all(core, person, chosen)
        written = len(files_of(folder))

        for person, chosen in planted.items():
            await core.recall(person, "locker", place=PUBLIC)
            for token in chosen[:2]:
                await core.forget(person, Selection(source_id=f"message of {token}"))
            await core.recall(person, "locker", place=PUBLIC)
            await core.forget(person, Selection(ids=await ids_of(core, person, chosen[2:6])))
        while_open = await left_in(folder, [token for chosen in planted.values() for token in chosen[:6]])

    assert written >= len(people) - 1
    assert while_open == []
    assert await left_in(folder, [token for chosen in planted.values() for token in chosen[:6]]) == []
    kept = [token for chosen in planted.values() for token in chosen[6:]]
    assert await left_in(folder, kept) == kept


async def ids_of(core: MemoryCore, person: Scope, chosen: list[str]) -> tuple[int, ...]:
    """Return the ids of memories that hold these tokens."""
    return tuple(memory.id for memory in await core.list(person) if memory.text.split()[-1] in chosen)


async def test_an_edit_erases_the_old_text(folder: Path, clock: Clock) -> None:
    """The text before the edit and its vector are gone from every file."""
    (token, kept) = tokens(7, 2)
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        await core.remember_all(ANNA, [told(text_with(token)), told(text_with(kept))])
        await core._shelf.put_away(ANNA)
        (memory_id,) = await ids_of(core, ANNA, [token])
        await core.edit(ANNA, memory_id, "nothing to see here")

    assert await left_in(folder, [token, kept]) == [kept]


async def test_forget_all_leaves_nothing_of_the_person(folder: Path, clock: Clock) -> None:
    """Not even ids are left, but the file of another person is."""
    person = Scope("slack", "guild", "person-cafe")
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        await remember_all(core, person, tokens(8, 5))
        await remember_all(core, ANNA, tokens(9, 5))
        await core.forget_all(person)

    assert await left_in(folder, tokens(8, 5)) == []
    assert b"person-cafe" not in content_of(folder)
    assert await left_in(folder, tokens(9, 5)) == tokens(9, 5)


async def test_rows_alone_are_not_enough(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a core that does not remove index files, or does not clear the log, is found out."""
    (forgotten,) = tokens(10, 1)

    async def nothing(*_: object) -> None:
        """Leave everything where it is."""

    for owner, name in (("_index", "drop"), ("_rows", "finish")):
        where = folder / name
        async with core_on(where, clock, settings=WITH_FILES) as core:
            await remember_all(core, ANNA, [forgotten, *tokens(11, 3)])
            await core._shelf.put_away(ANNA)
            with monkeypatch.context() as patch:
                patch.setattr(getattr(core._shelf, owner), name, nothing)  # what must not be left out, left out
                await core.forget(ANNA, Selection(source_id=f"message of {forgotten}"))
            assert await left_in(where, [forgotten]) == [forgotten]


async def test_a_killed_forgetting_is_finished_at_the_next_start(folder: Path, clock: Clock) -> None:
    """Killed at 20 random moments while it forgets: after the next start nothing of what was forgotten is left."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.memory.killed_forgetting", str(folder), "20"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asyncio.wait_for(child.communicate(), 60)
    report = json.loads(printed)

    assert report["half_forgotten"] == []
    assert report["traces"] == []
    assert report["lost"] == []
    assert report["kills"] == 20
    assert report["committed_and_killed"] > 5
