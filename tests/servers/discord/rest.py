"""How a request becomes an answer: record, script, rate limit, token, route, refusal.

The routes_* files hold the routes. A new one is a function:

    @routes.on("POST", "/channels/{channel}/typing")
    async def typing(call: Call) -> Reply:
        channel = call.channel("send_messages")
        call.server.typing.append((channel.id, time.monotonic()))
        return None
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import BodyPartReader, web

from tests.servers.discord.faults import Exchange, too_many
from tests.servers.discord.permissions import require
from tests.servers.discord.refusals import (
    INVALID_FORM,
    INVALID_JSON,
    NO_SUCH_ROUTE,
    UNAUTHORIZED,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    Fault,
    Refusal,
)
from tests.servers.discord.wire import Json, answer

if TYPE_CHECKING:
    from tests.servers.discord.nouns import Channel, Guild, Message
    from tests.servers.discord.server import DiscordServer

BASE = "/api/v10"

Reply: TypeAlias = Json | list[Json] | None
"""What a route gives back: JSON for 200, None for 204."""


@dataclass(eq=False)
class Request:
    """A request as it came; `at_s` is on the monotonic clock, `status` None until it was answered."""

    method: str
    path: str
    body: Any
    at_s: float
    status: int | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through a route."""

    server: DiscordServer
    http: web.Request
    body: Any
    files: dict[int, tuple[str, bytes]]

    def number(self, name: str) -> int:
        """Return an id of the path."""
        text = self.http.match_info[name]
        if not text.isdecimal():
            raise Refusal(INVALID_FORM, [Fault(name, "NUMBER_TYPE_COERCE", "Value is not snowflake.")])
        return int(text)

    def text(self, name: str) -> str:
        """Return a part of the path."""
        return self.http.match_info[name]

    def channel(self, *needs: str) -> Channel:
        """Return the channel of the path, if the bot sees it and may do this there."""
        channel = self.server.channels.get(self.number("channel"))
        if channel is None or channel.deleted:
            raise Refusal(UNKNOWN_CHANNEL)
        require(self.server.bot, channel, *needs)
        return channel

    def message(self, channel: Channel) -> Message:
        """Return the message of the path."""
        return existing(channel.messages.get(self.number("message")))

    def guild(self) -> Guild:
        """Return the guild of the path, if the bot is in it."""
        guild = self.server.guilds.get(self.number("guild"))
        if guild is None or not guild.has_bot:
            raise Refusal(UNKNOWN_GUILD)
        return guild


def existing(message: Message | None) -> Message:
    """Return a message that is there; to ask for one that has been deleted meanwhile is nobody's fault."""
    if message is None or message.deleted:
        raise Refusal(UNKNOWN_MESSAGE, to_blame=message is None)
    return message


Route: TypeAlias = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True)
class Routes:
    """A table of routes; `free` ones ask for no bot token."""

    table: list[tuple[str, str, Route, bool]] = field(default_factory=list)

    def on(self, method: str, path: str, *, free: bool = False) -> Callable[[Route], Route]:
        """Register the function below for a method and a path."""

        def register(route: Route) -> Route:
            self.table.append((method, path, route, free))
            return route

        return register

    def add_to(self, app: web.Application, server: DiscordServer) -> None:
        """Put the routes into an application."""
        for method, path, route, free in self.table:
            app.router.add_route(method, BASE + path, functools.partial(handle, server, route, free=free))


async def handle(server: DiscordServer, route: Route, http: web.Request, *, free: bool = False) -> web.StreamResponse:
    """Answer one request."""
    path = http.path.removeprefix(BASE)
    seen = Request(http.method, path, None, time.monotonic())
    server.requests.append(seen)
    try:
        seen.body, files = await read(http)
        seen.channel_id = channel_id_of(server, http)
        server.changed()
        call = Call(server, http, seen.body, files)

        async def proceed() -> web.StreamResponse:
            return await carried_out(call, route, free=free)

        behaviour = server.script.take(http.method, path)
        done = await (behaviour(Exchange(http, proceed)) if behaviour else proceed())
    except Refusal as refusal:
        done = refused(server, http, refusal)
    use = server.uses.get(http.match_info.get("token", ""))
    if use is not None and (http.transport is None or http.transport.is_closing()):
        use.cut_off = True
    seen.status = done.status
    server.changed()
    return done


async def carried_out(call: Call, route: Route, *, free: bool) -> web.StreamResponse:
    """Do what a request asks for, within the rate limit, if its token is right."""
    http, server = call.http, call.server
    wait_s, headers = server.buckets.take(bucket_of(http)) if server.rate_limited else (0.0, {})
    if wait_s:
        server.rate_limit_hits.append(f"{http.method} {http.path}")
        return too_many(wait_s, bucket=headers)
    try:
        if not free and http.headers.get("Authorization") != f"Bot {server.token}":
            raise Refusal(UNAUTHORIZED)
        body = await route(call)
    except Refusal as refusal:
        return refused(server, http, refusal, headers)
    return answer(body, 200, headers) if body is not None else web.Response(status=204, headers=headers)


def refused(
    server: DiscordServer, http: web.Request, refusal: Refusal, headers: dict[str, str] | None = None
) -> web.Response:
    """Note a refusal and return it."""
    note = f"{http.method} {http.path.removeprefix(BASE)}: {refusal}"
    server.refusals.append(note)
    if refusal.is_violation:
        server.violations.append(note)
    return answer(refusal.body, refusal.error.status, headers)


def bucket_of(http: web.Request) -> str:
    """Return the name of a request's bucket: its route and the major parameters of Discord's documentation."""
    resource = http.match_info.route.resource
    major = [http.match_info.get(name, "") for name in ("channel", "guild", "token")]
    return " ".join([http.method, resource.canonical if resource else "", *major])


def channel_id_of(server: DiscordServer, http: web.Request) -> int | None:
    """Return the channel that a request is about: of its path, or of the interaction whose token it carries."""
    named = http.match_info.get("channel", "")
    if named.isdecimal():
        return int(named)
    use = server.uses.get(http.match_info.get("token", ""))
    return use.channel.id if use else None


async def no_such_route(_: Call) -> Reply:
    """Refuse what no route takes."""
    raise Refusal(NO_SUCH_ROUTE)


async def read(http: web.Request) -> tuple[Any, dict[int, tuple[str, bytes]]]:
    """Return the JSON of a request and the files that came with it, by their numbers."""
    if http.content_type != "multipart/form-data":
        return _parsed(await http.text()), {}
    body: Any = {}
    files: dict[int, tuple[str, bytes]] = {}
    async for part in await http.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content, name = bytes(await part.read()), part.name or ""
        if name == "payload_json":
            body = _parsed(content.decode())
        elif name.startswith("files["):
            files[int(name[6:-1])] = (part.filename or "unnamed", content)
    return body, files


def _parsed(text: str) -> object:
    try:
        parsed: object = json.loads(text or "{}")
    except ValueError as error:
        raise Refusal(INVALID_JSON) from error
    return parsed
