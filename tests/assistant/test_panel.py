"""The panel: a person's own memories in lists, buttons and forms, and nobody else's by whatever number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import pytest

from bot.errors import InputError
from bot.panel import Panel
from bot.types import DM_GUILD, Kind, Memory, MemoryId, Mode, Policy, Scope, Status
from bot.upkeep import REPLIES_KEPT
from tests.assistant.talking import ANN, BACKROOM, BEN, DM, House, Talk

ANN_DIRECT = Scope("discord", DM_GUILD, "ann")
ANN_ELSEWHERE = Scope("discord", "other guild", "ann")
BEN_DIRECT = Scope("discord", DM_GUILD, "ben")


async def test_a_page_holds_the_newest_first(offline: Talk) -> None:
    """Pages of a size, with how many there are; a number out of range gives the nearest page."""
    await _remember(offline, *(f"Town {number:02} lies on the {river}" for number, river in enumerate(_RIVERS)))
    panel = offline.app.panel

    second = await panel.page(ANN, number=2, size=4)
    beyond, below = await panel.page(ANN, number=99, size=4), await panel.page(ANN, number=-1, size=4)

    assert [memory.text[:7] for memory in second.memories] == ["Town 05", "Town 04", "Town 03", "Town 02"]
    assert (second.number, second.pages, second.total) == (2, 3, 10)
    assert (beyond.number, len(beyond.memories)) == (3, 2)
    assert below.number == 1


async def test_a_page_can_be_searched(offline: Talk) -> None:
    """Words and kind choose; what fits nothing is one empty page."""
    await _remember(offline, "My cat is called Minka", "kind:fact The bins go out on Monday")
    panel = offline.app.panel

    by_word, by_kind = await panel.page(ANN, words="cats"), await panel.page(ANN, kind=Kind.FACT)
    nothing = await panel.page(ANN, words="zebra")

    assert _texts(by_word.memories) == ["My cat is called Minka"]
    assert _texts(by_kind.memories) == ["The bins go out on Monday"]
    assert (nothing.memories, nothing.number, nothing.pages, nothing.total) == ((), 1, 1, 0)


async def test_everything_of_a_person_is_listed_in_their_direct_messages(offline: Talk) -> None:
    """Memories of every guild and own shared notes, by numbers that mean one memory each; nobody else's."""
    await _remember(offline, "My cat is called Minka")
    await _remember(offline, "I live in Lisbon", scope=ANN_ELSEWHERE)
    await _remember(offline, "for:everyone The wifi is called Heron", scope=ANN_ELSEWHERE)
    await _remember(offline, "I work as a carpenter", scope=ANN_DIRECT, place=DM)
    await _remember(offline, "for:everyone The lift is broken", scope=BEN)
    await _remember(offline, "I love oolong tea", scope=Scope("slack", "guild", "ann"))
    panel = offline.app.panel

    listed = (await panel.page(ANN_DIRECT)).memories
    in_guild = (await panel.page(ANN)).memories

    assert _texts(listed) == [
        "I work as a carpenter",
        "The wifi is called Heron",
        "I live in Lisbon",
        "My cat is called Minka",
    ]
    labels = [panel.label(ANN_DIRECT, memory) for memory in listed]
    assert labels[0] == "#1 I work as a carpenter"
    assert len({label.partition(" ")[0] for label in labels}) == 4
    assert _texts(in_guild) == ["My cat is called Minka"]


async def test_what_is_suggested_begins_with_what_is_typed(offline: Talk) -> None:
    """The most typed words first, then the newest; a number counts as a word; nothing typed gives the newest."""
    await _remember(offline, "My cat is called Minka", "The bins go out on Monday", "My car is red")
    panel = offline.app.panel

    typed = {words: _texts(await panel.suggest(ANN, words, limit=2)) for words in ("", "ca", "my cat", "#2", "xyz")}

    assert typed == {
        "": ["My car is red", "The bins go out on Monday"],
        "ca": ["My car is red", "My cat is called Minka"],
        "my cat": ["My cat is called Minka", "My car is red"],
        "#2": ["The bins go out on Monday"],
        "xyz": [],
    }


async def test_memory_that_goes_meanwhile_is_one_that_is_not_there(
    offline: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten between a look at it and the change, it is no failure of the store."""
    panel, get = offline.app.panel, offline.app.panel._belongings.get

    async def get_and_lose(scope: Scope, memory_id: MemoryId) -> Memory:
        found = await get(scope, memory_id)
        await offline.app.panel.forget(scope, [memory_id])
        return found

    monkeypatch.setattr(panel._belongings, "get", get_and_lose)
    for change in (partial(panel.edit, text="My cat is called Felix"), partial(panel.pin, pinned=True)):
        await _remember(offline, "My cat is called Minka")
        (memory,) = await offline.memories()
        with pytest.raises(InputError, match="there is no memory with that number"):
            await change(ANN, memory.id)

        assert await offline.memories() == []


async def test_a_memory_is_changed_pinned_and_forgotten(alone: House) -> None:
    """Each by its id, from where the person asks; the old words are gone from disk."""
    async with alone.opened() as talk:
        await talk.meet()
        await _remember(talk, "My cat is called Minka", scope=ANN_ELSEWHERE)
        (memory,) = await talk.memories(ANN_ELSEWHERE)
        panel = talk.app.panel

        edited = await panel.edit(ANN_DIRECT, memory.id, "My cat is called Felix")
        pinned = await panel.pin(ANN_DIRECT, memory.id, pinned=True)
        got = await panel.get(ANN_DIRECT, memory.id)
        held = alone.holds("Minka")
        forgotten = await panel.forget(ANN_DIRECT, [memory.id, memory.id])

    assert edited.text == "My cat is called Felix"
    assert (got.text, got.pinned, pinned.pinned) == ("My cat is called Felix", True, True)
    assert not held
    assert forgotten == 1
    assert not alone.holds("Felix")


_Deed = Callable[[Panel, Scope, int], Awaitable[object]]
_DEEDS: Sequence[_Deed] = (
    lambda panel, scope, memory_id: panel.get(scope, memory_id),
    lambda panel, scope, memory_id: panel.edit(scope, memory_id, "I love mint tea"),
    lambda panel, scope, memory_id: panel.pin(scope, memory_id, pinned=True),
)


@pytest.mark.parametrize("deed", _DEEDS, ids=("get", "edit", "pin"))
@pytest.mark.parametrize(
    ("owner", "asker"),
    [(BEN, ANN), (BEN, ANN_DIRECT), (BEN_DIRECT, ANN_DIRECT), (ANN_ELSEWHERE, ANN), (ANN_DIRECT, ANN)],
    ids=("person", "person from a DM", "DM", "guild", "DM from a guild"),
)
async def test_another_scope_s_memory_is_no_memory(offline: Talk, deed: _Deed, owner: Scope, asker: Scope) -> None:
    """What is somebody else's, or is not to be seen from here, reads like a number that never was."""
    await _remember(offline, "I love oolong tea", scope=owner, place=DM)
    (memory,) = await offline.memories(owner)

    with pytest.raises(InputError) as foreign:
        await deed(offline.app.panel, asker, memory.id)
    with pytest.raises(InputError) as absent:
        await deed(offline.app.panel, asker, 1 << 70)

    assert str(foreign.value) == str(absent.value)
    assert await offline.memories(owner) == [memory]
    await deed(offline.app.panel, owner, memory.id)  # control: the owner may


async def test_foreign_ids_are_passed_over_when_forgetting(offline: Talk) -> None:
    """Of a mixed list only the asker's own go; the proposals of others are not answered either."""
    await _remember(offline, "I love oolong tea")
    await _remember(offline, "I love mint tea", scope=BEN)
    await _remember(offline, "for:everyone The lift is broken", scope=BEN)
    ids = [memory.id for scope in (ANN, BEN, BEN.shared) for memory in await offline.memories(scope)]

    forgotten = await offline.app.panel.forget(ANN, [*ids, 0, 1 << 70])

    assert forgotten == 1
    assert [len(await offline.memories(scope)) for scope in (ANN, BEN, BEN.shared)] == [0, 1, 1]


async def test_own_shared_notes_are_the_author_s(offline: Talk) -> None:
    """Their author lists, changes and forgets them, and cannot put them on everybody's mind."""
    await _remember(offline, "for:everyone The wifi is called Heron")
    (note,) = await offline.memories(ANN.shared)
    panel = offline.app.panel

    with pytest.raises(InputError, match="cannot be pinned"):
        await panel.pin(ANN, note.id, pinned=True)
    edited = await panel.edit(ANN, note.id, "The wifi is called Stork")

    assert panel.label(ANN, edited) == "#s1 The wifi is called Stork"
    assert _texts((await panel.page(ANN)).memories) == ["The wifi is called Stork"]
    assert (await panel.page(BEN)).total == 0
    assert await panel.forget(ANN, [note.id]) == 1


async def test_notes_that_admins_switched_off_are_not_listed(offline: Talk) -> None:
    """In the guild and in direct messages; their author can still forget them."""
    await _remember(offline, "for:everyone The wifi is called Heron")
    (note,) = await offline.memories(ANN.shared)
    await offline.app.policies.set(ANN.platform, ANN.guild_id, Policy(shared_notes=False))
    panel = offline.app.panel

    assert (await panel.page(ANN)).total == (await panel.page(ANN_DIRECT)).total == 0
    assert await panel.suggest(ANN, "wifi") == []
    assert await panel.forget(ANN_DIRECT, [note.id]) == 1


async def test_a_proposal_is_decided_after_a_restart(alone: House) -> None:
    """The question lives in the row: a yes of the next run keeps it, a no erases it."""
    async with alone.opened() as talk:
        await talk.meet()
        for text in ("I was diagnosed with asthma", "I am allergic to penicillin and take insulin"):
            await talk.say(text)
        declined, wanted = await talk.memories()
    async with alone.opened() as talk:
        panel = talk.app.panel
        yes = await panel.decide(ANN, wanted.id, keep=True)
        no = await panel.decide(ANN, declined.id, keep=False)
        again = await panel.decide(ANN, declined.id, keep=True)
        kept = await talk.memories()

    assert wanted.status is declined.status is Status.PROPOSED
    assert (yes, no) == ("Remembered.", "I have not kept it.")
    assert again.startswith("That question is over")
    assert [(memory.text, memory.status) for memory in kept] == [(wanted.text, Status.CURRENT)]


async def test_a_question_that_expired_is_over(offline: Talk) -> None:
    """Once the upkeep erased it, a yes keeps nothing and says why."""
    await offline.say("I was diagnosed with asthma")
    (proposed,) = await offline.memories()
    offline.clock.advance(minutes=6)
    await offline.app.expiry().once()

    assert (await offline.app.panel.decide(ANN, proposed.id, keep=True)).startswith("That question is over")
    assert await offline.memories() == []


async def test_what_waits_for_a_yes_is_neither_changed_nor_pinned(offline: Talk) -> None:
    """It would expire all the same: the answer says that a yes is to come first, after which both can be done."""
    await offline.say("I was diagnosed with asthma")
    (proposed,) = await offline.memories()
    panel = offline.app.panel
    for change in (partial(panel.edit, text="I have hay fever"), partial(panel.pin, pinned=True)):
        with pytest.raises(InputError, match="I have not kept that yet"):
            await change(ANN, proposed.id)
    before = await offline.memories()
    await panel.decide(ANN, proposed.id, keep=True)
    pinned = await panel.pin(ANN, proposed.id, pinned=True)

    assert before == [proposed]
    assert pinned.pinned


async def test_nobody_else_answers_a_question(offline: Talk) -> None:
    """Neither yes nor no of another person, and no for something that is no question, changes a memory."""
    await offline.say("I was diagnosed with asthma")
    await offline.say("My cat is called Minka.")
    before = await offline.memories()
    panel = offline.app.panel

    for asker, memory in ((BEN, before[1]), (ANN, before[0])):
        for keep in (True, False):
            await panel.decide(asker, memory.id, keep=keep)

    assert await offline.memories() == before


async def test_what_a_message_taught_is_undone_by_its_id(offline: Talk) -> None:
    """The answer shows what was taken back; what it replaced counts again; a second time there is nothing."""
    await offline.say("I live in Lisbon.", key="1")
    await offline.say("I live in Turin now.", key="2")
    panel = offline.app.panel

    said, again = [await panel.undo(ANN, "source-2") for _ in range(2)]
    by_ben = await panel.undo(BEN, "source-1")

    assert said == "Taken back and erased:\n#2 I live in Turin now."
    assert again == by_ben == "There is nothing to take back: I know nothing from that message."
    assert [(memory.text, memory.status) for memory in await offline.memories()] == [
        ("I live in Lisbon.", Status.CURRENT)
    ]


async def test_undo_leaves_what_another_message_taught_too(offline: Talk) -> None:
    """Said twice, taken back once: it stays, and that is said."""
    await offline.say("I live in Lisbon.", key="1")
    offline.clock.advance(minutes=1)
    await offline.say("I live in Lisbon.", key="2")

    said = await offline.app.panel.undo(ANN, "source-1")

    assert said == "This stays, since other messages told me too:\n#1 I live in Lisbon."
    assert await offline.texts() == ["I live in Lisbon."]


async def test_why_by_message_outlives_a_restart_and_a_later_answer(home: House) -> None:
    """Each answer's memories are found by its message, by whom it was given to alone."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.", place=BACKROOM)
        await talk.say("What is my cat called?", key="asked", place=BACKROOM)
        await talk.say("Thanks, bye", place=BACKROOM)
    async with home.opened() as talk:
        panel = talk.app.panel
        why, by_ben = [await panel.why(scope, "source-asked") for scope in (ANN, BEN)]
        talk.clock.advance(days=REPLIES_KEPT.days, seconds=1)
        await talk.app.expiry().once()
        later = await panel.why(ANN, "source-asked")

    assert why.startswith("That answer was built from:\n#1 My cat is called Minka.")
    assert "score" in why
    assert by_ben == later
    assert by_ben.startswith("I don't know any more")


async def test_how_the_bot_stands_to_a_person(online: Talk) -> None:
    """The mode, how much is kept, and who processes what is written."""
    await online.say("My cat is called Minka.")
    await online.say("/pause")

    standing = await online.app.panel.standing(ANN)

    assert (standing.mode, standing.kept) == (Mode.COMMANDS, 1)
    assert "local at 127.0.0.1" in standing.processing[0]


_RIVERS = ("Spree", "Isar", "Elbe", "Main", "Nahe", "Lahn", "Saar", "Ruhr", "Oder", "Inn")


async def _remember(talk: Talk, *texts: str, scope: Scope = ANN, **where: object) -> None:
    for text in texts:
        talk.clock.advance(minutes=1)
        heard = await talk.say(f"/remember {text}", scope=scope, **where)  # type: ignore[arg-type]  # a place, if any
        assert heard.text.startswith("Remembered"), heard.text


def _texts(memories: Sequence[Memory]) -> list[str]:
    return [memory.text for memory in memories]
