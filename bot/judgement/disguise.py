"""Sees through what hides a secret from a pattern: invisible characters, wide, mathematical and foreign digits."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.judgement.secret_formats import compiled


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without disguise; `offsets[i]` is where character i stood (None: unchanged)."""

    text: str
    lower: str
    offsets: Sequence[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where a span of this text stands in the original."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


_INVISIBLE = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)


def undisguised(text: str) -> Plain:
    """Return the text without invisible characters, with full-width and other digits and letters as plain ones."""
    if text.isascii() and not compiled(_INVISIBLE).search(text):
        return Plain(text, text.lower(), None)
    shown = text.translate(_plain_characters())  # one for one, so that offsets stay
    if not compiled(_INVISIBLE).search(shown):
        return Plain(shown, shown.lower(), None)
    offsets: list[int] = []
    at = 0
    for found in compiled(_INVISIBLE).finditer(shown):
        offsets.extend(range(at, found.start()))
        at = found.end()
    offsets.extend(range(at, len(shown)))
    plain = compiled(_INVISIBLE).sub("", shown)
    return Plain(plain, plain.lower(), offsets)


@cache
def _plain_characters() -> dict[int, str]:
    """Return what full-width, mathematical and foreign digits and letters stand for, and spaces of any width."""
    dressed = [*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800), *range(0x2460, 0x2474)]
    table = {
        code: plain
        for code in dressed
        if len(plain := unicodedata.normalize("NFKD", chr(code))) == 1 and plain.isascii()
    }
    for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50):
        table.update({zero + value: str(value) for value in range(10)})
    table.update(dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "))
    table.update(dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), "\n"))
    return table | {0x0130: "I"}  # its lower case has two characters and would move every offset behind it
