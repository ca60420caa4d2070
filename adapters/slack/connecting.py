"""Keeps a socket to Slack open: a new one in place of one that died, later each time, until told to stop.

Slack itself asks for a new socket every few hours, which the library does. One that is cut, or that answers no ping,
is replaced here: the library would try the same used-up address for ever, and never say that a token is not good.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.pulse import Pulse
from adapters.slack.faults import FAULTS, code_of
from bot.errors import PlatformError

log = logging.getLogger(__name__)

PING_S = 10.0
"""Seconds between two pings."""

PINGS_MISSED = 3
CONNECT_S = 5.0
"""Seconds that a socket gets to be opened, or to be replaced by the library."""

LOOK_S = 0.5
LONGEST_PAUSE_S = 60.0
STABLE_S = 60.0
"""A socket that held for so long was a good one: the next pause is short again."""

_WHERE = "at https://api.slack.com/apps, page Basic Information"
_FATAL = {
    "invalid_auth": f"Slack does not know the app token; {_WHERE}, generate one with connections:write and set "
    "SLACK_APP_TOKEN to it",
    "not_allowed_token_type": "SLACK_APP_TOKEN holds a token of another kind; it has to begin with xapp-",
    "missing_scope": f"the app token lacks the scope connections:write; {_WHERE}, generate one that has it and set "
    "SLACK_APP_TOKEN to it",
    "token_revoked": f"the app token was revoked; {_WHERE}, generate one with connections:write and set "
    "SLACK_APP_TOKEN to it",
    "account_inactive": "the app was deleted, or its account was closed; create it anew and set its tokens",
    "socket_mode_not_enabled": "Socket Mode is off; at https://api.slack.com/apps, page Socket Mode, turn it on",
}
_NOT_ALONE = (
    "Slack counts %d sockets of this app, and sends each message to one of them alone: stop the other bot, or give it "
    "an app of its own; if there is none, a socket of this bot was cut, which Slack may count for some hours"
)
"""The hours are those of https://github.com/slackapi/python-slack-sdk/issues/1940."""

_FATAL["not_authed"] = _FATAL["invalid_auth"]


def pause_s(failures: int, luck: float) -> float:
    """Return how long to wait after so many failures in a row, at least one: doubling, with a part left to chance.

    Args:
        luck: 0 to 1; spreads bots that lost Slack at the same moment.
    """
    return min(LONGEST_PAUSE_S, 0.5 * 2.0 ** min(failures - 1, 20)) * (0.5 + luck / 2)


class Socket:
    """The app's way to Slack by Socket Mode.

    Args:
        proxy: what to go through; empty for none.
        ended: once it is set, nothing is acknowledged any more, so that Slack sends it again to the next run.
        ping_s: seconds between two pings.
    """

    def __init__(
        self, app: AsyncApp, app_token: str, proxy: str, *, pulse: Pulse, ended: asyncio.Event, ping_s: float = PING_S
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._proxy = proxy or None
        self._pulse = pulse
        self._ended = ended
        self._ping_s = ping_s

    async def serve(self, connected: Callable[[], None]) -> None:
        """Hear what Slack sends until the end; `connected` is called for each new socket.

        Raises:
            PlatformError: a new socket would fail like the last one.
        """
        loop, failures = asyncio.get_running_loop(), 0
        while not self._ended.is_set():
            began_at = loop.time()
            try:
                await self._hold_one(connected)
            except FAULTS as error:
                log.warning("a socket to Slack could not be opened: %s", _told(error))
            if self._ended.is_set():
                return
            failures = 1 if loop.time() - began_at > STABLE_S else failures + 1
            left_s = pause_s(failures, random.random())  # noqa: S311 - no secret depends on it
            log.warning("the socket to Slack ended; the next one follows in %.1f s", left_s)
            await self._wait(left_s)

    async def _hold_one(self, connected: Callable[[], None]) -> None:
        """One socket, from its opening to its end, or to ours. The library wants it made inside the running loop."""
        handler = _Handler(self._app, self._app_token, self._ping_s, pulse=self._pulse, ended=self._ended)
        client = handler.client
        client.proxy = self._proxy  # else the library takes the environment's, whatever NO_PROXY says
        client.default_auto_reconnect_enabled = False
        self._pulse.listen()
        try:
            client.wss_uri = await self._address(client)
            async with asyncio.timeout(CONNECT_S):
                await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt has no types here
            self._pulse.is_connected = lambda: _is_open(client)
            self._pulse.heard()
            connected()
            await self._watch(client)
        finally:
            self._pulse.is_connected = lambda: False
            await handler.close_async()  # type: ignore[no-untyped-call]  # nor here

    async def _address(self, client: SocketModeClient) -> str:
        """The address of a new socket, which is good for one."""
        try:
            return str((await client.web_client.apps_connections_open(app_token=self._app_token))["url"])
        except SlackApiError as error:
            if (code := code_of(error)) in _FATAL:
                raise PlatformError(_FATAL[code]) from error
            raise

    async def _watch(self, client: SocketModeClient) -> None:
        """Wait until a socket is closed and not being replaced, or no ping was answered for too long."""
        loop = asyncio.get_running_loop()
        open_at, answered = loop.time(), client.last_ping_pong_time
        while not self._ended.is_set():
            await self._wait(LOOK_S)
            if client.last_ping_pong_time != answered:
                answered = client.last_ping_pong_time
                self._pulse.heard()
            if self._pulse.quiet_s > self._ping_s * (PINGS_MISSED + 1):
                return
            is_replaced = client.connect_operation_lock.locked() and loop.time() - open_at < CONNECT_S
            if _is_open(client):
                open_at = loop.time()
            elif not is_replaced:
                return

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)


class _Handler(AsyncSocketModeHandler):
    """Hands what comes to the app, and notes that it came."""

    def __init__(self, app: AsyncApp, app_token: str, ping_s: float, *, pulse: Pulse, ended: asyncio.Event) -> None:
        super().__init__(app, app_token, logger=app.logger, ping_interval=ping_s)
        self._pulse = pulse
        self._ended = ended
        self._is_greeted = False
        self.client.message_listeners.append(self._greet)

    async def _greet(self, _: AsyncBaseSocketModeClient, message: dict[str, Any], __: str | None) -> None:
        """Note how many sockets Slack counts, and warn of somebody else who listens."""
        if message.get("type") != "hello":
            return
        replaced = int(self._is_greeted)  # Slack may still count the socket that this one takes the place of
        self._is_greeted = True
        self._pulse.connections = number = max(1, int(message.get("num_connections") or 1) - replaced)
        if number > 1:
            log.warning(_NOT_ALONE, number)

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override] # its own
        if self._ended.is_set():
            return
        self._pulse.heard()
        self._pulse.happened()
        try:
            await super().handle(client, req)
        except FAULTS as error:  # the socket went meanwhile: Slack sends it again, and the inbox knows it
            log.info("an event was not acknowledged: %s", type(error).__name__)


def _is_open(client: SocketModeClient) -> bool:
    return client.current_session is not None and not client.current_session.closed


def _told(error: Exception) -> str:
    """What failed, without the texts that an error of Slack's quotes."""
    return code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
