"""Remember, recall and forget, end to end on real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import MemorySettings
from bot.errors import InputError
from bot.judgement.duplicates import Relation
from bot.memory import keeper
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.types import SEQUENCE_BITS, Action, Author, Kind, Mode, Place, PlaceKind, Reach, Statement, Status
from tests.memory.folders import ANNA, BEN, DM, PRIVATE, PUBLIC, Clock, FrailEmbedder, core_on, texts_of, told
from tests.memory.town import same_topic_updates


async def test_what_is_remembered_is_recalled(core: MemoryCore) -> None:
    """A statement comes back for a question about it, with its place, time and source."""
    outcome = await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1"))

    (hit,) = (await core.recall(ANNA, "which tea do I like?", place=PUBLIC)).hits

    assert outcome.action is Action.KEPT
    assert hit.memory == outcome.memory
    assert [source.id for source in hit.memory.sources] == ["m1"]
    assert hit.score == pytest.approx(hit.parts.total, abs=1e-3)


async def test_memories_outlive_the_process(folder: Path, clock: Clock) -> None:
    """After closing and opening, the same question gives the same hits."""
    async with core_on(folder, clock) as first:
        await first.remember_all(ANNA, [told("I love oolong tea"), told("my cat is called Miso")])
        before = await first.recall(ANNA, "what is my cat called?", place=PUBLIC)

    async with core_on(folder, clock) as second:
        after = await second.recall(ANNA, "what is my cat called?", place=PUBLIC)

    assert before.hits == after.hits != ()


async def test_a_question_about_nothing_known_recalls_nothing(core: MemoryCore) -> None:
    """Memories that do not bear on the question are not forced upon it."""
    await core.remember(ANNA, told("I love oolong tea"))

    assert texts_of(await core.recall(ANNA, "quarterly submarine budget", place=PUBLIC)) == []


async def test_small_talk_is_dropped_and_said_so(core: MemoryCore) -> None:
    """What is not worth a memory leaves none."""
    outcome = await core.remember(ANNA, Statement("lol ok", PUBLIC, "m1"))

    assert outcome.action is Action.DROPPED
    assert outcome.memory is None
    assert await core.list(ANNA) == []


async def test_many_statements_are_decided_in_order(core: MemoryCore) -> None:
    """Each statement has its outcome at its place, shared notes among personal ones."""
    statements = [
        told("I love oolong tea"),
        Statement("lol", PUBLIC),
        told("the office wifi is called Bamboo", reach=Reach.EVERYONE),
        told("my cat is called Miso"),
    ]

    outcomes = await core.remember_all(ANNA, statements)

    assert [outcome.action for outcome in outcomes] == [Action.KEPT, Action.DROPPED, Action.KEPT, Action.KEPT]
    owners = [outcome.memory.scope for outcome in outcomes if outcome.memory]
    assert owners == [ANNA, ANNA.shared, ANNA]


async def test_a_shared_note_is_recalled_for_others_in_the_guild(core: MemoryCore) -> None:
    """Ben is given Anna's note, with her name, in a channel but not in his direct messages."""
    note = Statement(
        "the office wifi is called Bamboo", PUBLIC, reach=Reach.EVERYONE, author=Author("anna", "Anna"), explicit=True
    )
    await core.remember(ANNA, note)

    (hit,) = (await core.recall(BEN, "what is the wifi called?", place=PRIVATE)).hits
    assert hit.memory.author == Author("anna", "Anna")
    assert texts_of(await core.recall(BEN, "what is the wifi called?", place=DM)) == []


# Forget


async def three_teas(core: MemoryCore, clock: Clock) -> list[int]:
    """Remember three things a day apart; return their ids."""
    ids = []
    for text, source in (("I love oolong tea", "m1"), ("I dislike mint tea", "m2"), ("my cat is called Miso", "m3")):
        outcome = await core.remember(ANNA, told(text, PUBLIC, source))
        assert outcome.memory is not None
        ids.append(outcome.memory.id)
        clock.move(days=1)
    return ids


@pytest.mark.parametrize(
    ("selection", "words", "left"),
    [
        (Selection(source_id="m2"), "", {0, 2}),
        (Selection(), "oolong", {1, 2}),
        (Selection(), "teas", {2}),
        (Selection(kinds=(Kind.NOTE,)), "cat", {0, 1}),
        (Selection(kinds=(Kind.EVENT,)), "", {0, 1, 2}),
        (Selection(statuses=(Status.CURRENT,)), "", set()),
        (Selection(source_id="unheard of"), "", {0, 1, 2}),
    ],
)
async def test_forget_takes_what_was_selected(
    core: MemoryCore, clock: Clock, selection: Selection, words: str, left: set[int]
) -> None:
    """By source, by words in any form, by kind and status: all conditions must hold, the rest stays."""
    ids = await three_teas(core, clock)

    gone = await core.forget(ANNA, selection, words=words)

    assert {memory.id for memory in await core.list(ANNA)} == {ids[nth] for nth in left}
    assert {memory.id for memory in gone} == set(ids) - {ids[nth] for nth in left}


async def test_forget_by_id_and_by_time(core: MemoryCore, clock: Clock) -> None:
    """One by its id, one by when it was said; neither is recalled again."""
    first, second, third = await three_teas(core, clock)
    said = (await core.get(ANNA, second)).event_time

    await core.forget(ANNA, Selection(ids=(first,)))
    await core.forget(ANNA, Selection(since=said, until=(await core.get(ANNA, third)).event_time))

    assert [memory.id for memory in await core.list(ANNA)] == [third]
    assert texts_of(await core.recall(ANNA, "which tea do I like?", place=PUBLIC)) == []


async def test_forgetting_without_a_choice_is_refused(core: MemoryCore, clock: Clock) -> None:
    """An empty selection is a slip, and erases nothing."""
    await three_teas(core, clock)

    with pytest.raises(InputError, match="say what to forget"):
        await core.forget(ANNA, Selection(), words=" ")
    assert len(await core.list(ANNA)) == 3


async def test_forget_all_leaves_others_alone(core: MemoryCore, clock: Clock) -> None:
    """Everything of one person goes; Ben's memories stay."""
    await three_teas(core, clock)
    await core.remember(BEN, told("I love green tea"))

    assert await core.forget_all(ANNA) == 3
    assert await core.list(ANNA) == []
    assert texts_of(await core.recall(BEN, "tea", place=PUBLIC)) == ["I love green tea"]


async def test_nobody_forgets_for_somebody_else(core: MemoryCore, clock: Clock) -> None:
    """An id of another person selects nothing, and changes nothing."""
    first, *_ = await three_teas(core, clock)
    await core.remember(BEN, told("I love green tea"))

    assert await core.forget(BEN, Selection(ids=(first,))) == []
    with pytest.raises(InputError):
        await core.edit(BEN, first, "taken over")
    with pytest.raises(InputError):
        await core.pin(BEN, first)
    assert (await core.get(ANNA, first)).text == "I love oolong tea"


async def test_a_forgotten_message_does_not_teach_again(core: MemoryCore, clock: Clock) -> None:
    """Delivered again it is dropped; said anew it is kept."""
    await three_teas(core, clock)
    await core.forget(ANNA, Selection(source_id="m1"))

    again = await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1"))
    anew = await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m9"))

    assert (again.action, anew.action) == (Action.DROPPED, Action.KEPT)


# Change


async def test_an_edit_is_found_by_its_new_words_only(core: MemoryCore) -> None:
    """The old text is recalled no more, and the id stays."""
    kept = (await core.remember(ANNA, told("I love oolong tea"))).memory
    assert kept is not None
    await core.recall(ANNA, "oolong", place=PUBLIC)

    edited = await core.edit(ANNA, kept.id, "I love espresso")

    assert edited.id == kept.id
    assert texts_of(await core.recall(ANNA, "do I love espresso?", place=PUBLIC)) == ["I love espresso"]
    assert texts_of(await core.recall(ANNA, "oolong tea", place=PUBLIC)) != ["I love oolong tea"]


@pytest.mark.parametrize("text", ["", "  \u200b ", "x" * 4001, "my key is AKIAIOSFODNN7EXAMPLQ"])
async def test_an_edit_to_what_cannot_be_kept_is_refused(core: MemoryCore, text: str) -> None:
    """Nothing, too much, or a secret: the memory stays as it was."""
    kept = (await core.remember(ANNA, told("I love oolong tea"))).memory
    assert kept is not None

    with pytest.raises(InputError, match="not changed"):
        await core.edit(ANNA, kept.id, text)
    assert (await core.get(ANNA, kept.id)).text == "I love oolong tea"


async def test_a_pinned_memory_comes_first_of_equals(core: MemoryCore) -> None:
    """Pinning lifts a loaded memory at once, and survives a restart of the cache."""
    one, two = await core.remember_all(ANNA, [told("tea alpha"), told("tea beta")])
    assert one.memory is not None
    assert two.memory is not None
    await core.recall(ANNA, "tea", place=PUBLIC)

    await core.pin(ANNA, two.memory.id)
    pinned = await core.recall(ANNA, "tea", place=PUBLIC)
    await core._shelf.put_away(ANNA)

    assert pinned.hits[0].parts.pinned > 0
    assert texts_of(pinned)[0] == "tea beta"
    assert (await core.recall(ANNA, "tea", place=PUBLIC)).hits == pinned.hits
    await core.pin(ANNA, two.memory.id, pinned=False)
    assert all(hit.parts.pinned == 0 for hit in (await core.recall(ANNA, "tea", place=PUBLIC)).hits)


async def test_a_proposed_memory_is_recalled_only_after_a_yes(core: MemoryCore) -> None:
    """Asked before anything is kept: proposed it is hidden, accepted it is found."""
    await core.set_mode(ANNA, Mode.ASK)
    outcome = await core.remember(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))
    assert outcome.action is Action.PROPOSED
    assert outcome.memory is not None
    await core.remember(ANNA, told("my cat is called Miso"))
    hidden = texts_of(await core.recall(ANNA, "oolong tea", place=PUBLIC))

    accepted = await core.accept(ANNA, outcome.memory.id)

    assert "I love oolong tea" not in hidden
    assert accepted.status is Status.CURRENT
    (first, *_) = (await core.recall(ANNA, "oolong tea", place=PUBLIC)).hits
    assert first.memory.text == "I love oolong tea"
    assert first.parts.semantic > 0


async def test_a_number_names_a_memory_of_its_scope_only(core: MemoryCore) -> None:
    """People name memories by their sequence number; one that is not theirs does not exist."""
    kept = (await core.remember(ANNA, told("I love oolong tea"))).memory
    assert kept is not None
    sequence = kept.id & ((1 << SEQUENCE_BITS) - 1)

    assert await core.get_numbered(ANNA, sequence) == kept
    for nobody, number in ((BEN, sequence), (ANNA, sequence + 1), (ANNA, 10**30), (ANNA, -1)):
        with pytest.raises(InputError, match="no memory with that number"):
            await core.get_numbered(nobody, number)


async def test_a_number_beyond_the_sequence_names_nothing(core: MemoryCore) -> None:
    """A number with more bits than sequence numbers have does not wrap round to a memory."""
    kept = (await core.remember(ANNA, told("I love oolong tea"))).memory
    assert kept is not None

    with pytest.raises(InputError, match="no memory with that number"):
        await core.get_numbered(ANNA, kept.id)


# Messages that change


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.COMMANDS])
async def test_a_memory_follows_its_message(core: MemoryCore, mode: Mode) -> None:
    """The edited message's new text replaces the old one under the same id, while remembering is paused too."""
    kept = (await core.remember(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))).memory
    assert kept is not None
    await core.set_mode(ANNA, mode)

    outcome = await core.follow(ANNA, Statement("I love mint tea", PUBLIC, "m1"))

    assert (outcome.action, outcome.memory and outcome.memory.id) == (Action.UPDATED, kept.id)
    assert [memory.text for memory in await core.list(ANNA)] == ["I love mint tea"]


async def test_a_message_that_says_nothing_any_more_is_forgotten(core: MemoryCore) -> None:
    """Edited to small talk, its memory goes."""
    await core.remember(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))

    outcome = await core.follow(ANNA, Statement("lol", PUBLIC, "m1"))

    assert outcome.action is Action.DROPPED
    assert await core.list(ANNA) == []


async def test_a_message_edited_back_changes_nothing(core: MemoryCore) -> None:
    """The same text again is known already."""
    kept = (await core.remember(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))).memory

    outcome = await core.follow(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))

    assert (outcome.action, outcome.memory) == (Action.MERGED, kept)


async def test_a_message_that_taught_nothing_can_teach_after_an_edit(core: MemoryCore) -> None:
    """Small talk corrected into a statement is remembered."""
    await core.remember(ANNA, Statement("lol", PUBLIC, "m1"))

    outcome = await core.follow(ANNA, Statement("I love oolong tea", PUBLIC, "m1"))

    assert outcome.action is Action.KEPT


async def test_what_two_messages_taught_survives_the_edit_of_one(core: MemoryCore) -> None:
    """A memory with another source stays as it is."""
    await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1"))
    assert (await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m2"))).action is Action.MERGED

    await core.follow(ANNA, Statement("lol", PUBLIC, "m2"))

    assert [memory.text for memory in await core.list(ANNA)] == ["I love oolong tea"]


# Repetition and replacement


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        (PUBLIC, PUBLIC, True),
        (PUBLIC, DM, True),
        (PUBLIC, PRIVATE, True),
        (PRIVATE, PRIVATE, True),
        (PRIVATE, DM, True),
        (DM, DM, True),
        (DM, PUBLIC, False),
        (DM, PRIVATE, False),
        (PRIVATE, PUBLIC, False),
        (PRIVATE, Place(PlaceKind.PRIVATE, "attic"), False),
    ],
)
async def test_a_repetition_is_merged_only_into_what_is_read_as_widely(
    core: MemoryCore, first: Place, second: Place, merged: bool
) -> None:
    """Said again, a statement is found afterwards wherever it would be found by itself."""
    await core.remember(ANNA, told("I love oolong tea", first, "m1"))

    outcome = await core.remember(ANNA, told("I love oolong tea", second, "m2"))

    assert (outcome.action is Action.MERGED) is merged
    assert len(await core.list(ANNA)) == (1 if merged else 2)
    assert texts_of(await core.recall(ANNA, "oolong tea", place=second)) != []


async def test_merging_adds_the_source(core: MemoryCore) -> None:
    """The memory knows both messages, so that forgetting either finds it."""
    await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m1"))
    await core.remember(ANNA, told("I love oolong tea", PUBLIC, "m2"))

    (only,) = await core.list(ANNA)
    assert {source.id for source in only.sources} == {"m1", "m2"}


@pytest.fixture
def updates_by_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the judgement of what updates what, which has tests of its own, by one that is easy to foresee."""
    monkeypatch.setattr(keeper, "compare", same_topic_updates)


@pytest.mark.parametrize(
    ("first", "second", "replaced"),
    [
        (PUBLIC, PUBLIC, True),
        (DM, DM, True),
        (PRIVATE, PRIVATE, True),
        (PUBLIC, DM, False),
        (PUBLIC, PRIVATE, False),
        (PRIVATE, DM, False),
        (PRIVATE, PUBLIC, False),
        (DM, PUBLIC, False),
        (PRIVATE, Place(PlaceKind.PRIVATE, "attic"), False),
    ],
)
@pytest.mark.usefixtures("updates_by_topic")
async def test_what_is_said_in_private_replaces_nothing_in_public(
    core: MemoryCore, first: Place, second: Place, replaced: bool
) -> None:
    """A memory becomes history only through one that is read in the same places."""
    older = (await core.remember(ANNA, told("tea is best when it is oolong", first))).memory
    assert older is not None
    before = (await core.recall(ANNA, "tea", place=PUBLIC)).hits

    outcome = await core.remember(ANNA, told("tea is best when it is mint", second))

    assert (outcome.action is Action.UPDATED) is replaced
    assert ((await core.get(ANNA, older.id)).status is Status.SUPERSEDED) is replaced
    if second.kind is not PlaceKind.PUBLIC:
        assert (await core.recall(ANNA, "tea", place=PUBLIC)).hits == before


@pytest.mark.usefixtures("updates_by_topic")
async def test_another_persons_note_replaces_nothing(core: MemoryCore) -> None:
    """Shared notes of two authors stand beside each other."""
    for author, text in (("anna", "tea is in the left cupboard"), ("ben", "tea is in the right cupboard")):
        note = Statement(text, PUBLIC, author=Author(author, author), reach=Reach.EVERYONE, explicit=True)
        assert (await core.remember(ANNA, note)).action is Action.KEPT

    assert {memory.status for memory in await core.list(ANNA.shared)} == {Status.CURRENT}


@pytest.mark.usefixtures("updates_by_topic")
async def test_undo_brings_back_what_was_replaced(core: MemoryCore, clock: Clock) -> None:
    """The newest memory is erased, and the one that it had replaced counts again."""
    await core.remember(ANNA, told("tea is best when it is oolong", PUBLIC, "m1"))
    clock.move(minutes=1)
    await core.remember(ANNA, told("tea is best when it is mint", PUBLIC, "m2"))

    gone = await core.undo(ANNA)

    assert [memory.text for memory in gone] == ["tea is best when it is mint"]
    (left,) = await core.list(ANNA)
    assert (left.text, left.status, left.superseded_by) == ("tea is best when it is oolong", Status.CURRENT, None)
    (hit,) = (await core.recall(ANNA, "which tea is best?", place=PUBLIC)).hits
    assert hit.parts.history == 0


async def test_undo_of_nothing_is_nothing(core: MemoryCore) -> None:
    """Without memories there is nothing to take back."""
    assert list(await core.undo(ANNA)) == []


async def test_repetitions_are_kept_apart_when_merging_is_off(folder: Path, clock: Clock) -> None:
    """A setting keeps every statement as its own memory."""
    async with core_on(folder, clock, settings=MemorySettings(merge=False)) as core:
        outcomes = await core.remember_all(ANNA, [told("I love oolong tea")] * 2)

    assert [outcome.action for outcome in outcomes] == [Action.KEPT, Action.KEPT]


async def test_repetitions_within_one_call_are_merged(core: MemoryCore) -> None:
    """The second statement of a list is compared with the first."""
    outcomes = await core.remember_all(
        ANNA, [told("I love oolong tea", PUBLIC, "m1"), told("I love oolong tea", PUBLIC, "m2")]
    )

    assert [outcome.action for outcome in outcomes] == [Action.KEPT, Action.MERGED]


def test_the_judgement_replaced_here_has_the_outcomes_it_had() -> None:
    """Same, update and different are all that the product's comparison can say."""
    assert {relation.value for relation in Relation} == {"same", "update", "different"}


# Modes and room


async def test_an_opt_out_stops_remembering_and_recalling(core: MemoryCore) -> None:
    """Opted out, nothing is kept or recalled; what was kept before is still there to be erased."""
    await core.remember(ANNA, told("I love oolong tea"))
    await core.set_mode(ANNA, Mode.OFF)

    assert (await core.remember(ANNA, told("I love mint tea"))).action is Action.DROPPED
    assert (await core.recall(ANNA, "oolong tea", place=PUBLIC)).hits == ()
    assert len(await core.list(ANNA)) == 1


async def test_a_pause_keeps_commands_only(core: MemoryCore) -> None:
    """Paused, a plain statement is dropped and an explicit one kept."""
    await core.enter_mode(ANNA, Mode.COMMANDS)

    assert (await core.remember(ANNA, Statement("I love oolong tea", PUBLIC))).action is Action.DROPPED
    assert (await core.remember(ANNA, told("I love oolong tea"))).action is Action.KEPT
    await core.leave_mode(ANNA, Mode.COMMANDS)
    assert await core.mode(ANNA) is Mode.AUTO


@pytest.mark.parametrize("mode", [Mode.AUTO, Mode.ASK])
async def test_a_full_scope_takes_no_more(folder: Path, clock: Clock, mode: Mode) -> None:
    """At the limit a statement is refused with the reason, proposed or not; forgetting makes room."""
    async with core_on(folder, clock, settings=MemorySettings(max_memories_per_person=3, mode=mode)) as core:
        facts = ("I love oolong tea", "my cat is called Miso", "I live in Lisbon", "I work as a baker")
        outcomes = [await core.remember(ANNA, Statement(text, PUBLIC)) for text in facts]

        assert [outcome.action is Action.REFUSED for outcome in outcomes] == [False, False, False, True]
        assert "no room" in outcomes[-1].reason
        assert len(await core.list(ANNA)) == 3
        await core.forget(ANNA, Selection(), words="cat")
        assert (await core.remember(ANNA, Statement(facts[-1], PUBLIC))).action is not Action.REFUSED


async def test_where_nothing_may_be_read_nothing_is_embedded(folder: Path, clock: Clock) -> None:
    """A question whose every memory is hidden here costs no embedding, and gives an empty recollection."""
    embedder = FrailEmbedder()
    async with core_on(folder, clock, embedder) as core:
        await core.remember(ANNA, told("I love oolong tea", DM))
        asked_before = embedder.texts

        recollection = await core.recall(ANNA, "oolong tea", place=PUBLIC)

    assert recollection.hits == ()
    assert recollection.embedded.vector is None
    assert embedder.texts == asked_before


@pytest.mark.parametrize("scope", [None, "", 0, "anna", ("slack", "guild", "anna")])
async def test_no_call_works_without_a_scope(core: MemoryCore, scope: object) -> None:
    """Whoever forgets to say whose memories are meant gets an error, and no row."""
    await core.remember(ANNA, told("I love oolong tea"))
    calls = [
        core.recall(scope, "tea", place=PUBLIC),  # type: ignore[arg-type]  # what a careless caller could give
        core.list(scope),  # type: ignore[arg-type]  # as above
        core.forget(scope, Selection(), words="tea"),  # type: ignore[arg-type]  # as above
        core.forget_all(scope),  # type: ignore[arg-type]  # as above
        core.remember(scope, told("I love mint tea")),  # type: ignore[arg-type]  # as above
        core.undo(scope),  # type: ignore[arg-type]  # as above
    ]

    for call in calls:
        with pytest.raises((AttributeError, TypeError)):
            await call
    assert len(await core.list(ANNA)) == 1


async def test_no_recall_works_without_a_place(core: MemoryCore) -> None:
    """Whoever forgets to say where is asked gets an error, not the widest answer."""
    await core.remember(ANNA, told("I love oolong tea"))

    with pytest.raises(AttributeError):
        await core.recall(ANNA, "tea", place=None)  # type: ignore[arg-type]  # what a careless caller could give
