"""What every command is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.commands.parse import Command, Number
from bot.types import SEQUENCE_BITS, Author, Hit, Memory, MemoryId, Outcome, Place, Scope


@dataclass(frozen=True, slots=True)
class Call:
    """A command with who gave it, where and when. `dedupe_key` names the delivery in the inbox.

    now: when it was sent, by the platform's clock; arrived: when it came, by ours.
    """

    command: Command
    scope: Scope
    place: Place
    author: Author
    source_id: str
    dedupe_key: str
    now: datetime
    arrived: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says; what it says is done is on disk."""

    text: str
    outcomes: tuple[Outcome, ...] = ()
    used: tuple[Hit, ...] = ()


def number_of(memory_id: MemoryId, *, shared: bool) -> Number:
    """Return how people name a memory."""
    return Number(memory_id & ((1 << SEQUENCE_BITS) - 1), shared)


def label(memory: Memory, asker: Scope) -> str:
    """Return a memory's number and text, as a list shows it."""
    marks = [mark for mark, holds in (("pinned", memory.pinned), (memory.status, memory.status != "current")) if holds]
    note = f" ({', '.join(marks)})" if marks else ""
    return f"{number_of(memory.id, shared=memory.scope != asker)} {memory.text}{note}"
