"""A local Discord with people in it, and the adapter running on it in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot.app import App
from bot.cli import platforms
from bot.config import DiscordSettings, OpenAISettings, RepliesSettings, Secret, Settings
from bot.protocols import Adapter
from bot.types import DM_GUILD, Policy, Scope
from tests.servers.discord.nouns import Channel, Guild, Message
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer
from tests.worlds import PATIENCE_S, Bot, LocalWorld, patient_settings


@dataclass
class World(LocalWorld):
    """A guild with Ann and Ben in it; and where the bot lives."""

    server: DiscordServer
    guild: Guild
    general: Channel
    ann: Person
    ben: Person

    def adapter_on(self, app: App) -> Adapter:
        """Return the adapter on an open bot."""
        return platforms.discord(app)

    async def answered(self, message: Message, text: str | None = None) -> Message:
        """Return the bot's reply to a message, once it says a text, or anything."""
        await self.server.until(
            lambda: any(text is None or text in one.content for one in self.server.replies_to(message)), PATIENCE_S
        )
        return self.server.replies_to(message)[0]


def settings_for(server: DiscordServer, folder: Path, openai: OpenAISettings | None = None) -> Settings:
    """Return settings with which the bot lives in a folder and on a server.

    To save time, edits come fast, and what was missed is for the tests of that.
    """
    return msgspec.structs.replace(
        patient_settings(folder, openai),
        replies=RepliesSettings(marks="none"),
        discord=DiscordSettings(
            token=Secret(server.token),
            api_base=server.api_base,
            gateway_url=server.gateway_url,
            edit_interval_s=0.05,
            catch_up_minutes=0,
        ),
    )


def scope_of(person: Person, guild: Guild | None) -> Scope:
    """Return whose memory a person's is in a guild, or in direct messages."""
    return Scope("discord", str(guild.id) if guild else DM_GUILD, str(person.id))


async def set_policy(bot: Bot, guild: Guild, policy: Policy) -> None:
    """Let the guild's admins have chosen something."""
    await bot.app.policies.set("discord", str(guild.id), policy)
