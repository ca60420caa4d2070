"""A guild with many people, each in a channel of their own, and a model; what the whole bot is measured in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.discord import Channel, DiscordServer, Guild, Message, Person
from tests.servers.openai_server import OpenAIServer

KEY = "sk-local-0123456789"
AGAIN = "↻"
"""Stands under every reply that is whole."""


@dataclass(frozen=True, slots=True)
class Town:
    """Both servers, and who lives where."""

    discord: DiscordServer
    model: OpenAIServer
    guild: Guild
    places: tuple[tuple[Person, Channel], ...]
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the bot is told about the servers."""
        return {**self.without_model, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.model.base_url}

    @property
    def without_model(self) -> dict[str, str]:
        """What a bot without a chat model is told."""
        return {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_BASE": self.discord.api_base,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
        }

    def whole_reply(self, asked: Message) -> Message | None:
        """Return the last message of the reply to the last thing said in a channel; None until that is whole."""
        found = [one for one in self.discord.said(asked.channel) if one.id > asked.id and AGAIN in one.buttons]
        return found[0] if found else None

    async def answered(self, asked: Message, timeout_s: float = 20) -> Message:
        """Wait for the whole reply to the last thing said in a channel; return its last message."""
        await self.discord.until(lambda: self.whole_reply(asked), timeout_s)
        found = self.whole_reply(asked)
        assert found is not None
        return found


@asynccontextmanager
async def founded(folder: Path, people: int) -> AsyncIterator[Town]:
    """Found a town in which everybody may manage the guild."""
    async with DiscordServer(intents={"message_content"}) as discord, OpenAIServer() as model:
        guild = discord.add_guild("Town")
        managers = guild.add_role("managers", "manage_guild")
        places = []
        for number in range(people):
            person = discord.add_person(f"Person {number}")
            guild.add_member(person, roles=[managers])
            places.append((person, guild.add_channel(f"channel-{number}")))
        yield Town(discord, model, guild, tuple(places), folder)
