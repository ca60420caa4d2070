"""What stands under a reply: undo, yes and no, why, ask again; and what stops one. What they do is in `buttons`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord

from adapters.discord.interface.presses import button, view_of
from adapters.discord.services import Services
from bot.types import Action, Memory, ReplyEnd

_KEPT = frozenset({Action.KEPT, Action.UPDATED})


def view_for(end: ReplyEnd, user_id: str, source_id: str, services: Services) -> discord.ui.View | None:
    """Return the buttons under a reply; None when there is nothing to press, or no buttons are wanted.

    Args:
        user_id: who asked, and alone may press.
        source_id: what was answered, and may have taught something.
    """
    if services.replies.marks != "buttons":
        return None
    items = [*_remembering(end, user_id, source_id)]
    if end.used:
        items.append(button("why", user_id, source_id, label="why?"))
    if end.repeatable:
        items.append(button("again", user_id, source_id, label="↻"))
    return view_of(*items) if items else None


def words_for(end: ReplyEnd) -> str:
    """Return a small line to stand under a reply in place of buttons; empty when there is nothing to say."""
    words = []
    if _kept(end):
        words.append("remembered, /undo takes it back")
    if end.used:
        words.append("/why shows what I used")
    return f"-# {' · '.join(words)}" if words else ""


def stopping_view(user_id: str, source_id: str) -> discord.ui.View:
    """Return the button that stops a reply while it is being given."""
    return view_of(button("stop", user_id, source_id, label="Stop"))


def _remembering(end: ReplyEnd, user_id: str, source_id: str) -> Iterator[discord.ui.Button[Any]]:
    if _kept(end):
        yield button("undo", user_id, source_id, label="remembered · undo")
    for proposed in [memory for action, memory in _outcomes(end) if action is Action.PROPOSED][:1]:
        yield button("keep", user_id, proposed.id, label="Remember it", style=discord.ButtonStyle.primary)
        yield button("decline", user_id, proposed.id, label="Don't")


def _outcomes(end: ReplyEnd) -> list[tuple[Action, Memory]]:
    return [(outcome.action, outcome.memory) for outcome in end.outcomes if outcome.memory is not None]


def _kept(end: ReplyEnd) -> bool:
    return any(action in _KEPT for action, _ in _outcomes(end))
