"""A local Slack with people in it, and the adapter running on it in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot.app import App
from bot.cli import platforms
from bot.config import OpenAISettings, RepliesSettings, Secret, Settings, SlackSettings
from bot.protocols import Adapter
from bot.types import Policy, Scope
from tests.servers.slack import Channel, Message, Person, SlackServer
from tests.worlds import PATIENCE_S, Bot, LocalWorld, patient_settings


@dataclass
class World(LocalWorld):
    """A workspace with Ann and Ben in it and the bot in a channel; and where the bot lives."""

    server: SlackServer
    general: Channel
    ann: Person
    ben: Person

    def adapter_on(self, app: App) -> Adapter:
        """Return the adapter on an open bot."""
        return platforms.slack(app)

    async def answered(self, message: Message, text: str = "") -> Message:
        """Return the bot's reply to a message, once it says a text, or anything."""
        server = self.server
        await server.until(lambda: any(text in one.shown for one in server.replies_to(message)), PATIENCE_S)
        return next(one for one in server.replies_to(message) if text in one.shown)

    async def mention(self, text: str, thread: Message | None = None, *, broadcast: bool = False) -> Message:
        """Let Ann mention the bot in the channel, or in a thread there."""
        mention = f"{self.server.mention} {text}".strip()
        return await self.ann.says(self.general, mention, thread=thread, broadcast=broadcast)

    async def settled(self) -> None:
        """Wait until everything that was sent to the bot is acknowledged or given up."""
        await self.server.until(lambda: all(sent.done.is_set() for sent in self.server.deliveries.sent), PATIENCE_S)


def settings_for(server: SlackServer, folder: Path, openai: OpenAISettings | None = None) -> Settings:
    """Return settings with which the bot lives in a folder and on a server; to save time, edits come fast."""
    return msgspec.structs.replace(
        patient_settings(folder, openai),
        replies=RepliesSettings(marks="none"),
        slack=SlackSettings(
            bot_token=Secret(server.bot_token),
            app_token=Secret(server.app_token),
            signing_secret=Secret(server.signing_secret),
            api_base=server.api_base,
            edit_interval_s=0.05,
            context=True,
        ),
    )


def scope_of(person: Person) -> Scope:
    """Return whose memory a person's is."""
    return Scope("slack", person.place.id, person.id)


async def set_policy(world: World, bot: Bot, policy: Policy) -> None:
    """Let the workspace's admins have chosen something."""
    await bot.app.policies.set("slack", world.server.team.id, policy)
