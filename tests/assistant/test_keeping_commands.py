"""Commands that change what is remembered, given as messages to the whole bot: remember, forget, undo."""

from __future__ import annotations

import time

import pytest

from bot.commands.pending import VALID_FOR
from bot.events import IncomingMessage
from bot.types import Action, Kind, Policy, Reach, Scope, Status
from tests.assistant.talking import ANN, BEN, DM, House, Talk


async def test_remember_keeps_what_is_not_worth_it(offline: Talk) -> None:
    """/remember keeps any text as a note, and says its number."""
    heard = await offline.say("/remember lol ok")

    assert heard.text == "Remembered: #1 lol ok"
    assert heard.actions == [Action.KEPT]
    assert [(memory.text, memory.kind) for memory in await offline.memories()] == [("lol ok", Kind.NOTE)]


async def test_remember_takes_kind_and_reach(offline: Talk) -> None:
    """kind: and for: decide kind and reach, and are no part of the text."""
    await offline.say("/remember kind:fact The bins go out on Monday for:anywhere")

    (memory,) = await offline.memories()
    assert (memory.text, memory.kind, memory.reach) == ("The bins go out on Monday", Kind.FACT, Reach.ANYWHERE)


async def test_remember_for_everyone_names_its_author(offline: Talk) -> None:
    """A shared note belongs to the guild and names who gave it."""
    heard = await offline.say("/remember for:everyone The wifi is called Heron")

    (note,) = await offline.memories(ANN.shared)
    assert heard.text == "Remembered: #s1 The wifi is called Heron"
    assert note.author is not None
    assert (note.author.id, note.author.name) == ("ann", "Ann")
    assert await offline.memories(ANN) == []


@pytest.mark.parametrize("option", ["kind:colour", "for:nobody"])
async def test_remember_refuses_an_unknown_option(offline: Talk, option: str) -> None:
    """An option that does not exist is answered with those that do, and nothing is kept."""
    heard = await offline.say(f"/remember tea {option}")

    assert f"{option} is not known; I know {option.partition(':')[0]}:" in heard.text
    assert await offline.memories() == []


async def test_remember_repeats_nothing(offline: Talk) -> None:
    """What is remembered already is not stored a second time."""
    await offline.say("/remember The bins go out on Monday")
    heard = await offline.say("/remember The bins go out on Monday")

    assert heard.text == "I knew that already: #1 The bins go out on Monday"
    assert len(await offline.memories()) == 1


async def test_remember_asks_about_sensitive_things(offline: Talk) -> None:
    """/remember of something sensitive asks first, and the yes keeps it."""
    asked = await offline.say("/remember I was diagnosed with diabetes.")
    waiting = [memory.status for memory in await offline.memories()]
    await offline.say("yes")

    assert "without a yes" in asked.text
    assert waiting == [Status.PROPOSED]
    assert [memory.status for memory in await offline.memories()] == [Status.CURRENT]


async def test_forget_by_words_shows_first_and_takes_a_yes(alone: House) -> None:
    """/forget WORDS shows what it would forget, forgets exactly that after a yes, and no file holds it afterwards."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("/remember My cat is called Minka")
        await talk.say("/remember The bins go out on Monday")
        asked = await talk.say("/forget Minka")
        by_then = len(await talk.memories())
        said = await talk.say("Yes.")
        left, held = await talk.texts(), alone.holds("Minka")

    assert asked.text == "Forget this memory? Answer yes or no.\n#1 My cat is called Minka"
    assert by_then == 2
    assert said.text == "Forgotten: 1 memory. Nothing of it is left on disk."
    assert left == ["The bins go out on Monday"]
    assert not held


async def test_forget_by_words_takes_a_no(offline: Talk) -> None:
    """A no forgets nothing, and closes the question."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/forget Minka")
    said = await offline.say("no")
    again = await offline.say("/forget yes")

    assert said.text == "Nothing was forgotten."
    assert again.text.startswith("There is no question open")
    assert len(await offline.memories()) == 1


async def test_forget_concerns_what_was_shown(offline: Talk) -> None:
    """A memory that came between question and yes is not forgotten."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/forget Minka")
    await offline.say("/remember Minka likes to sleep in the cupboard under the stairs")
    await offline.say("yes")

    assert await offline.texts() == ["Minka likes to sleep in the cupboard under the stairs"]


async def test_forget_names_the_nearest_when_words_fit_none(offline: Talk) -> None:
    """Words that no memory has are answered with the nearest ones, and no question."""
    await offline.say("/remember My cat is called Minka")

    near = await offline.say("/forget what my cat is named")
    none = await offline.say("/forget quarterly report")

    assert "#1 My cat is called Minka" in near.text
    assert "no memory with these words" in none.text


@pytest.mark.parametrize("numbers", ["#1 #3", "1, 3", "#1,#3", "#1#3"])
async def test_forget_by_number(offline: Talk, numbers: str) -> None:
    """/forget takes the numbers that lists show, and forgets at once."""
    for text in ("My cat is called Minka", "The bins go out on Monday", "Tea is in the blue tin"):
        await offline.say(f"/remember {text}")

    heard = await offline.say(f"/forget {numbers}")

    assert heard.text == "Forgotten: 2 memories. Nothing of it is left on disk."
    assert await offline.texts() == ["The bins go out on Monday"]


async def test_forget_of_an_unknown_number_forgets_nothing(offline: Talk) -> None:
    """One unknown number among several stops the whole command."""
    await offline.say("/remember My cat is called Minka")

    heard = await offline.say("/forget #1 #7")

    assert heard.text == "there is no memory with that number; see them all with /memories"
    assert len(await offline.memories()) == 1


@pytest.mark.parametrize("number", ["9" * 40 + "x", "#" + "9" * 5000, "#4294967297", "#s1", "٣"])
async def test_forget_survives_any_number(offline: Talk, number: str) -> None:
    """Numbers of any length or script are answered at once, in words of ours, and forget nothing."""
    await offline.say("/remember My cat is called Minka")
    begun = time.perf_counter()

    heard = await offline.say(f"/forget {number}")

    assert time.perf_counter() - begun < 1
    assert "no memory with" in heard.text
    assert len(await offline.memories()) == 1


async def test_shared_note_is_forgotten_by_its_author_only(offline: Talk) -> None:
    """Somebody else's shared note stays; its author can forget it."""
    await offline.meet(BEN)
    await offline.say("/remember for:everyone The wifi is called Heron")

    refused = await offline.say("/forget #s1", scope=BEN, name="Ben")
    by_then = len(await offline.memories(ANN.shared))
    await offline.say("/forget #s1")

    assert "somebody else's" in refused.text
    assert by_then == 1
    assert await offline.memories(ANN.shared) == []


async def test_forget_everything_asks_where(offline: Talk) -> None:
    """/forget everything alone forgets nothing and says the two ways to go on."""
    await offline.say("/remember My cat is called Minka")

    heard = await offline.say("/forget everything")

    assert "/forget everything here" in heard.text
    assert "/forget everything everywhere" in heard.text
    assert len(await offline.memories()) == 1


@pytest.mark.parametrize(("where", "elsewhere"), [("here", 1), ("everywhere", 0)])
async def test_forget_everything(offline: Talk, where: str, elsewhere: int) -> None:
    """It forgets this guild's memories, or those of every guild, and never another person's."""
    other = Scope("discord", "other guild", "ann")
    for scope in (ANN, other, BEN):
        await offline.say("/remember Tea is in the blue tin", scope=scope)

    await offline.say(f"/forget everything {where}")

    assert await offline.memories(ANN) == []
    assert len(await offline.memories(other)) == elsewhere
    assert len(await offline.memories(BEN)) == 1


async def test_undo_takes_back_the_newest(alone: House) -> None:
    """/undo erases what was last remembered, then what came before it, until there is nothing."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        await talk.say("I live in Lisbon.")
        first = await talk.say("/undo")
        between, held = await talk.texts(), alone.holds("Lisbon")
        await talk.say("/undo")
        last = await talk.say("/undo")

        assert first.text == "Taken back and erased:\n#2 I live in Lisbon."
        assert between == ["My cat is called Minka."]
        assert not held
        assert last.text == "There is nothing to undo."


async def test_undo_is_not_done_twice_after_a_crash(alone: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An /undo that was done before its reply came out is not done again in the next run."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        await talk.say("I live in Lisbon.")
        monkeypatch.setattr(talk.app.assistant._reception, "replied", _never)  # killed before that
        await talk.say("/undo")
        by_then = await talk.texts()
    async with alone.opened() as talk:
        (message,) = await talk.app.assistant.unanswered("discord")
        heard = await talk.hear(message)

        assert by_then == await talk.texts() == ["My cat is called Minka."]
        assert "stopped in the middle" in heard.text


async def _never(_: IncomingMessage) -> None:
    """Note nothing, as a process that was killed meanwhile."""


async def test_undo_in_public_does_not_quote_a_direct_message(offline: Talk) -> None:
    """What was said where others do not read along is counted, not shown."""
    await offline.say("I moved to Turin in March", place=DM)
    heard = await offline.say("/undo")

    assert heard.text == "Taken back and erased: 1 memory that I don't name here."
    assert await offline.memories() == []


async def test_forgetting_everywhere_stays_in_the_workspace(offline: Talk) -> None:
    """On Slack the same id may be somebody else in another workspace, whose memories stay; nor is it offered."""
    here, other = Scope("slack", "north", "U1"), Scope("slack", "south", "U1")
    await offline.meet(here, other)
    for scope in (here, other):
        await offline.say("My cat is called Minka.", scope=scope)
    asked = await offline.say("/forget everything", scope=here)
    await offline.say("/forget everything everywhere", scope=here)

    assert "everywhere" not in asked.text
    assert [len(await offline.memories(scope)) for scope in (here, other)] == [0, 1]


async def test_forgetting_everything_takes_own_shared_notes_along(offline: Talk) -> None:
    """Notes for everyone go with their author; those of others stay."""
    await offline.say("/remember for:everyone The wifi is called Heron")
    await offline.say("/remember for:everyone The lift is broken", scope=BEN)
    heard = await offline.say("/forget everything here")

    assert "everything, 1 memory" in heard.text
    assert await offline.texts(ANN.shared) == ["The lift is broken"]


async def test_forgetting_everywhere_finds_notes_where_nothing_else_is(offline: Talk) -> None:
    """A shared note in a guild without other memories of its author goes too; that of another platform stays."""
    for scope in (Scope("discord", "other guild", "ann"), Scope("slack", "other guild", "ann")):
        await offline.say("/remember for:everyone The wifi is called Heron", scope=scope)

    heard = await offline.say("/forget everything everywhere")

    assert "everything, 1 memory" in heard.text
    assert await offline.memories(Scope("discord", "other guild", "ann").shared) == []
    assert len(await offline.memories(Scope("slack", "other guild", "ann").shared)) == 1


async def test_own_shared_notes_are_found_by_their_words(offline: Talk) -> None:
    """/forget shows the author's note with its number and forgets it after a yes; another's is not found."""
    await offline.say("/remember for:everyone The wifi is called Heron")

    by_ben = await offline.say("/forget wifi", scope=BEN)
    shown = await offline.say("/forget wifi")
    await offline.say("yes")

    assert "Heron" not in by_ben.text
    assert "#s1 The wifi is called Heron" in shown.text
    assert await offline.memories(ANN.shared) == []


async def test_notes_for_everyone_can_be_switched_off(offline: Talk) -> None:
    """None is kept, recalled or listed any more, and the author can still forget theirs; then they are back."""
    await offline.say("/remember for:everyone The wifi is called Heron")
    await offline.app.policies.set(ANN.platform, ANN.guild_id, Policy(shared_notes=False))

    refused = await offline.say("/remember for:everyone The lift is broken")
    recalled = await offline.say("/recall what is the wifi called?", scope=BEN)
    listed = await offline.say("/memories")
    stored = await offline.texts(ANN.shared)
    shown = await offline.say("/forget wifi")
    await offline.say("no")
    await offline.app.policies.set(ANN.platform, ANN.guild_id, Policy())
    back = await offline.say("/recall what is the wifi called?", scope=BEN)

    assert refused.text == "I have not kept that: notes for everyone are switched off here."
    assert refused.actions == [Action.REFUSED]
    assert recalled.text == "Nothing I remember fits that."
    assert "Heron" not in listed.text
    assert stored == ["The wifi is called Heron"]
    assert "Heron" in shown.text
    assert "Heron" in back.text


async def test_remember_keeps_no_secret(offline: Talk) -> None:
    """A secret is named by its kind, and nothing of the message is kept."""
    heard = await offline.say("/remember my key is sk-proj-" + "Zx81QmNw7LtR4vYb2KcPs0Hd9GfJe6Ua3TiWo5Xy")

    assert heard.text.startswith("That holds a secret (OpenAI key)")
    assert await offline.memories() == []


async def test_proposals_without_a_yes_are_erased(offline: Talk) -> None:
    """What waits for a yes is not kept beyond the time in which one counts; memories stay."""
    await offline.say("I moved to Turin in March")
    await offline.say("I was diagnosed with asthma")
    offline.clock.advance(minutes=6)

    assert await offline.app.core.expire_proposals(offline.clock() - VALID_FOR) == 1
    assert await offline.texts() == ["I moved to Turin in March"]
