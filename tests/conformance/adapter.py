"""What every platform must do; subclass it and give the fixture `wire`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import pytest

from bot.events import (
    ChannelsDeleted,
    GuildLeft,
    IncomingMessage,
    MessageEdited,
    MessagesDeleted,
    ReplyEnd,
    ReplyPart,
    ReplyText,
    Surroundings,
)
from bot.protocols import Adapter, LookAround, nowhere, untold
from bot.types import Scope

HOLD = "hold on"
"""A message whose answer begins and never ends."""

PATIENCE_S = 10


class EchoAssistant:
    """Says what it heard, and notes what stood beside it, and which replies were delivered whole or cut off."""

    def __init__(self) -> None:
        self.heard: list[IncomingMessage] = []
        self.beside: list[Surroundings] = []
        self.delivered: list[str] = []
        self.cut: list[str] = []
        self.stops: list[str] = []
        self.unfinished: list[IncomingMessage] = []
        self.edits: list[MessageEdited] = []
        self.deletions: list[MessagesDeleted] = []
        self.channel_deletions: list[ChannelsDeleted] = []
        self.removals: list[GuildLeft] = []
        self.members: set[tuple[str, str]] = set()
        self.holding = asyncio.Event()

    async def handle(
        self, message: IncomingMessage, *, taken: Callable[[], None] = untold, around: LookAround = nowhere
    ) -> AsyncGenerator[ReplyPart, None]:
        """Give the parts of the answer."""
        self.heard.append(message)
        taken()
        self.beside.append(await around())
        try:
            async for part in self.parts(message):
                yield part
        except (GeneratorExit, asyncio.CancelledError):
            self.cut.append(message.text)
            raise
        self.delivered.append(message.text)

    async def parts(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """Answer in two pieces."""
        yield ReplyText("You said ")
        if message.text == HOLD:
            self.holding.set()
            await asyncio.Event().wait()
        yield ReplyText(message.text)
        yield ReplyEnd()

    async def stopped(self, message: IncomingMessage) -> None:
        """Note it."""
        self.stops.append(message.text)

    async def knows(self, scope: Scope, source_id: str) -> bool:
        """Tell whether it was heard."""
        return source_id in {message.source_id for message in self.heard if message.scope == scope}

    async def edited(self, event: MessageEdited, *, taken: Callable[[], None] = untold) -> None:
        """Note it."""
        taken()
        self.edits.append(event)

    async def deleted(self, event: MessagesDeleted) -> None:
        """Note it."""
        self.deletions.append(event)

    async def channels_deleted(self, event: ChannelsDeleted) -> None:
        """Note it."""
        self.channel_deletions.append(event)

    async def joined(self, platform: str, guild_id: str) -> bool:
        """Note it; each guild is new once."""
        known = (platform, guild_id) in self.members
        self.members.add((platform, guild_id))
        return not known

    async def left(self, event: GuildLeft) -> None:
        """Note it."""
        self.removals.append(event)
        self.members.discard((event.platform, event.guild_id))

    async def guilds(self, platform: str) -> frozenset[str]:
        """Give the guilds that were joined and not left."""
        return frozenset(guild_id for of, guild_id in self.members if of == platform)

    async def unanswered(self, platform: str) -> list[IncomingMessage]:
        """Give what the test says was left over."""
        return self.unfinished


class Wire(Protocol):
    """The other end of an adapter: the platform, as far as a test needs it."""

    @property
    def adapter(self) -> Adapter:
        """The adapter, not running yet. It cuts running replies within PATIENCE_S of being stopped."""
        ...

    async def push(self, text: str) -> None:
        """Let a person say something to the bot."""
        ...

    async def reply(self) -> str:
        """Give the next reply that the person sees, once it is whole."""
        ...


@asynccontextmanager
async def running(adapter: Adapter, assistant: EchoAssistant) -> AsyncIterator[asyncio.Event]:
    """Run an adapter until the block ends; gives `stopping` once the adapter takes messages."""
    ready: list[None] = []
    taking, stopping = asyncio.Event(), asyncio.Event()

    def on_ready() -> None:
        ready.append(None)
        taking.set()

    task = asyncio.create_task(adapter.run(assistant, on_ready, stopping))
    async with asyncio.timeout(PATIENCE_S):
        await taking.wait()
    try:
        yield stopping
    finally:
        stopping.set()
        async with asyncio.timeout(PATIENCE_S):
            await task
    assert len(ready) == 1, "an adapter is ready once"


class AdapterConformance(ABC):
    """Subclass as `class TestX(AdapterConformance)` and override `wire`."""

    @pytest.fixture
    @abstractmethod
    def wire(self) -> object:
        """Give a `Wire` to a new adapter."""

    @pytest.fixture
    def assistant(self) -> EchoAssistant:
        """Who answers."""
        return EchoAssistant()

    async def test_message_gets_its_reply(self, wire: Wire, assistant: EchoAssistant) -> None:
        """A person reads the whole answer to what they said, and the assistant hears that it was delivered."""
        async with running(wire.adapter, assistant):
            await wire.push("good morning")

            assert await wire.reply() == "You said good morning"

        assert assistant.delivered == ["good morning"]

    async def test_messages_are_answered_in_order(self, wire: Wire, assistant: EchoAssistant) -> None:
        """Two messages sent at once get one reply each, in their order."""
        async with running(wire.adapter, assistant):
            await wire.push("first")
            await wire.push("second")

            assert [await wire.reply(), await wire.reply()] == ["You said first", "You said second"]

        assert assistant.delivered == ["first", "second"]

    async def test_same_words_are_another_message(self, wire: Wire, assistant: EchoAssistant) -> None:
        """Saying the same twice makes two deliveries, not one that was repeated."""
        async with running(wire.adapter, assistant):
            for _ in range(2):
                await wire.push("again")
                await wire.reply()

        assert len({message.dedupe_key for message in assistant.heard}) == 2
        assert len({message.source_id for message in assistant.heard}) == 2

    async def test_message_says_who_where_and_when(self, wire: Wire, assistant: EchoAssistant) -> None:
        """A message names its platform and an aware time; its author is whose memory it goes into."""
        async with running(wire.adapter, assistant):
            await wire.push("hello")
            await wire.reply()

        (message,) = assistant.heard
        assert message.scope.platform == wire.adapter.platform
        assert message.author.id == message.scope.user_id
        assert message.sent_at.tzinfo is not None
        assert message.addressed

    async def test_health_tells_of_the_connection(self, wire: Wire, assistant: EchoAssistant) -> None:
        """Connected while it takes messages, with aware times of the last sign of life and the last event."""
        before = wire.adapter.health()
        async with running(wire.adapter, assistant):
            ready = wire.adapter.health()
            await wire.push("hello")
            await wire.reply()
            heard = wire.adapter.health()
        after = wire.adapter.health()

        assert [health.connected for health in (before, ready, heard, after)] == [False, True, True, False]
        assert before.event_at is None
        assert heard.alive_at is not None
        assert heard.event_at is not None
        assert None not in (heard.alive_at.tzinfo, heard.event_at.tzinfo)

    async def test_idle_adapter_stops_at_once(self, wire: Wire, assistant: EchoAssistant) -> None:
        """Told to stop while nobody says anything, it returns."""
        async with running(wire.adapter, assistant) as stopping:
            stopping.set()

        assert assistant.heard == []

    async def test_running_reply_is_cut_when_stopping(self, wire: Wire, assistant: EchoAssistant) -> None:
        """An answer that does not end in time is cut off, and is no delivered one."""
        async with running(wire.adapter, assistant) as stopping:
            await wire.push(HOLD)
            async with asyncio.timeout(PATIENCE_S):
                await assistant.holding.wait()
            stopping.set()

        assert assistant.cut == [HOLD]
        assert assistant.delivered == []

    async def test_nothing_is_taken_in_after_stopping(self, wire: Wire, assistant: EchoAssistant) -> None:
        """What is said once the adapter was told to stop is not heard."""
        async with running(wire.adapter, assistant) as stopping:
            stopping.set()
            await wire.push("too late")

        assert assistant.heard == []
