"""Dates, answers without a model, open questions, recent turns and lanes: the small parts around a reply."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest

from bot.commands.parse import Command, Number, is_no, is_yes, kind, numbers, parse, reach
from bot.commands.pending import VALID_FOR, Asked, Pending, Question
from bot.errors import InputError
from bot.lanes import Busy, Lanes
from bot.memory.lexical import Analyzer
from bot.memory.stopwords import STOP_WORDS
from bot.replies.dates import ago, day_of
from bot.replies.offline import NO_MODEL, offline_reply, quote
from bot.replies.turns import MAX_CONVERSATIONS, RecentTurns, Turn
from bot.types import Action, Author, Hit, Kind, Outcome, Place, PlaceKind, Reach, Scope, ScoreParts, Status
from tests.unit.memory.test_recalling import memory_saying

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
ANNA, BEN = Scope("slack", "guild", "anna"), Scope("slack", "guild", "ben")
SQUARE = Place(PlaceKind.PUBLIC, "square")
THREAD = Place(PlaceKind.PUBLIC, "square", "thread")


# Dates


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (NOW, "today"),
        (NOW.replace(hour=0), "today"),
        (NOW - timedelta(hours=13), "yesterday"),
        (NOW - timedelta(days=2), "on 9 March"),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "on 31 December 2025"),
        (NOW + timedelta(days=3), "on 14 March"),
    ],
)
def test_a_day_is_named_as_people_do(when: datetime, said: str) -> None:
    """Near days by word, others by date, those of another year with it."""
    assert day_of(when, NOW, UTC) == said


def test_the_time_zone_decides_which_day_it_was() -> None:
    """Half past eleven at night in London is tomorrow in Tokyo."""
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)

    assert day_of(late, NOW, UTC) == "yesterday"
    assert day_of(late, NOW, timezone(timedelta(hours=9))) == "today"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "1 day ago"),
        (6, "6 days ago"),
        (7, "1 week ago"),
        (29, "4 weeks ago"),
        (30, "1 month ago"),
        (364, "12 months ago"),
        (365, "1 year ago"),
        (800, "2 years ago"),
        (-5, "today"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(days: int, said: str) -> None:
    """Days, weeks, months, years; the future counts as today."""
    assert ago(NOW - timedelta(days=days), NOW, UTC) == said


# Answers without a model


def test_memories_are_quoted_with_who_and_when() -> None:
    """One's own, another's note, and what no longer holds."""
    memory = replace(memory_saying("I love oolong"), event_time=NOW - timedelta(days=1))

    assert quote(memory, NOW, UTC) == "You told me yesterday: “I love oolong”"
    assert quote(replace(memory, author=Author("b", "Ben")), NOW, UTC).startswith("Ben told me")
    assert quote(replace(memory, status=Status.SUPERSEDED), NOW, UTC).endswith("” (no longer so)")


def reply(hits: list[Hit], *outcomes: Outcome, text: str = "what tea?") -> list[str]:
    """Return the lines of an answer without a model."""
    return offline_reply(text, hits, outcomes, now=NOW, timezone=UTC, reason="(why)").splitlines()


def test_nothing_known_is_said_so() -> None:
    """No hits, nothing kept: an honest line, and why no model answers."""
    assert reply([], Outcome(Action.DROPPED, "small talk")) == ["I don't remember anything about that.", "(why)"]


def test_the_reason_is_said_by_default() -> None:
    """Without another reason it is that there is no model."""
    assert offline_reply("what?", [], [], now=NOW, timezone=UTC).endswith(NO_MODEL)


def test_only_what_stands_out_is_quoted() -> None:
    """A few lines that fit best; a person reads every one of them."""
    hits = [Hit(memory_saying(f"fact {n}", n), 9.0 - 2 * n, ScoreParts()) for n in range(4)]

    lines = reply(hits)

    assert [line.rpartition("“")[2] for line in lines[:-1]] == ["fact 0”", "fact 1”", "fact 2”"]
    assert lines[-1] == "(why)"


def test_what_was_known_already_is_not_quoted_beside_saying_so() -> None:
    """A repeated statement is answered once."""
    memory = memory_saying("I love oolong")

    lines = reply([Hit(memory, 1.0, ScoreParts())], Outcome(Action.MERGED, "before", memory))

    assert lines == ["I know: you told me on 1 March.", "(why)"]


@pytest.mark.parametrize(
    ("action", "said"),
    [(Action.KEPT, "I'll remember that."), (Action.PROPOSED, "I have not kept that yet.")],
)
def test_what_was_kept_is_said_so(action: Action, said: str) -> None:
    """A kept statement is acknowledged, a proposed one is not."""
    assert reply([], Outcome(action, "told", memory_saying("tea"))) == [said, "(why)"]


# Commands


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/forget #12", Command("forget", "#12")),
        ("  /HELP", Command("help")),
        ("/memories kind:preference tea page:2", Command("memories", "tea", {"kind": "preference", "page": "2"})),
        (
            "/remember I live at home\nand like it for:Anywhere",
            Command("remember", "I live at home\nand like it", {"for": "anywhere"}),
        ),
        ("/remember look for:", Command("remember", "look for:")),
        ("hello /help", None),
        ("/", None),
        ("//help", None),
        ("", None),
    ],
)
def test_a_command_is_a_word_after_a_slash_at_the_beginning(text: str, command: Command | None) -> None:
    """Options are taken out wherever they stand; an ordinary message is none."""
    assert parse(text) == command


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("#3", [Number(3)]),
        ("3, #s4 5", [Number(3), Number(4, shared=True), Number(5)]),
        ("#7.3 12.4", [Number(3, uid=7), Number(4, uid=12)]),
        ("3 teas", []),
        ("tea", []),
        ("", []),
    ],
)
def test_an_argument_of_numbers_names_memories(argument: str, named: list[Number]) -> None:
    """Numbers alone; a word among them makes it a search."""
    assert numbers(argument) == named
    assert numbers(" ".join(map(str, named))) == named


@pytest.mark.parametrize("argument", ["1" * 100_000 + "x", "1, " * 30_000 + "x", " " * 100_000, "#s" * 50_000])
def test_hostile_arguments_take_no_time(argument: str) -> None:
    """What almost consists of numbers is read once, not in every way to divide it."""
    begun = process_time()

    assert numbers(argument) == []
    assert process_time() - begun < 0.5


def test_options_that_do_not_exist_are_refused_with_those_that_do() -> None:
    """The message says what can be chosen."""
    assert kind({"kind": "fact"}) is Kind.FACT
    assert kind({}) is None
    assert (reach({}), reach({"for": "me"}), reach({"for": "everyone"})) == (Reach.HERE, Reach.HERE, Reach.EVERYONE)
    with pytest.raises(InputError, match="kind:fact"):
        kind({"kind": "thing"})
    with pytest.raises(InputError, match="for:anywhere"):
        reach({"for": "nobody"})


@pytest.mark.parametrize("text", ["yes", " Yes! ", "JA.", "はい。", "да", "/yes"])
def test_a_yes_is_a_whole_message(text: str) -> None:
    """In several languages, whatever its case and point."""
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize("text", ["yes but", "yesterday", "", "maybe", "no, yes"])
def test_more_words_are_neither_yes_nor_no(text: str) -> None:
    """What says more than yes is not taken for one."""
    assert not is_yes(text)
    assert not is_no(text)


# Open questions


def question(asked: Asked = Asked.FORGET, at: datetime = NOW) -> Question:
    """Return a question about one memory."""
    return Question(asked, (1,), at)


def test_a_question_is_answered_once() -> None:
    """Taken, it is no longer open."""
    pending = Pending()
    pending.ask(ANNA, SQUARE, question())

    assert pending.open(ANNA, SQUARE, NOW) is Asked.FORGET
    assert pending.take(ANNA, SQUARE, NOW, Asked.FORGET) == question()
    assert pending.take(ANNA, SQUARE, NOW, Asked.FORGET) is None


def test_a_question_waits_for_its_person_place_and_sort() -> None:
    """Another person, another thread, or a yes to something else does not answer it."""
    pending = Pending()
    pending.ask(ANNA, SQUARE, question())

    assert pending.take(BEN, SQUARE, NOW, Asked.FORGET) is None
    assert pending.take(ANNA, THREAD, NOW, Asked.FORGET) is None
    assert pending.take(ANNA, SQUARE, NOW, Asked.REMEMBER) is None
    assert pending.take(ANNA, SQUARE, NOW + VALID_FOR, Asked.FORGET) is not None


def test_a_question_lapses_after_five_minutes() -> None:
    """A later yes means something else."""
    pending = Pending()
    pending.ask(ANNA, SQUARE, question())

    assert pending.open(ANNA, SQUARE, NOW + VALID_FOR + timedelta(seconds=1)) is None


def test_a_newer_question_takes_the_place_of_the_older() -> None:
    """Yes answers what was asked last."""
    pending = Pending()
    pending.ask(ANNA, SQUARE, question())
    pending.ask(ANNA, SQUARE, question(Asked.REMEMBER))

    assert pending.open(ANNA, SQUARE, NOW) is Asked.REMEMBER


# Recent turns


def test_turns_are_those_of_a_person_in_a_place() -> None:
    """Another person or thread has a conversation of its own."""
    turns = RecentTurns(2, timedelta(hours=1))
    for nth in range(3):
        turns.add(ANNA, SQUARE, Turn(f"{nth}", "ok", NOW, f"m{nth}"))

    assert [turn.said for turn in turns.of(ANNA, SQUARE, NOW)] == ["1", "2"]
    assert list(turns.of(BEN, SQUARE, NOW)) == list(turns.of(ANNA, THREAD, NOW)) == []


def test_old_turns_end_a_conversation() -> None:
    """Beyond the age nothing is left of it."""
    turns = RecentTurns(5, timedelta(hours=1))
    turns.add(ANNA, SQUARE, Turn("hello", "hi", NOW, "m1"))

    assert len(turns.of(ANNA, SQUARE, NOW + timedelta(hours=1))) == 1
    assert list(turns.of(ANNA, SQUARE, NOW + timedelta(hours=1, seconds=1))) == []


def test_forgetting_drops_the_turns_of_every_place() -> None:
    """A new conversation clears one place, forgetting all of them, of this person only."""
    turns = RecentTurns(5, timedelta(hours=1))
    for scope in (ANNA, BEN):
        for place in (SQUARE, THREAD):
            turns.add(scope, place, Turn("hello", "hi", NOW, "m1"))

    turns.clear(BEN, SQUARE)
    turns.forget(ANNA)

    left = [(scope, place) for scope in (ANNA, BEN) for place in (SQUARE, THREAD) if turns.of(scope, place, NOW)]
    assert left == [(BEN, THREAD)]


def test_a_deleted_message_takes_its_turn_along() -> None:
    """Only that turn, in that guild."""
    turns = RecentTurns(5, timedelta(hours=1))
    for name in ("m1", "m2"):
        turns.add(ANNA, SQUARE, Turn(name, "ok", NOW, name))

    turns.forget_messages("slack", "other guild", ["m2"])
    turns.forget_messages("slack", "guild", ["m1"])

    assert [turn.said for turn in turns.of(ANNA, SQUARE, NOW)] == ["m2"]


def test_the_conversation_unused_for_longest_makes_room() -> None:
    """Rings are bounded in number."""
    turns = RecentTurns(5, timedelta(hours=1))
    turns.add(ANNA, SQUARE, Turn("hello", "hi", NOW, "m1"))
    for nth in range(MAX_CONVERSATIONS):
        turns.add(BEN, Place(PlaceKind.PUBLIC, f"c{nth}"), Turn("hello", "hi", NOW, "m1"))

    assert list(turns.of(ANNA, SQUARE, NOW)) == []
    assert len(turns.of(BEN, Place(PlaceKind.PUBLIC, "c0"), NOW)) == 1


def test_no_turns_are_kept_when_none_are_wanted() -> None:
    """A setting of 0 keeps nothing."""
    turns = RecentTurns(0, timedelta(hours=1))
    turns.add(ANNA, SQUARE, Turn("hello", "hi", NOW, "m1"))

    assert list(turns.of(ANNA, SQUARE, NOW)) == []


# Lanes


async def test_messages_of_one_person_go_in_order() -> None:
    """The second begins when the first has ended; another person does not wait."""
    lanes = Lanes(3, 10)
    done: list[str] = []
    first_may_end = asyncio.Event()

    async def work(scope: Scope, name: str, wait_for: asyncio.Event | None = None) -> None:
        with lanes.ticket(scope) as ticket:
            await ticket.turn()
            if wait_for:
                await wait_for.wait()
            done.append(name)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(work(ANNA, "first", first_may_end))
        tasks.create_task(work(ANNA, "second"))
        other = tasks.create_task(work(BEN, "other"))
        await other
        assert done == ["other"]
        first_may_end.set()

    assert done == ["other", "first", "second"]


@pytest.mark.parametrize(("per_scope", "total", "accepted"), [(2, 10, 3), (10, 2, 2)])
def test_too_many_waiting_are_turned_away(per_scope: int, total: int, accepted: int) -> None:
    """Beyond a person's queue, or that of all, nothing is begun; afterwards there is room again."""
    lanes = Lanes(per_scope, total)
    with ExitStack() as inside:
        for _ in range(accepted):
            inside.enter_context(lanes.ticket(ANNA))
        with pytest.raises(Busy), lanes.ticket(ANNA):
            pass

    with lanes.ticket(ANNA):
        pass
    assert lanes._lanes == {}


async def test_who_gives_up_waiting_leaves_the_order_of_the_others() -> None:
    """A message cancelled in the middle of the queue takes no place; those behind it keep theirs."""
    lanes = Lanes(4, 10)
    done: list[int] = []

    async def work(number: int) -> None:
        with lanes.ticket(ANNA) as ticket:
            await ticket.turn()
            done.append(number)
            await asyncio.sleep(0)

    with lanes.ticket(ANNA):
        waiting = [asyncio.create_task(work(number)) for number in range(4)]
        await asyncio.sleep(0)
        for number in (0, 2):
            waiting[number].cancel()
        await asyncio.gather(waiting[0], waiting[2], return_exceptions=True)
        assert done == []
    await asyncio.gather(waiting[1], waiting[3])

    assert done == [1, 3]
    assert lanes._lanes == {}


async def test_turn_of_one_who_gave_up_passes_on() -> None:
    """Cancelled when its turn has just come, a message does not keep the next one waiting."""
    lanes, first = Lanes(4, 10), ExitStack()
    first.enter_context(lanes.ticket(ANNA))
    waiting = asyncio.create_task(_hold(lanes))
    await asyncio.sleep(0)
    with lanes.ticket(ANNA) as last:
        first.close()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        async with asyncio.timeout(1):
            await last.turn()


async def _hold(lanes: Lanes) -> None:
    with lanes.ticket(ANNA) as ticket:
        await ticket.turn()
        await asyncio.Event().wait()


# Function words


def test_function_words_are_as_they_are_looked_up() -> None:
    """Lower case, one word each, and made of what the analyser makes words of."""
    assert all(word == word.lower() and " " not in word for word in STOP_WORDS)
    assert all(Analyzer().words(word) == [] for word in STOP_WORDS)


@pytest.mark.parametrize("word", ["die", "war", "son", "come", "tea", "allergy", "vegan"])
def test_words_of_content_are_none(word: str) -> None:
    """What is a function word in one language and a topic in English stays a topic."""
    assert word not in STOP_WORDS
