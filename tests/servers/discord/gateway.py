"""The gateway: who is connected, what each is told, and everything that goes wrong with it on demand."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.discord import payloads
from tests.servers.discord.intents import refusal_code, wants
from tests.servers.discord.permissions import permissions_of
from tests.servers.discord.sessions import (
    ACK,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID,
    MEMBERS,
    PRESENCE,
    RECONNECT,
    RESUME,
    Connection,
    Session,
)
from tests.servers.discord.wire import Json

if TYPE_CHECKING:
    from tests.servers.discord.nouns import Channel, Guild, Message
    from tests.servers.discord.server import DiscordServer

SENDS_A_MINUTE = 120
IDENTIFIES_A_DAY = 1000
CLOSED_BY_CLIENT = (1000, 1001)  # "closing with 1000 or 1001 invalidates the session"

Data = Json | Callable[[Session], Json]


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def shard_of(guild: Guild | None, shards: int) -> int:
    """Return which of so many shards is told of a guild; the first one is told of direct messages.

    https://discord.com/developers/docs/events/gateway#sharding-sharding-formula
    """
    return (guild.id >> 22) % shards if guild else 0


@dataclass(eq=False)
class Gateway:
    """Speaks gateway v10 to every client that connects. `identifies` and `resumes` count what they asked for.

    As long as `lets_in` is not set, nobody who connects is greeted.
    """

    server: DiscordServer = field(repr=False)
    sessions: dict[str, Session] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    identifies: int = 0
    resumes: int = 0
    heartbeats: int = 0
    close_codes: list[int] = field(default_factory=list)
    lets_in: asyncio.Event = field(default_factory=_set)

    # What happens in the guilds

    def dispatch(self, event: str, data: Data, guild: Guild | None = None) -> None:
        """Tell every session that asked for such events and whose shard has the guild; DMs belong to shard 0."""
        if guild is not None and not guild.has_bot and event != "INTERACTION_CREATE":
            return
        for session in list(self.sessions.values()):
            at_home = session.shard == shard_of(guild, session.shards)
            if at_home and wants(session.intents, event, in_guild=guild is not None):
                session.dispatch(event, data(session) if callable(data) else data)
        self.server.changed()

    def announce(self, event: str, message: Message) -> None:
        """Send a message event to a bot that sees its channel, with as much of it as its intents allow."""
        if not self.reaches(message.channel):
            return

        def data(session: Session) -> Json:
            return payloads.message(message, content=session.has("message_content"), gateway=True)

        self.dispatch(event, data, message.channel.guild)

    def announce_in(self, channel: Channel, event: str, data: Json) -> None:
        """Send an event of a channel to a bot that sees it."""
        if self.reaches(channel):
            place = {"guild_id": str(channel.guild.id)} if channel.guild else {}
            self.dispatch(event, {**data, "channel_id": str(channel.id), **place}, channel.guild)

    def announce_channel(self, event: str, channel: Channel) -> None:
        """Send what has become of a channel; of threads only those that the bot sees."""
        if channel.guild is None or not channel.guild.has_bot:
            return
        if not channel.is_thread or permissions_of(self.server.bot, channel):
            extra = {"newly_created": True} if event == "THREAD_CREATE" else {}
            self.dispatch(event, {**payloads.channel(channel), **extra}, channel.guild)

    def announce_guild(self, guild: Guild, **extra: bool) -> None:
        """Send a whole guild; with `unavailable=False` as one that came back, without as one newly joined."""

        def data(session: Session) -> Json:
            return {**payloads.whole_guild(guild, all_members=session.has("members")), **extra}

        self.dispatch("GUILD_CREATE", data, guild)

    def reaches(self, channel: Channel) -> bool:
        """Whether the bot hears of what happens in a channel."""
        if channel.guild is not None and channel.guild.is_down:
            return False
        return bool(permissions_of(self.server.bot, channel)) and not channel.deleted

    # What goes wrong with it

    async def connected(self, timeout_s: float = 10) -> None:
        """Wait until every shard of the bot has a session and a connection."""
        await self.server.until(lambda: self.is_connected, timeout_s)

    @property
    def is_connected(self) -> bool:
        """Whether every shard of the bot is there."""
        live = {session.shard: session.shards for session in self.sessions.values() if session.connection}
        return bool(live) and len(live) == max(live.values())

    async def drop(self, code: int | None = None, *, shard: int | None = None) -> None:
        """Close the connections of a shard, or all, with a code or without a close frame; sessions can be resumed."""
        for connection in list(self.connections):
            if shard is None or (connection.session is not None and connection.session.shard == shard):
                await connection.close(code)
        self.server.changed()

    def reconnect(self) -> None:
        """Ask all clients to come back and resume."""
        self._leave_with({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Declare all sessions invalid; those not resumable are forgotten."""
        self._leave_with({"op": INVALID, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def _leave_with(self, payload: Json) -> None:
        for connection in self.connections:
            connection.send(payload)
            if connection.session is not None:
                connection.session.connection = None

    def falls_silent(self) -> None:
        """Neither send nor acknowledge anything on the present connections, as when a cable is cut."""
        for connection in self.connections:
            connection.is_silent = True

    def stop_acking(self) -> None:
        """Leave the heartbeats of the present connections without an answer."""
        for connection in self.connections:
            connection.acknowledges = False

    def repeat_last(self, count: int = 1, event: str = "MESSAGE_CREATE") -> None:
        """Deliver the last events of a kind again, each under a new number."""
        for session in list(self.sessions.values()):
            found = [data for _, name, data in session.sent if name == event][-count:]
            for data in found:
                session.dispatch(event, data)

    def send_event(self, event: str, data: Json) -> None:
        """Deliver any event at all to every session, malformed ones included."""
        for session in list(self.sessions.values()):
            session.dispatch(event, data)

    def send_raw(self, payload: Json | str) -> None:
        """Send anything at all on the present connections."""
        for connection in self.connections:
            connection.send(payload)

    # The wire

    async def serve(self, http: web.Request) -> web.StreamResponse:
        """Hold one connection until it ends."""
        if http.query.get("encoding", "json") != "json" or http.query.get("compress", "zlib-stream") != "zlib-stream":
            raise web.HTTPBadRequest(text="this gateway speaks json, plain or as zlib-stream")
        socket = web.WebSocketResponse(timeout=1, max_msg_size=2**20)
        await socket.prepare(http)
        await self.lets_in.wait()
        connection = Connection(socket, http, packed="compress" in http.query)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        connection.send({"op": HELLO, "d": {"heartbeat_interval": round(self.server.heartbeat_interval_s * 1000)}})
        try:
            if http.query.get("v", "10") != "10":
                await connection.close(4012)
            await self._read(connection)
        finally:
            writer.cancel()
            self._gone(connection)
        return socket

    async def _read(self, connection: Connection) -> None:
        async for received in connection.socket:
            if received.type is not WSMsgType.TEXT:
                return await connection.close(4002)
            if connection.is_silent:
                continue
            code = self._received(connection, received.data)
            if code is not None:
                self.close_codes.append(code)
                await connection.close(code)
            self.server.changed()
        return None

    def _gone(self, connection: Connection) -> None:
        self.connections.remove(connection)
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
        if session is not None and connection.socket.close_code in CLOSED_BY_CLIENT and not connection.is_silent:
            self.sessions.pop(session.id, None)
        self.server.changed()

    def _received(self, connection: Connection, text: str) -> int | None:
        """Carry out what a client sent; return the code to close with if that is refused."""
        connection.received_at.append(time.monotonic())
        if _is_flood(connection.received_at):
            self.server.violations.append(f"gateway: more than {SENDS_A_MINUTE} sends a minute")
            return 4008
        try:
            payload = json.loads(text)
            operation, data = OPERATIONS[payload["op"]], payload.get("d")
        except (ValueError, TypeError):
            return 4002
        except KeyError:
            return 4001
        if connection.session is None and operation not in (_heartbeat, _identify, _resume):
            return 4003
        return operation(self, connection, data)


def _is_flood(moments: deque[float]) -> bool:
    return len(moments) == SENDS_A_MINUTE and moments[-1] - moments[0] < 60


def _heartbeat(gateway: Gateway, connection: Connection, _: object) -> int | None:
    gateway.heartbeats += 1
    if connection.acknowledges:
        connection.send({"op": ACK})
    return None


def _identify(gateway: Gateway, connection: Connection, data: Json) -> int | None:
    if connection.session is not None:
        return 4005
    gateway.identifies += 1
    shard, shards = data.get("shard") or (0, 1)
    server = gateway.server
    refused = 4004 if data.get("token") != server.token else refusal_code(data.get("intents"), server.intents)
    refused = refused or (4010 if not 0 <= shard < shards else None) or (4011 if shards < server.shards else None)
    if refused is not None:
        return refused
    session = Session(secrets.token_hex(16), data["intents"], shard, shards)
    gateway.sessions[session.id] = session
    connection.session, session.connection = session, connection
    _welcome(server, session)
    return None


def _welcome(server: DiscordServer, session: Session) -> None:
    """Send READY with the guilds as mere ids, then each guild that is there."""
    joined = [guild for guild in server.guilds.values() if guild.has_bot]
    mine = [guild for guild in joined if shard_of(guild, session.shards) == session.shard]
    ready = {
        "v": 10,
        "user": payloads.me(server.bot),
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": server.gateway_url,
        "shard": [session.shard, session.shards],
        "private_channels": [],
        "application": {"id": str(server.bot.id), "flags": payloads.application(server)["flags"]},
    }
    session.dispatch("READY", ready)
    for guild in mine:
        if session.has("guilds") and not guild.is_down:
            whole = payloads.whole_guild(guild, all_members=session.has("members"))
            session.dispatch("GUILD_CREATE", {**whole, "unavailable": False})


def _resume(gateway: Gateway, connection: Connection, data: Json) -> int | None:
    gateway.resumes += 1
    session = gateway.sessions.get(str(data.get("session_id")))
    if data.get("token") != gateway.server.token:
        return 4004
    if session is None:
        connection.send({"op": INVALID, "d": False})
        return None
    if data.get("seq") is None or data["seq"] > session.sequence:
        return 4007
    connection.session, session.connection = session, connection
    session.replay(data["seq"])
    session.dispatch("RESUMED", {"_trace": []})
    return None


def _members(gateway: Gateway, connection: Connection, data: Json) -> int | None:
    """Answer a request for members; all of a guild only with the intent for it."""
    session, guild = connection.session, gateway.server.guilds.get(int(data.get("guild_id", 0)))
    if session is None or guild is None:
        return None
    wanted = set(map(str, data["user_ids"])) if data.get("user_ids") else None
    if wanted is None and not session.has("members"):
        return 4014
    found = [member for member in guild.members.values() if wanted is None or str(member.person.id) in wanted]
    chunk = {"guild_id": str(guild.id), "members": list(map(payloads.whole_member, found))}
    session.dispatch("GUILD_MEMBERS_CHUNK", {**chunk, "chunk_index": 0, "chunk_count": 1, "nonce": data.get("nonce")})
    return None


def _presence(_: Gateway, __: Connection, ___: object) -> int | None:
    return None


OPERATIONS: Mapping[int, Callable[[Gateway, Connection, Json], int | None]] = {
    HEARTBEAT: _heartbeat,
    IDENTIFY: _identify,
    PRESENCE: _presence,
    RESUME: _resume,
    MEMBERS: _members,
}
"""What a client may send, by its number."""
