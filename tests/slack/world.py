"""A local Slack with people in it, and the adapter running on it in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from adapters.slack import SlackAdapter
from bot.app import App, opened
from bot.config import (
    BotSettings,
    EmbeddingsSettings,
    LimitsSettings,
    OpenAISettings,
    RepliesSettings,
    Secret,
    Settings,
    SlackSettings,
)
from bot.protocols import Assistant
from bot.types import Policy, Scope
from tests.servers.slack import Channel, Message, Person, SlackServer

PATIENCE_S = 10.0


@dataclass
class Bot:
    """One run of the adapter on an open bot."""

    app: App
    adapter: SlackAdapter
    assistant: Assistant
    stopping: asyncio.Event
    task: asyncio.Task[None]

    async def ended(self) -> None:
        """Wait until the adapter has ended; raises what it raised."""
        async with asyncio.timeout(PATIENCE_S):
            await self.task


@dataclass
class World:
    """A workspace with Ann and Ben in it and the bot in a channel; and where the bot lives."""

    server: SlackServer
    settings: Settings
    general: Channel
    ann: Person
    ben: Person
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def changed_to(self, **sections: dict[str, Any]) -> World:
        """Return the same world for a bot with other settings: `changed_to(limits={"queue_total": 1})`."""
        replaced = {
            name: msgspec.structs.replace(getattr(self.settings, name), **keys) for name, keys in sections.items()
        }
        return replace(self, settings=msgspec.structs.replace(self.settings, **replaced))

    @asynccontextmanager
    async def started(self, assistant: Assistant | None = None, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Start the adapter, ready or not; it is stopped at the end of the block.

        Args:
            assistant: who answers; the bot itself when not given.
            sections: settings that are changed.
        """
        async with opened(self.changed_to(**sections).settings) as app:
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


def adapter_of(app: App) -> SlackAdapter:
    """Return an adapter on an open bot."""
    chosen = app.settings
    return SlackAdapter(
        chosen.slack,
        replies=chosen.replies,
        limits=chosen.limits,
        openai=chosen.openai,
        name=chosen.bot.name,
        panel=app.panel,
        policies=app.policies,
        notes=app.notes("slack"),
        clock=app.database.clock,
    )


def settings_for(server: SlackServer, folder: Path, openai: OpenAISettings | None = None) -> Settings:
    """Return settings with which the bot lives in a folder and on a server; to save time, edits come fast."""
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
