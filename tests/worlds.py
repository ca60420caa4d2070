"""A platform's server with people in it, and the platform's adapter running on it in this process."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self

import msgspec

from bot.app import App, opened
from bot.config import BotSettings, EmbeddingsSettings, LimitsSettings, OpenAISettings, Settings
from bot.protocols import Adapter, Assistant
from bot.types import Memory, Place, Reach, Scope, Statement

PATIENCE_S = 10.0

LONG_AGO = datetime(2026, 1, 2, 12, tzinfo=UTC)


@dataclass
class Bot:
    """One run of an adapter on an open bot."""

    app: App
    adapter: Adapter
    assistant: Assistant
    ready: asyncio.Event
    stopping: asyncio.Event
    task: asyncio.Task[None]

    async def ended(self) -> None:
        """Wait until the adapter has ended; raises what it raised."""
        async with asyncio.timeout(PATIENCE_S):
            await self.task


class LocalServer(Protocol):
    """What a world knows of its platform's server."""

    @property
    def requests(self) -> Sequence[object]:
        """What it was asked."""
        ...


@dataclass
class LocalWorld(ABC):
    """A server, and how the bot that lives there is set up."""

    server: LocalServer
    settings: Settings

    @abstractmethod
    def adapter_on(self, app: App) -> Adapter:
        """Return the platform's adapter on an open bot."""

    def changed_to(self, **sections: dict[str, Any]) -> Self:
        """Return the same world for a bot with other settings: `changed_to(limits={"queue_total": 1})`."""
        return replace(self, settings=changed(self.settings, sections))

    @asynccontextmanager
    async def started(self, assistant: Assistant | None = None, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Start the adapter, ready or not; it is stopped at the end of the block.

        Args:
            assistant: who answers; the bot itself when not given.
            sections: settings that are changed.
        """
        async with opened(changed(self.settings, sections)) as app:
            adapter, ready, stopping = self.adapter_on(app), asyncio.Event(), asyncio.Event()
            answering = assistant or app.assistant
            task = asyncio.create_task(adapter.run(answering, ready.set, stopping))
            bot = Bot(app, adapter, answering, ready, stopping, task)
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
        ready = asyncio.create_task(bot.ready.wait())
        await asyncio.wait({ready, bot.task}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if bot.task.done():
            bot.task.result()
        assert bot.ready.is_set(), f"not ready in time; {self.server.requests[-3:]}"


def changed(settings: Settings, sections: dict[str, dict[str, Any]]) -> Settings:
    """Return settings with some keys of some sections changed."""
    replaced = {name: msgspec.structs.replace(getattr(settings, name), **keys) for name, keys in sections.items()}
    return msgspec.structs.replace(settings, **replaced)


def patient_settings(folder: Path, openai: OpenAISettings | None = None) -> Settings:
    """Return settings of a bot that lives in a folder, with limits that are in no test's way."""
    return Settings(
        bot=BotSettings(data=folder / "data"),
        openai=openai or OpenAISettings(),
        embeddings=EmbeddingsSettings(embedder="static"),
        limits=LimitsSettings(
            messages_per_minute_per_person=1000,
            messages_per_minute_per_guild=10_000,
            queue_per_scope=1000,
            shutdown_s=2,
        ),
    )


async def learned(app: App, scope: Scope, place: Place, texts: Sequence[str], source: str = "") -> Sequence[Memory]:
    """Keep statements of a person as they are, and return them."""
    statements = [Statement(text, place, source or None, LONG_AGO, as_given=True, reach=Reach.HERE) for text in texts]
    outcomes = await app.core.remember_all(scope, statements)
    return [outcome.memory for outcome in outcomes if outcome.memory is not None]


async def kept_of(app: App, scope: Scope) -> list[str]:
    """Return the texts of what is kept of a person, oldest first."""
    return [memory.text for memory in reversed(await app.core.list(scope))]
