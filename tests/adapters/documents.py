"""Generated answers whose characters, as a person sees them, are known, and what splitting them must keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from hypothesis import strategies

CLUSTERS = (
    *"abcdefgh .,*_",
    "ß",
    "e\u0301",  # a letter with a combining accent
    "長",
    "한",
    "\u1112\u1161\u11ab",  # the same syllable in three parts
    "क्षि",  # a conjunct with a vowel sign
    "🙂",
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "❤️",
    "1️⃣",
    "🇩🇪",
    "🇯🇵",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "🧑🏿‍🚀",
)
"""What a person sees as one character; white space stands for itself."""

TOKENS = ("<:blobwave:123456789012345678>", "<@123456789012345678>", "<t:1700000000:R>", "https://example.com/a?b=c")
"""What a platform reads as one thing."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its smallest parts in order."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text."""
        return "".join(self.parts)


_words = strategies.lists(strategies.sampled_from(CLUSTERS), min_size=1, max_size=12)
_sentences = strategies.lists(
    strategies.one_of(_words, strategies.sampled_from(TOKENS).map(lambda token: [token])), min_size=1, max_size=12
).map(lambda words: [part for word in words for part in (*word, " ")][:-1])
_monsters = strategies.lists(strategies.sampled_from([c for c in CLUSTERS if c != " "]), min_size=50, max_size=120)
_lines = strategies.one_of(_sentences, _sentences, _sentences.map(lambda line: ["- ", *line]), _monsters)


def _fenced(lines: Sequence[Sequence[str]], marker: str) -> list[str]:
    return [f"{marker}py\n", *(part for line in lines for part in (*line, "\n")), f"{marker}\n"]


def _table(rows: int) -> list[str]:
    return ["\n| Head | er |\n", "|---|---|\n", *(part for row in range(rows) for part in ("| ", str(row), " | x |\n"))]


_blocks = strategies.one_of(
    strategies.lists(_lines, min_size=1, max_size=4).map(lambda lines: [p for line in lines for p in (*line, "\n")]),
    strategies.builds(
        _fenced, strategies.lists(_sentences, min_size=1, max_size=8), strategies.sampled_from(["```", "````", "~~~"])
    ),
    strategies.integers(1, 20).map(_table),
    strategies.just(["\n"]),
)
documents = strategies.lists(_blocks, min_size=1, max_size=6).map(
    lambda blocks: Document(tuple(part for block in blocks for part in block))
)
"""Answers with prose, lists, code blocks and tables."""

_FRAME = re.compile(r"[ ]*(?:(?:```|~~~)\S*|\| Head \| er \||\|---\|---\|)[ ]*")


def in_characters(text: str) -> Document:
    """Return a plain text as a document that may be cut anywhere but in its fences and table headers."""
    lines = text.splitlines(keepends=True)
    return Document(tuple(part for line in lines for part in ([line] if _FRAME.fullmatch(line.rstrip()) else line)))


def _content(text: str) -> str:
    """Return what a person reads: without white space, fences and table headers."""
    lines = [line for line in text.split("\n") if not _FRAME.fullmatch(line)]
    return re.sub(r"\s", "", "".join(lines))


def _is_balanced(piece: str) -> bool:
    marker = ""
    for line in piece.split("\n"):
        found = re.fullmatch(r"(`{3,}|~{3,})\S*", line)
        if found and not marker:
            marker = found[1]
        elif line.startswith(marker) and marker and set(line) == {marker[0]}:
            marker = ""
    return not marker


def violations(document: Document, pieces: Sequence[str], limit: int) -> set[str]:
    """Return what is wrong with the messages that a document was split into."""
    contents = [_content(piece) for piece in pieces]
    parts = [_content(part) for part in document.parts]
    cuts, allowed = set(accumulate(map(len, contents))), set(accumulate(map(len, parts)))
    lengths = [sum(2 if character > "\uffff" else 1 for character in piece) for piece in pieces]
    wrong = {
        "too long": any(length > limit for length in lengths),
        "blank": any(not piece.strip() for piece in pieces),
        "lost": "".join(contents) != "".join(parts),
        "unbalanced": not all(map(_is_balanced, pieces)),
        "torn": not cuts <= allowed,
    }
    return {what for what, is_so in wrong.items() if is_so}
