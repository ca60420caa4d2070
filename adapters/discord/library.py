"""What is set in the library itself, because it has no parameters for it."""

from __future__ import annotations

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
