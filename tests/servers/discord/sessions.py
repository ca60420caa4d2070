"""One bot's session with the gateway and the connection that carries it, which may change while the session lives."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from tests.servers.discord.intents import INTENTS
from tests.servers.discord.wire import Json

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, MEMBERS, INVALID, HELLO, ACK = 7, 8, 9, 10, 11
REPLAYABLE = 5000


@dataclass(eq=False)
class Connection:
    """A websocket: sends in order, packed if the client asked for zlib-stream."""

    socket: web.WebSocketResponse
    http: web.Request
    packed: bool
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    acknowledges: bool = True
    is_silent: bool = False
    received_at: deque[float] = field(default_factory=lambda: deque(maxlen=120))

    def send(self, payload: Json | str) -> None:
        """Line up one message to the client; a string goes out as it is."""
        self.outbox.put_nowait(payload if isinstance(payload, str) else json.dumps(payload))

    async def write(self) -> None:
        """Send what is lined up until cancelled, or until the client has gone."""
        deflate = zlib.compressobj(1)
        while True:
            text = await self.outbox.get()
            if self.is_silent:
                continue
            try:
                if self.packed:
                    data = deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(data)
                else:
                    await self.socket.send_str(text)
            except ConnectionError:
                return

    async def close(self, code: int | None) -> None:
        """Close with a code, or break the connection without a word."""
        self.is_silent = True
        if self.session is not None:
            self.session.connection = None
        if code is not None:
            await self.socket.close(code=code)
        elif self.http.transport is not None:
            self.http.transport.abort()


@dataclass(eq=False)
class Session:
    """What Discord keeps of an identified bot, also while it is away."""

    id: str
    intents: int
    shard: int = 0
    shards: int = 1
    sequence: int = 0
    sent: deque[tuple[int, str, Json]] = field(default_factory=lambda: deque(maxlen=REPLAYABLE))
    connection: Connection | None = None

    def has(self, intent: str) -> bool:
        """Whether the bot identified with this intent."""
        return bool(self.intents & INTENTS[intent])

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event, or keep it until the bot resumes."""
        self.sequence += 1
        self.sent.append((self.sequence, event, data))
        if self.connection is not None:
            self.connection.send({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})

    def replay(self, after: int) -> None:
        """Send again what came after a number."""
        for sequence, event, data in self.sent:
            if sequence > after and self.connection is not None:
                self.connection.send({"op": DISPATCH, "t": event, "s": sequence, "d": data})
