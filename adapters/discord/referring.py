"""What a message is about: the one that it replies to, and the one that its thread began with."""

from __future__ import annotations

import asyncio

import discord

from adapters.discord.sending import FAULTS

FETCH_S = 2.0
"""Seconds that Discord gets to hand out an older message."""


async def replied_to(message: discord.Message) -> discord.Message | None:
    """Return the message that one replies to; None when there is none, it is gone, or it cannot be read.

    Discord is asked at most once: what it said is kept in the message.
    """
    reference = message.reference
    if reference is None or reference.message_id is None or message.type is not discord.MessageType.reply:
        return None
    if reference.resolved is None:
        found = reference.cached_message or await fetched(message.channel, reference.message_id)
        reference.resolved = found or discord.DeletedReferencedMessage(reference)
    return reference.resolved if isinstance(reference.resolved, discord.Message) else None


async def starter_of(thread: discord.Thread) -> discord.Message | None:
    """Return the message that a thread began with; None when there is none, or it is gone.

    A forum's thread begins with it. Another thread that was made from a message begins with a notice that refers to it;
    asking for the message itself would be in vain for threads that were made from none.

    Raises:
        FAULTS: it could not be read in time.
    """
    async with asyncio.timeout(FETCH_S):
        first = await anext(thread.history(limit=1, oldest_first=True), None)
    if first is None or first.id == thread.id:
        return first
    is_notice = first.type is discord.MessageType.thread_starter_message
    origin = first.reference.resolved if is_notice and first.reference is not None else None
    return origin if isinstance(origin, discord.Message) else None


async def fetched(channel: discord.abc.Messageable, message_id: int) -> discord.Message | None:
    """Return a message; None when it is gone or cannot be read in time."""
    try:
        async with asyncio.timeout(FETCH_S):
            return await channel.fetch_message(message_id)
    except FAULTS:
        return None
