"""Finds the reply that an earlier run began: Discord knows a nonce for some minutes only, a reference for good."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from adapters.discord.sending import FAULTS

LOOKED_AT = 100
"""Messages after a question among which its reply is looked for: as many as Discord gives at once."""


def replies_among(messages: Iterable[discord.Message], own_id: int) -> dict[int, int]:
    """Return the ids of the bot's own replies by those of the messages that they answer; the first of each."""
    found: dict[int, int] = {}
    for message in messages:
        reference = message.reference
        if message.author.id == own_id and reference is not None and reference.message_id is not None:
            found.setdefault(reference.message_id, message.id)
    return found


async def reply_to(channel: discord.abc.Messageable, message_id: int, own_id: int) -> int | None:
    """Return the id of the bot's own reply to a message; None when there is none, or nothing can be read there."""
    try:
        after = channel.history(limit=LOOKED_AT, after=discord.Object(message_id), oldest_first=True)
        return replies_among([message async for message in after], own_id).get(message_id)
    except FAULTS:
        return None
