"""Finds what was said while the bot was away, so that mentions and direct messages are not lost."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import TypeAlias

import discord

from adapters.discord.sending import FAULTS
from adapters.discord.services import Services

_Readable: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

log = logging.getLogger(__name__)


def first_wanted(services: Services, since_id: int) -> int:
    """Return the id after which missed messages are wanted: those that are not older than the settings allow."""
    earliest = services.clock() - timedelta(minutes=services.settings.catch_up_minutes)
    return max(since_id, discord.utils.time_snowflake(earliest))


async def missed_in_guild(guild: discord.Guild, after: int, most: int) -> AsyncIterator[discord.Message]:
    """Yield the last messages of each channel and active thread that came after an id, oldest first in each."""
    for channel in _readable(guild):
        if (channel.last_message_id or 0) > after:
            for message in await _since(channel, after, most):
                yield message


async def missed_directly(
    client: discord.Client, channel_ids: list[int], after: int, most: int
) -> AsyncIterator[discord.Message]:
    """Yield the last direct messages that came after an id, oldest first in each channel; Discord lists no channels."""
    for channel_id in channel_ids:
        channel = client.get_partial_messageable(channel_id, type=discord.ChannelType.private)
        for message in await _since(channel, after, most):
            yield message


def _readable(guild: discord.Guild) -> Iterator[_Readable]:
    channels: list[_Readable] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels]
    channels += [thread for thread in guild.threads if thread.parent is not None]  # which decides what it may do there
    for channel in channels:
        may = channel.permissions_for(guild.me)
        if may.view_channel and may.read_message_history:
            yield channel


async def _since(channel: discord.abc.Messageable, after: int, most: int) -> list[discord.Message]:
    try:
        newest_first = channel.history(limit=most, after=discord.Object(after), oldest_first=False)
        return [message async for message in newest_first][::-1]
    except FAULTS as error:
        log.info("a channel was not caught up with: %s", type(error).__name__)
        return []
