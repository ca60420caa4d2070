"""Slack as an adapter: one app, heard by a socket or by HTTP, for as long as the bot is to run."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.given import Given
from adapters.pacing import Paces
from adapters.pulse import Pulse
from adapters.running import RunningReplies
from adapters.slack.answering import left_over
from adapters.slack.apps import Clients, app_of_many, app_of_one
from adapters.slack.connecting import Socket, pause_s
from adapters.slack.directory import Directory
from adapters.slack.faults import BadToken, Removed
from adapters.slack.files import Files
from adapters.slack.interface.homes import Homes
from adapters.slack.interface.installing import install
from adapters.slack.listening import listen, listen_to_the_rest
from adapters.slack.moves import Moves
from adapters.slack.removal import Membership, let_go
from adapters.slack.services import PLATFORM, Services
from adapters.slack.serving import Gatekeeper, Server
from adapters.slack.setup.pages import installation_routes
from adapters.slack.setup.tokens import Tokens
from adapters.slack.status import Signs
from adapters.slack.threads import Threads
from adapters.slack.workspaces import Workspace, Workspaces
from bot.config import SlackSettings
from bot.errors import PlatformError
from bot.events import Health
from bot.lanes import Lanes
from bot.protocols import Assistant
from bot.tasks import TaskRunner

log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)
_KEPT_OPEN_S = 5.0  # far less than Slack keeps a connection: a post on one that it just closed would be lost
_USED_OF_GRACE = 0.8  # the rest is for last edits

_WHAT_TO_DO = (
    "Slack does not take the bot token; at https://api.slack.com/apps, page OAuth & Permissions, install the app, copy "
    "the Bot User OAuth Token and set SLACK_BOT_TOKEN to it"
)
_REMOVED = (
    "the workspace removed the app, and everything that was remembered of it is erased; to use the bot there again, "
    "install the app anew and set SLACK_BOT_TOKEN to its new token"
)
_LOST = (
    "Slack does not take the bot's token of workspace %s any more: nobody there is answered until the app is installed "
    "there again, at /slack/install"
)


class SlackAdapter:
    """Serves Slack."""

    platform = PLATFORM

    def __init__(self, settings: SlackSettings, bot: Given) -> None:
        self._settings = settings
        self._bot = bot
        self._pulse = Pulse(bot.clock)
        self._why_ended = _REMOVED
        self._told_of: set[str] = set()  # tokens that are not good any more

    def health(self) -> Health:
        """Return how the connection is."""
        return self._pulse.health()

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set.

        Raises:
            PlatformError: Slack cannot be served as it is set up, or the only workspace removed the app or its token.
            StoreError: what an earlier run knew could not be read.
        """
        ended = asyncio.Event()
        connector = aiohttp.TCPConnector(keepalive_timeout=_KEPT_OPEN_S)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
            TaskRunner(0) as connections,
            TaskRunner(self._bot.limits.shutdown_s) as tasks,
        ):
            connections.start("slack stop", _passed_on(stopping, ended), endless=True)
            clients = Clients(self._settings, session)
            if self._settings.several_workspaces:
                app, tokens = app_of_many(clients, self._bot.notes, self._bot.clock, tasks)
                workspaces, home = Workspaces(partial(_found, clients, tokens)), None
            else:
                workspaces = Workspaces(_nowhere)
                home = await _greeted(workspaces, clients.by(self._settings.bot_token.reveal()), assistant, ended)
                if home is None:
                    return
                app = app_of_one(clients, home)
            services = self._services(assistant, session, tasks, workspaces)
            await services.threads.load()
            await services.moves.load()
            await services.homes.load()
            membership = Membership(services, home)
            self._fill(app, services, membership, ended)
            doubted = clients.doubts.look_into(workspaces, partial(self._lost, ended))
            connections.start("slack tokens", doubted, endless=True)
            await self._serve(app, services, _Once(services, membership, ready), ended)
        if not stopping.is_set():
            raise PlatformError(self._why_ended)

    def _services(
        self, assistant: Assistant, session: aiohttp.ClientSession, tasks: TaskRunner, workspaces: Workspaces
    ) -> Services:
        own_host = urlsplit(self._settings.api_base).hostname or ""
        # Twice what the assistant queues, so that it is the one that says what is too much.
        most = self._bot.limits.queue_total * 2
        return Services(
            assistant=assistant,
            bot=self._bot,
            settings=self._settings,
            tasks=tasks,
            running=RunningReplies(),
            workspaces=workspaces,
            directory=Directory(asyncio.get_running_loop().time),
            threads=Threads(self._bot.notes),
            moves=Moves(self._bot.notes),
            homes=Homes(PLATFORM, self._bot.notes),
            signs=Signs(tasks),
            paces=Paces(self._settings.edit_interval_s),
            order=Lanes(most, most),
            files=Files(session, {own_host}, self._settings.proxy.reveal()),
        )

    def _fill(self, app: AsyncApp, services: Services, membership: Membership, ended: asyncio.Event) -> None:
        """Register everything that the app reacts to."""

        def on_removed() -> None:
            if not self._settings.several_workspaces:
                ended.set()  # nothing is left to serve

        listen(app, services, membership, on_removed)
        install(app, services)
        listen_to_the_rest(app)

    def _lost(self, ended: asyncio.Event, workspace: Workspace) -> None:
        """A workspace's token is not good any more; without the only one, nothing is left to serve."""
        if not self._settings.several_workspaces:
            self._why_ended = _WHAT_TO_DO
            ended.set()
        elif (token := str(workspace.client.token)) not in self._told_of:
            self._told_of.add(token)
            log.error(_LOST, workspace.guild_id)

    async def _serve(self, app: AsyncApp, services: Services, begun: _Once, ended: asyncio.Event) -> None:
        """Hear Slack until the end, and then finish what is under way, while it can still be shown."""
        pages = installation_routes(app)
        if self._settings.mode == "http":
            await self._server(app, ended, pages=pages, is_for_events=True).serve(begun)
        else:
            secret, proxy = self._settings.app_token.reveal(), self._settings.proxy.reveal()
            server = self._server(app, ended, pages=pages, is_for_events=False)
            async with server.opened() if pages else nullcontext():
                await Socket(app, secret, proxy, pulse=self._pulse, ended=ended).serve(begun)
        grace_s = self._bot.limits.shutdown_s
        services.running.close(grace_s * _USED_OF_GRACE)
        await services.tasks.drain(grace_s)

    def _server(self, app: AsyncApp, ended: asyncio.Event, *, pages: list[web.RouteDef], is_for_events: bool) -> Server:
        secret = self._settings.signing_secret.reveal()
        gatekeeper = Gatekeeper(secret, asyncio.get_running_loop().time) if is_for_events else None
        host, port = self._settings.http_host, self._settings.http_port
        return Server(app, gatekeeper, host, port, routes=pages, pulse=self._pulse, ended=ended)


class _Once:
    """What is done when Slack is heard for the first time, and then no more."""

    def __init__(self, services: Services, membership: Membership, ready: Callable[[], None]) -> None:
        self._services = services
        self._membership = membership
        self._ready = ready
        self._done = False

    def __call__(self) -> None:
        if not self._done:
            self._done = True
            self._services.tasks.start("slack unanswered", self._answer_unanswered())
            self._services.tasks.start("slack membership", self._membership.look())
            self._ready()

    async def _answer_unanswered(self) -> None:
        """Answer what an earlier run took in and did not answer."""
        for message in await self._services.assistant.unanswered(PLATFORM):
            self._services.tasks.start("slack message", left_over(self._services, message))


async def _greeted(
    workspaces: Workspaces, client: AsyncWebClient, assistant: Assistant, ended: asyncio.Event
) -> Workspace | None:
    """The one workspace that the token is for, once Slack can be reached; None when the bot is stopped before.

    Raises:
        PlatformError: the token is not good.
    """
    failures = 0
    while not ended.is_set():
        try:
            return await workspaces.greet(client)
        except BadToken as error:
            if isinstance(error, Removed) and len(known := await assistant.guilds(PLATFORM)) == 1:
                await let_go(assistant, *known)  # of several, the token does not say which
            raise PlatformError(_WHAT_TO_DO) from error
        except PlatformError as error:
            failures += 1
            left_s = pause_s(failures, random.random())  # noqa: S311 - no secret depends on it
            log.warning("%s; the next try follows in %.1f s", error, left_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), left_s)
    return None


async def _found(clients: Clients, tokens: Tokens, guild_id: str) -> AsyncWebClient | None:
    token = await tokens.of(guild_id)
    return clients.by(token) if token is not None else None


async def _nowhere(_: str) -> None:
    """For an app with a single workspace, which is known from the start."""


async def _passed_on(event: asyncio.Event, to: asyncio.Event) -> None:
    await event.wait()
    to.set()
