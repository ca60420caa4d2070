"""What is cached changes no answer: embedder down, another embedder, files lost or damaged, scopes put away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.config import MemorySettings
from bot.errors import EmbeddingError
from bot.memory.core import MemoryCore
from bot.protocols import Ids, NewMemory, Selection, Space, Unembedded, Vectors
from bot.types import Action, Hit, Memory, Scope
from tests.memory.folders import ANNA, PUBLIC, Clock, FrailEmbedder, core_on, files_of, texts_of, told

FACTS = [
    f"{what} number {n} is kept in the {where}"
    for n in range(8)
    for what, where in (("tea", "shed"), ("chess", "attic"))
]
QUESTIONS = ("where is the tea?", "chess number 3", "what is in the attic?", FACTS[5])
WITH_FILES = MemorySettings(index_file_from=1, merge=False)


async def answers(core: MemoryCore, scope: Scope = ANNA) -> list[tuple[Hit, ...]]:
    """Return the hits of a few questions, with scores and parts."""
    return [(await core.recall(scope, question, place=PUBLIC)).hits for question in QUESTIONS]


async def filled(folder: Path, clock: Clock, settings: MemorySettings = WITH_FILES) -> list[tuple[Hit, ...]]:
    """Remember the facts one by one, with questions in between, and return the last answers."""
    async with core_on(folder, clock, settings=settings) as core:
        for fact in FACTS:
            await core.remember(ANNA, told(fact))
            await core.recall(ANNA, fact, place=PUBLIC)
        return await answers(core)


# The embedder is down


async def test_a_memory_is_kept_and_found_by_words_while_the_embedder_is_down(folder: Path, clock: Clock) -> None:
    """Nothing is lost: it is stored, found by its words, and gets its vector once the embedder is back."""
    embedder = FrailEmbedder()
    async with core_on(folder, clock, embedder) as core:
        embedder.down = True
        kept = await core.remember(ANNA, told("I love oolong tea"))
        by_words = await core.recall(ANNA, "oolong tea", place=PUBLIC)
        waiting = await core.without_vector()

        embedder.down = False
        made = await core.reindex()
        by_both = await core.recall(ANNA, "oolong tea", place=PUBLIC)

    assert kept.action is Action.KEPT
    assert texts_of(by_words) == texts_of(by_both) == ["I love oolong tea"]
    assert by_words.embedded.vector is None
    assert (waiting, made) == (1, 1)
    assert by_words.hits[0].parts.semantic == 0 < by_both.hits[0].parts.semantic


async def test_a_failing_reindex_says_so_and_goes_on_later(folder: Path, clock: Clock) -> None:
    """The error reaches the caller; nothing is marked as done."""
    embedder = FrailEmbedder()
    async with core_on(folder, clock, embedder) as core:
        embedder.down = True
        await core.remember(ANNA, told("I love oolong tea"))

        with pytest.raises(EmbeddingError):
            await core.reindex()

        assert await core.without_vector() == 1


# Another embedder


async def test_another_embedder_starts_with_words(folder: Path, clock: Clock) -> None:
    """Vectors of another space are never compared: until they are made anew, words find the memory."""
    async with core_on(folder, clock, FrailEmbedder("one")) as core:
        await core.remember(ANNA, told("I love oolong tea"))

    async with core_on(folder, clock, FrailEmbedder("two")) as core:
        before = (await core.recall(ANNA, "oolong tea", place=PUBLIC)).hits
        assert await core.reindex() == 1
        after = (await core.recall(ANNA, "oolong tea", place=PUBLIC)).hits
        assert await core.reindex() == 0

    assert before[0].parts.semantic == 0 < after[0].parts.semantic


async def test_an_interrupted_reindex_resumes(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failing half-way, it keeps what it made; the next run makes the rest and no vector twice."""
    monkeypatch.setattr("bot.memory.upkeep._AT_ONCE", 5)  # several requests for a few memories
    expected = await filled(folder, clock)
    embedder = FrailEmbedder("two")
    progress: list[int] = []

    embedder.fails_after = 10
    async with core_on(folder, clock, embedder, WITH_FILES) as core:
        with pytest.raises(EmbeddingError):
            await core.reindex(progress.append)
        left = await core.without_vector()
        embedder.fails_after = None
        mixed = [len(hits) for hits in await answers(core)]
    embedder.texts = 0
    async with core_on(folder, clock, embedder, WITH_FILES) as core:
        made = await core.reindex()
        whole = await answers(core)

    assert (sum(progress), left, made) == (10, 6, 6)
    assert all(mixed)
    assert whole == expected  # the two embedders differ in name only


async def test_a_crash_amid_reindex_leaves_no_file_without_the_new_vectors(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends right after the vectors were committed leaves no older index file that would be used."""
    embedder = FrailEmbedder()
    async with core_on(folder, clock, embedder, WITH_FILES) as core:
        embedder.down = True
        await core.remember(ANNA, told("I love oolong tea"))
        embedder.down = False
        await core.remember(ANNA, told("my cat is called Miso"))
    assert files_of(folder) != []

    class Ended(Exception):
        """The process ends here."""

    async with core_on(folder, clock, embedder, WITH_FILES) as core:
        commit = core._rows.set_vectors

        async def commit_and_end(space: Space, waiting: Sequence[Unembedded], vectors: Vectors) -> None:
            await commit(space, waiting, vectors)
            raise Ended

        monkeypatch.setattr(core._rows, "set_vectors", commit_and_end)  # no other way to stop between two steps
        with pytest.raises(Ended):
            await core.reindex()
        core._shelf._entries.clear()  # a killed process puts nothing away

    async with core_on(folder, clock, embedder, WITH_FILES) as core:
        hits = (await core.recall(ANNA, "oolong tea", place=PUBLIC)).hits
    assert hits[0].parts.semantic > 0


# Zero vectors


async def test_texts_without_a_known_word_are_remembered(folder: Path, clock: Clock) -> None:
    """An emoji has no vector that says anything: it is kept, listed, and disturbs no other recall."""
    async with core_on(folder, clock) as core:
        await core.remember_all(ANNA, [told("🦊🦊"), told("I love oolong tea")])

        assert len(await core.list(ANNA)) == 2
        assert texts_of(await core.recall(ANNA, "oolong tea", place=PUBLIC))[0] == "I love oolong tea"
        empty = await core.recall(ANNA, "🦊", place=PUBLIC)
        assert all(np.isfinite(hit.score) for hit in empty.hits)


# Files


async def test_answers_of_a_running_core_equal_those_after_a_restart(folder: Path, clock: Clock) -> None:
    """What was added memory by memory, the file written at the end, and the rows alone give the same scores."""
    running = await filled(folder, clock)
    assert files_of(folder) != []

    async with core_on(folder, clock, settings=WITH_FILES) as core:
        from_file = await answers(core)
    for path in files_of(folder):
        path.unlink()
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        from_rows = await answers(core)

    assert running == from_file == from_rows


@pytest.mark.parametrize("damage", ["flip", "cut", "zero", "empty", "foreign"])
async def test_a_damaged_file_changes_no_answer(folder: Path, clock: Clock, damage: str) -> None:
    """Whatever happened to the file between two runs, hits, order and scores are those of the rows."""
    expected = await filled(folder, clock)
    (path,) = files_of(folder)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    if damage == "flip":
        content[middle] ^= 0x10
    elif damage == "cut":
        del content[middle:]
    elif damage == "zero":
        content[middle : middle + 512] = bytes(512)
    elif damage == "empty":
        content.clear()
    else:
        content[:] = b"not ours" * 100
    path.write_bytes(content)

    async with core_on(folder, clock, settings=WITH_FILES) as core:
        assert await answers(core) == expected


async def test_a_file_from_before_a_forgetting_is_not_used(folder: Path, clock: Clock) -> None:
    """Put back from a copy, an older index file brings nothing back."""
    await filled(folder, clock)
    (path,) = files_of(folder)
    old = path.read_bytes()
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        await core.forget(ANNA, Selection(), words="chess")
        expected = await answers(core)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(old)

    async with core_on(folder, clock, settings=WITH_FILES) as core:
        assert await answers(core) == expected
        assert not any("chess" in hit.memory.text for hits in expected for hit in hits)


async def test_a_tiny_cache_gives_the_same_answers(folder: Path, clock: Clock, tmp_path: Path) -> None:
    """Scopes that push each other out of memory answer as scopes that all stay."""
    people = [Scope("slack", "guild", f"person {n}") for n in range(3)]
    found = []
    for name, max_bytes in (("roomy", 1 << 30), ("tiny", 1)):
        async with core_on(tmp_path / name, clock, settings=WITH_FILES) as core:
            core._shelf._max_bytes = max_bytes  # the setting counts whole megabytes
            for fact in FACTS:
                for person in people:
                    await core.remember(person, told(fact))
            found.append([await answers(core, person) for person in people])
            assert (len(core._shelf._entries) == 1) is (name == "tiny")

    assert found[0] == found[1]


async def test_somebody_without_memories_is_loaded_once(folder: Path, clock: Clock) -> None:
    """An empty scope stays in the cache as any other: later questions read no rows."""
    async with core_on(folder, clock) as core:
        async with core._shelf.entry(ANNA) as first:
            assert len(first) == 0
        async with core._shelf.entry(ANNA) as second:
            assert second is first


# Memories that go while they arrive


async def slow_add(core: MemoryCore, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Let `add` wait after its commit; return what tells of the commit and what lets it go on."""
    committed, go_on = asyncio.Event(), asyncio.Event()
    add = core._rows.add

    async def add_and_wait(scope: Scope, new: Sequence[NewMemory], inbox_key: str | None = None) -> list[Memory]:
        memories = await add(scope, new, inbox_key)
        committed.set()
        await go_on.wait()
        return memories

    monkeypatch.setattr(core._rows, "add", add_and_wait)  # the moment between commit and cache is not reachable else
    return committed, go_on


async def test_what_is_forgotten_right_after_its_commit_does_not_come_back(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased between its commit and its entry into the cache, a memory is neither in the cache nor in the index."""
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        await core.remember(ANNA, told("my cat is called Miso"))
        committed, go_on = await slow_add(core, monkeypatch)
        remembering = asyncio.create_task(core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1")))
        await committed.wait()
        await core.forget(ANNA, Selection(source_id="m1"))
        await core.recall(ANNA, "cat", place=PUBLIC)  # loads the scope again
        go_on.set()
        await remembering

        async with core._shelf.entry(ANNA) as entry:
            assert len(entry) == 1
            assert core._shelf._index.nbytes(ANNA) == (await index_bytes(core)) == 8 + 2 * 256


async def index_bytes(core: MemoryCore) -> int:
    """Return the bytes that the index should take for the vectors there are."""
    ids: Ids = (await core._rows.vectors(ANNA, core._embedder.space))[0]
    return len(ids) * (8 + 2 * core._embedder.space.dim)


async def test_a_cancelled_remembering_leaves_no_gap_in_the_index(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A memory whose task was cancelled after the commit is found by meaning, in this run and after a restart."""
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        await core.remember(ANNA, told("my cat is called Miso"))
        with monkeypatch.context() as patch:
            committed, _ = await slow_add(core, patch)
            remembering = asyncio.create_task(core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1")))
            await committed.wait()
            remembering.cancel()
            await asyncio.gather(remembering, return_exceptions=True)
        await core.remember(ANNA, told("I live in Lisbon"))
        running = await core.recall(ANNA, "oolong tea", place=PUBLIC)
    async with core_on(folder, clock, settings=WITH_FILES) as core:
        restarted = await core.recall(ANNA, "oolong tea", place=PUBLIC)

    assert running.hits == restarted.hits
    assert running.hits[0].parts.semantic > 0
