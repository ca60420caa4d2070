"""Where the bot may not write: left alone for a while, and told once a day to whoever can change it."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime, timedelta

import discord

from adapters.discord.line import Line
from adapters.discord.sending import FAULTS, safe_send
from adapters.discord.services import Services
from adapters.discord.spot import Spot
from bot.errors import PlatformError

log = logging.getLogger(__name__)

MUTED = timedelta(minutes=10)
"""For so long nothing is answered in a channel that refused the bot. Discord bars addresses from which 10,000 refused
requests come in 10 minutes: https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit
"""

_MOST_CHANNELS = 10_000

_TOLD = (
    "In {channel} I was asked something and could not answer: I am not allowed to write there. To change that, give me "
    "View Channel, Send Messages, Send Messages in Threads and Read Message History in that channel's permissions. "
    "I say this once a day at most."
)


class Refusals:
    """The channels that refused the bot."""

    def __init__(self, services: Services, line: Line) -> None:
        self._services = services
        self._line = line
        self._until: OrderedDict[int, datetime] = OrderedDict()
        self._noting = asyncio.Lock()

    def muted(self, channel_id: int) -> bool:
        """Tell whether a channel refused the bot a short while ago."""
        until = self._until.get(channel_id)
        return until is not None and self._services.clock() < until

    async def note(self, spot: Spot) -> None:
        """Leave a channel alone for a while, and tell who can change it, unless they were told today."""
        self._until[spot.channel_id] = self._services.clock() + MUTED
        self._until.move_to_end(spot.channel_id)
        while len(self._until) > _MOST_CHANNELS:
            self._until.popitem(last=False)
        log.warning("channel %d refused what the bot sent; it is left alone for %s", spot.channel_id, MUTED)
        if spot.guild_id is not None and await self._is_first_today(spot.guild_id):
            await self._tell(spot.guild_id, spot.channel_id)

    async def _is_first_today(self, guild_id: int) -> bool:
        """Tell whether a guild's owner was not told today yet, and note that they are now."""
        name, today = f"refusal told: {guild_id}", self._services.clock().date().isoformat()
        async with self._noting:
            if await self._services.notes.get(name) == today:
                return False
            await self._services.notes.put(name, today)
            return True

    async def _tell(self, guild_id: int, channel_id: int) -> None:
        client = await self._line.client()
        guild = client.get_guild(guild_id)
        if guild is None:
            return
        text = _TOLD.format(channel=f"<#{channel_id}>")
        for place in (_writable_system_channel(guild, channel_id), await _owner(client, guild)):
            if place is None:
                continue
            try:
                await safe_send(place, text)
            except PlatformError:
                continue  # closed direct messages, or a channel that changed meanwhile
            return
        log.warning("nobody in guild %d could be told that the bot may not write in channel %d", guild_id, channel_id)


def _writable_system_channel(guild: discord.Guild, refused_id: int) -> discord.TextChannel | None:
    channel = guild.system_channel
    if channel is None or channel.id == refused_id or not channel.permissions_for(guild.me).send_messages:
        return None
    return channel


async def _owner(client: discord.Client, guild: discord.Guild) -> discord.User | None:
    if guild.owner_id is None:
        return None
    try:
        return client.get_user(guild.owner_id) or await client.fetch_user(guild.owner_id)
    except FAULTS:
        return None
