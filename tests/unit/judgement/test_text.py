"""Cleaning takes out what people cannot see, keeps what they can, and is done in one go."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judgement.text import MAX_MARKS, clean, is_question, length_in_words, sentences, words

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PIECES = list("aé\u0301\u200d\u200c\ufe0f\u202e\U000e0041❤👍کक\u094d\u00ad\ud800\x00\n1가\u1100\u1161")


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\u200b", "\u2060", "\ufeff", "\u202e", "\u2066", "\U000e0041", "\u00ad", "\u200d"]
)
def test_what_cannot_be_seen_goes(hidden: str) -> None:
    """Controls, zero-width characters, direction overrides and tag characters are taken out."""
    assert clean(f"ig{hidden}nore") == "ignore"


@pytest.mark.parametrize("text", [FAMILY, "❤\ufe0f", "1\ufe0f\u20e3", "می\u200cخواهم", "क\u094d\u200dष", "a\tb\nc"])
def test_what_shapes_writing_stays(text: str) -> None:
    """Joiners inside emoji and letters, emoji selectors, tabs and new lines are part of what was written."""
    assert clean(text) == text


def test_lone_surrogates_and_line_ends_become_plain() -> None:
    """Half a character becomes U+FFFD, and every sort of line end a new line."""
    assert clean("a\ud800b\r\nc\rd\u2028e") == "a\ufffdb\nc\nd\ne"


def test_piles_of_marks_are_cut() -> None:
    """At most eight marks stay on a letter."""
    marks = sum(1 for character in clean("z" + "\u0336" * 500) if unicodedata.combining(character))

    assert marks == MAX_MARKS


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=30).map("".join))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """A clean text is clean."""
    assert clean(clean(text)) == clean(text)


def test_many_random_texts_come_out_clean() -> None:
    """Ten thousand mixtures of traps become stable text without a control or direction character."""
    rng = random.Random(44)
    forbidden = set("\x00\u202e\u2066\u200b\ufeff\U000e0041\ud800\u00ad")
    for _ in range(10_000):
        cleaned = clean("".join(rng.choices(PIECES, k=8)))
        assert not forbidden.intersection(cleaned)
        assert clean(cleaned) == cleaned


@pytest.mark.parametrize("piece", ["\u0301\u0316", "👍\u200d", "wörld "])
def test_a_megabyte_is_cleaned_in_linear_time(piece: str) -> None:
    """No text makes cleaning slow, whatever it is made of."""
    started = time.process_time()
    clean(piece * (1_000_000 // len(piece)))

    assert time.process_time() - started < 1.5


def test_sentences_keep_their_marks_and_decimals() -> None:
    """A sentence ends where its script ends it, not at the point of a number."""
    found = sentences("Hi there! It costs 3.5 now. 你好。再见！\nlast")

    assert found == ["Hi there!", "It costs 3.5 now.", "你好。", "再见！", "last"]


def test_words_hold_together_in_every_script() -> None:
    """Vowel signs and apostrophes belong to the word."""
    assert words("don't मैं हूँ naïve") == ["don't", "मैं", "हूँ", "naïve"]


def test_chinese_counts_two_characters_a_word() -> None:
    """Six characters are three words; six English words are six."""
    assert length_in_words("我对花生过敏") == 3.0
    assert length_in_words("I am very allergic to nuts") == 6.0


@pytest.mark.parametrize("text", ["really?", "what?!", "why? 😂", "真的吗？", "هل؟", "τι;", 'he said "why?"'])
def test_question_marks_of_any_script_count(text: str) -> None:
    """The last mark decides, behind quotes and emoji."""
    assert is_question(text)


@pytest.mark.parametrize("text", ["", "no.", "a;", "who? me.", "!"])
def test_other_endings_are_no_question(text: str) -> None:
    """A question mark in the middle does not make the text a question."""
    assert not is_question(text)
