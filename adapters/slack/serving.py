"""Hears Slack by signed HTTP requests on one path. What is forged, stale, replayed or too large is refused unread."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.pulse import Pulse
from adapters.slack.setup.manifest import EVENTS_PATH
from bot.errors import PlatformError

MOST_BYTES = 1024 * 1024
"""Largest request; Slack's own are some dozen kilobytes."""

WINDOW_S = 600.0
"""For so long a signature is remembered: its timestamp may lie five minutes on either side of now
(https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

MOST_SIGNATURES = 100_000
"""Requests within the window; Slack sends 30,000 events an hour for a workspace at most."""

CLOSE_S = 1.0


class Gatekeeper:
    """Tells genuine requests from others: signed with the secret, fresh, and never seen before.

    Args:
        clock: gives seconds that never go back.

    Raises:
        ValueError: the secret is empty, so that anybody could sign.
    """

    def __init__(self, signing_secret: str, clock: Callable[[], float]) -> None:
        self._verifier = SignatureVerifier(signing_secret)
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def admits(self, body: bytes, timestamp: str, signature: str) -> bool:
        """Tell whether a request is genuine; the same one is, once."""
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12 and signature.isascii()):
            return False
        try:
            if not self._verifier.is_valid(body, timestamp, signature):
                return False
        except UnicodeDecodeError:
            return False
        now = self._clock()
        while self._seen and (len(self._seen) >= MOST_SIGNATURES or next(iter(self._seen.values())) < now - WINDOW_S):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now
        return True

    def readmit(self, signature: str) -> None:
        """Let a request in again: it was not acknowledged, and a retry within the same second is signed alike."""
        self._seen.pop(signature, None)


class Server:
    """The app's way to Slack by HTTP.

    Args:
        gatekeeper: None where events come by a socket.
        routes: what else is served: the pages of an installation.
        ended: once it is set, nothing is acknowledged any more, so that Slack sends it again to the next run.
    """

    def __init__(
        self,
        app: AsyncApp,
        gatekeeper: Gatekeeper | None,
        host: str,
        port: int,
        *,
        routes: Iterable[web.RouteDef],
        pulse: Pulse,
        ended: asyncio.Event,
    ) -> None:
        self._app = app
        self._gatekeeper = gatekeeper
        self._host = host
        self._port = port
        self._routes = routes
        self._pulse = pulse
        self._ended = ended

    async def serve(self, connected: Callable[[], None]) -> None:
        """Hear what Slack sends until the end; `connected` is called once the port is open.

        Raises:
            PlatformError: the port cannot be opened.
        """
        async with self.opened():
            connected()
            await self._ended.wait()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Serve until the end of the block.

        Raises:
            PlatformError: the port cannot be opened.
        """
        pages = web.Application(client_max_size=MOST_BYTES)
        pages.add_routes([*self._routes, *([web.post(EVENTS_PATH, self._receive)] if self._gatekeeper else [])])
        runner = web.AppRunner(pages, access_log=None, shutdown_timeout=CLOSE_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise PlatformError(
                f"port {self._port} on {self._host} cannot be opened ({error.strerror}); "
                "set [slack] http_host and http_port to what is free"
            ) from error
        if self._gatekeeper is not None:
            self._pulse.is_connected = lambda: not self._ended.is_set()
        try:
            yield
        finally:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        if self._ended.is_set():
            return web.Response(status=503)
        body = await request.read()
        headers = request.headers
        timestamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        if self._gatekeeper is None or not self._gatekeeper.admits(body, timestamp, signature):
            return web.Response(status=401)
        self._pulse.heard()
        self._pulse.happened()
        try:
            asked = AsyncBoltRequest(body=body.decode(), query=request.query_string, headers=dict(headers))
        except ValueError:  # signed, and yet no JSON
            return web.Response(status=400)
        answer = await to_aiohttp_response(await self._app.async_dispatch(asked))
        if answer.status != web.HTTPOk.status_code:
            self._gatekeeper.readmit(signature)
        return answer
