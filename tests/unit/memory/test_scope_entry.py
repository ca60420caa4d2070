"""A scope in memory: columns and words in order of id, and what is asked of them."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from bot.memory.entry import ScopeEntry
from bot.memory.lexical import Analyzer
from bot.memory.ranking import KINDS
from bot.memory.readable import Rule
from bot.protocols import IndexRow
from bot.types import Kind, Place, PlaceKind, Reach, Status
from tests.unit.memory.test_lexical import Strangers

IN_PUBLIC = Rule(own=True, asked_in=Place(PlaceKind.PUBLIC, "square"))
IN_DM = Rule(own=True, asked_in=Place(PlaceKind.DM, "d"))


def row(number: int, text: str = "tea", place: str = "public", **changes: object) -> IndexRow:
    """Return a row; `changes` are fields of IndexRow."""
    plain = IndexRow(number, text, "message", "current", place, "square", "here", "", 1000.0 + number, 0.5, False)
    return plain._replace(**changes)  # type: ignore[arg-type]  # fields of several types


def entry_of(*rows: IndexRow) -> ScopeEntry:
    """Return an entry that holds these rows."""
    entry = ScopeEntry(Analyzer(), Strangers())
    entry.add(rows)
    return entry


def test_an_empty_scope_allows_nothing() -> None:
    """No rows: empty masks and columns, no error."""
    entry = entry_of()

    assert (len(entry), entry.last_id) == (0, 0)
    assert entry.allowed(IN_DM).tolist() == entry.ids(entry.allowed(IN_DM)).tolist() == []
    assert entry.authors(entry.allowed(IN_DM)) == frozenset()


def test_rows_keep_their_order_however_they_are_added() -> None:
    """One by one or at once, ids and columns are the same."""
    rows = [row(n, f"tea {n}", "dm" if n % 3 else "public") for n in range(1, 60)]
    stepwise = entry_of()
    for one in rows:
        stepwise.add([one])
    whole = entry_of(*rows)

    assert stepwise.last_id == whole.last_id == 59
    for rule in (IN_DM, IN_PUBLIC):
        assert stepwise.ids(stepwise.allowed(rule)).tolist() == whole.ids(whole.allowed(rule)).tolist()
    assert whole.ids(whole.allowed(IN_PUBLIC)).tolist() == list(range(3, 60, 3))


def test_names_of_hidden_authors_are_not_told() -> None:
    """Only who said something that may be read here can be named in a question."""
    entry = entry_of(row(1, author_name="Ann"), row(2, place="dm", author_name="Ben"), row(3))

    assert entry.authors(entry.allowed(IN_PUBLIC)) == {"Ann"}
    assert entry.authors(entry.allowed(IN_DM)) == {"Ann", "Ben"}


def test_candidates_are_the_allowed_rows_only() -> None:
    """Every column has one place for each allowed row."""
    entry = entry_of(row(1, "tea?", "dm"), row(2, "tea in 2019", pinned=True), row(3, kind="note", status="superseded"))
    allowed = entry.allowed(IN_PUBLIC)

    found = entry.candidates(allowed, Analyzer().words("tea"), np.zeros(2, np.float32), None)

    assert found.ids.tolist() == [2, 3]
    assert found.matches.counts.tolist() == [[1, 1]]
    assert found.pinned.tolist() == found.dated.tolist() == [True, False]
    assert found.superseded.tolist() == [False, True]
    assert [KINDS[kind] for kind in found.kinds] == [Kind.MESSAGE, Kind.NOTE]
    assert found.questions.tolist() == [False, False]


def test_an_author_is_searched_as_a_word_and_can_be_named() -> None:
    """The author's name counts as a word of what they said."""
    entry = entry_of(row(1, author_name="Ann"), row(2, author_name="Ben"))
    everything = entry.allowed(IN_DM)

    found = entry.candidates(everything, Analyzer().words("ann"), np.zeros(2, np.float32), "Ann")

    assert found.by_named.tolist() == [True, False]
    assert found.matches.counts.tolist() == [[1, 0]]


def test_one_channel_is_one_conversation_whatever_its_reach() -> None:
    """Rows of a channel stay neighbours when one of them may be read anywhere."""
    entry = entry_of(row(1), row(2, reach="anywhere"), row(3, channel_id="market"))

    found = entry.candidates(entry.allowed(IN_DM), [], np.zeros(3, np.float32), None)

    first, second, third = found.conversations.tolist()
    assert first == second != third


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("What tea?", True),
        ("really?!", False),
        ("“What tea?”", True),
        ("What tea? [a photo of a cup]", True),
        ("何ですか？", True),
        ("I like tea", False),
        ("[what?]", False),
        ("", False),
    ],
)
def test_a_question_is_known_by_its_end(text: str, question: bool) -> None:
    """Quotes and a caption in brackets after the mark do not hide it."""
    found = entry_of(row(1, text)).candidates(np.ones(1, np.bool_), [], np.zeros(1, np.float32), None)

    assert found.questions.tolist() == [question]


def test_flags_follow_changes() -> None:
    """Pinning and superseding show at once; an id that is not held is ignored."""
    entry = entry_of(row(1), row(2))
    entry.mark(2, pinned=True, status=Status.SUPERSEDED)
    entry.mark(99, pinned=True)
    entry.mark(1, status=Status.CURRENT)

    found = entry.candidates(np.ones(2, np.bool_), [], np.zeros(2, np.float32), None)

    assert found.pinned.tolist() == found.superseded.tolist() == [False, True]


def test_rows_made_to_be_slow_are_read_in_time() -> None:
    """Texts of spaces and brackets take no more than their length to read: 50 of the longest in under 0.2 s."""
    for text in ("a" + " " * 3998 + "b", "[" * 4000, "[] " * 1333 + "b", "?" * 4000, "1" * 4000):
        begun = process_time()
        entry_of(*(row(number, text) for number in range(1, 51)))
        assert process_time() - begun < 0.2


def test_the_reach_of_a_row_is_part_of_its_setting() -> None:
    """A memory for anywhere is allowed in public though it was said in a direct message."""
    here, anywhere = row(1, place="dm"), row(2, place="dm", reach=Reach.ANYWHERE.value)

    entry = entry_of(here, anywhere)

    assert entry.allowed(IN_PUBLIC).tolist() == [False, True]
    assert entry.allowed(replace(IN_PUBLIC, own=False)).tolist() == [False, False]
