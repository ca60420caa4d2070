"""What every row store must do. A new one is one file and one subclass that provides `rows`, open and empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bot.errors import StoreError
from bot.protocols import Idle, NewMemory, RowStore, Selection, Space, Unembedded, Vectors
from bot.types import Author, Kind, MemoryId, Place, PlaceKind, Reach, Scope, Source, Status

SPACE = Space("conformance", 8)
"""The space that the store under test takes vectors in."""

OTHER_SPACE = Space("conformance-2", 4)

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)

ANNA = Scope("discord", "guild", "anna")
SAME_PERSON_ELSEWHERE = Scope("discord", "other guild", "anna")
BEN = Scope("discord", "guild", "ben")

TEMPLATE = NewMemory(
    text="I am vegan",
    kind=Kind.PREFERENCE,
    status=Status.CURRENT,
    place=Place(PlaceKind.PUBLIC, "kitchen"),
    reach=Reach.HERE,
    author=None,
    event_time=NOON,
    importance=0.5,
)


def saying(text: str, source_id: str | None = None, vector: Vectors | None = None) -> NewMemory:
    """Return a plain memory about to be stored."""
    source = None if source_id is None else Source(source_id, NOON)
    return replace(TEMPLATE, text=text, source=source, vector=vector)


def unit_vector(seed: int, dim: int = SPACE.dim) -> Vectors:
    """Return a random (dim,) float32 vector of unit length."""
    vector = np.random.default_rng(seed).normal(size=dim).astype(np.float32)
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


class RowStoreConformance:
    """Subclass it in a test module, and override `rows`."""

    @pytest.fixture
    def rows(self) -> RowStore:
        """Give an open, empty store that takes vectors in SPACE."""
        raise NotImplementedError

    async def test_what_is_added_reads_back_equal(self, rows: RowStore) -> None:
        """Every field of a memory, times to the microsecond, comes back as `add` returned it."""
        full = NewMemory(
            text="Ich heiße Zoë 🦊\nand like \0 bytes",
            kind=Kind.NOTE,
            status=Status.PROPOSED,
            place=Place(PlaceKind.PRIVATE, "channel", "thread"),
            reach=Reach.EVERYONE,
            author=Author("u7", "Zoë"),
            event_time=NOON - timedelta(days=20_000, microseconds=7),
            importance=0.3,
            source=Source("message-1", NOON),
        )

        added = await rows.add(ANNA, [full, TEMPLATE])

        assert await rows.get(ANNA, [memory.id for memory in added]) == added
        assert (added[0].text, added[0].author, added[0].place) == (full.text, full.author, full.place)
        assert (added[0].event_time, added[0].sources) == (full.event_time, (Source("message-1", NOON),))

    async def test_ids_ascend_in_the_order_given(self, rows: RowStore) -> None:
        """Memories of one call have ascending ids in the order of the call."""
        added = await rows.add(ANNA, [saying(f"{nth}") for nth in range(5)])

        assert [memory.text for memory in sorted(added, key=lambda memory: memory.id)] == ["0", "1", "2", "3", "4"]

    async def test_an_id_is_never_used_twice(self, rows: RowStore) -> None:
        """After everything of a scope was erased, new memories get ids that none had before."""
        before = {memory.id for memory in await rows.add(ANNA, [saying("a"), saying("b")])}
        await rows.finish(await rows.erase(ANNA, None))

        after = {memory.id for memory in await rows.add(ANNA, [saying("c"), saying("d")])}

        assert not before & after

    async def test_scopes_do_not_see_each_other(self, rows: RowStore) -> None:
        """No read of one scope gives a memory of another person or of the same person in another guild."""
        (of_anna,) = await rows.add(ANNA, [saying("mine", "m1", unit_vector(1))])

        for foreign in (BEN, SAME_PERSON_ELSEWHERE):
            assert await rows.get(foreign, [of_anna.id]) == []
            assert await rows.select(foreign, Selection()) == []
            assert await rows.select(foreign, Selection(source_id="m1")) == []
            assert await rows.rows(foreign) == []
            assert len((await rows.vectors(foreign, SPACE))[0]) == 0
            assert not await rows.was_forgotten(foreign, "m1")
        assert [row.id for row in await rows.rows(ANNA)] == [of_anna.id]

    async def test_scopes_cannot_change_each_other(self, rows: RowStore) -> None:
        """No write through one scope reaches a memory of another."""
        (of_anna,) = await rows.add(ANNA, [saying("mine")])
        await rows.add(BEN, [saying("his")])

        await rows.erase(BEN, [of_anna.id])
        await rows.add(BEN, [replace(TEMPLATE, supersedes=of_anna.id)])
        with pytest.raises(StoreError):
            await rows.mark(BEN, of_anna.id, pinned=True)
        with pytest.raises(StoreError):
            await rows.edit(BEN, of_anna.id, "taken over", None)
        with pytest.raises(StoreError):
            await rows.attach(BEN, of_anna.id, Source("m9", NOON))

        assert await rows.get(ANNA, [of_anna.id]) == [of_anna]

    async def test_get_keeps_the_order_asked_for(self, rows: RowStore) -> None:
        """Memories come in the order of the ids, and those that are gone are left out."""
        first, second, third = await rows.add(ANNA, [saying("a"), saying("b"), saying("c")])
        await rows.erase(ANNA, [second.id])

        assert await rows.get(ANNA, [third.id, second.id, first.id]) == [third, first]

    async def test_rows_hold_what_ranking_needs(self, rows: RowStore) -> None:
        """Index rows come by id, with strings and Unix seconds, and without proposed memories."""
        proposed = replace(TEMPLATE, status=Status.PROPOSED)
        named = replace(TEMPLATE, text="by Zoë", author=Author("u7", "Zoë"))
        plain, _, by_zoe = await rows.add(ANNA, [TEMPLATE, proposed, named])

        first, second = await rows.rows(ANNA)

        assert tuple(first) == (
            *(plain.id, "I am vegan", "preference", "current", "public", "kitchen", "here", ""),
            *(NOON.timestamp(), 0.5, False),
        )
        assert (second.id, second.author_name) == (by_zoe.id, "Zoë")

    async def test_rows_and_vectors_go_on_after_an_id(self, rows: RowStore) -> None:
        """Reading after an id gives only what came later."""
        first, second = await rows.add(ANNA, [saying("a", None, unit_vector(1)), saying("b", None, unit_vector(2))])

        assert [row.id for row in await rows.rows(ANNA, after=first.id)] == [second.id]
        assert (await rows.vectors(ANNA, SPACE, after=first.id))[0].tolist() == [second.id]

    async def test_vectors_are_unit_again_when_read(self, rows: RowStore) -> None:
        """Vectors read back are float32, of unit length, and as near to what was given as half precision allows."""
        given = np.stack([unit_vector(seed) for seed in range(20)])
        added = await rows.add(ANNA, [saying(f"{nth}", None, vector) for nth, vector in enumerate(given)])

        ids, vectors = await rows.vectors(ANNA, SPACE)

        assert ids.dtype == np.int64
        assert vectors.dtype == np.float32
        assert ids.tolist() == [memory.id for memory in added]
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert np.allclose(vectors, given, atol=1e-3)

    async def test_a_zero_vector_stays_zero(self, rows: RowStore) -> None:
        """The zero vector of a text without words is stored and read as such."""
        await rows.add(ANNA, [saying("?!", None, np.zeros(SPACE.dim, np.float32))])

        _, vectors = await rows.vectors(ANNA, SPACE)

        assert vectors.tolist() == [[0.0] * SPACE.dim]

    async def test_spaces_do_not_mix(self, rows: RowStore) -> None:
        """A read of one space never gives vectors of another, and says so with an empty (0, dim) array."""
        await rows.add(ANNA, [saying("a", None, unit_vector(1))])

        ids, vectors = await rows.vectors(ANNA, OTHER_SPACE)

        assert ids.shape == (0,)
        assert vectors.shape == (0, OTHER_SPACE.dim)
        assert (await rows.count(SPACE), await rows.count(OTHER_SPACE)) == (1, 0)

    async def test_a_vector_of_another_size_is_refused(self, rows: RowStore) -> None:
        """A vector that does not lie in the store's space is an error, and nothing is stored."""
        with pytest.raises(ValueError, match="shape"):
            await rows.add(ANNA, [saying("a", None, unit_vector(1, OTHER_SPACE.dim))])

        assert await rows.count() == 0

    async def test_memories_without_a_vector_are_listed(self, rows: RowStore) -> None:
        """Until its vector is stored, a memory is listed with what is needed to make one, up to a limit."""
        with_vector, first = await rows.add(ANNA, [saying("has one", None, unit_vector(1)), saying("first")])
        (second,) = await rows.add(BEN, [replace(TEMPLATE, text="second", author=Author("u7", "Zoë"))])

        assert await rows.without_vector(SPACE, 9) == [
            Unembedded(ANNA, first.id, None, "first", await rows.epoch(ANNA)),
            Unembedded(BEN, second.id, Author("u7", "Zoë"), "second", await rows.epoch(BEN)),
        ]
        assert len(await rows.without_vector(SPACE, 1)) == 1
        assert len(await rows.without_vector(OTHER_SPACE, 9)) == 3
        assert with_vector.id not in {listed.id for listed in await rows.without_vector(SPACE, 9)}

    async def test_vectors_set_later_replace_those_of_another_space(self, rows: RowStore) -> None:
        """A memory has one vector, of the space set last; a cached index of the scope is useless from then on."""
        (kept,) = await rows.add(ANNA, [saying("a", None, unit_vector(1))])
        epoch = await rows.epoch(ANNA)

        vector = unit_vector(3, OTHER_SPACE.dim)
        await rows.set_vectors(OTHER_SPACE, await rows.without_vector(OTHER_SPACE, 9), np.stack([vector]))

        ids, vectors = await rows.vectors(ANNA, OTHER_SPACE)
        assert ids.tolist() == [kept.id]
        assert await rows.epoch(ANNA) > epoch
        assert np.allclose(vectors, [vector], atol=1e-3)
        assert await rows.count(SPACE) == 0

    async def test_a_vector_made_of_older_text_does_not_replace_a_newer_one(self, rows: RowStore) -> None:
        """A vector that arrives after its text was changed or erased is skipped, also when the new text has none."""
        (memory, gone) = await rows.add(ANNA, [saying("old"), saying("erased")])
        waiting = await rows.without_vector(SPACE, 9)
        await rows.edit(ANNA, memory.id, "new", None)
        await rows.erase(ANNA, [gone.id])

        await rows.set_vectors(SPACE, waiting, np.stack([unit_vector(1), unit_vector(1)]))

        assert await rows.count(SPACE) == 0
        assert [one.text for one in await rows.without_vector(SPACE, 9)] == ["new"]

    async def test_superseding_keeps_history(self, rows: RowStore) -> None:
        """What a memory supersedes stays, marked and linked to the newer one."""
        (older,) = await rows.add(ANNA, [saying("I live in Bonn")])

        (newer,) = await rows.add(ANNA, [replace(TEMPLATE, text="I live in Kiel", supersedes=older.id)])

        (found,) = await rows.get(ANNA, [older.id])
        assert (found.status, found.superseded_by) == (Status.SUPERSEDED, newer.id)

    async def test_erasing_the_newer_cuts_the_link_but_revives_nothing(self, rows: RowStore) -> None:
        """What a deleted memory superseded stays superseded, without a link to what is gone."""
        (older,) = await rows.add(ANNA, [saying("I live in Bonn")])
        (newer,) = await rows.add(ANNA, [replace(TEMPLATE, text="I live in Kiel", supersedes=older.id)])

        await rows.erase(ANNA, [newer.id])

        (found,) = await rows.get(ANNA, [older.id])
        assert (found.status, found.superseded_by) == (Status.SUPERSEDED, None)

    async def test_marking_current_cuts_the_link(self, rows: RowStore) -> None:
        """A memory made current again points to no newer one."""
        (older,) = await rows.add(ANNA, [saying("I live in Bonn")])
        await rows.add(ANNA, [replace(TEMPLATE, text="I live in Kiel", supersedes=older.id)])

        await rows.mark(ANNA, older.id, status=Status.CURRENT)

        assert await rows.get(ANNA, [older.id]) == [older]

    async def test_a_flag_changes_alone(self, rows: RowStore) -> None:
        """Pinning changes nothing else, and a status change leaves the pin."""
        (memory,) = await rows.add(ANNA, [TEMPLATE])

        await rows.mark(ANNA, memory.id, pinned=True)
        pinned = await rows.get(ANNA, [memory.id])
        await rows.mark(ANNA, memory.id, status=Status.PROPOSED)

        assert pinned == [replace(memory, pinned=True)]
        assert await rows.get(ANNA, [memory.id]) == [replace(memory, pinned=True, status=Status.PROPOSED)]

    async def test_a_memory_that_is_gone_cannot_be_changed(self, rows: RowStore) -> None:
        """Changing a memory that was forgotten meanwhile is an error, not a silent success."""
        (memory,) = await rows.add(ANNA, [TEMPLATE])
        await rows.erase(ANNA, [memory.id])

        with pytest.raises(StoreError, match="not there any more"):
            await rows.attach(ANNA, memory.id, Source("m2", NOON))
        with pytest.raises(StoreError, match="not there any more"):
            await rows.detach(ANNA, memory.id, "m1")
        with pytest.raises(StoreError, match="not there any more"):
            await rows.mark(ANNA, memory.id, pinned=True)
        with pytest.raises(StoreError, match="not there any more"):
            await rows.edit(ANNA, memory.id, "again", None)

    async def test_sources_are_many_to_many(self, rows: RowStore) -> None:
        """A memory can have several sources, each once, and a source can feed several memories."""
        first, second = await rows.add(ANNA, [saying("a", "m1"), saying("b", "m1")])

        await rows.attach(ANNA, first.id, Source("m2", NOON + timedelta(hours=1)))
        await rows.attach(ANNA, first.id, Source("m2", NOON + timedelta(hours=2)))

        (found,) = await rows.get(ANNA, [first.id])
        assert [source.id for source in found.sources] == ["m1", "m2"]
        assert [memory.id for memory in await rows.select(ANNA, Selection(source_id="m1"))] == [second.id, first.id]

    async def test_a_source_can_be_taken_away(self, rows: RowStore) -> None:
        """The others stay, that one counts as forgotten, and other memories keep it."""
        first, second = await rows.add(ANNA, [saying("a", "m1"), saying("b", "m2")])
        await rows.attach(ANNA, first.id, Source("m2", NOON))

        await rows.detach(ANNA, first.id, "m2")

        found = await rows.get(ANNA, [first.id, second.id])
        assert [[source.id for source in memory.sources] for memory in found] == [["m1"], ["m2"]]
        assert await rows.was_forgotten(ANNA, "m2")
        assert not await rows.was_forgotten(ANNA, "m1")

    async def test_what_is_relearnable_leaves_no_trace_of_its_source(self, rows: RowStore) -> None:
        """Its source may teach again, that of what was forgotten otherwise may not."""
        first, second = await rows.add(ANNA, [saying("a", "m1"), saying("b", "m2")])

        await rows.erase(ANNA, [first.id], relearnable=True)
        await rows.erase(ANNA, [second.id])

        assert await rows.get(ANNA, [first.id, second.id]) == []
        assert [await rows.was_forgotten(ANNA, source_id) for source_id in ("m1", "m2")] == [False, True]

    async def test_an_id_tells_its_scope(self, rows: RowStore) -> None:
        """Whatever number is given, only an id of a scope that has rows tells one."""
        (anna,) = await rows.add(ANNA, [TEMPLATE])
        (ben,) = await rows.add(BEN, [TEMPLATE])

        assert [await rows.owner(memory.id) for memory in (anna, ben)] == [ANNA, BEN]
        for number in (0, -1, 1, max(anna.id, ben.id) * 2, 1 << 63, 10**40):
            assert await rows.owner(number) is None

    async def test_notes_are_found_by_their_author(self, rows: RowStore) -> None:
        """The shared scopes of a platform that hold a note of a person, each once; own scopes are not among them."""
        by_anna = replace(TEMPLATE, author=Author("anna", "Anna"))
        for scope in (ANNA, ANNA.shared, ANNA.shared, SAME_PERSON_ELSEWHERE.shared, Scope("slack", "team", "x").shared):
            await rows.add(scope, [by_anna])
        await rows.add(Scope("discord", "third", "ben").shared, [replace(TEMPLATE, author=Author("ben", "Anna"))])

        assert set(await rows.notes_by("discord", "anna")) == {ANNA.shared, SAME_PERSON_ELSEWHERE.shared}

    async def test_idle_memories_are_those_unused_since_a_time(self, rows: RowStore) -> None:
        """Of the guilds asked for, each by its own time, the longest idle first, and pinned ones never."""
        later = datetime.now(UTC) + timedelta(days=1)
        old, pinned, newer = await rows.add(ANNA, [saying("a"), saying("b"), saying("c")])
        (note,) = await rows.add(ANNA.shared, [TEMPLATE])
        (elsewhere,) = await rows.add(SAME_PERSON_ELSEWHERE, [TEMPLATE])
        await rows.mark(ANNA, pinned.id, pinned=True)
        here, there = Idle("discord", "guild", later), Idle("discord", "other guild", later)

        everything = [(ANNA, old.id), (ANNA, newer.id), (ANNA.shared, note.id), (SAME_PERSON_ELSEWHERE, elsewhere.id)]
        assert await rows.idle([here, there], 10) == (4, everything)
        assert await rows.idle([here, there], 2) == (4, everything[:2])
        assert await rows.idle([there._replace(since=NOON), here], 10) == (3, everything[:3])
        assert await rows.idle([there], 10) == (1, everything[3:])
        assert await rows.idle([], 10) == (0, [])

    async def test_every_condition_of_a_selection_counts(self, rows: RowStore) -> None:
        """Each condition narrows the selection; together they all hold; none means all, newest first."""
        old, note, superseded = await rows.add(
            ANNA,
            [
                replace(TEMPLATE, event_time=NOON - timedelta(days=9)),
                replace(TEMPLATE, kind=Kind.NOTE, source=Source("m1", NOON), author=Author("u1", "Zoë")),
                replace(TEMPLATE, status=Status.SUPERSEDED, event_time=NOON + timedelta(days=9)),
            ],
        )

        async def chosen(selection: Selection) -> list[MemoryId]:
            return [memory.id for memory in await rows.select(ANNA, selection)]

        assert await chosen(Selection()) == [superseded.id, note.id, old.id]
        assert await chosen(Selection(ids=(note.id, old.id))) == [note.id, old.id]
        assert await chosen(Selection(ids=())) == []
        assert await chosen(Selection(source_id="m1")) == [note.id]
        assert await chosen(Selection(author_id="u1")) == [note.id]
        assert await chosen(Selection(kinds=(Kind.NOTE, Kind.EVENT))) == [note.id]
        assert await chosen(Selection(statuses=(Status.SUPERSEDED,))) == [superseded.id]
        assert await chosen(Selection(since=NOON)) == [superseded.id, note.id]
        assert await chosen(Selection(until=NOON)) == [old.id]
        assert await chosen(Selection(since=NOON, kinds=(Kind.PREFERENCE,))) == [superseded.id]

    async def test_a_selection_pages_by_id(self, rows: RowStore) -> None:
        """A limit and an id to stay below page through a selection without a gap."""
        added = await rows.add(ANNA, [saying(f"{nth}") for nth in range(5)])

        first_page = await rows.select(ANNA, Selection(), limit=3)
        second_page = await rows.select(ANNA, Selection(), limit=3, before=first_page[-1].id)

        assert first_page + second_page == added[::-1]

    async def test_every_deletion_and_edit_raises_the_epoch(self, rows: RowStore) -> None:
        """The epoch starts at 0, moves with erase and edit only, and never goes back."""
        never_written = await rows.epoch(ANNA)
        first, second = await rows.add(ANNA, [saying("a"), saying("b")])
        added = await rows.epoch(ANNA)
        await rows.erase(ANNA, [first.id])
        erased = await rows.epoch(ANNA)
        await rows.edit(ANNA, second.id, "B", None)
        edited = await rows.epoch(ANNA)
        await rows.finish(await rows.erase(ANNA, None))

        assert never_written == 0
        assert added < erased < edited < await rows.epoch(ANNA)
        assert await rows.epoch(BEN) == 0

    async def test_an_edit_replaces_text_and_vector(self, rows: RowStore) -> None:
        """After an edit the new text and vector are all there is; without a vector one is to be made."""
        (memory,) = await rows.add(ANNA, [saying("old", "m1", unit_vector(1))])

        erasure = await rows.edit(ANNA, memory.id, "new", unit_vector(2))

        assert (erasure.scope, erasure.memory_ids) == (ANNA, (memory.id,))
        assert await rows.get(ANNA, [memory.id]) == [replace(memory, text="new")]
        assert np.allclose((await rows.vectors(ANNA, SPACE))[1], [unit_vector(2)], atol=1e-3)
        await rows.edit(ANNA, memory.id, "newer", None)
        assert [one.text for one in await rows.without_vector(SPACE, 9)] == ["newer"]

    async def test_erasing_removes_exactly_what_was_named(self, rows: RowStore) -> None:
        """Erased memories and their vectors are gone, the others are as before; unknown ids are passed over."""
        first, second = await rows.add(ANNA, [saying("a", "m1", unit_vector(1)), saying("b", "m2", unit_vector(2))])

        erasure = await rows.erase(ANNA, [first.id, first.id + 1000])

        assert (erasure.scope, erasure.memory_ids) == (ANNA, (first.id,))
        assert await rows.select(ANNA, Selection()) == [second]
        assert (await rows.vectors(ANNA, SPACE))[0].tolist() == [second.id]

    async def test_erasing_everything_leaves_other_scopes(self, rows: RowStore) -> None:
        """Forgetting everything of a scope touches no other, of the same person elsewhere neither."""
        added = await rows.add(ANNA, [saying("a"), saying("b")])
        await rows.add(BEN, [TEMPLATE])
        await rows.add(SAME_PERSON_ELSEWHERE, [TEMPLATE])

        erasure = await rows.erase(ANNA, None)

        assert set(erasure.memory_ids) == {memory.id for memory in added}
        assert set(await rows.scopes()) == {BEN, SAME_PERSON_ELSEWHERE}
        assert await rows.count() == 2

    async def test_all_sources_of_a_forgotten_memory_are_forgotten(self, rows: RowStore) -> None:
        """Every source of an erased memory is known as forgotten, in its scope only; others are not."""
        merged, _ = await rows.add(ANNA, [saying("a", "m1"), saying("b", "m3")])
        await rows.attach(ANNA, merged.id, Source("m2", NOON))

        await rows.erase(ANNA, [merged.id])

        assert [await rows.was_forgotten(ANNA, source) for source in ("m1", "m2", "m3")] == [True, True, False]
        assert not await rows.was_forgotten(BEN, "m1")

    async def test_an_erasure_stays_open_until_finished(self, rows: RowStore) -> None:
        """Erasures and edits are listed, oldest first, until each was finished; finishing twice is harmless."""
        first, second = await rows.add(ANNA, [saying("a"), saying("b")])
        erased = await rows.erase(ANNA, [first.id])
        edited = await rows.edit(ANNA, second.id, "B", None)
        whole = await rows.erase(BEN, None)

        assert await rows.unfinished_erasures() == [erased, edited, whole]
        await rows.finish(edited)
        await rows.finish(edited)
        assert await rows.unfinished_erasures() == [erased, whole]
        await rows.finish(erased)
        await rows.finish(whole)
        assert await rows.unfinished_erasures() == []

    async def test_scopes_are_listed_by_platform_and_person(self, rows: RowStore) -> None:
        """Scopes that have rows are listed, all or those of a platform and person."""
        on_slack = Scope("slack", "team", "anna")
        for scope in (ANNA, SAME_PERSON_ELSEWHERE, BEN, on_slack):
            await rows.add(scope, [TEMPLATE])

        assert set(await rows.scopes()) == {ANNA, SAME_PERSON_ELSEWHERE, BEN, on_slack}
        assert set(await rows.scopes("discord")) == {ANNA, SAME_PERSON_ELSEWHERE, BEN}
        assert set(await rows.scopes("discord", "anna")) == {ANNA, SAME_PERSON_ELSEWHERE}

    async def test_a_scope_comes_back_after_forgetting_everything(self, rows: RowStore) -> None:
        """A person who starts anew is listed and read like anybody else."""
        await rows.add(ANNA, [TEMPLATE])
        await rows.finish(await rows.erase(ANNA, None))
        assert await rows.scopes() == []

        added = await rows.add(ANNA, [saying("anew")])

        assert await rows.scopes() == [ANNA]
        assert await rows.select(ANNA, Selection()) == added

    async def test_nothing_of_a_failed_add_stays(self, rows: RowStore) -> None:
        """When one memory of a call cannot be stored, none of the call is."""
        broken = saying("b", None, np.full(SPACE.dim, np.nan, np.float32))

        with pytest.raises((StoreError, ValueError)):
            await rows.add(ANNA, [saying("a"), broken])

        assert await rows.count() == 0

    async def test_adding_nothing_is_allowed(self, rows: RowStore) -> None:
        """An empty call stores nothing and creates no scope with rows."""
        assert await rows.add(ANNA, []) == []
        assert await rows.scopes() == []
