"""Bounds of what stands beside a message, which are the same on every platform."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Quoted

DEADLINE_S = 3.0
"""Seconds after which an answer is begun without what is still missing beside its question."""

QUOTED_CHARACTERS = 2000
EARLIER_CHARACTERS = 4000
FILE_CHARACTERS = 8000
MOST_READ_FILES = 3
MOST_NAMED_FILES = 10
MOST_IMAGES = 4


def newest(words: Sequence[Quoted]) -> list[Quoted]:
    """Return the newest of what was said that together are not too long, oldest first."""
    kept: list[Quoted] = []
    room = EARLIER_CHARACTERS
    for quoted in reversed(words):
        room -= len(quoted.text)
        if room < 0:
            break
        kept.append(quoted)
    return kept[::-1]


def cut(text: str, most: int) -> str:
    """Return a text, or its beginning if it is longer."""
    return text if len(text) <= most else f"{text[:most]} …"
