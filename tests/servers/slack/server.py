"""The server itself: its address, its workspaces, and what it has seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self, TypeVar

import aiohttp
from aiohttp import web

from tests.servers.clock import Clock
from tests.servers.slack import payloads
from tests.servers.slack.calls import Request
from tests.servers.slack.deliveries import Ack, Deliveries, Timing, Transport
from tests.servers.slack.events import Events
from tests.servers.slack.faults import Behaviour
from tests.servers.slack.files import Files
from tests.servers.slack.http_mode import Http
from tests.servers.slack.interactions import Interactions
from tests.servers.slack.manifest_rules import listed
from tests.servers.slack.mentions import Ping
from tests.servers.slack.nouns import Channel, Grant, Message, Team, View
from tests.servers.slack.oauth import OAuth
from tests.servers.slack.people import Person
from tests.servers.slack.posts import Posts
from tests.servers.slack.scopes import EVENTS
from tests.servers.slack.sessions import Sessions
from tests.servers.slack.socket_mode import Sockets
from tests.servers.slack.streams import Streams
from tests.servers.slack.views import Views
from tests.servers.slack.web_api import WebApi
from tests.servers.slack.wire import Ids, Json

T = TypeVar("T")


@dataclass
class SlackServer:
    """Listens on a loopback port while it is entered. One workspace is there already, with the app installed.

    What the app may do is set by `bot_events`, `commands` and `shortcuts` (empty: any), or by `configure`. What it
    did stands in `requests`, `acks`, `pings` and `unfurls`; what was refused in `refusals`, and what no correct app
    would have done in `violations`.
    """

    port: int = 0
    timing: Timing = field(default_factory=Timing)
    app_id: str = "A000LOCAL"
    app_token: str = "xapp-1-A000LOCAL-1-local"
    config_token: str = "xoxe.xoxp-1-local"
    signing_secret: str = "local-signing-secret"
    app_token_scopes: set[str] = field(default_factory=lambda: {"connections:write", "authorizations:read"})
    bot_events: set[str] = field(default_factory=lambda: set(EVENTS))
    commands: set[str] = field(default_factory=lambda: {"/remember", "/forget", "/memories", "/forgetmenot"})
    shortcuts: set[str] = field(default_factory=set)
    echoes: bool = True
    one_post_a_second: bool = False
    requests: list[Request] = field(default_factory=list, repr=False)
    acks: list[Ack] = field(default_factory=list, repr=False)
    pings: list[Ping] = field(default_factory=list)
    unfurls: list[Request] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    prompts: dict[str, list[Json]] = field(default_factory=dict, repr=False)
    teams: list[Team] = field(default_factory=list)
    people: list[Person] = field(default_factory=list, repr=False)
    channels: dict[str, Channel] = field(default_factory=dict, repr=False)
    last_posts: dict[str, float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.ids = Ids(self.clock)
        self.deliveries, self.events, self.sockets, self.http = (
            Deliveries(self),
            Events(self),
            Sockets(self),
            Http(self),
        )
        self.interactions, self.posts, self.views = Interactions(self), Posts(self), Views(self)
        self.streams, self.sessions, self.files = Streams(self), Sessions(), Files(self)
        self.oauth, self.web_api = OAuth(self), WebApi(self)
        self._changed = asyncio.Event()
        self.team = self.add_workspace("Acme", team_id="T000ACME")

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/api/{method}", self.web_api.handle)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/actions/{trigger}", self.web_api.respond)
        app.router.add_get("/files-pri/{file}/{name:.+}", self.files.download)
        app.router.add_post("/upload/v1/{file}", self.files.upload)
        app.router.add_get("/oauth/v2/authorize", self.oauth.authorize)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        # A connection of its own for each request: an app that restarts would leave dead ones behind.
        self.client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.violations += [f"stream {stream.message.ts} was never stopped" for stream in self.streams.open]
        self.violations += ["a session was left in processing"] * len(self.sessions.unfinished)
        await self.deliveries.stop()
        for connection in self.sockets.connections:
            connection.abort()
        await self.client.close()
        await self._runner.cleanup()

    # Addresses and names

    @property
    def base_url(self) -> str:
        """Where everything is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_base(self) -> str:
        """What a web client takes as `base_url`."""
        return f"{self.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The token of the bot in the first workspace."""
        assert self.team.grant is not None
        return self.team.grant.token

    @property
    def mention(self) -> str:
        """What addresses the bot in the first workspace."""
        return self.team.mention

    @property
    def transport(self) -> Transport:
        """The way to the app."""
        return self.http if self.http.url is not None else self.sockets

    # What a test sets up

    def add_workspace(
        self, name: str, *, team_id: str | None = None, enterprise_id: str | None = None, installed: bool = True
    ) -> Team:
        """Return a new workspace; without `installed` the app comes by `oauth`."""
        team = Team(self, team_id or self.ids.next("T"), name, enterprise_id)
        team.bot = team.add_bot("forgetmenot")
        team.bot.app_id = self.app_id
        self.teams.append(team)
        if installed:
            self.oauth.install(team)
        return team

    def configure(self, manifest: Json) -> None:
        """Set events, commands, shortcuts and the scopes of the first workspace as a manifest says."""
        self.bot_events = {str(event) for event in listed(manifest, "settings.event_subscriptions.bot_events")}
        self.commands = {command["command"] for command in listed(manifest, "features.slash_commands")}
        self.shortcuts = {shortcut["callback_id"] for shortcut in listed(manifest, "features.shortcuts")}
        assert self.team.grant is not None
        self.team.grant.scopes = {str(scope) for scope in listed(manifest, "oauth_config.scopes.bot")}

    def will(self, method: str, *behaviours: Behaviour) -> None:
        """Line up the answers to the next calls of a method; after them the server answers properly again."""
        self.web_api.scripts[method].extend(behaviours)

    # What a test looks at

    def grant_of(self, token: str) -> Grant | None:
        """Return the installation that a token belongs to."""
        return next((grant for grant in self.oauth.grants if grant.token == token), None)

    def calls(self, method: str) -> list[Request]:
        """Return the calls of a method, oldest first."""
        return [request for request in self.requests if request.method == method]

    def replies_to(self, message: Message) -> list[Message]:
        """Return what the bot says after a message: in its thread and, in direct messages, below it."""
        after = (said for said in message.channel.visible if said.by_bot and said.ts > message.ts)
        loose = message.channel.kind == "im" and message.thread_ts is None
        return [said for said in after if said.root_ts == message.root_ts or (loose and said.thread_ts is None)]

    def ephemerals(self, person: Person) -> list[Message]:
        """Return what only this person was shown, and still is."""
        return [said for said in self.posts.ephemerals if said.only_for is person and not said.deleted]

    def home(self, person: Person) -> View | None:
        """Return the home tab of a person, None if none was published."""
        return self.views.homes.get((person.place.id, person.id))

    async def redeliver(self, message: Message, times: int = 1, *, new_event_ids: bool = True) -> None:
        """Send the events of a message again: as events of their own, or as retries of the first."""
        await self.events.again(message, times, new_event_ids)

    async def previews(self, message: Message) -> None:
        """Add a link's preview to a message, which reaches the app as a change without an edit."""
        await self.events.edited(message, payloads.message(message))

    def noticed(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()

    async def until(self, condition: Callable[[], T | None], timeout_s: float = 5) -> T:
        """Wait until a condition holds and return what it gave; it is looked at whenever something happened.

        Raises:
            TimeoutError: it never did; the message tells the latest calls.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := condition()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = [f"{call.method}: {(call.answer or {}).get('error', 'ok')}" for call in self.requests[-8:]]
            raise TimeoutError(f"not within {timeout_s} s; the latest calls were {seen}") from None
        return found
