"""Long answers as messages: each fits, nothing is lost, and nothing is cut that fits whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies

from adapters.splitting import LEAST_LIMIT, measure, split
from tests.adapters.documents import Document, documents, in_characters, violations

DISCORD = 2_000


@given(document=documents, limit=strategies.integers(60, 300))
@settings(max_examples=150)
def test_any_answer_is_split_without_harm(document: Document, limit: int) -> None:
    """Every message fits and is not blank, all words come in order, code blocks are whole, no character is torn."""
    assert violations(document, split(document.text, limit), limit) == set()


def test_harm_would_be_seen() -> None:
    """The check above catches a splitter that counts characters and cuts where it stands."""
    parts = ("```py\n", *("x = 1\n" for _ in range(40)), "```\n", *("👨‍👩‍👧‍👦" for _ in range(40)), "   " * 30, "end")
    document = Document(parts)
    naive = [document.text[start : start + 50] for start in range(0, len(document.text), 50)]

    assert violations(document, naive, 50) == {"too long", "unbalanced", "torn", "blank"}
    assert violations(document, naive[1:], 500) >= {"lost"}


def test_short_answer_is_one_message() -> None:
    """What fits is left as it is."""
    assert split("Hello **you**.\n\n- one\n  - two\n", DISCORD) == ["Hello **you**.\n\n- one\n  - two"]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\n\n\n"])
def test_nothing_is_no_message(text: str) -> None:
    """White space alone makes no message."""
    assert split(text, DISCORD) == []


def test_limit_is_used_to_the_last_character() -> None:
    """A message may be exactly as long as the limit."""
    assert split("a" * DISCORD, DISCORD) == ["a" * DISCORD]
    assert split("a" * (DISCORD + 1), DISCORD) == ["a" * DISCORD, "a"]


def test_length_is_the_larger_of_two_counts() -> None:
    """An emoji beyond the first plane counts twice, as in UTF-16, so that either count of a platform is kept."""
    assert measure("a🙂é") == 4
    assert [len(piece) for piece in split("🙂" * 1_500, DISCORD)] == [1_000, 500]


def test_tiny_limit_is_refused() -> None:
    """A limit without room for a code block is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least 40 is expected"):
        split("text", LEAST_LIMIT - 1)


def _sentences(count: int) -> str:
    return " ".join(f"This is sentence number {number}." for number in range(count))


def test_paragraphs_stay_whole() -> None:
    """A message ends between paragraphs rather than in one, when it is at least half full."""
    first, second = _sentences(40), _sentences(40)

    assert split(f"{first}\n\n{second}", DISCORD) == [first, second]


def test_long_paragraph_is_cut_between_sentences() -> None:
    """A paragraph that does not fit is cut behind a full stop."""
    pieces = split(_sentences(100), DISCORD)

    assert len(pieces) == 2
    assert pieces[0].endswith(".")
    assert " ".join(pieces) == _sentences(100)


def test_list_items_stay_whole() -> None:
    """A list is cut before an item, not between an item and what is below it."""
    items = [f"- Item {number} has some words\n  and a second line." for number in range(10)]
    pieces = split("\n".join(items), 200)

    assert all(piece.startswith("- ") for piece in pieces)
    assert "\n".join(pieces) == "\n".join(items)


def test_line_that_begins_with_a_number_sign_is_no_heading() -> None:
    """As in a list of memories, whose lines may be parted."""
    lines = [f"#{number} I like tea number {number}" for number in range(100)]

    assert [line for piece in split("\n".join(lines), DISCORD) for line in piece.splitlines()] == lines


def test_plain_text_has_no_code_blocks_or_tables() -> None:
    """Nothing is closed, opened again or repeated, whatever it looks like."""
    text = "\n".join(["```", "| a | b |", "|---|---|", *(f"| {number} | x |" for number in range(500))])
    pieces = split(text, DISCORD, plain=True)

    assert len(pieces) > 1
    assert "\n".join(pieces) == text
    assert "\n".join(split(text, DISCORD)) != text


def test_backslash_stays_with_what_it_escapes() -> None:
    """Though it is the last that would fit."""
    assert split("a" * (DISCORD - 1) + "\\*b", DISCORD) == ["a" * (DISCORD - 1), "\\*b"]


def test_heading_stays_with_what_it_heads() -> None:
    """No message ends in a heading."""
    pieces = split(f"{'word ' * 30}\n\n## Heading\n\n{'word ' * 20}", 180)

    assert pieces[1].startswith("## Heading\n\nword")


def test_code_block_that_fits_is_not_cut() -> None:
    """A code block moves to the next message as a whole, with the line that introduces it."""
    code = "```python\n" + "call()\n" * 15 + "```"
    pieces = split(f"{'word ' * 12}\n\nRun this:\n\n{code}\n\nDone.", 150)

    assert pieces == [("word " * 12).strip(), f"Run this:\n\n{code}\n\nDone."]


@pytest.mark.parametrize(
    ("opening", "closing", "again"),
    [
        ("```python", "```", "```python"),
        ("````markdown", "````", "````markdown"),
        ("~~~sh", "~~~", "~~~sh"),
        ("   ```js", "   ```", "   ```js"),
        ("- ```js", "  ```", "  ```js"),
        ("1. ```", "   ```", "   ```"),
        ("```python title=x", "```", "```python"),
    ],
)
def test_long_code_block_is_closed_and_opened_again(opening: str, closing: str, again: str) -> None:
    """Each message holds a code block of its own, with the same language, fence and indentation."""
    lines = [f"line_{number} = {number}" for number in range(40)]
    pieces = split("\n".join([opening, *lines, closing]), 200)
    framed = [piece.split("\n") for piece in pieces]

    assert [piece[0].strip() for piece in framed] == [opening.strip(), *(again.strip() for _ in pieces[1:])]
    assert [piece[-1] for piece in framed] == [closing] * len(pieces)
    assert [line for piece in framed for line in piece[1:-1]] == lines


def test_fence_inside_a_longer_fence_is_code() -> None:
    """A code block about code blocks ends where its own fence does."""
    inner = "\n".join(f"```\ncode {number}\n```" for number in range(20))
    pieces = split(f"````md\n{inner}\n````", 120)

    assert all(piece.startswith("````md\n") and piece.endswith("\n````") for piece in pieces)
    assert "\n".join(piece[7:-5] for piece in pieces) == inner


def test_unclosed_code_block_is_closed() -> None:
    """The code of an answer that was cut off does not run into what follows."""
    assert split("Look:\n```py\nx = 1", DISCORD) == ["Look:\n```py\nx = 1\n```"]


def test_indentation_of_code_stays() -> None:
    """A line of code keeps its place at the beginning of a message."""
    code = "\n".join(["def f():", *(f"    line({number})" for number in range(30))])
    pieces = split(f"```\n{code}\n```", 120)

    assert "\n".join(piece[4:-4] for piece in pieces) == code


def test_one_long_line_of_code_is_cut() -> None:
    """Code without line ends still makes closed blocks."""
    pieces = split(f"```\n{'x' * 500}\n```", 120)

    assert "".join(piece[4:-4] for piece in pieces) == "x" * 500


def test_monster_fence_is_text() -> None:
    """A fence that leaves no room for code is cut like any other text."""
    pieces = split(f"{'`' * 90}\ncode\n{'`' * 90}", 100)

    assert all(measure(piece) <= 100 for piece in pieces)
    assert "".join("".join(pieces).split()) == "`" * 90 + "code" + "`" * 90


def test_long_table_repeats_its_header() -> None:
    """Each part of a table can be read by itself, and no row is cut."""
    rows = [f"| {number} | value {number} |" for number in range(30)]
    header = ["| Name | Value |", "|:-----|------:|"]
    parts = [piece.split("\n") for piece in split("\n".join([*header, *rows]), 200)]

    assert all(part[:2] == header for part in parts)
    assert [row for part in parts for row in part[2:]] == rows


def test_table_that_fits_is_not_cut() -> None:
    """A table moves to the next message as a whole."""
    table = "| a | b |\n|---|---|\n" + "\n".join("| 1 | 2 |" for _ in range(10))

    assert split(f"{'word ' * 10}\n\n{table}", 150) == [("word " * 10).strip(), table]


def test_table_with_a_monster_row_is_text() -> None:
    """A row longer than a message is cut like a sentence."""
    pieces = split(f"| a | b |\n|---|---|\n| {'word ' * 60}|", 100)

    assert all(measure(piece) <= 100 for piece in pieces)
    assert "".join(pieces).count("word") == 60


@pytest.mark.parametrize(
    "token",
    [
        "<:blobwave:123456789012345678>",
        "<a:party:123456789012345678>",
        "<@123456789012345678>",
        "<#123456789012345678>",
        "<t:1700000000:R>",
        "</remember this:123456789012345678>",
        "https://example.com/some/path?and=query",
        "[two words](https://example.com/some_(path))",
        "`some inline code`",
        "**some bold words**",
        "~~struck out words~~",
        "👨‍👩‍👧‍👦",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "🇩🇪",
        "1️⃣",
        "e\u0301",
    ],
)
@pytest.mark.parametrize("filler", ["長", "word "])
def test_token_is_never_cut(token: str, filler: str) -> None:
    """Wherever the message ends, what is one thing for the reader is in one message."""
    width = measure(filler)
    for before in range(60 // width - len(token) // width - 2, 60 // width + 2):
        text = filler * before + token + filler * 30
        pieces = split(text, 60)

        assert sum(piece.count(token) for piece in pieces) == 1
        assert "".join("".join(pieces).split()) == "".join(text.split())


def test_flags_are_cut_in_pairs() -> None:
    """A row of flags does not become other flags."""
    pieces = split("a" + "🇩🇪" * 50, 60)

    assert set("".join(pieces)) == set("a🇩🇪")
    assert all(piece.removeprefix("a") == "🇩🇪" * piece.count("🇩🇪") for piece in pieces)


def test_one_character_longer_than_a_message_is_cut_anyway() -> None:
    """A letter under a thousand accents ends up in several messages, not in none."""
    pieces = split("e" + "\u0301" * 1_000, 100)

    assert "".join(pieces) == "e" + "\u0301" * 1_000
    assert max(map(measure, pieces)) <= 100


def test_long_answer_with_code() -> None:
    """15,000 characters with code make the fewest messages but one, in order and whole."""
    code = "```python\n" + "".join(f"    value_{number:03} = compute({number:03})\n" for number in range(120)) + "```"
    text = f"{_sentences(130)}\n\n{code}\n\n" + "\n".join(f"- {_sentences(3)}" for _ in range(95))
    text = text[:15_000]
    pieces = split(text, DISCORD)

    assert len(text) == 15_000
    assert len(pieces) <= 9
    assert violations(in_characters(text), pieces, DISCORD) == set()


def test_work_grows_with_the_text() -> None:
    """Texts made to confuse a parser take no more than moments."""
    began_s = time.perf_counter()
    for text in ("`a" * 50_000, "[" * 100_000, "**a " * 25_000, "<@" * 50_000, "|" * 100_000, "```\n" * 25_000):
        split(text, DISCORD)

    assert time.perf_counter() - began_s < 5
