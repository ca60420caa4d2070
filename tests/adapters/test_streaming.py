"""An unfinished text: what is shown of it never turns into something else, and code blocks are closed."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from adapters.streaming import MOST_HELD, closed, stable_prefix

ANSWER = (
    "Hi <@42> 👋🏽 there. See [the docs here](https://a.example/x_(y)?z=1), or https://b.example/page.\n\n"
    "1. Run `some code`:\n   ```bash\n   curl https://c.example/x\n   ```\n\n"
    "Ok <:blob:7> **done** and 用Python写，很好。 End"
)
WHOLE = ("<@42>", "[the docs here](https://a.example/x_(y)?z=1)", "https://b.example/page.", "`some code`", "<:blob:7>")


def _prefixes() -> list[tuple[str, str]]:
    return [(ANSWER[:length], stable_prefix(ANSWER[:length])) for length in range(len(ANSWER) + 1)]


@pytest.mark.parametrize("token", WHOLE)
def test_token_is_shown_whole_or_not_at_all(token: str) -> None:
    """Of a link, mention, emoji or inline code no half is ever visible."""
    start = ANSWER.index(token)
    shown = {text[start : start + len(token)] for _, text in _prefixes()}

    assert {part for part in shown if part.strip()} == {token}


def test_halves_would_be_seen() -> None:
    """The check above catches a stream that shows all there is."""
    token = WHOLE[1]
    start = ANSWER.index(token)

    assert len({ANSWER[:length][start : start + len(token)] for length in range(len(ANSWER))}) > 2


def test_code_block_is_closed_all_the_time() -> None:
    """Every state has as many closing fences as opening ones."""
    assert [shown for _, shown in _prefixes() if len(re.findall(r"^ *```", shown, re.MULTILINE)) % 2] == []


def test_shown_text_only_grows() -> None:
    """But for a fence that closes a code block for the moment, nothing that was shown changes."""
    shown = [re.sub(r"\n *```\Z", "", text) for _, text in _prefixes()]

    assert [late for early, late in pairwise(shown) if not late.startswith(early)] == []


def test_words_are_shown_as_they_end() -> None:
    """No more than the last word is held back of plain text."""
    assert stable_prefix("One two thr") == "One two"
    assert stable_prefix("One two three ") == "One two three"


def test_text_without_spaces_is_shown_by_its_punctuation() -> None:
    """Chinese does not wait for a space."""
    assert stable_prefix("你好，我记得你喜欢茶。你今天") == "你好，我记得你喜欢茶。"


@pytest.mark.parametrize("tail", ["a" * (MOST_HELD + 100), "[" + "word " * 80])
def test_little_is_held_back(tail: str) -> None:
    """A word or bracket that does not end is shown while it grows."""
    shown = stable_prefix(f"Start {tail}")

    assert len(shown) >= len(tail) - 10


def test_brackets_in_prose_are_no_link() -> None:
    """Square brackets that ended and comparisons hold nothing back."""
    assert stable_prefix("x[0] is < y and so on") == "x[0] is < y and so"


def test_code_block_shows_from_its_first_line() -> None:
    """An opening fence alone would be an empty block."""
    assert stable_prefix("Look:\n```py\n") == "Look:"
    assert stable_prefix("Look:\n```py\nx = 1\n") == "Look:\n```py\nx = 1\n```"


def test_answer_that_was_cut_off_is_closed() -> None:
    """The last words of an answer are shown, whatever they are."""
    assert closed("Look:\n~~~~py\nx = ") == "Look:\n~~~~py\nx = \n~~~~"
    assert closed("Look:\n```\nx\n```\nhttps://exa") == "Look:\n```\nx\n```\nhttps://exa"
