"""A small bot on the real discord.py, to try the local server with: it notes events and answers mentions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
import yarl
from discord import app_commands

from tests.servers.discord import DiscordServer

PLAIN = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


class PracticeBot(discord.AutoShardedClient):
    """Notes what it is told; answers mentions and direct messages with what was said."""

    def __init__(self, server: DiscordServer, intents: discord.Intents) -> None:
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
        )
        self.server = server
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.events: list[str] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once; discord.py waits five seconds, as Discord wants it."""

    async def on_message(self, message: discord.Message) -> None:
        """Answer in two steps, as a bot does that streams."""
        if message.author == self.user:
            return
        self.heard.append(message)
        self.server.changed()
        if self.user in message.mentions or message.guild is None:
            source = message.to_reference(fail_if_not_exists=False)
            sent = await message.channel.send("one moment", reference=source)
            await sent.edit(content=f"you said: {message.content}")

    def note(self, event: str) -> None:
        """Note an event, and let tests look at it."""
        self.events.append(event)
        self.server.changed()

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Note an edit of another's message."""
        if event.message.author != self.user:
            self.note(f"edited: {event.message.content}")

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Note a deletion."""
        self.note(f"deleted: {event.message_id}")

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Note a deletion of many."""
        self.note(f"deleted: {sorted(event.message_ids)}")

    async def on_thread_create(self, thread: discord.Thread) -> None:
        """Note a new thread."""
        self.note(f"thread: {thread.name}")

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that it was invited."""
        self.note(f"joined: {guild.name}")

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Note that a guild is there, or there again."""
        self.note(f"available: {guild.name}")

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Note an outage."""
        self.note(f"unavailable: {guild.name}")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that it was thrown out."""
        self.note(f"removed: {guild.name}")

    async def on_guild_channel_update(self, _: object, after: discord.abc.GuildChannel) -> None:
        """Note a changed channel."""
        self.note(f"channel: {after.name}")

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Note a deleted channel."""
        self.note(f"channel gone: {channel.name}")

    async def on_typing(self, _: object, user: discord.User | discord.Member, __: object) -> None:
        """Note that somebody writes."""
        self.note(f"typing: {user.display_name}")

    async def on_resumed(self) -> None:
        """Note a resumed session."""
        self.note("resumed")


def points_at(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discord.py talk to the local server."""
    monkeypatch.setattr("discord.http.Route.BASE", server.api_base)
    monkeypatch.setattr("discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY", yarl.URL(server.gateway_url))


@asynccontextmanager
async def connected(server: DiscordServer, intents: discord.Intents = PLAIN) -> AsyncIterator[PracticeBot]:
    """Give a bot that is connected, and take it away again."""
    async with PracticeBot(server, intents) as bot:
        running = asyncio.create_task(bot.start(server.token))
        connecting = asyncio.create_task(server.gateway.connected())
        try:
            await asyncio.wait([running, connecting], return_when=asyncio.FIRST_COMPLETED)
            yield bot
        finally:
            connecting.cancel()
            await bot.close()
            with contextlib.suppress(asyncio.CancelledError):
                await running
