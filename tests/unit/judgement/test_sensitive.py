"""Protected statements are recognised; what people want remembered of themselves is not mistaken for one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.judgement.sensitive import sensitive_topic

DATA = Path(__file__).parents[2] / "data"
LISTED = [line.split("\t") for line in (DATA / "sensitive.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("topic", "text"), [(topic, text) for topic, text in LISTED if topic != "-"])
def test_a_protected_statement_has_its_topic(topic: str, text: str) -> None:
    """Diagnoses, money, papers, belief, party, orientation and where children are, in many languages."""
    assert sensitive_topic(text) == topic


@pytest.mark.parametrize("text", [text for topic, text in LISTED if topic == "-"])
def test_an_ordinary_statement_has_none(text: str) -> None:
    """Diets, allergies, jobs, sports and children's hobbies are for remembering."""
    assert sensitive_topic(text) is None


def test_ordinary_lives_are_rarely_sensitive() -> None:
    """Of the list of things worth remembering at most 3 % wait for a yes."""
    texts = [line.split("\t")[1] for line in (DATA / "meaningful.tsv").read_text(encoding="utf-8").splitlines()]
    flagged = [text for text in texts if sensitive_topic(text)]

    assert len(flagged) <= 0.03 * len(texts), flagged


@pytest.mark.parametrize(
    "text", ["", "do you have diabetes?", "what is a Catholic?", "the pope is catholic", "\ud800" * 9]
)
def test_questions_and_others_are_not_about_the_person(text: str) -> None:
    """Asking about a topic says nothing about oneself."""
    assert sensitive_topic(text) is None


@pytest.mark.parametrize("piece", ["my daughter ", "i am a very ", "diagnosed with ", "a", "i have a b c "])
def test_a_megabyte_is_judged_at_once(piece: str) -> None:
    """Only the beginning of a long text is looked at."""
    started = time.process_time()
    sensitive_topic(piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 0.5
