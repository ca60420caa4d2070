"""A repeated statement is the same, a changed one replaces the old, and two that are both true stay two."""

from __future__ import annotations

from pathlib import Path

import pytest
import Stemmer

from bot.judgement.duplicates import Relation, compare
from bot.judgement.lexicon import split

DATA = Path(__file__).parents[2] / "data"
STOP = frozenset(
    split(
        "i a an the is are am was were to of in on at for and my our your we me it as by that this with be been being "
        "do does did don't not no m s re ve"
    )
)
ALLOWED = {
    "same": {Relation.SAME},
    "paraphrase": {Relation.SAME, Relation.DIFFERENT},  # other words for the same thing: both may stay
    "update": {Relation.UPDATE},
    "related": {Relation.DIFFERENT},
    "unrelated": {Relation.DIFFERENT},
}


def _stems(text: str) -> frozenset[str]:
    stemmer = Stemmer.Stemmer("english")
    return frozenset(stemmer.stemWord(word) for word in split(text) if word not in STOP)


def _pairs() -> list[tuple[str, float, str, str]]:
    """Return label, cosine of the static embedder, older and newer text."""
    lines = (DATA / "pairs.tsv").read_text(encoding="utf-8").splitlines()
    return [(label, float(cosine), old, new) for label, cosine, old, new in (line.split("\t") for line in lines)]


def _relation(old: str, new: str, cosine: float) -> Relation:
    return compare(old, new, cosine, _stems(old), _stems(new))


@pytest.mark.parametrize(("label", "cosine", "old", "new"), _pairs())
def test_a_pair_is_judged_as_a_person_would(label: str, cosine: float, old: str, new: str) -> None:
    """Nothing that is still true is replaced, and every update of the list is seen."""
    assert _relation(old, new, cosine) in ALLOWED[label]


def test_the_list_has_enough_of_each_sort() -> None:
    """At least 60 pairs, ten of every sort."""
    labels = [label for label, *_ in _pairs()]

    assert len(labels) >= 60
    assert min(labels.count(label) for label in ALLOWED) >= 10


def test_cosine_alone_never_replaces() -> None:
    """However near the vectors, a related pair stays two memories."""
    related = [(old, new) for label, _, old, new in _pairs() if label in {"related", "unrelated"}]

    assert [pair for pair in related if _relation(*pair, 0.99) is Relation.UPDATE] == []


def test_far_apart_texts_never_replace() -> None:
    """Below the least cosine nothing is an update, whatever the words say."""
    updates = [(old, new) for label, _, old, new in _pairs() if label == "update"]

    assert [pair for pair in updates if _relation(*pair, 0.1) is Relation.UPDATE] == []


def test_a_question_replaces_nothing() -> None:
    """Asking whether something changed does not change it."""
    assert _relation("I live in Munich", "do I live in Hamburg now?", 0.8) is Relation.DIFFERENT


@pytest.mark.parametrize("text", ["", "\ud800", "哈哈", "12"])
def test_odd_texts_are_compared_without_raising(text: str) -> None:
    """An empty or strange text differs from a real one and equals itself."""
    assert compare(text, "I have a dog", 0.5, frozenset(), frozenset({"dog"})) is Relation.DIFFERENT
    assert compare(text, text, 1.0, frozenset(), frozenset()) is Relation.SAME
