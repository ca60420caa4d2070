"""Where the bot may not write: each channel is left alone for a while, and the owner told of it once a day."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime, timedelta

import discord

from adapters.discord.line import Line
from adapters.discord.reading import place_of
from adapters.discord.sending import FAULTS, safe_send
from adapters.discord.services import Services
from adapters.discord.spot import Spot
from bot.errors import PlatformError
from bot.types import PlaceKind

log = logging.getLogger(__name__)

MUTED = timedelta(minutes=10)
"""For so long nothing is answered in a channel that refused the bot. Discord bars addresses from which 10,000 refused
requests come in 10 minutes: https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit
"""

MOST_TOLD = 5
"""Channels of one server of which its owner is told on one day."""

_MOST_CHANNELS = 10_000
_MOST_TOLD_IN_ALL = 1000
_NOTE = "refusals told"

_TOLD = (
    "In {channel} I was asked something and could not answer: I am not allowed to write there. To change that, give me "
    "View Channel, Send Messages, Send Messages in Threads and Read Message History in that channel's permissions. "
    "I say this once a day at most for each channel."
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
        return until is not None and self._services.bot.clock() < until

    async def note(self, spot: Spot) -> None:
        """Leave a channel alone for a while, and tell who can change it, unless they were told of it today."""
        self._until[spot.channel_id] = self._services.bot.clock() + MUTED
        self._until.move_to_end(spot.channel_id)
        while len(self._until) > _MOST_CHANNELS:
            self._until.popitem(last=False)
        log.warning("channel %d refused what the bot sent; it is left alone for %s", spot.channel_id, MUTED)
        if spot.guild_id is not None and await self._is_first_today(spot.guild_id, spot.channel_id):
            await self._tell(spot.guild_id, spot.channel_id)

    async def _is_first_today(self, guild_id: int, channel_id: int) -> bool:
        """Tell whether nobody was told of a channel today yet, and note that they are now.

        One note holds the day and the channels of it, so that nothing is left of the days before.
        """
        today, one = self._services.bot.clock().date().isoformat(), f"{guild_id}/{channel_id}"
        async with self._noting:
            noted_on, *told = (await self._services.bot.notes.get(_NOTE) or today).split()
            if noted_on != today:
                told = []
            of_guild = [other for other in told if other.startswith(f"{guild_id}/")]
            if one in told or len(of_guild) >= MOST_TOLD or len(told) >= _MOST_TOLD_IN_ALL:
                return False
            await self._services.bot.notes.put(_NOTE, " ".join([today, *told, one]))
            return True

    async def _tell(self, guild_id: int, channel_id: int) -> None:
        client = await self._line.client()
        guild = client.get_guild(guild_id)
        if guild is None:
            return
        text = _TOLD.format(channel=f"<#{channel_id}>")
        for place in (await _owner(client, guild), _system_channel_for(guild, channel_id)):
            if place is None:
                continue
            try:
                await safe_send(place, text)
            except PlatformError:
                continue  # closed direct messages, or a channel that changed meanwhile
            return
        log.warning("nobody in guild %d could be told that the bot may not write in channel %d", guild_id, channel_id)


def _system_channel_for(guild: discord.Guild, refused_id: int) -> discord.TextChannel | None:
    """The system channel, if the bot may write there, and who reads it may know of the channel that refused."""
    channel, refused = guild.system_channel, guild.get_channel_or_thread(refused_id)
    if channel is None or channel == refused or not channel.permissions_for(guild.me).send_messages:
        return None
    is_open = refused is not None and place_of(refused, guild).kind is PlaceKind.PUBLIC
    return channel if is_open else None


async def _owner(client: discord.Client, guild: discord.Guild) -> discord.User | None:
    if guild.owner_id is None:
        return None
    try:
        return client.get_user(guild.owner_id) or await client.fetch_user(guild.owner_id)
    except FAULTS:
        return None
