"""The marks under a reply as buttons or words, and the button that stops one. What they do is in `buttons`."""

from __future__ import annotations

import discord

from adapters.discord.interface.presses import button, view_of
from adapters.discord.services import Services
from adapters.marks import Mark, has_kept, marks_under
from bot.events import ReplyEnd


def view_for(end: ReplyEnd, user_id: str, source_id: str, services: Services) -> discord.ui.View | None:
    """Return the buttons under a reply; None when there is nothing to press, or no buttons are wanted.

    Args:
        user_id: who asked, and alone may press.
        source_id: what was answered, and may have taught something.
    """
    if services.bot.replies.marks != "buttons":
        return None
    items = [_button(mark, user_id) for mark in marks_under(end, source_id)]
    return view_of(*items) if items else None


def words_for(end: ReplyEnd) -> str:
    """Return a small line to stand under a reply in place of buttons; empty when there is nothing to say."""
    words = []
    if has_kept(end):
        words.append("remembered, /undo takes it back")
    if end.used:
        words.append("/why shows what I used")
    return f"-# {' · '.join(words)}" if words else ""


def stopping_view(user_id: str, source_id: str) -> discord.ui.View:
    """Return the button that stops a reply while it is being given."""
    return view_of(button("stop", user_id, source_id, label="Stop"))


def _button(mark: Mark, user_id: str) -> discord.ui.Button[discord.ui.View]:
    style = discord.ButtonStyle.primary if mark.proposed else discord.ButtonStyle.secondary
    return button(mark.verb, user_id, mark.about, label=mark.label, style=style)
