"""How a reply looks while it grows and when it is whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from adapters import growing
from adapters.discord import showing
from bot.events import ReplyEnd, ReplyNotice
from bot.types import Hit, Kind, Memory, Place, PlaceKind, Reach, Scope, ScoreParts, Status
from tests.adapters.scripted import NOTHING, ScriptedAssistant
from tests.discord.world import World
from tests.servers.discord.faults import held, lose_answer, status
from tests.servers.discord.refusals import UNKNOWN_MESSAGE

CODE = "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(300)) + "\n```"


async def test_short_answer_is_one_message(world: World) -> None:
    """Sent whole, and never edited."""
    async with world.bot(ScriptedAssistant("Good ", "morning.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} hello")
        shown = await world.answered(asked, "morning.")
        await world.server.settled(world.general)

    assert shown.states == ["Good morning."]


async def test_answer_replies_and_pings_its_asker_alone(world: World) -> None:
    """As a reply of a person does; what stands in the text pings nobody."""
    hostile = f"@everyone @here {world.ben.mention} {world.guild.bot_role.mention}"
    async with world.bot(ScriptedAssistant(hostile)):
        asked = await world.ann.says(world.general, f"{world.server.mention} hello")
        shown = await world.answered(asked, "@everyone")
        await world.server.settled(world.general)

    assert shown.reference is asked
    assert world.server.pings == []
    assert len(world.server.reply_pings) == 1


async def test_links_get_no_previews(world: World) -> None:
    """Whoever is linked to does not learn of the reply."""
    async with world.bot(ScriptedAssistant("See https://example.org/?q=1 there.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} where?")
        shown = await world.answered(asked, "there.")

    assert shown.suppresses_embeds


async def test_link_nobody_asked_for_is_plain_text(world: World) -> None:
    """A model that was talked into it cannot make a link that carries away what it knows."""
    async with world.bot(ScriptedAssistant("See https://example.org/?q=1 there.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} where?")
        shown = await world.answered(asked, "there.")

    assert "https://" not in shown.content


async def test_link_of_the_asker_stays_one(world: World) -> None:
    """They know where it leads."""
    async with world.bot(ScriptedAssistant("Yes, https://example.org/?q=1 is it.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} https://example.org/?q=1")
        shown = await world.answered(asked, "is it.")

    assert "https://example.org/?q=1" in shown.content


async def test_growing_answer_is_shown_as_it_grows(world: World) -> None:
    """Its first words are there before the rest is known."""
    more = asyncio.Event()
    async with world.bot(ScriptedAssistant("One two three ", more, "four.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        first = (await world.answered(asked)).content
        more.set()
        shown = await world.answered(asked, "four.")

    assert first == "One two three"
    assert shown.content == "One two three four."


async def test_edits_keep_their_distance(world: World) -> None:
    """However fast words come, a channel sees an edit in each interval, and the last one always."""
    interval_s = 0.2
    words = [f"word{number} " for number in range(200)]
    steps = [step for word in words for step in (word, 0.005)]
    async with world.bot(ScriptedAssistant(*steps), discord={"edit_interval_s": interval_s}):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        await world.answered(asked, "word199")
        times = world.server.edit_times(world.general)

    assert len(times) >= 3
    assert min(later - earlier for earlier, later in pairwise(times)) >= interval_s * 0.95


async def test_long_answer_becomes_several_messages(world: World) -> None:
    """Each as long as Discord takes, the first one a reply; nothing is lost and code stays code."""
    async with world.bot(ScriptedAssistant("Here it is:\n", CODE, "\nThat is all.")):
        asked = await world.ann.says(world.general, f"{world.server.mention} code please")
        await world.server.until(lambda: any("That is all." in one.content for one in world.server.said(world.general)))
        shown = [one for one in world.server.said(world.general) if one.id > asked.id]

    assert len(shown) >= 3
    assert all(len(one.content) <= 2000 and one.content.count("```") % 2 == 0 for one in shown)
    assert [one.reference is not None for one in shown] == [True] + [False] * (len(shown) - 1)
    whole = "\n".join(one.content for one in shown)
    assert [number for number in range(300) if f"line_{number} = {number}" not in whole] == []


async def test_streamed_long_answer_ends_like_a_whole_one(world: World) -> None:
    """What is shown piece by piece is in the end what would have been sent at once."""
    text = f"Here it is:\n{CODE}\nThat is all."
    pieces = [text[at : at + 50] for at in range(0, len(text), 50)]
    steps = [step for piece in pieces for step in (piece, 0.002)]
    whole = []
    for assistant in (ScriptedAssistant(text), ScriptedAssistant(*steps)):
        async with world.bot(assistant):
            asked = await world.ann.says(world.general, f"{world.server.mention} code please")
            await assistant.ended()
            whole.append([one.content for one in world.server.said(world.general) if one.id > asked.id])

    assert whole[0] == whole[1]


async def test_notices_stand_small_around_the_answer(world: World) -> None:
    """Those that come first above it, later ones below."""
    async with world.bot(ScriptedAssistant(ReplyNotice("I'm an AI."), "Hello.", ReplyNotice("Used 1.\nOr 2."))):
        asked = await world.ann.says(world.general, f"{world.server.mention} hello")
        shown = await world.answered(asked, "Or 2.")

    assert shown.content == "-# I'm an AI.\nHello.\n-# Used 1.\n-# Or 2."


async def test_answer_without_a_word_says_so(world: World) -> None:
    """Silence would look like a fault."""
    async with world.bot(ScriptedAssistant("")):
        asked = await world.ann.says(world.general, f"{world.server.mention} hello")

        assert (await world.answered(asked)).content == "I have no answer to that."


async def test_message_that_was_answered_already_gets_nothing(world: World) -> None:
    """The assistant gives no part at all."""

    silent = ScriptedAssistant(NOTHING)
    async with world.bot(silent):
        await world.ann.says(world.general, f"{world.server.mention} hello")
        await silent.ended()
        await world.server.settled(world.general)

    assert [one for one in world.server.said(world.general) if one.reference] == []


async def test_lost_answer_of_discord_posts_nothing_twice(world: World) -> None:
    """A message whose sending seemed to fail is the same one when it is sent again."""
    world.server.will("POST", "/channels/*/messages", lose_answer())
    world.server.will("POST", "/channels/*/messages", lose_answer())
    async with world.bot(ScriptedAssistant("Good morning.")):
        await world.server.until(lambda: world.server.said(world.general))  # its hello
        asked = await world.ann.says(world.general, f"{world.server.mention} hello")
        await world.answered(asked)
        await world.server.settled(world.general)

    assert len(world.server.replies_to(asked)) == 1


async def test_reply_that_cannot_be_sent_is_not_delivered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the second time either: the assistant is told, so that it is given again after a restart."""
    monkeypatch.setattr(showing, "AGAIN_S", 0)  # a second otherwise
    assistant = ScriptedAssistant("Good morning.")
    async with world.bot(assistant):
        await world.server.until(lambda: world.server.said(world.general))
        world.server.will("POST", "/channels/*/messages", status(503), status(503))
        await world.ann.says(world.general, f"{world.server.mention} hello")
        await assistant.ended()

    assert assistant.lost == ["hello"]
    assert assistant.delivered == []


async def test_edit_that_failed_is_made_up_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later state shows all the same."""
    monkeypatch.setattr(showing, "AGAIN_S", 0)  # a second otherwise
    more, last = asyncio.Event(), asyncio.Event()
    assistant = ScriptedAssistant("One two ", more, "three four ", last, "five.")
    async with world.bot(assistant):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        await world.answered(asked)
        world.server.will("PATCH", "/channels/*/messages/*", status(503), status(503))
        more.set()
        await world.server.until(lambda: [one.status for one in world.server.requests].count(503) == 2)
        last.set()
        await world.answered(asked, "five.")

    assert assistant.delivered == ["count"]


async def test_answer_that_cannot_be_ended_keeps_no_button(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over cannot be stopped, though nobody could be told how it ended."""
    monkeypatch.setattr(showing, "AGAIN_S", 0)  # a second otherwise
    monkeypatch.setattr(growing, "STOPPABLE_S", 0)  # two seconds otherwise
    last = asyncio.Event()
    assistant = ScriptedAssistant("One two ", last, ReplyEnd())
    async with world.bot(assistant):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        shown = await world.answered(asked)
        before = shown.buttons
        world.server.will("PATCH", "/channels/*/messages/*", status(503), status(503))
        last.set()
        await world.server.until(lambda: not shown.buttons)

    assert (before, shown.content) == (["Stop"], "One two")
    assert assistant.lost == ["count"]


async def test_deleted_reply_stops_the_answer(world: World) -> None:
    """Somebody wanted none of it; nothing more is made or shown."""
    more = asyncio.Event()
    assistant = ScriptedAssistant("One two ", more, "three four ", "five ", 0.3, "six seven ", asyncio.Event())
    async with world.bot(assistant):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        shown = await world.answered(asked)
        world.server.will("PATCH", "/channels/*/messages/*", status(404, UNKNOWN_MESSAGE.code))
        world.server.delete(shown)
        more.set()
        await assistant.ended()

    assert world.server.replies_to(asked) == []
    assert assistant.lost == []


async def test_stop_button_comes_with_a_long_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at once, or short answers would flicker; pressing it keeps what is there and says so."""
    monkeypatch.setattr(growing, "STOPPABLE_S", 0.1)  # two seconds otherwise
    more = asyncio.Event()
    assistant = ScriptedAssistant("One two ", more, "three four ", asyncio.Event())
    async with world.bot(assistant):
        asked = await world.ann.says(world.general, f"{world.server.mention} count")
        shown = await world.answered(asked)
        before = shown.buttons
        await asyncio.sleep(growing.STOPPABLE_S)  # what comes later than that brings the button
        more.set()
        await world.server.until(lambda: shown.buttons == ["Stop"])
        await world.ann.presses(shown, "Stop")
        await world.answered(asked, "stopped")

    assert before == []
    assert shown.content == "One two three four\n-# stopped"
    assert shown.buttons == []
    assert assistant.cut == ["count"]


async def test_buttons_come_with_the_end_alone(world: World) -> None:
    """Also when it comes while an earlier state is still being sent: that one gets none."""
    more, sent = asyncio.Event(), asyncio.Event()
    assistant = ScriptedAssistant("word " * 500, more, "word " * 500)
    async with world.bot(assistant, replies={"marks": "buttons"}):
        await world.server.until(lambda: world.server.said(world.general))  # its hello
        world.server.will("POST", "/channels/*/messages", held(sent))
        asked = await world.ann.says(world.general, f"{world.server.mention} talk")
        await world.server.until(lambda: world.server.requests[-1].status is None)
        more.set()
        for _ in range(20):  # the assistant says the rest, and the adapter waits to show it
            await asyncio.sleep(0)
        sent.set()
        await world.server.until(
            lambda: "↻" in world.general.last.buttons and len(world.server.said(world.general)) == 4
        )

    given = [one for one in world.server.requests if isinstance(one.body, dict) and one.body.get("components")]
    assert len(given) == 1
    assert world.server.replies_to(asked)[0].buttons == []


@pytest.mark.parametrize(
    ("marks", "text", "buttons"),
    [("buttons", "Noted.", ["↻"]), ("words", "Noted.\n-# /why shows what I used", []), ("none", "Noted.", [])],
)
async def test_marks_are_shown_as_chosen(world: World, marks: str, text: str, buttons: list[str]) -> None:
    """As buttons, as a small line, or not at all."""
    used = () if marks == "buttons" else (a_hit(),)
    async with world.bot(ScriptedAssistant("Noted.", ReplyEnd(used=used)), replies={"marks": marks}):
        asked = await world.ann.says(world.general, f"{world.server.mention} I like tea")
        shown = await world.answered(asked, "Noted.")

    assert (shown.content, shown.buttons) == (text, buttons)


def a_hit() -> Hit:
    """Return a memory that an answer was built from."""
    scope, place = Scope("discord", "1", "2"), Place(PlaceKind.PUBLIC, "3")
    when = datetime(2026, 5, 4, tzinfo=UTC)
    memory = Memory(1, scope, "I like tea", Kind.FACT, Status.CURRENT, place, Reach.HERE, None, when, when, 0.5, False)
    return Hit(memory, 1.0, ScoreParts())
