"""A bot on the local Discord with nothing but its commands, buttons and lists; it reads no messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
import yarl

from adapters.discord.interface.installing import install
from adapters.discord.services import PLATFORM, Services
from adapters.given import given_by
from adapters.running import RunningReplies
from bot.app import App, opened
from bot.config import OpenAISettings, Settings
from bot.tasks import TaskRunner
from bot.types import DM_GUILD, Memory, Place, PlaceKind, Scope
from tests.servers.discord.interactions import Use
from tests.servers.discord.nouns import Channel, Guild, Message
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer
from tests.worlds import PATIENCE_S, changed, kept_of, learned, patient_settings


class Answered:
    """Notes what was to be answered anew, in place of answering it."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []
        self.refused: set[int] = set()

    def muted(self, channel_id: int) -> bool:
        """Tell whether a test had the channel refuse the bot."""
        return channel_id in self.refused

    async def again(self, message: discord.Message, own_id: int, *, reads_all: bool, interaction_id: str) -> None:
        """Note a message and the press that asked for it."""
        self.asked.append((message.id, interaction_id))


class InterfaceClient(discord.AutoShardedClient):
    """Connects, and installs the interface as the adapter's client does."""

    def __init__(self, services: Services) -> None:
        super().__init__(intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none())
        self._services = services
        self._knows_guild = asyncio.Event()
        self.answering = Answered()

    async def started(self) -> None:
        """Wait until the gateway told of the guild, after which people can use it."""
        async with asyncio.timeout(PATIENCE_S):
            await self._knows_guild.wait()

    async def on_guild_available(self, _: discord.Guild) -> None:
        """Note that the connection stands."""
        self._knows_guild.set()

    async def setup_hook(self) -> None:
        """Install what is tested."""
        await install(self, self._services)


@dataclass
class Bot:
    """One run of the bot."""

    app: App
    services: Services
    client: InterfaceClient

    async def texts(self, person: Person, channel: Channel) -> list[str]:
        """Return the texts of what is kept of a person where a channel is, oldest first."""
        return await kept_of(self.app, scope_of(person, channel))

    async def learns(self, person: Person, channel: Channel, *texts: str, source: str = "") -> Sequence[Memory]:
        """Keep statements of a person as they are, and return them."""
        place = Place(PlaceKind.PUBLIC if channel.guild else PlaceKind.DM, str(channel.id))
        return await learned(self.app, scope_of(person, channel), place, texts, source)

    async def replies(self, message: Message, text: str, view: discord.ui.View | None) -> Message:
        """Answer a message of somebody, with buttons under it."""
        channel = self.client.get_channel(message.channel.id)
        assert isinstance(channel, discord.abc.Messageable)
        reference = discord.MessageReference(message_id=message.id, channel_id=message.channel.id)
        sent = await channel.send(text, view=view or discord.utils.MISSING, reference=reference)
        return message.channel.messages[sent.id]


@dataclass
class World:
    """A server with a guild in which are Ann, Ben, and Ada who may manage it; and where the bot lives."""

    server: DiscordServer
    settings: Settings
    guild: Guild
    channel: Channel
    ann: Person
    ben: Person
    ada: Person

    @asynccontextmanager
    async def bot(self, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Run the bot on its folder, with settings changed as in `bot(replies={"marks": "words"})`."""
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(opened(changed(self.settings, sections)))
            tasks = await stack.enter_async_context(TaskRunner(1))
            services = services_of(app, tasks)
            client = await stack.enter_async_context(InterfaceClient(services))
            tasks.start("client", client.start(self.server.token), endless=True)
            await client.started()
            await _registered()
            for person in (self.ann, self.ben, self.ada):
                for channel in (self.channel, person.dm):  # so that no answer begins with the notice of first contact
                    await app.ledger.set_noticed(scope_of(person, channel))
            yield Bot(app, services, client)


async def _registered() -> None:
    """Wait until the commands are registered, and that is noted."""
    running = [task for task in asyncio.all_tasks() if task.get_name() == "register commands"]
    if running:
        await asyncio.wait(running, timeout=PATIENCE_S)


def services_of(app: App, tasks: TaskRunner) -> Services:
    """Return what the interface is given of an open bot."""
    return Services(
        assistant=app.assistant,
        bot=given_by(app, PLATFORM),
        settings=app.settings.discord,
        tasks=tasks,
        running=RunningReplies(),
    )


@asynccontextmanager
async def opened_world(
    folder: Path, monkeypatch: pytest.MonkeyPatch, openai: OpenAISettings | None = None
) -> AsyncIterator[World]:
    """Open a server that a bot can be run on; nothing that the bot asked of it was a violation."""
    async with DiscordServer() as server:
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
        settings = patient_settings(folder, openai)
        guild = server.add_guild("Home")
        ann, ben, ada = (server.add_person(name) for name in ("Ann", "Ben", "Ada"))
        for person in (ann, ben):
            guild.add_member(person)
        guild.add_member(ada, roles=[guild.add_role("admins", "manage_guild")])
        yield World(server, settings, guild, guild.add_channel("general"), ann, ben, ada)
    assert server.violations == []


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A server with people in it; the bot answers from memory alone."""
    async with opened_world(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture
async def bot(world: World) -> AsyncIterator[Bot]:
    """The bot, running."""
    async with world.bot() as bot:
        yield bot


def scope_of(person: Person, channel: Channel) -> Scope:
    """Return whose memory a person's is where a channel is."""
    return Scope(PLATFORM, str(channel.guild.id) if channel.guild else DM_GUILD, str(person.id))


def labels(message: Message) -> list[str]:
    """Return what the buttons of a message say."""
    return [part["label"] for row in message.components for part in row["components"] if part.get("label")]


def options(message: Message) -> list[dict[str, Any]]:
    """Return what the list of a message offers."""
    return [option for row in message.components for part in row["components"] for option in part.get("options") or []]


async def seen(use: Use) -> Message:
    """Return the one message that an interaction led to, which only its person sees."""
    await use.answered()
    (message,) = use.messages
    assert message.is_ephemeral
    return message
