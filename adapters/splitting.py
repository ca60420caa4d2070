"""Splits a text into messages that a platform takes, at the places where a person would turn the page.

Lengths are in UTF-16 code units. Discord counts code points (its staff in discord-api-docs#1315), of which a text never
has more than code units, so that a piece fits whichever of the two is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from adapters.blocks import Block, Fence, Prose, Table, blocks
from adapters.graphemes import last_cut, may_cut

_Spans: TypeAlias = Sequence[tuple[int, int]]

LEAST_LIMIT = 40
"""The smallest limit there is room in to close a code block and open it again."""

# Where to cut, best first; the end of a match is the place.
_PARAGRAPHS = re.compile(r"(?=\n[ \t]*\n)")
_ITEMS = re.compile(r"(?=\n\S)")
_LINES = re.compile(r"(?=\n)")
_SENTENCES = re.compile(r"""(?<!\n\d)(?<!\n\d\d)[.!?…]["'”’»)*_]*(?=\s)|[。！？]["'”’»）」』]*""")
_WORDS = re.compile(r"(?=\s)|[，、；：]")
_IN_PROSE = (_PARAGRAPHS, _ITEMS, _LINES, _SENTENCES, _WORDS)
_IN_CODE = (_PARAGRAPHS, _LINES, _WORDS)

_TOKENS = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)"  # inline code
    r"|!?\[[^\[\]\n]*\]\((?:[^()\s]|\([^()\s]*\))*\)"  # a link
    r"|<(?:[@#!/:]|a:|t:|id:|\w+:)[^<>\n]*>"  # mentions, custom emoji, timestamps and links in angle brackets
    r"|[A-Za-z]\w*://[^\s<>\u3000-\U0010ffff]+"  # Chinese goes on without a space after it
)
_EMPHASES = re.compile(r"(?P<mark>\*\*|__|~~|\|\|)(?=\S)[^\n]+?(?P=mark)")

_HEADING = re.compile(r"#{1,6}[ \t]")
_START = re.compile(r"(?:[ \t]*\n)+|\s+")
_INTRODUCTION = re.compile(r"(?:\A|\n)(?P<line>(?:#{1,6} [^\n]+|[^\n]{1,100}:)[ \t]*\n\s*)\Z")


def measure(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, *, plain: bool = False) -> list[str]:
    """Return a text as messages, none blank; nothing is lost but white space where it is cut.

    Code blocks and tables that fit into a message stay whole, and so do links, emphasis and words. Paragraphs, list
    items and sentences do as far as no message is left half empty. A code block that is cut is closed and opened again,
    one that was never closed is closed, and a table that is cut repeats its header.

    Args:
        limit: most length of a message, LEAST_LIMIT or more; Discord takes 2,000.
        plain: nothing in it is a code block or a table, whatever it looks like.

    Raises:
        ValueError: the limit is too small.
    """
    if limit < LEAST_LIMIT:
        raise ValueError(f"messages of {limit} are too small to split into, at least {LEAST_LIMIT} is expected")
    pieces = [""]
    text = text.replace("\r\n", "\n")
    for block in [Prose(text)] if plain else blocks(text):
        head, *rest = _parts(block, limit - measure(pieces[-1]), limit)
        if rest and not head:
            pieces[-1], rest[0] = _with_introduction(pieces[-1], rest[0], limit)
        pieces[-1] += head
        pieces += rest
    return [piece for raw in pieces if (piece := _trimmed(raw))]


def _parts(block: Block, room: int, limit: int) -> list[str]:
    """Return a block as what goes into the room that is left of a message, maybe nothing, and into the next ones."""
    length = measure(block.text.rstrip())
    if length <= room:
        return [block.text]
    if length <= limit and not isinstance(block, Prose):
        return ["", block.text]
    match block:
        case Fence() if measure(block.opening) <= limit // 4 and measure(block.end) <= limit // 4:
            return _fence_parts(block, room, limit)
        case Table() if measure(block.header) + max(map(measure, block.rows), default=0) <= limit:
            return _table_parts(block, room, limit)
    return list(_prose_parts(block.text, room, limit))


def _fence_parts(fence: Fence, room: int, limit: int) -> list[str]:
    frame = measure(fence.opening) + measure(fence.end) + 2
    begins_here = room - frame >= limit // 2
    bodies = _cut_up(fence.body, (room if begins_here else limit) - frame, limit - frame)
    parts = [] if begins_here else [""]
    opening = fence.opening
    for body in bodies:
        parts.append(f"{opening}\n{body}\n{fence.end}\n")
        opening = fence.again
    return parts


def _cut_up(code: str, first_room: int, room: int) -> Iterator[str]:
    """Yield code in parts, none of them blank."""
    code = code.rstrip()
    while measure(code) > first_room:
        at = _cut(code, first_room, first_room, _IN_CODE)
        if part := code[:at].rstrip():
            yield part
            first_room = room
        code = _after(code, at)
    yield code


def _table_parts(table: Table, room: int, limit: int) -> list[str]:
    parts = ["", table.header]
    if measure(table.header + "".join(table.rows[:1])) <= room:
        parts = [table.header]
    for row in table.rows:
        if measure((parts[-1] + row).rstrip()) > (room if len(parts) == 1 else limit):
            parts.append(table.header)
        parts[-1] += row
    return parts


def _prose_parts(text: str, room: int, limit: int) -> Iterator[str]:
    while measure(text.rstrip()) > room:
        at = _cut(text, room, limit, _IN_PROSE, _whole(text, room + limit, limit))
        yield text[:at]
        text = _after(text, at)
        room = limit
    yield text


def _whole(text: str, most: int, limit: int) -> tuple[_Spans, _Spans]:
    """Return what is to stay whole near the beginning: emphasis and tokens, and tokens alone."""
    emphases, tokens = (
        [span for found in pattern.finditer(text, 0, most) if measure(found[0]) <= limit and (span := found.span())]
        for pattern in (_EMPHASES, _TOKENS)
    )
    return [*emphases, *tokens], tokens


def _cut(
    text: str, room: int, limit: int, borders: Sequence[re.Pattern[str]], whole: tuple[_Spans, ...] = ((),)
) -> int:
    """Return where to cut a text that is longer than the room; 0 when it had better begin in a new message."""
    most = _fitting(text, room)
    least = _fitting(text, room - limit // 2)
    for border in borders:
        if at := _last(border, text, least, most, whole[0]):
            return at
        if border is _PARAGRAPHS and room <= limit // 2:
            return 0
    for spans in whole:
        if at := _last(_WORDS, text, 0, most, spans):
            return at
        if room < limit:
            return 0
        at = _before(most, spans)
        if at and may_cut(text, at):
            return at
    return last_cut(text, most)


def _fitting(text: str, room: int) -> int:
    """Return how many characters of a text have room."""
    if measure(text[: max(room, 0)]) <= room:
        return min(len(text), room)
    used = 0
    for at, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > room:
            return at
    return len(text)


def _last(border: re.Pattern[str], text: str, least: int, most: int, whole: _Spans) -> int | None:
    """Return the last border above `least` and up to `most` that tears nothing apart and does not follow a heading."""
    found = [match.end() for match in border.finditer(text, least, most + 100) if least < match.end() <= most]
    return next(
        (at for at in reversed(found) if may_cut(text, at) and _before(at, whole) == at and not _is_heading(text, at)),
        None,
    )


def _before(at: int, whole: _Spans) -> int:
    """Return the index, or where what surrounds it begins."""
    return min((start for start, end in whole if start < at < end), default=at)


def _is_heading(text: str, end: int) -> bool:
    return _HEADING.match(text, text.rfind("\n", 0, end) + 1) is not None


def _after(text: str, at: int) -> str:
    """Return the rest of a text without the white space at the cut; the indentation of a line stays."""
    rest = text[at:]
    start = _START.match(rest)
    if start is None or at == 0:
        return rest
    return rest[start.end() if may_cut(rest, start.end()) else start.end() - 1 :]


def _with_introduction(before: str, part: str, limit: int) -> tuple[str, str]:
    """Move the heading, or the line that ends in a colon, to what it introduces if there is room."""
    found = _INTRODUCTION.search(before)
    if found is None or measure(found["line"] + part.rstrip()) > limit:
        return before, part
    return before[: found.start("line")], found["line"] + part


def _trimmed(piece: str) -> str:
    return piece[_blank_lines(piece) :].rstrip()


def _blank_lines(piece: str) -> int:
    found = re.match(r"(?:[ \t]*\n)+", piece)
    return found.end() if found else 0
