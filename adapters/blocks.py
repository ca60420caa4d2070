"""Takes a Markdown text apart into what has to be shown in one piece or begun anew: fenced code, tables, and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OPENING = re.compile(
    r"(?P<indent>[ \t]*)(?P<item>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)"
    r"(?P<marker>`{3,}(?=[^`\n]*$)|~{3,})[ \t]*(?P<language>[^\s`]*)"
)
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n?")


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines that are neither fenced code nor a table, each with its end."""

    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """Fenced code, of backticks or tildes, also indented or in a list item.

    `opening` and `end` are its first and last line without line ends; `again` opens the rest when it has to be cut.
    """

    opening: str
    body: str
    end: str
    again: str
    is_open: bool  # the closing line is missing, `end` is made up

    @property
    def text(self) -> str:
        """All of it, closed."""
        body = self.body if not self.body or self.body.endswith("\n") else f"{self.body}\n"
        return f"{self.opening}\n{body}{self.end}\n"


@dataclass(frozen=True, slots=True)
class Table:
    """Header and separator line of a table, then its rows, each with its end."""

    header: str
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return self.header + "".join(self.rows)


Block: TypeAlias = Prose | Fence | Table


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text in order; all of it is in one of them."""
    lines = _LINE.findall(text)
    prose: list[str] = []
    at = 0
    while at < len(lines):
        block, after = _fence(lines, at) or _table(lines, at) or (None, at + 1)
        if block is None:
            prose.append(lines[at])
        else:
            if prose:
                yield Prose("".join(prose))
            prose = []
            yield block
        at = after
    if prose:
        yield Prose("".join(prose))


def _fence(lines: Sequence[str], at: int) -> tuple[Fence, int] | None:
    """Return the fence that begins with a line, and the index after it."""
    first = lines[at].rstrip("\n")
    opening = _OPENING.match(first)
    if opening is None:
        return None
    marker = opening["marker"]
    closing = re.compile(rf"[ \t]*{re.escape(marker)}{marker[0]}*[ \t]*\n?")
    last = next((index for index in range(at + 1, len(lines)) if closing.fullmatch(lines[index])), None)
    indent = opening["indent"] + " " * len(opening["item"])
    fence = Fence(
        first,
        "".join(lines[at + 1 : last]),
        indent + marker if last is None else lines[last].rstrip("\n"),
        indent + marker + opening["language"],
        last is None,
    )
    return fence, len(lines) if last is None else last + 1


def _table(lines: Sequence[str], at: int) -> tuple[Table, int] | None:
    """Return the table that begins with a line, and the index after it."""
    if at + 1 == len(lines) or "|" not in lines[at] or "|" not in lines[at + 1]:
        return None
    if not _SEPARATOR.fullmatch(lines[at + 1]):
        return None
    ends = range(at + 2, len(lines))
    after = next((index for index in ends if "|" not in lines[index] or _OPENING.match(lines[index])), len(lines))
    return Table(lines[at] + lines[at + 1], tuple(lines[at + 2 : after])), after
