"""Decides which messages are for the bot."""

from __future__ import annotations

from enum import Enum

import discord

from adapters.discord.reading import is_direct, is_from_person, names_bot, place_of, text_of
from adapters.discord.referring import replied_to
from adapters.discord.services import PLATFORM
from adapters.discord.threads import Threads
from bot.policies import Policies


class Heard(Enum):
    """What a message is to the bot."""

    NOTHING = 0
    OVERHEARD = 1  # not for it, in a channel in which it is to listen
    ADDRESSED = 2


class Hearing:
    """Hears who speaks to the bot."""

    def __init__(self, policies: Policies, threads: Threads) -> None:
        self._policies = policies
        self._threads = threads

    async def hear(self, message: discord.Message, own_id: int) -> Heard:
        """Return what a message is to the bot.

        Mentions of everybody do not wake it. In a channel whose threads are strict, taking part in one is not enough.

        Raises:
            StoreError: what the guild's admins chose could not be read.
        """
        if not is_from_person(message):
            return Heard.NOTHING
        if is_direct(message.channel) or names_bot(message, own_id):
            return Heard.ADDRESSED
        referred = await replied_to(message)
        if referred is not None and referred.author.id == own_id:
            return Heard.ADDRESSED
        if message.guild is None or not message.content:  # nothing is shown of it, or nothing is said in it
            return Heard.NOTHING
        return await self._heard_in_guild(message, message.guild, own_id)

    async def _heard_in_guild(self, message: discord.Message, guild: discord.Guild, own_id: int) -> Heard:
        policy = await self._policies.of(PLATFORM, str(guild.id))
        channel_id = place_of(message.channel, guild).settings_id
        thread = message.channel if isinstance(message.channel, discord.Thread) else None
        if thread is not None and channel_id not in policy.strict and await self._threads.takes_part(thread, own_id):
            return Heard.ADDRESSED
        is_listened_to = channel_id in policy.listening and bool(text_of(message, own_id))
        return Heard.OVERHEARD if is_listened_to else Heard.NOTHING
