"""What is set in the library itself, because it has no parameters for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.config import DiscordSettings


def point_at(settings: DiscordSettings) -> None:
    """Have it use the addresses of the settings."""
    Route.BASE = settings.api_base.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)


def do_without_voice() -> None:
    """Have it not warn of each client that it cannot speak, which nobody misses here."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def close_what_fails() -> None:
    """Have it close a connection that got no session."""
    discord.shard.DiscordWebSocket = Connection  # type: ignore[misc] # a class in place of its base


class Connection(DiscordWebSocket):
    """A connection that is closed when its session cannot be begun, or is not waited for any longer.

    The library would forget it, with its heartbeat: a thread that keeps it open, and speaks to the event loop even when
    that is over.
    """

    async def identify(self) -> None:
        """Begin a session."""
        async with self._closed_otherwise():
            await super().identify()

    async def resume(self) -> None:
        """Go on with a session."""
        async with self._closed_otherwise():
            await super().resume()

    @asynccontextmanager
    async def _closed_otherwise(self) -> AsyncIterator[None]:
        is_begun = False
        try:
            yield
            is_begun = True
        finally:
            if not is_begun:
                await self.close()
