"""The rules of the OpenAI services that need no server: estimates, pauses and the parameters a server takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.openai_service.client import is_openai
from bot.openai_service.dialect import Dialect
from bot.openai_service.retry import LONGEST_PAUSE_S, pause_s
from bot.openai_service.vectors import MAX_BATCH_TEXTS, MAX_BATCH_TOKENS, batches
from bot.protocols import ChatMessage
from bot.tokens import cut_to_bytes, cut_to_tokens, estimate_prompt_tokens, estimate_tokens

TEXTS = st.text(st.characters(), max_size=60)  # lone surrogates included


def test_three_bytes_are_a_token() -> None:
    """Estimates round up and count bytes, so that other scripts cost what they are worth."""
    assert [estimate_tokens(text) for text in ("", "a", "abc", "abcd", "茶", "☕☕")] == [0, 1, 1, 2, 1, 2]


def test_prompt_counts_its_messages() -> None:
    """Each message costs its text and four tokens."""
    assert estimate_prompt_tokens([ChatMessage("system", "abc"), ChatMessage("user", "")]) == 9


@given(TEXTS, st.integers(0, 40))
def test_cut_text_keeps_to_its_limit_and_splits_no_character(text: str, max_tokens: int) -> None:
    """A cut text fits, is well-formed and goes on as long as it can."""
    kept = cut_to_tokens(text, max_tokens)
    sound = text.encode("utf-8", "replace").decode()

    assert estimate_tokens(kept) <= max_tokens
    assert sound.startswith(kept)
    rest = sound[len(kept) :]
    assert not rest or len((kept + rest[0]).encode()) > max_tokens * 3


def test_cut_to_bytes_of_short_text_changes_nothing() -> None:
    """A text within the limit stays as it is."""
    assert cut_to_bytes("tea ☕", 7) == "tea ☕"


@given(st.lists(st.sampled_from(["", "tea", "x" * 24_000]), max_size=600))
def test_batches_hold_every_text_once_and_in_order(texts: list[str]) -> None:
    """No batch is empty or beyond its limits, and together they are the texts."""
    groups = batches(texts)

    assert [text for group in groups for text in group] == texts
    assert all(1 <= len(group) <= MAX_BATCH_TEXTS for group in groups)
    assert all(sum(map(estimate_tokens, group)) <= MAX_BATCH_TOKENS for group in groups)


def test_batches_are_as_large_as_their_limits_allow() -> None:
    """31 texts of 8,000 tokens go into one request, or 256 short ones."""
    assert [len(group) for group in batches(["x" * 24_000] * 40)] == [31, 9]
    assert [len(group) for group in batches(["tea"] * 300)] == [256, 44]


def test_pauses_grow_and_stay_bounded() -> None:
    """The pause doubles from half a second to eight; chance takes up to half of it away."""
    assert [pause_s(tries, None, 1.0) for tries in (1, 2, 3, 9)] == [0.5, 1.0, 2.0, LONGEST_PAUSE_S]
    assert [pause_s(tries, None, 0.0) for tries in (1, 2, 3, 9)] == [0.25, 0.5, 1.0, LONGEST_PAUSE_S / 2]


def test_named_pause_wins() -> None:
    """What the service asks for is what is waited."""
    assert pause_s(3, 0.2, 1.0) == 0.2


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://openai.com.evil.example/v1", False),
        ("https://notopenai.com/v1", False),
        ("http://localhost:11434/v1", False),
    ],
)
def test_openai_is_known_by_its_host(base_url: str | None, *, expected: bool) -> None:
    """Only OpenAI's own hosts get OpenAI's own parameters."""
    assert is_openai(base_url) is expected


def test_openai_is_asked_in_its_newer_words() -> None:
    """OpenAI gets max_completion_tokens, others max_tokens; nothing is ever to be stored."""
    assert Dialect.of(None).parameters(9) == {
        "max_completion_tokens": 9,
        "store": False,
        "stream_options": {"include_usage": True},
    }
    assert Dialect.of("http://localhost/v1").parameters(9)["max_tokens"] == 9


def test_store_is_never_left_out_at_openai() -> None:
    """No refusal makes OpenAI keep what people said."""
    assert Dialect.of(None).without("unknown parameter 'store'") is None


def test_refusal_about_something_else_teaches_nothing() -> None:
    """Words of a sentence, and parameters that were not sent, are no refused parameters."""
    dialect = Dialect.of("http://localhost/v1")

    assert dialect.without("we store nothing; use 'max_completion_tokens'") is None


def test_two_callers_learn_the_same() -> None:
    """Two requests that were under way with the same parameters come to the same dialect."""
    dialect = Dialect.of("http://localhost/v1")

    first, second = dialect.without("'max_tokens'"), dialect.without("'max_tokens'")

    assert first == second
    assert first is not None
    assert "max_completion_tokens" in first.parameters(9)
