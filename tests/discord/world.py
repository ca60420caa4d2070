"""A local Discord with people in it, and the adapter running on it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from adapters.discord import DiscordAdapter
from bot.app import App, opened
from bot.config import (
    BotSettings,
    DiscordSettings,
    EmbeddingsSettings,
    LimitsSettings,
    OpenAISettings,
    RepliesSettings,
    Secret,
    Settings,
)
from bot.protocols import Assistant
from bot.types import DM_GUILD, Policy, Scope
from tests.servers.discord.nouns import Channel, Guild, Message
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer

PATIENCE_S = 10.0


@dataclass
class Bot:
    """One run of the adapter on an open bot."""

    app: App
    adapter: DiscordAdapter
    assistant: Assistant
    stopping: asyncio.Event
    task: asyncio.Task[None]

    async def ended(self) -> None:
        """Wait until the adapter has ended; raises what it raised."""
        async with asyncio.timeout(PATIENCE_S):
            await self.task


@dataclass
class World:
    """A guild with Ann and Ben in it; and where the bot lives."""

    server: DiscordServer
    settings: Settings
    guild: Guild
    general: Channel
    ann: Person
    ben: Person
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, **sections: dict[str, Any]) -> Settings:
        """Return the settings with some changed: `changed(limits={"queue_total": 1})`."""
        replaced = {
            name: msgspec.structs.replace(getattr(self.settings, name), **keys) for name, keys in sections.items()
        }
        return msgspec.structs.replace(self.settings, **replaced)

    def changed_to(self, **sections: dict[str, Any]) -> World:
        """Return the same world for a bot with other settings."""
        return replace(self, settings=self.changed(**sections))

    @asynccontextmanager
    async def started(self, assistant: Assistant | None = None, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Start the adapter, ready or not; it is stopped at the end of the block.

        Args:
            assistant: who answers; the bot itself when not given.
            sections: settings that are changed.
        """
        settings = self.changed(**sections)
        async with opened(settings) as app:
            adapter = adapter_of(app)
            stopping, self.ready = asyncio.Event(), asyncio.Event()
            running = adapter.run(assistant or app.assistant, self.ready.set, stopping)
            bot = Bot(app, adapter, assistant or app.assistant, stopping, asyncio.create_task(running))
            try:
                yield bot
            finally:
                stopping.set()
                async with asyncio.timeout(PATIENCE_S):
                    await asyncio.wait({bot.task})
            if not bot.task.cancelled():
                bot.task.exception()

    @asynccontextmanager
    async def bot(self, assistant: Assistant | None = None, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Run the bot until the end of the block; given once it takes messages."""
        async with self.started(assistant, **sections) as bot:
            await self.is_ready(bot)
            yield bot
        bot.task.result()

    async def is_ready(self, bot: Bot) -> None:
        """Wait until the bot takes messages; raises what ended it before."""
        ready = asyncio.create_task(self.ready.wait())
        await asyncio.wait({ready, bot.task}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if bot.task.done():
            bot.task.result()
        assert self.ready.is_set(), f"not ready in time; {self.server.requests[-3:]}"

    async def answered(self, message: Message, text: str | None = None) -> Message:
        """Return the bot's reply to a message, once it says a text, or anything."""
        await self.server.until(
            lambda: any(text is None or text in one.content for one in self.server.replies_to(message)), PATIENCE_S
        )
        return self.server.replies_to(message)[0]


def adapter_of(app: App) -> DiscordAdapter:
    """Return an adapter on an open bot."""
    chosen = app.settings
    return DiscordAdapter(
        chosen.discord,
        replies=chosen.replies,
        limits=chosen.limits,
        openai=chosen.openai,
        name=chosen.bot.name,
        panel=app.panel,
        policies=app.policies,
        notes=app.notes("discord"),
        clock=app.database.clock,
    )


def settings_for(server: DiscordServer, folder: Path, openai: OpenAISettings | None = None) -> Settings:
    """Return settings with which the bot lives in a folder and on a server.

    To save time, edits come fast, and what was missed is for the tests of that.
    """
    return Settings(
        bot=BotSettings(data=folder / "data"),
        openai=openai or OpenAISettings(),
        embeddings=EmbeddingsSettings(embedder="static"),
        replies=RepliesSettings(marks="none"),
        limits=LimitsSettings(
            messages_per_minute_per_person=1000,
            messages_per_minute_per_guild=10_000,
            queue_per_scope=1000,
            shutdown_s=2,
        ),
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
