"""The servers that the bot is in: it introduces itself where it is new, and has forgotten where it was removed."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

import discord

from adapters.discord.sending import safe_send
from adapters.discord.services import PLATFORM, Services
from bot.errors import PlatformError
from bot.events import GuildLeft

log = logging.getLogger(__name__)

_HELLO = (
    "Hello! I'm {name}, an AI. Mention me, and I answer. I remember what each of you tells me about yourself, for you "
    "alone. /memories shows what I know of you, /forget erases it, and /privacy says more and lets you opt out."
)


_APPLICATION = "application"


class Guilds:
    """Keeps the assistant's list of servers true. An outage is no removal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: set[int] = set()

    async def listed(self, application_id: int, shard_id: int, shard_count: int, guild_ids: Collection[int]) -> None:
        """Take note of all servers of one shard, as a new session begins: others were left while nobody was connected.

        Another application was not removed from servers that it never was in: they stay as they are.

        Raises:
            StoreError: the servers could not be read or written.
        """
        self._known = set(map(int, await self._services.assistant.guilds(PLATFORM)))
        if not await self._is_of_this_folder(application_id):
            return
        # How Discord shares servers out: https://discord.com/developers/docs/events/gateway#sharding-sharding-formula
        of_shard = {guild_id for guild_id in self._known if (guild_id >> 22) % shard_count == shard_id}
        for guild_id in of_shard - set(guild_ids):
            await self.left(guild_id)

    async def _is_of_this_folder(self, application_id: int) -> bool:
        """Tell whether an application is the one whose servers are known here: the first that ran."""
        first = await self._services.bot.notes.get(_APPLICATION)
        if first is None:
            await self._services.bot.notes.put(_APPLICATION, str(application_id))
        if first in {None, str(application_id)}:
            return True
        log.warning(
            "the token is that of application %d, but this data folder belongs to application %s: servers that this "
            "one is not in are not forgotten; use the other token, or another data folder",
            *(application_id, first),
        )
        return False

    async def present(self, guild: discord.Guild) -> None:
        """Take note of a server that can be seen; introduce the bot where it never was.

        Raises:
            StoreError: it could not be written.
        """
        if guild.id in self._known:
            return
        self._known.add(guild.id)
        if not await self._services.assistant.joined(PLATFORM, str(guild.id)):
            return
        channel = _where_to_say_hello(guild)
        if channel is None:
            return
        try:
            await safe_send(channel, _HELLO.format(name=self._services.bot.name), nonce=f"{guild.id}-hi")
        except PlatformError as error:
            log.info("guild %d was not greeted: %s", guild.id, error)

    async def left(self, guild_id: int) -> None:
        """Have a server forgotten that removed the bot, when its grace period is over.

        Raises:
            StoreError: it could not be written.
        """
        log.info("guild %d removed the bot", guild_id)
        self._known.discard(guild_id)
        grace = timedelta(days=self._services.settings.purge_after_days)
        await self._services.assistant.left(GuildLeft(PLATFORM, str(guild_id), grace))


def _where_to_say_hello(guild: discord.Guild) -> discord.TextChannel | None:
    """Return the system channel, else the first channel that everybody sees and the bot may write in."""
    first = [guild.system_channel] if guild.system_channel is not None else []
    for channel in (*first, *guild.text_channels):
        is_public = channel.permissions_for(guild.default_role).view_channel
        if is_public and channel.permissions_for(guild.me).send_messages:
            return channel
    return None
