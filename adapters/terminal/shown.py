"""The ways to show a reply: as paragraphs, each followed by an empty line, as one JSON object, or not at all."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from adapters.terminal.texts import printable
from bot.events import ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText
from bot.types import Action, Hit, Outcome

Write: TypeAlias = Callable[[str], Awaitable[None]]

KEPT = frozenset({Action.KEPT, Action.UPDATED, Action.MERGED})
"""What became of a statement that is remembered now; a proposed one is not yet."""


class Shown(Protocol):
    """Where one reply is shown. An `end` is always the last part it is given."""

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply; returns when the person can see it."""
        ...


class Unshown:
    """For a reply that nobody waits for."""

    async def show(self, part: ReplyPart) -> None:
        """Show nothing."""


class Paragraphs:
    """A reply as text, each piece written as it comes."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._begun = False
        self._held = ""  # line ends that may turn out to be the paragraph's last

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply."""
        match part:
            case ReplyText(text) | ReplyFile(_, text):
                await self._grow(printable(text))
            case ReplyNotice(text):
                await self._close()
                await self._grow(printable(text))
                await self._close()
            case ReplyEnd():
                await self._close()

    async def _grow(self, text: str) -> None:
        text = self._held + (text if self._begun else text.lstrip("\n"))
        visible = text.rstrip("\n")
        self._held = text[len(visible) :]
        if visible:
            self._begun = True
            await self._write(visible)

    async def _close(self) -> None:
        if self._begun:
            await self._write("\n\n")
        self._begun, self._held = False, ""


class JsonLine:
    """A reply as one JSON object, written when the reply is whole; docs/exchange.md gives its shape."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._texts: list[str] = []
        self._notices: list[str] = []

    async def show(self, part: ReplyPart) -> None:
        """Collect a part of the reply, or show it all."""
        match part:
            case ReplyText(text) | ReplyFile(_, text):
                self._texts.append(text)
            case ReplyNotice(text):
                self._notices.append(text)
            case ReplyEnd():
                await self._write(json.dumps(self._object(part), ensure_ascii=False) + "\n")

    def _object(self, end: ReplyEnd) -> dict[str, object]:
        return {
            "reply": "".join(self._texts),
            "kept": [found for outcome in end.outcomes if (found := _kept(outcome))],
            "used": [_used(hit) for hit in end.used],
            "notice": "\n\n".join(self._notices),
            "failed": end.failed,
        }


def _kept(outcome: Outcome) -> dict[str, object] | None:
    memory = outcome.memory
    if memory is None or outcome.action not in KEPT:
        return None
    return {
        "id": memory.id,
        "text": memory.text,
        "kind": memory.kind,
        "action": outcome.action,
        "reason": outcome.reason,
    }


def _used(hit: Hit) -> dict[str, object]:
    parts = {name: round(float(getattr(hit.parts, name)), 4) for name in hit.parts.__slots__}
    return {
        "id": hit.memory.id,
        "text": hit.memory.text,
        "score": round(float(hit.score), 4),
        "parts": {name: value for name, value in parts.items() if value},
    }
