"""The server as a whole: what it holds, what tests ask of it, and its life on a loopback port."""

from __future__ import annotations

import asyncio
import base64
import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self, Unpack

from aiohttp import web

from tests.servers.clock import Clock
from tests.servers.discord import rest, routes_about, routes_messages, routes_webhooks
from tests.servers.discord.buckets import Buckets
from tests.servers.discord.faults import Behaviour, Script
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.interactions import Use
from tests.servers.discord.messages import Attachment, Details, Message, Said
from tests.servers.discord.nouns import Channel, Guild, Member, Role
from tests.servers.discord.people import Person
from tests.servers.discord.permissions import OF_EVERYONE, bits
from tests.servers.discord.posting import Ping
from tests.servers.discord.wire import Json, Snowflakes

SECRET = "local-token-of-the-test-server"
UPLOAD_BYTES = 25 * 2**20


@dataclass(eq=False)
class DiscordServer:
    """Listens on a loopback port while it is entered; speaks REST v10 and gateway v10 as Discord does.

    `intents` are the privileged ones switched on in the portal, of "message_content", "members" and "presences".
    `shards` are as many as a bot is told to connect with; with fewer it is refused.
    `violations` lists requests that a correct bot would never send, `refusals` those and all others refused,
    such as for want of permission. `pings` and `reply_pings` list whom the bot's messages notified.
    """

    port: int = 0
    name: str = "Forget-me-not"
    intents: set[str] = field(default_factory=set)
    shards: int = 1
    heartbeat_interval_s: float = 41.25
    rate_limited: bool = False
    install_types: tuple[str, ...] = ("0", "1")
    interactions_endpoint_url: str | None = None

    clock: Clock = field(default_factory=Clock)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    commands: dict[int | None, list[Json]] = field(default_factory=dict)
    commands_made: dict[int | None, int] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)

    requests: list[rest.Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    rate_limit_hits: list[str] = field(default_factory=list)
    pings: list[Ping] = field(default_factory=list)
    reply_pings: list[Ping] = field(default_factory=list)
    edits: list[tuple[int, float]] = field(default_factory=list)
    typings: list[tuple[int, float]] = field(default_factory=list)
    script: Script = field(default_factory=Script)
    buckets: Buckets = field(default_factory=Buckets)

    def __post_init__(self) -> None:
        """Make the bot, its developer and an empty gateway."""
        self.ids = Snowflakes(self.clock)
        self.gateway = Gateway(self)
        self.bot = self.add_person(self.name, bot=True)
        self.owner = self.add_person("Developer")
        self.token = f"{base64.urlsafe_b64encode(str(self.bot.id).encode()).decode().rstrip('=')}.local.{SECRET}"
        self._change = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=UPLOAD_BYTES)
        for routes in (routes_messages.routes, routes_about.routes, routes_webhooks.routes):
            routes.add_to(app, self)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/attachments/{id}/{name}", self._download)
        app.router.add_route("*", "/{rest:.*}", functools.partial(rest.handle, self, rest.no_such_route, free=True))
        # With handler_cancellation a client that hangs up is noticed at once.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.violations += [f"interaction {use.id} was never acknowledged" for use in self.unacknowledged()]
        await self.gateway.drop()
        await self._runner.cleanup()

    # Where clients go

    @property
    def api_base(self) -> str:
        """The address of REST, for `discord.http.Route.BASE`."""
        return f"http://127.0.0.1:{self.port}{rest.BASE}"

    @property
    def gateway_url(self) -> str:
        """The address of the gateway, for `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`."""
        return f"ws://127.0.0.1:{self.port}/gateway/"

    @property
    def cdn_base(self) -> str:
        """Where attachments are."""
        return f"http://127.0.0.1:{self.port}/cdn"

    @property
    def mention(self) -> str:
        """What pings the bot when it is written."""
        return self.bot.mention

    # Who and what there is

    def add_person(self, name: str, *, bot: bool = False) -> Person:
        """Return a new person, or another bot."""
        person = Person(self, self.ids.next(), name, bot)
        self.people[person.id] = person
        return person

    def add_guild(self, name: str, *, with_bot: bool = True, owner: Person | None = None) -> Guild:
        """Return a new guild; the bot is in it unless told otherwise."""
        made = self.ids.next()
        everyone = Role(made, "@everyone", bits(OF_EVERYONE), mentionable=False)
        guild = Guild(self, made, name, owner or self.owner, everyone, {made: everyone})
        guild.members[guild.owner.id] = Member(guild.owner, guild)
        self.guilds[made] = guild
        if with_bot:
            guild.adds_bot()
        return guild

    def post(
        self, channel: Channel, author: Person, text: str, *, quiet: bool = False, **details: Unpack[Details]
    ) -> Message:
        """Return a message of anybody, unchecked; one that only one person sees is in no channel."""
        message = Message(self.ids.next(), channel, author, text, **details)
        message.states.append(message.text)
        if not message.is_ephemeral:
            channel.messages[message.id] = message
        if not quiet and not message.is_ephemeral:
            self.gateway.announce("MESSAGE_CREATE", message)
        self.changed()
        return message

    def webhook_says(self, channel: Channel, text: str, name: str = "Hook") -> Message:
        """Return a message of a webhook, which looks like a bot that nobody knows."""
        hook = Person(self, self.ids.next(), name, bot=True)
        return self.post(channel, hook, text, webhook_id=hook.id)

    def system_says(self, channel: Channel, about: Person, kind: Said = Said.JOIN) -> Message:
        """Return a message that Discord itself writes about a person."""
        return self.post(channel, about, "", kind=kind)

    def delete(self, message: Message) -> None:
        """Delete a message."""
        message.deleted = True
        if not message.is_ephemeral:
            self.gateway.announce_in(message.channel, "MESSAGE_DELETE", {"id": str(message.id)})
        self.changed()

    async def delete_many(self, channel: Channel, messages: Iterable[Message]) -> None:
        """Delete messages at once, as moderators' bots do."""
        gone = list(messages)
        for message in gone:
            message.deleted = True
        self.gateway.announce_in(channel, "MESSAGE_DELETE_BULK", {"ids": [str(message.id) for message in gone]})

    def unfurls(self, message: Message, url: str = "https://example.org/") -> None:
        """Let a link of a message get its preview: an update in which the content is the same."""
        if not message.suppresses_embeds:
            message.embeds = [*message.embeds, {"type": "link", "url": url, "title": "Example"}]
            self.gateway.announce("MESSAGE_UPDATE", message)

    # What tests ask

    def will(self, method: str, path: str, *behaviours: Behaviour) -> None:
        """Line up answers to the next requests of a kind; `*` stands for one part of the path, `**` for any number."""
        self.script.add(method, path, *behaviours)

    def advance(self, seconds: float) -> None:
        """Let the server's clock jump ahead."""
        self.clock.advance(seconds)

    def said(self, channel: Channel) -> list[Message]:
        """Return the bot's messages in a channel, oldest first, those deleted left out."""
        return [one for one in channel.messages.values() if one.author is self.bot and not one.deleted]

    def replies_to(self, message: Message) -> list[Message]:
        """Return the bot's replies to a message, oldest first, those deleted left out."""
        return [one for one in self.said(message.channel) if one.reference is message]

    async def next_message(self, channel: Channel, after: Message | None = None, timeout_s: float = 5) -> Message:
        """Wait for the bot's first message in a channel after another one, or after now."""
        since = after.id if after else self.ids.last

        def found() -> list[Message]:
            return [one for one in self.said(channel) if one.id > since and not one.is_loading]

        await self.until(found, timeout_s)
        return found()[0]

    def suppressed(self, message: Message) -> bool:
        """Whether links in a message get no preview."""
        return message.suppresses_embeds

    def edit_times(self, channel: Channel) -> list[float]:
        """Return when the bot edited a message of a channel, on the monotonic clock."""
        return [at_s for channel_id, at_s in self.edits if channel_id == channel.id]

    def typing_times(self, channel: Channel) -> list[float]:
        """Return when the bot showed that it is writing in a channel, on the monotonic clock."""
        return [at_s for channel_id, at_s in self.typings if channel_id == channel.id]

    def unacknowledged(self) -> list[Use]:
        """Return the interactions that the bot has not said anything to."""
        return [use for use in self.uses.values() if use.acknowledged_after_s is None]

    # Waiting

    def changed(self) -> None:
        """Let everybody who waits look again."""
        self._change.set()
        self._change = asyncio.Event()

    async def until(self, condition: Callable[[], object], timeout_s: float = 5) -> None:
        """Wait until a condition holds; it is looked at whenever something happens on the server.

        Raises:
            TimeoutError: it did not come to hold; the message lists the last requests.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            if not await self._happens(deadline - time.monotonic()) and not condition():
                last = [f"{one.method} {one.path} {one.status}" for one in self.requests[-8:]]
                raise TimeoutError(f"not within {timeout_s} s; last requests: {last}; refused: {self.refusals[-3:]}")

    async def settled(self, channel: Channel | None = None, *, quiet_s: float = 0.2, timeout_s: float = 10) -> None:
        """Wait until the bot has asked nothing for a while: of a channel, or at all.

        Raises:
            TimeoutError: it never came to rest.
        """
        began_s = time.monotonic()
        while time.monotonic() < began_s + timeout_s:
            asked = [one.at_s for one in self.requests if channel is None or one.channel_id == channel.id]
            quiet_until_s = max([began_s, *asked]) + quiet_s
            if time.monotonic() >= quiet_until_s:
                return
            await self._happens(quiet_until_s - time.monotonic())
        raise TimeoutError(f"the bot did not come to rest within {timeout_s} s")

    async def _happens(self, timeout_s: float) -> bool:
        """Wait for anything to happen; return whether it did in time."""
        try:
            # Not wait_for: when the event and a cancellation come together, Python 3.11 forgets the cancellation.
            async with asyncio.timeout(max(0.0, timeout_s)):
                await self._change.wait()
        except TimeoutError:
            return False
        return True

    async def _download(self, http: web.Request) -> web.Response:
        found = self.attachments.get(int(http.match_info["id"]))
        if found is None:
            raise web.HTTPNotFound
        headers = {"Content-Type": found.content_type or "application/octet-stream"}
        return web.Response(body=found.content, headers=headers)
