"""What stands under a reply: undo, yes and no, why, ask again. It knows no platform's buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.events import ReplyEnd
from bot.types import Action, Memory, MemoryId

YES, NO = "Remember it", "Don't"
"""What the buttons say that answer the question whether something may be remembered."""

_KEPT = frozenset({Action.KEPT, Action.UPDATED})


@dataclass(frozen=True, slots=True)
class Mark:
    """A button: what it does, about which message or memory, and what it says. proposed: it is the one to press."""

    verb: str
    about: str | MemoryId
    label: str
    proposed: bool = False


def marks_under(end: ReplyEnd, source_id: str) -> Iterator[Mark]:
    """Yield what can be pressed under a reply.

    Args:
        source_id: what was answered, and may have taught something.
    """
    if has_kept(end):
        yield Mark("undo", source_id, "remembered · undo")
    for waiting in [memory for action, memory in _outcomes(end) if action is Action.PROPOSED][:1]:
        yield Mark("keep", waiting.id, YES, proposed=True)
        yield Mark("decline", waiting.id, NO)
    if end.used:
        yield Mark("why", source_id, "why?")
    if end.repeatable:
        yield Mark("again", source_id, "↻")


def has_kept(end: ReplyEnd) -> bool:
    """Tell whether something of the message was kept, which can be undone."""
    return any(action in _KEPT for action, _ in _outcomes(end))


def _outcomes(end: ReplyEnd) -> list[tuple[Action, Memory]]:
    return [(outcome.action, outcome.memory) for outcome in end.outcomes if outcome.memory is not None]
