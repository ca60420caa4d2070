"""What of an unfinished text may be shown: whole words and links, and code blocks closed for the moment."""

from __future__ import annotations

import re

from adapters.blocks import Fence, blocks
from adapters.graphemes import last_cut

MOST_HELD = 300
"""Characters that are held back at most; a longer word or link shows itself while it grows."""

NO_ANSWER = "I have no answer to that."

_LAST_WORD = re.compile(r"[^\s。，、！？；：]*\Z")
_BEGUN = re.compile(
    r"(?<!`)(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)"  # inline code that ends
    r"|\[[^\[\]\n]*\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|(?!\()(?!\Z))"  # a link or a bracket that ends
    r"|<[^<>\n]*>"
    r"|(?P<unfinished>`[^\n]*\Z|!?\[[^\[\]\n]*(?:\](?:\([^\s]*)?)?\Z|<(?:[/!]|\w+:)[^<>\n]*\Z)"
)


class Answer:
    """An answer while it grows; empty at first."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._is_plain = False

    @property
    def has_begun(self) -> bool:
        """Whether anything of it came."""
        return bool(self._pieces)

    @property
    def is_plain(self) -> bool:
        """Whether it is to be shown to the letter, as for `ReplyText`."""
        return self._is_plain

    def grow(self, text: str, *, plain: bool = False) -> None:
        """Add to it.

        Args:
            plain: as for `ReplyText`.
        """
        self._pieces.append(text)
        self._is_plain = self._is_plain or plain

    def so_far(self) -> str:
        """Return what can be shown of it unfinished; blank while nothing is certain."""
        text = "".join(self._pieces)
        return text if self._is_plain else stable_prefix(text)

    def flowing(self) -> str:
        """Return what can be shown of it unfinished where it can only be added to."""
        return certain_prefix("".join(self._pieces))

    def whole(self) -> str:
        """Return it finished."""
        text = "".join(self._pieces).rstrip()
        return text if self._is_plain else closed(text)


def closed(text: str) -> str:
    """Return a text with its last code block closed, as an answer that was cut off has to be."""
    fence = _open_fence(text)
    if fence is None:
        return text
    return f"{text}{fence.end}" if text.endswith("\n") else f"{text}\n{fence.end}"


def stable_prefix(text: str) -> str:
    """Return what of an unfinished text may be shown now, with an open code block closed.

    The last word is held back, and a link, code or mention that has begun on the last line: the rest of it may make it
    something else. A code block shows from its first line on.
    """
    return closed(certain_prefix(text))


def certain_prefix(text: str) -> str:
    """Return what of an unfinished text may be shown now where it can only be added to: a code block stays open."""
    settled = text[: _settled(text)].rstrip()
    fence = _open_fence(settled)
    if fence is not None and not fence.body.strip():
        return settled[: settled.rindex(fence.opening)].rstrip()
    return settled


def _settled(text: str) -> int:
    """Return where the part begins that may still become something else."""
    earliest = max(0, len(text) - MOST_HELD)
    word = _LAST_WORD.search(text, earliest)
    start = word.start() if word else len(text)
    if _open_fence(text) is None:
        line = text.rfind("\n") + 1
        for found in _BEGUN.finditer(text, line):
            if found.start() >= earliest and (found["unfinished"] or found.start() < start < found.end()):
                start = min(start, found.start())
    return last_cut(text, len(text) - 1) if start == earliest > 0 else start


def _open_fence(text: str) -> Fence | None:
    """Return the code block at the end of a text that was not closed."""
    last = None
    for block in blocks(text):
        last = block
    return last if isinstance(last, Fence) and last.is_open else None
