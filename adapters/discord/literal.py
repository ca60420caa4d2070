"""Texts that Discord shows to the letter: no formatting, no mention, no link, but for links to channels."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"[\\*_~`|\[]"
    r"|<(?!#\d{1,20}>)"  # mentions, emoji, timestamps and links in angle brackets
    r"|:(?=//|[\w+-]+:)"  # links and names of emoji
    r"|@(?=everyone|here)"
    r"|(?<=discord)\.(?=(?:gg|gift|new|com)/)|(?<=discordapp)\.(?=com/)",  # invitations, shown as a card
    re.IGNORECASE,
)
"""What Discord's clients show as something else: https://discord.com/developers/docs/reference#message-formatting"""

_LINE_START = re.compile(r"^([ \t]*)(?=>|#{1,3}[ \t]|-#|[-+][ \t])", re.MULTILINE)
_NUMBERED = re.compile(r"^([ \t]*\d+)(?=\.[ \t])", re.MULTILINE)


def literal(text: str) -> str:
    """Return a text with a backslash before everything that would not be shown as it stands there."""
    text = _MARKUP.sub(r"\\\g<0>", text)
    return _NUMBERED.sub(r"\1\\", _LINE_START.sub(r"\1\\", text))
