"""Whom a question names, what fits it at all, and what fits the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.ranking import Ranking
from bot.memory.recalling import best, hit, named_author, within_budget, without_names
from bot.tokens import estimate_tokens
from bot.types import Author, Hit, Kind, Memory, Place, PlaceKind, Reach, Scope, ScoreParts, Status


def memory_saying(text: str, number: int = 1) -> Memory:
    """Return a memory with a text."""
    said_at = datetime(2026, 3, 1, tzinfo=UTC)
    return Memory(
        id=number,
        scope=Scope("discord", "guild", "anna"),
        text=text,
        kind=Kind.FACT,
        status=Status.CURRENT,
        place=Place(PlaceKind.PUBLIC, "square"),
        reach=Reach.HERE,
        author=None,
        created=said_at,
        event_time=said_at,
        importance=0.5,
        pinned=False,
    )


def hits_saying(*texts: str) -> list[Hit]:
    """Return hits with these texts, best first."""
    return [Hit(memory_saying(text, number), -number, ScoreParts()) for number, text in enumerate(texts, 1)]


def ranking(score: list[float], relevance: list[float], neighbours: list[float] | None = None) -> Ranking:
    """Return a ranking with these figures."""
    around = np.array(neighbours or [0.0] * len(score), np.float32)
    return Ranking({"neighbours": around}, np.array(score, np.float32), np.array(relevance, np.float32))


def none_pinned(count: int) -> np.ndarray:
    """Return that no memory is pinned."""
    return np.zeros(count, np.bool_)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What does Anna drink?", "Anna Kovács"),
        ("what does KOVÁCS drink", "Anna Kovács"),
        ("anna's tea", "Anna Kovács"),
        ("What does Ben drink?", "Ben"),
        ("What do Anna and Ben drink?", None),
        ("What does Annabel drink?", None),
        ("What do I drink?", None),
    ],
)
def test_one_named_author_is_found(question: str, named: str | None) -> None:
    """A question names an author by any word of their name, in any case; two named are none."""
    assert named_author(question, ["Anna Kovács", "Ben", "🦊"]) == named


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("What does Anna drink?", "What does drink?"),
        ("Anna's tea", "tea"),
        ("Is Annabel here?", "Is Annabel here?"),
        ("Anna", "Anna"),
        ("a+b (Anna)", "a+b ( )"),
    ],
)
def test_names_are_taken_out_of_the_question(question: str, left: str) -> None:
    """Whole names only, possessives too; a question of names alone stays as it is."""
    assert " ".join(without_names(question, ["Anna", "(", ".*"]).split()) == left


def test_without_authors_the_question_is_untouched() -> None:
    """Nobody to name: the same text, so that its vector can be used again for remembering."""
    assert without_names(" My tea ", []) == " My tea "


def test_nothing_fits_when_the_best_is_below_the_floor() -> None:
    """A question about nothing remembered recalls nothing, pinned memories included."""
    assert best(ranking([3, 2], [0.29, 0.1]), 10, 0.3, np.array([True, True])) == []


def test_what_fits_is_given_by_score() -> None:
    """Relevance decides whether, the score decides in which order."""
    assert best(ranking([1, 3, 2], [0.5, 0.5, 0.5]), 10, 0.3, none_pinned(3)) == [1, 2, 0]


def test_equal_scores_keep_the_order_of_ids() -> None:
    """Ties are broken the same way every time."""
    assert best(ranking([1, 1, 1, 1], [0.5] * 4), 10, 0.3, none_pinned(4)) == [0, 1, 2, 3]


def test_what_is_far_below_the_floor_is_left_out() -> None:
    """A memory that has nothing to do with the question is not recalled beside one that has."""
    assert best(ranking([1, 3], [0.9, 0.01]), 10, 0.3, none_pinned(2)) == [0]


def test_a_pinned_memory_needs_no_relevance_once_something_fits() -> None:
    """What the person wants kept in mind comes along."""
    assert best(ranking([1, 3], [0.9, 0.01]), 10, 0.3, np.array([False, True])) == [1, 0]


def test_a_floor_of_nothing_lets_everything_through() -> None:
    """For measuring: every candidate is ranked."""
    assert best(ranking([1, 3], [0.0, 0.0]), 10, 0.0, none_pinned(2)) == [1, 0]


def test_no_more_than_the_limit_are_given() -> None:
    """The best few of many."""
    count = 50
    assert best(ranking([float(i) for i in range(count)], [1.0] * count), 3, 0.3, none_pinned(count)) == [49, 48, 47]


def test_no_candidates_give_nothing() -> None:
    """Nothing to choose from."""
    assert best(ranking([], []), 10, 0.3, none_pinned(0)) == []


def test_a_hit_carries_the_parts_of_its_score() -> None:
    """Score and parts are those of its position."""
    of_two = Ranking(
        {"lexical": np.array([1.0, 2.0]), "pinned": np.array([0.0, 0.5])}, np.array([1.0, 2.5]), np.array([1.0, 1.0])
    )

    found = hit(memory_saying("tea"), of_two, 1)

    assert (found.score, found.parts) == (2.5, ScoreParts(lexical=2.0, pinned=0.5))


def test_the_budget_is_filled_best_first() -> None:
    """A long memory that no longer fits is passed over, and a shorter one after it still counts."""
    hits = hits_saying("apple " * 5, "pear " * 100, "plum " * 5)

    fitting = within_budget(hits, 25, once=True)

    assert [one.memory.text for one in fitting] == ["apple " * 5, "plum " * 5]


@given(st.lists(st.text(max_size=40), max_size=12), st.integers(0, 60))
def test_the_budget_is_never_passed(said: list[str], budget: int) -> None:
    """The texts together take at most the budget, and stay in order."""
    fitting = within_budget(hits_saying(*said), budget, once=True)

    assert sum(estimate_tokens(one.memory.text) for one in fitting) <= budget
    numbers = [one.memory.id for one in fitting]
    assert numbers == sorted(numbers)


def test_the_same_said_twice_is_given_once() -> None:
    """Of memories in the same words the best stands for all."""
    fitting = within_budget(hits_saying("I like green tea.", "i like GREEN TEA", "I like black tea"), 1000, once=True)

    assert [one.memory.id for one in fitting] == [1, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I eat fish", "I don't eat fish"),
        ("I have no allergies", "I have allergies"),
        ("The heating is on at night", "The heating is off at night"),
        ("Call me before lunch", "Call me after lunch"),
    ],
)
def test_a_contradiction_is_not_taken_for_a_repetition(one: str, other: str) -> None:
    """A small word can turn the meaning round: both are given, so that the newer one can count."""
    fitting = within_budget(hits_saying(one, other), 1000, once=True)

    assert [found.memory.text for found in fitting] == [one, other]


def test_two_people_can_say_the_same() -> None:
    """Ben's words do not stand for Anna's."""
    of_ben = replace(memory_saying("I like tea", 2), author=Author("ben", "Ben"))

    fitting = within_budget([*hits_saying("I like tea"), Hit(of_ben, 0, ScoreParts())], 1000, once=True)

    assert len(fitting) == 2


def test_memories_without_words_are_not_taken_for_each_other() -> None:
    """Emoji alone say nothing that could be repeated."""
    assert len(within_budget(hits_saying("🦊", "🐈"), 1000, once=True)) == 2


def test_repetitions_stay_when_nothing_is_merged() -> None:
    """Asked to keep all, every hit is given."""
    assert len(within_budget(hits_saying("tea", "tea"), 1000, once=False)) == 2
