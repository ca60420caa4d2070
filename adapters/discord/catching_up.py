"""Finds what was said and changed while the bot was away; it does not see what was deleted."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import discord

from adapters.discord.earlier import replies_among
from adapters.discord.sending import FAULTS
from adapters.discord.services import Services

_Readable: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missed:
    """A message that was said or changed while the bot was away.

    is_new: it was said then. begun: the bot's own message with which an earlier run began to answer it.
    """

    message: discord.Message
    is_new: bool
    begun: int | None


def first_wanted(services: Services, since_id: int) -> int:
    """Return the id after which missed messages are wanted: those that are not older than the settings allow."""
    earliest = services.bot.clock() - timedelta(minutes=services.settings.catch_up_minutes)
    return max(since_id, discord.utils.time_snowflake(earliest))


async def missed_in_guild(guild: discord.Guild, after: int, most: int) -> AsyncIterator[Missed]:
    """Yield what came after an id among the last messages of each channel and active thread, oldest first in each.

    Args:
        most: messages of a channel that are looked at, 1 to 100. Edits are seen among them alone, and where something
            was said after the id: Discord does not tell where else something was changed.
    """
    for channel in _readable(guild):
        if (channel.last_message_id or 0) > after:
            for one in await _since(channel, guild.me.id, after, most):
                yield one


async def missed_directly(
    client: discord.Client, channel_ids: list[int], own_id: int, after: int, most: int
) -> AsyncIterator[Missed]:
    """Yield what came after an id among the last direct messages, oldest first in each channel.

    Args:
        channel_ids: the channels to look at; Discord lists none.
    """
    for channel_id in channel_ids:
        channel = client.get_partial_messageable(channel_id, type=discord.ChannelType.private)
        for one in await _since(channel, own_id, after, most):
            yield one


def _readable(guild: discord.Guild) -> Iterator[_Readable]:
    channels: list[_Readable] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels]
    channels += [thread for thread in guild.threads if thread.parent is not None]  # which decides what it may do there
    for channel in channels:
        may = channel.permissions_for(guild.me)
        if may.view_channel and may.read_message_history:
            yield channel


async def _since(channel: discord.abc.Messageable, own_id: int, after: int, most: int) -> list[Missed]:
    try:
        last = [message async for message in channel.history(limit=most)][::-1]
    except FAULTS as error:
        log.info("a channel was not caught up with: %s", type(error).__name__)
        return []
    begun, since = replies_among(last, own_id), discord.utils.snowflake_time(after)
    return [
        Missed(message, message.id > after, begun.get(message.id))
        for message in last
        if message.id > after or (message.edited_at is not None and message.edited_at > since)
    ]
