"""Socket Mode: tickets, connections, envelopes and their acknowledgements, and all that goes wrong with sockets."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.servers.slack.deliveries import COMMAND, EVENT, Ack, Delivery, Outcome
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

CONNECTIONS = 10
"""So many may be open for one app ("Using Socket Mode")."""


@dataclass(eq=False)
class Connection:
    """One open socket of the app."""

    socket: web.WebSocketResponse
    http: web.Request
    frozen: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    received: list[str] = field(default_factory=list)

    def abort(self) -> None:
        """Cut the line without a close frame."""
        if self.http.transport is not None:
            self.http.transport.abort()


@dataclass(frozen=True, slots=True)
class Pending:
    """An envelope that waits for its acknowledgement."""

    delivery: Delivery
    number: int
    sent_at: float
    answer: asyncio.Future[Json]


@dataclass
class Sockets:
    """All connections of the app; each envelope goes to one of them, in turn.

    still_counted: closed ones that a greeting counts all the same.
    """

    server: SlackServer = field(repr=False)
    connections: list[Connection] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    pending: dict[str, Pending] = field(default_factory=dict, repr=False)
    opened: int = 0
    pings: int = 0
    turn: int = 0
    still_counted: int = 0
    refusals_left: int = 0
    disabled: bool = False

    def url(self) -> str:
        """Return an address that one connection can be made to."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return f"ws://127.0.0.1:{self.server.port}/link/?ticket={ticket}&app_id={self.server.app_id}"

    # What a test does to the app

    async def until_connected(self, number: int = 1, timeout_s: float = 5) -> None:
        """Wait until that many connections are open."""
        await self.server.until(lambda: len(self.connections) >= number, timeout_s)

    async def drop(self) -> None:
        """Cut every line without a close frame, as a failing network does, and wait until they are gone."""
        gone = list(self.connections)
        for connection in gone:
            connection.abort()
        await asyncio.gather(*(connection.closed.wait() for connection in gone))

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask for new connections; the old ones stay until the app closes them. Also `warning`, `link_disabled`."""
        self.disabled = self.disabled or reason == "link_disabled"
        notice = {"type": "disconnect", "reason": reason, "debug_info": {"host": "wss-local"}}
        for connection in list(self.connections):
            await connection.socket.send_json(notice)

    def refuse(self, times: int = 1) -> None:
        """Let the next attempts to connect fail."""
        self.refusals_left = times

    def freeze(self) -> None:
        """Leave every line open, but say and answer nothing on it any more, pings included."""
        for connection in self.connections:
            connection.frozen = True

    # The wire

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if self.refusals_left or self.disabled or ticket not in self.tickets:
            self.refusals_left = max(0, self.refusals_left - 1)
            self.server.noticed()
            return web.Response(status=408)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = Connection(socket, request)
        if len(self.connections) >= CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await self._greet(connection)
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            connection.closed.set()
            self.server.noticed()
        return socket

    async def _greet(self, connection: Connection) -> None:
        self.connections.append(connection)
        self.opened += 1
        debug = {"host": "wss-local", "build_number": 1, "approximate_connection_time": 18060}
        number = len(self.connections) + self.still_counted
        hello = {"type": "hello", "num_connections": number, "debug_info": debug}
        await connection.socket.send_json({**hello, "connection_info": {"app_id": self.server.app_id}})
        self.server.noticed()

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if connection.frozen:
                continue
            if frame.type is WSMsgType.PING:
                self.pings += 1
                await connection.socket.pong(frame.data)
                self.server.noticed()
            elif frame.type is WSMsgType.TEXT:
                self._acknowledged(frame.data)

    def _acknowledged(self, text: str) -> None:
        answer: Json = json.loads(text)
        pending = self.pending.pop(answer.get("envelope_id", ""), None)
        if pending is None:
            self.server.violations.append("acknowledged an envelope that was not open")
        elif pending.answer.done():
            after_s = time.monotonic() - pending.sent_at
            name = pending.delivery.name
            self.server.acks.append(Ack(pending.delivery.kind, name, pending.number, after_s, late=True))
            self.server.noticed()
        else:
            pending.answer.set_result(answer.get("payload") or {})

    async def attempt(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """Send an envelope on one connection; without any, tell that nobody was there."""
        connection = self._next()
        if connection is None:
            return Outcome(acknowledged=False, reason="timeout")
        envelope_id = str(uuid.uuid4())
        pending = Pending(delivery, number, time.monotonic(), asyncio.get_running_loop().create_future())
        self.pending[envelope_id] = pending
        connection.received.append(delivery.name)
        if not connection.frozen:
            try:
                await connection.socket.send_json(envelope(delivery, envelope_id, number, reason))
            except ConnectionError:
                return Outcome(acknowledged=False, reason="timeout")
        return await self._outcome(connection, pending)

    def _next(self) -> Connection | None:
        open_ones = [connection for connection in self.connections if not connection.socket.closed]
        self.turn += 1
        return open_ones[self.turn % len(open_ones)] if open_ones else None

    async def _outcome(self, connection: Connection, pending: Pending) -> Outcome:
        """Wait for the acknowledgement, the end of the connection or the end of patience."""
        gone = asyncio.ensure_future(connection.closed.wait())
        either: set[asyncio.Future[Any]] = {gone, pending.answer}
        patience_s = self.server.timing.acknowledgement_s
        await asyncio.wait(either, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        lost = gone.done() or connection.frozen
        gone.cancel()
        if pending.answer.done():
            after_s = time.monotonic() - pending.sent_at
            return Outcome(acknowledged=True, payload=pending.answer.result(), after_s=after_s)
        pending.answer.cancel()
        return Outcome(acknowledged=False, reason="timeout", is_fault=not lost)


def envelope(delivery: Delivery, envelope_id: str, number: int, reason: str) -> Json:
    """Return a payload as it travels on a socket."""
    told: Json = {"envelope_id": envelope_id, "type": delivery.kind, "payload": delivery.payload}
    told["accepts_response_payload"] = delivery.kind == COMMAND or delivery.payload.get("type") == "view_submission"
    if delivery.kind == EVENT:
        told |= {"retry_attempt": number, "retry_reason": reason}
    return told
