"""The pieces of Block Kit that the interface is built from, within their limits; they know no command and no memory.

Limits and fields: https://docs.slack.dev/reference/block-kit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from adapters.splitting import split

Block: TypeAlias = dict[str, Any]
"""A block, an element of one, or another piece, as it is sent."""

SECTION_CHARACTERS = 3000
INPUT_CHARACTERS = 3000
LABEL_CHARACTERS = 75
TITLE_CHARACTERS = 24

_ROOM = 2800  # what a section is filled to; an escape takes up to five characters
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_FORMATTING = re.compile(r"[*_~`]|:[\w+-]+:|^\s*>", re.MULTILINE)
_CHANNEL = re.compile(r"&lt;(#[CG]\w+)(?:\|\w*)?&gt;")


def escaped(text: str) -> str:
    """Return a text as mrkdwn shows it to the letter: no mention, no link."""
    for letter, escape in _ESCAPES:
        text = text.replace(letter, escape)
    return text


def plain(text: str) -> Block:
    """Return a text that is shown to the letter: no formatting, no mentions, no emoji out of colons."""
    return {"type": "plain_text", "text": text, "emoji": False}


def words(text: str) -> Block:
    """Return a text shown to the letter, but for links to channels, which nobody is notified by.

    Beside what would be formatting in mrkdwn, which knows no escape for it, they are shown to the letter too.
    """
    linked = _CHANNEL.sub(r"<\1>", escaped(text))
    if linked == escaped(text) or len(linked) > SECTION_CHARACTERS or _FORMATTING.search(text):
        return plain(text)
    return {"type": "mrkdwn", "text": linked, "verbatim": True}


def section(text: str, block_id: str = "") -> Block:
    """Return a paragraph of at most SECTION_CHARACTERS."""
    return {"type": "section", "text": words(text), **_named(block_id)}


def sections(text: str) -> list[Block]:
    """Return a text of any length as paragraphs."""
    return [section(piece) for part in _apart(text) for piece in split(part, _ROOM, plain=True)]


def _apart(text: str) -> Iterator[str]:
    """Yield the lines of a text, those with links to channels apart from those that may be shown as `plain` only."""
    together: list[str] = []
    linked: bool | None = None
    for one in text.split("\n"):
        plainly, links = _FORMATTING.search(one), _CHANNEL.search(escaped(one))
        if plainly or links:
            if linked is bool(plainly):
                yield "\n".join(together)
                together = []
            linked = not plainly
        together.append(one)
    yield "\n".join(together)


def small(text: str, block_id: str = "") -> Block:
    """Return a line in small letters."""
    return {"type": "context", "elements": [words(text)], **_named(block_id)}


def header(text: str) -> Block:
    """Return a heading."""
    return {"type": "header", "text": plain(text)}


def divider() -> Block:
    """Return a line across."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Return a row of buttons and lists."""
    return {"type": "actions", "elements": list(elements)}


def confirm(question: str, yes: str, no: str) -> Block:
    """Return a question that is asked before a button does something that cannot be taken back."""
    title = plain("Are you sure?")
    return {"title": title, "text": plain(question), "confirm": plain(yes), "deny": plain(no), "style": "danger"}


def choice(label: str, value: str) -> Block:
    """Return one entry of a list."""
    return {"text": plain(cut(label, LABEL_CHARACTERS)), "value": value}


def choose_one(action_id: str, choices: Sequence[tuple[str, str]], chosen: str) -> Block:
    """Return a list to choose one entry from; of each (value, label)."""
    options = {value: choice(label, value) for value, label in choices}
    initial = {"initial_option": options[chosen]} if chosen in options else {}
    return {"type": "static_select", "action_id": action_id, "options": list(options.values()), **initial}


def ticks(action_id: str, choices: Sequence[tuple[str, str]], chosen: Iterable[str]) -> Block:
    """Return boxes to tick; of each (value, label)."""
    options = {value: choice(label, value) for value, label in choices}
    ticked = [options[value] for value in chosen]
    initial = {"initial_options": ticked} if ticked else {}  # an empty list is refused
    return {"type": "checkboxes", "action_id": action_id, "options": list(options.values()), **initial}


def choose_channels(action_id: str, chosen: Iterable[str], hint: str) -> Block:
    """Return a list to choose channels from, public ones and those private ones that whoever chooses is in."""
    ids = sorted(chosen)
    initial = {"initial_conversations": ids} if ids else {}
    return {
        "type": "multi_conversations_select",
        "action_id": action_id,
        "placeholder": plain(hint),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        **initial,
    }


def line(action_id: str, text: str = "", *, hint: str = "", most: int = INPUT_CHARACTERS, long: bool = False) -> Block:
    """Return a field to write into. most: up to INPUT_CHARACTERS."""
    initial = {"initial_value": text} if text else {}
    placeholder = {"placeholder": plain(hint)} if hint else {}
    common = {"type": "plain_text_input", "action_id": action_id, "max_length": most, "multiline": long}
    return {**common, **initial, **placeholder}


def field(block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """Return a field of a form with its label."""
    told = {"hint": plain(hint)} if hint else {}
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
        **told,
    }


def cut(text: str, most: int) -> str:
    """Return a text in one line of at most so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _named(block_id: str) -> Block:
    return {"block_id": block_id} if block_id else {}
