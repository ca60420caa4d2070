"""What Discord and Slack make a link of, and what a reader may mistake for one; it does not know what is allowed."""

from __future__ import annotations

import re
from enum import StrEnum


class Style(StrEnum):
    """Whose links.

    Discord's client, which builds on simple-markdown, links http, https and steam addresses, masked links, and in angle
    brackets any address, e-mail address and phone number; it shows a card for an invitation even without a scheme. In
    code all of them are dead. Slack links bare domains and e-mail addresses too, in code as well (wee-slack#550).
    """

    DISCORD = "discord"
    SLACK = "slack"


_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_GAP = rf"[{_UNSEEN}\\]*"  # what may stand between the letters of a scheme; masked links are also unescaped
_SCHEME = rf"(?:[a-zａ-ｚ]{_GAP}){{1,30}}[:：]{_GAP}[/／]{_GAP}[/／]"
_WEB_SCHEME = rf"(?:{_GAP.join('http')}{_GAP}s?|steam|discord){_GAP}:{_GAP}/"  # a browser adds the second slash
_BARE_SCHEME = r"(?:mailto|javascript|vbscript|steam|discord|slack|(?<![a-z0-9])(?:tel|sms)):(?=\S)"
_ANY_SCHEME = f"(?:{_SCHEME}|{_WEB_SCHEME}|{_BARE_SCHEME})"
_LABEL = rf"[\w{_UNSEEN}-]+"
_REST = r"[^\s<>`]+"

_MENTION = r"<(?:a?:\w+:\d+|[@#][!&]?\w+|t:-?\d+(?::\w)?|id:\w+|/[^<>\n:]{1,100}:\d+)>"  # and emoji, timestamps
_LINK = (
    r"!?\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\]){0,1000})\]\(\s*"
    r"(?P<target><[^<>\n]*>|(?:[^\s()<>]|\([^\s()<>]*\))+)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_DEFINITION = rf"^[ \t>]*(?P<label>\[[^\[\]\n:/.<>]+\]):[ \t]*(?P<defined>{_REST}|<[^<>\n]*>)"
_ANGLE = (
    r"<(?P<inner>[^\s<>:]+:[/\\][^>\n]{0,2000}"
    rf"|{_BARE_SCHEME}[^<>\n]+"
    r"|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+"
    r"|\+[\d(][\d\s()./-]{3,}"  # a phone number
    rf"|(?:{_LABEL}\.)+{_LABEL}(?:[:/?#|][^<>\n]*)?)>"
)
_INVITATION = rf"discord(?:app)?\.(?:gg|gift|new|com)/{_REST}"
_ADDRESS = rf"{_ANY_SCHEME}{_REST}|{_INVITATION}"
_NAME = rf"(?<![\w{_UNSEEN}-])(?<!\w\.)(?:[\w.+-]{{1,64}}@)?{_LABEL}(?:\.{_LABEL})+(?:[:/?#]{_REST})?"

_DISCORD = f"{_MENTION}|{_LINK}|{_DEFINITION}|{_ANGLE}|(?P<address>{_ADDRESS})"
_SLACK = rf"(?P<name>{_NAME})|(?P<opening>\](?=\([^\s()]*[.:/\\]))"
_NOTHING = r"(?P<name>(?!))(?P<opening>)"  # never matches; names the groups that Discord has no use for

LINKS = {
    Style.DISCORD: re.compile(f"{_DISCORD}|{_NOTHING}", re.IGNORECASE | re.MULTILINE),
    Style.SLACK: re.compile(f"{_DISCORD}|{_SLACK}", re.IGNORECASE | re.MULTILINE),
}
"""What may be a link, as named groups: text and target of a masked one; label and defined of a definition; the inner of
angle brackets; an address; the name and opening bracket that only Slack minds. None of them: a mention or emoji."""

SCHEME = re.compile(_ANY_SCHEME, re.IGNORECASE)
UNSEEN = re.compile(f"[{_UNSEEN}]")
INVITATION = re.compile(_INVITATION, re.IGNORECASE)
