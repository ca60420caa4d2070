"""A bot as adapters see it: opened on a real folder, spoken to in messages, with a clock that a test moves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from bot.app import App, opened
from bot.arrivals import Arrival
from bot.config import BotSettings, EmbeddingsSettings, LimitsSettings, OpenAISettings, Secret, Settings
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText, Surroundings
from bot.types import Action, Author, Memory, Place, PlaceKind, Scope

KEY = "sk-canary-6b1f0d-0123456789"
"""The service's key; holds the word that no log record may hold."""

ANN = Scope("discord", "guild", "ann")
BEN = Scope("discord", "guild", "ben")
GENERAL = Place(PlaceKind.PUBLIC, "general")
BACKROOM = Place(PlaceKind.PRIVATE, "backroom")
DM = Place(PlaceKind.DM, "dm-ann")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        """Move forward by what `timedelta` takes."""
        self.now += timedelta(**time)


class Soon(asyncio.Event):
    """Something that happens soon: a test that waits for it in vain fails instead of hanging."""

    async def wait(self) -> Literal[True]:
        """Wait for it, for 20 seconds at most."""
        async with asyncio.timeout(20):
            return await super().wait()


class Gate:
    """Holds the service's answers back until it is opened; `reached` once the first is held."""

    def __init__(self) -> None:
        self.reached = Soon()
        self.open = asyncio.Event()

    async def __call__(self, _: int) -> None:
        self.reached.set()
        await self.open.wait()


@dataclass(frozen=True)
class Reply:
    """All parts of one reply."""

    parts: list[ReplyPart] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The answer, without notices."""
        return "".join(part.text for part in self.parts if isinstance(part, ReplyText))

    @property
    def file(self) -> ReplyFile | None:
        """The answer as a file."""
        return next((part for part in self.parts if isinstance(part, ReplyFile)), None)

    @property
    def notices(self) -> list[str]:
        """What is shown apart from the answer."""
        return [part.text for part in self.parts if isinstance(part, ReplyNotice)]

    @property
    def end(self) -> ReplyEnd:
        """The last part, which is the only end."""
        ends = [part for part in self.parts if isinstance(part, ReplyEnd)]
        assert len(ends) == 1
        assert self.parts[-1] is ends[0]
        return ends[0]

    @property
    def actions(self) -> list[Action]:
        """What became of the message's statements."""
        return [outcome.action for outcome in self.end.outcomes]


@dataclass(frozen=True)
class Talk:
    """A conversation with an open bot."""

    app: App
    clock: Clock

    def message(
        self, text: str, *, key: str = "", scope: Scope = ANN, place: Place = GENERAL, name: str = "Ann"
    ) -> IncomingMessage:
        """Return a message; without a key, one that nobody sent before."""
        key = key or secrets.token_hex(8)
        return IncomingMessage(key, scope, place, Author(scope.user_id, name), text, f"source-{key}", self.clock())

    async def hear(self, message: IncomingMessage, beside: Surroundings = Surroundings()) -> Reply:  # noqa: B008 - frozen
        """Return the whole reply to a message with something beside it."""

        async def around() -> Surroundings:
            return beside

        async with aclosing(self.app.assistant.handle(message, around=around)) as parts:
            return Reply([part async for part in parts])

    async def say(
        self, text: str, *, key: str = "", scope: Scope = ANN, place: Place = GENERAL, name: str = "Ann"
    ) -> Reply:
        """Send a text as a message of its own and return the whole reply."""
        return await self.hear(self.message(text, key=key, scope=scope, place=place, name=name))

    async def take_in(self, message: IncomingMessage) -> None:
        """Enter a message as it waits for its turn, and leave it there, as a process that is killed then."""
        await self.app.assistant._reception.receive(Arrival(message, self.clock()))

    async def meet(self, *scopes: Scope) -> None:
        """Let the notice of first contact be over for these people, Ann when none is named."""
        for scope in scopes or (ANN,):
            await self.app.ledger.set_noticed(scope)

    async def memories(self, scope: Scope = ANN) -> list[Memory]:
        """Return what is stored of a person, newest first."""
        return list(await self.app.core.list(scope))

    async def texts(self, scope: Scope = ANN) -> list[str]:
        """Return the texts of what is stored of a person, oldest first."""
        return [memory.text for memory in reversed(await self.memories(scope))]


@dataclass(frozen=True)
class House:
    """Where a bot lives: its folder, its settings and its clock; opened as often as a test restarts it."""

    settings: Settings
    clock: Clock

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Talk]:
        """Start the bot."""
        async with opened(self.settings, self.clock) as app:
            yield Talk(app, self.clock)

    def changed(self, **sections: dict[str, Any]) -> House:
        """Return the same folder with other settings: `changed(limits={"queue_total": 1})`."""
        replaced = {
            name: msgspec.structs.replace(getattr(self.settings, name), **changes) for name, changes in sections.items()
        }
        return replace(self, settings=msgspec.structs.replace(self.settings, **replaced))

    def holds(self, text: str) -> bool:
        """Tell whether any file of the folder holds a text, in any of the usual encodings."""
        forms = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
        files = [path.read_bytes() for path in self.settings.bot.data.rglob("*") if path.is_file()]
        return any(form in content for form in forms for content in files)


def house(folder: Path, base_url: str = "", *, deadline_s: float = 20) -> House:
    """Return a house whose bot asks the service at an address, or answers from memory alone.

    Nobody's limits are in the way but where a test narrows them.
    """
    key = Secret(KEY) if base_url else Secret()
    settings = Settings(
        bot=BotSettings(data=folder),
        openai=OpenAISettings(
            api_key=key, base_url=base_url, model="local", deadline_s=deadline_s, idle_s=deadline_s, max_retries=0
        ),
        embeddings=EmbeddingsSettings(embedder="static"),
        limits=LimitsSettings(
            messages_per_minute_per_person=1000, messages_per_minute_per_guild=10_000, queue_per_scope=1000
        ),
    )
    return House(settings, Clock())
