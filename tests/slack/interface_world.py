"""A bot on the local Slack with nothing but its commands, shortcuts, buttons and screens; it hears no messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.given import given_by
from adapters.pacing import Paces
from adapters.running import RunningReplies
from adapters.slack.directory import Directory
from adapters.slack.files import Files
from adapters.slack.interface.homes import Homes
from adapters.slack.interface.installing import install
from adapters.slack.moves import Moves
from adapters.slack.services import PLATFORM, Services
from adapters.slack.status import Signs
from adapters.slack.threads import Threads
from adapters.slack.workspaces import Workspaces
from bot.app import App, opened
from bot.config import OpenAISettings, Settings
from bot.lanes import Lanes
from bot.protocols import Assistant
from bot.tasks import TaskRunner
from bot.types import Memory, Place, PlaceKind, Scope
from tests.servers.slack import Channel, Message, Person, SlackServer, Use, View
from tests.slack.bolt import by_socket
from tests.worlds import PATIENCE_S, changed, kept_of, learned, patient_settings

KINDS = {"im": PlaceKind.DM, "channel": PlaceKind.PUBLIC}


@dataclass
class Bot:
    """One run of the bot."""

    server: SlackServer
    app: App
    services: Services
    bolt: AsyncApp

    async def texts(self, person: Person) -> list[str]:
        """Return the texts of what is kept of a person, oldest first."""
        return await kept_of(self.app, scope_of(person))

    async def learns(self, person: Person, channel: Channel, *texts: str, source: str = "") -> Sequence[Memory]:
        """Keep statements of a person as they are, and return them."""
        place = Place(KINDS.get(channel.kind, PlaceKind.PRIVATE), channel.id)
        return await learned(self.app, scope_of(person), place, texts, source)

    async def home(self, person: Person) -> View:
        """Return a person's home tab, which they open."""
        before = self._states(person)
        await person.opens_home()
        await self.server.until(lambda: self._states(person) > before, PATIENCE_S)
        view = self.server.home(person)
        assert view is not None
        return view

    def _states(self, person: Person) -> int:
        view = self.server.home(person)
        return len(view.states) if view is not None else 0


@dataclass
class World:
    """A workspace in which are Ann, Ben, and Ada who is an admin; and where the bot lives."""

    server: SlackServer
    settings: Settings
    general: Channel
    ann: Person
    ben: Person
    ada: Person

    @asynccontextmanager
    async def bot(self, assistant: Assistant | None = None, **sections: dict[str, Any]) -> AsyncIterator[Bot]:
        """Run the bot on its folder, with settings changed as in `bot(replies={"marks": "words"})`.

        Args:
            assistant: who answers commands; the bot itself when not given.
        """
        settings = changed(self.settings, sections)
        async with AsyncExitStack() as stack:
            app = await stack.enter_async_context(opened(settings))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            tasks = await stack.enter_async_context(TaskRunner(settings.limits.shutdown_s))
            client = AsyncWebClient(
                token=self.server.bot_token, base_url=self.server.api_base, session=session, retry_handlers=[]
            )
            bolt = AsyncApp(
                client=client, signing_secret=self.server.signing_secret, logger=logging.getLogger("slack_bolt")
            )
            services = services_of(app, tasks, session, client)
            services = replace(services, assistant=assistant or app.assistant)
            await services.homes.load()
            install(bolt, services)
            bolt.event("message")(_nothing)
            await stack.enter_async_context(by_socket(self.server, bolt))
            yield Bot(self.server, app, services, bolt)

    async def seen(self, use: Use, number: int = 1) -> Message:
        """Return the latest message that a use led to, which only its person sees, once there are so many."""
        await self.server.until(lambda: len(use.responses) >= number, PATIENCE_S)
        message = use.responses[-1]
        assert message.only_for is use.person
        return message

    async def modal(self, use: Use, text: str = "") -> View:
        """Return the modal that a use opened, once it is filled, or shows a text."""
        await self.server.until(lambda: use.view and len(use.view.states) > 1 and text in use.view.shown, PATIENCE_S)
        assert use.view is not None
        return use.view

    async def shows(self, shown: View | Message, text: str) -> None:
        """Wait until a view or a message says something."""
        await self.server.until(lambda: text in shown.shown, PATIENCE_S)


async def _nothing() -> None:
    """For messages, which others listen to."""


def services_of(app: App, tasks: TaskRunner, session: aiohttp.ClientSession, client: AsyncWebClient) -> Services:
    """Return what the interface is given of an open bot."""

    async def find(_: str) -> AsyncWebClient:
        return client

    return Services(
        assistant=app.assistant,
        bot=given_by(app, PLATFORM),
        settings=app.settings.slack,
        tasks=tasks,
        running=RunningReplies(),
        workspaces=Workspaces(find),
        directory=Directory(asyncio.get_running_loop().time),
        threads=Threads(app.notes(PLATFORM)),
        moves=Moves(app.notes(PLATFORM)),
        homes=Homes(PLATFORM, app.notes(PLATFORM)),
        signs=Signs(tasks),
        paces=Paces(0.01),
        order=Lanes(10, 100),
        files=Files(session, set(), ""),
    )


@asynccontextmanager
async def opened_world(folder: Path, openai: OpenAISettings | None = None) -> AsyncIterator[World]:
    """Open a server that a bot can be run on; nothing that the bot asked of it was a violation."""
    async with SlackServer() as server:
        settings = patient_settings(folder, openai)
        general = server.team.add_channel("general")
        server.team.invite(general)
        ann, ben = server.team.add_person("Ann"), server.team.add_person("Ben")
        ada = server.team.add_person("Ada", admin=True)
        general.members |= {ann.id, ben.id, ada.id}
        yield World(server, settings, general, ann, ben, ada)
    assert (server.violations, server.pings) == ([], [])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A workspace with people in it; the bot answers from memory alone."""
    async with opened_world(tmp_path) as world:
        yield world


@pytest.fixture
async def bot(world: World) -> AsyncIterator[Bot]:
    """The bot, running."""
    async with world.bot() as bot:
        yield bot


@pytest.fixture(autouse=True)
def quiet_library() -> Iterator[None]:
    """Hold the libraries' own logs at WARNING, as the bot's log does."""
    logs = [logging.getLogger(name) for name in ("slack_bolt", "slack_sdk", "aiohttp")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.WARNING)

    yield

    for log, level in zip(logs, levels, strict=True):
        log.setLevel(level)


def scope_of(person: Person) -> Scope:
    """Return whose memory a person's is."""
    return Scope(PLATFORM, person.place.id, person.id)
