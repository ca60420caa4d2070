"""What every part of the server shares: JSON, time, ids, and text as Slack sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from tests.servers.clock import Clock

Json: TypeAlias = dict[str, Any]

TOKEN = re.compile(r"<(?:@[UW]\w+|#[CG]\w+|![\w^]+)(?:\|[^>]*)?>")
LINK = re.compile(r"https?://[^\s<>]+")
ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


@dataclass
class Ids:
    """Gives out ids by kind, and message stamps that grow."""

    clock: Clock
    given: int = 0
    last_us: int = field(default=0)

    def next(self, kind: str) -> str:
        """Return a new id that starts with the letters of its kind: T, C, D, U, F, Ev."""
        self.given += 1
        return f"{kind}{self.given:09d}"

    def stamp(self) -> str:
        """Return a `ts` greater than all before."""
        self.last_us = max(int(self.clock.now() * 1_000_000), self.last_us + 1)
        return f"{self.last_us // 1_000_000}.{self.last_us % 1_000_000:06d}"


def escaped(text: str) -> str:
    """Return a text with &, < and > as Slack writes them."""
    for letter, escape in ESCAPES:
        text = text.replace(letter, escape)
    return text


def unescaped(text: str) -> str:
    """Return a text with Slack's three escapes undone."""
    for letter, escape in reversed(ESCAPES):
        text = text.replace(escape, letter)
    return text


def as_sent(text: str) -> str:
    """Return what an app receives of what a person typed: mentions kept, links in brackets, the rest escaped."""
    parts, end = [], 0
    for found in TOKEN.finditer(text):
        parts += [_plain_as_sent(text[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*parts, _plain_as_sent(text[end:])])


def _plain_as_sent(text: str) -> str:
    parts, end = [], 0
    for found in LINK.finditer(text):
        parts += [escaped(text[end : found.start()]), f"<{escaped(found.group())}>"]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a JSON answer."""
    return web.json_response(body, status=status, headers=headers)
