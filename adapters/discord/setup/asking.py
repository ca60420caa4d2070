"""Asks Discord's REST API single questions, for commands that look and do not serve; never changes anything there."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.config import DiscordSettings
from bot.errors import ConfigError, PlatformError

Json: TypeAlias = Any
T = TypeVar("T")

PORTAL = "https://discord.com/developers/applications"

REQUEST_S = 8.0
"""Seconds for one answer, which usually takes a tenth of one."""

TRIES = 3
"""Times that a question is asked while Discord slows us down."""

LONGEST_PAUSE_S = 5.0
"""Seconds that Discord may make us wait before a further try."""

AGENT = f"DiscordBot (https://github.com/Rapptz/discord.py {discord.__version__})"
"""What the library that serves calls itself; Discord wants this form (API reference, "User Agent")."""

NO_TOKEN = (
    f"[discord] token is not set, expected a bot's token: open {PORTAL}, choose your application or make one with "
    '"New Application", then Bot → Reset Token → Copy, and set DISCORD_TOKEN to it'
)
_NEW_TOKEN = f"copy a new one: {PORTAL} → your application → Bot → Reset Token, and set DISCORD_TOKEN to it"
_ADDRESS = "check the network, and [discord] api_base and proxy"
_GATEWAY = "check the network, and [discord] gateway_url and proxy"

_HELLO = 10  # opcode of the gateway's first word


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    pause_s: float


class DiscordApi:
    """Discord's API, as one bot may read it. `date` is the Date header of the latest answer."""

    def __init__(self, session: aiohttp.ClientSession, settings: DiscordSettings) -> None:
        self.date = ""
        self.host = urlsplit(settings.api_base).hostname or settings.api_base
        self._session = session
        self._settings = settings
        self._proxy = settings.proxy.reveal() or None

    async def get(self, path: str, read: Callable[[Json], T], **query: str) -> T:
        """Return what `read` makes of an answer.

        Args:
            path: what follows the API's address, without a slash before it.

        Raises:
            PlatformError: Discord is not reachable, refuses, or answers something else.
        """
        answer = await self._patiently(path, query)
        if answer.status != HTTPStatus.OK:
            raise PlatformError(_refusal(answer, path))
        try:
            return read(json.loads(answer.text))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            found = f"{self.host} answered GET {path} with something that Discord does not send"
            raise PlatformError(f"{found} ({type(error).__name__}); {_ADDRESS}") from None

    async def greeting(self) -> None:
        """Wait for the gateway's first word, which comes before anybody identifies: it costs no session start.

        Raises:
            PlatformError: it did not come.
        """
        address = f"{self._settings.gateway_url}?v=10&encoding=json"
        host = urlsplit(address).hostname
        try:
            async with asyncio.timeout(REQUEST_S), self._session.ws_connect(address, proxy=self._proxy) as socket:
                opcode = (await socket.receive_json())["op"]
        except TimeoutError:
            raise PlatformError(f"the gateway {host} did not answer within {REQUEST_S:g} s; {_GATEWAY}") from None
        except (aiohttp.ClientError, OSError, ValueError, TypeError, LookupError) as error:
            # `from None`: the text may quote the proxy's password.
            raise PlatformError(f"the gateway {host} is not reachable ({type(error).__name__}); {_GATEWAY}") from None
        if opcode != _HELLO:
            raise PlatformError(f"the gateway {host} began with opcode {opcode}, expected {_HELLO}; {_GATEWAY}")

    async def _patiently(self, path: str, query: dict[str, str]) -> _Answer:
        for _ in range(TRIES - 1):
            answer = await self._once(path, query)
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS or answer.pause_s > LONGEST_PAUSE_S:
                return answer
            await asyncio.sleep(answer.pause_s)
        return await self._once(path, query)

    async def _once(self, path: str, query: dict[str, str]) -> _Answer:
        try:
            address = f"{self._settings.api_base.rstrip('/')}/{path}"
            async with self._session.get(address, params=query, proxy=self._proxy, allow_redirects=False) as response:
                self.date = response.headers.get("Date", "")
                return _Answer(response.status, await response.text(), _pause_s(response))
        except TimeoutError:
            raise PlatformError(f"{self.host} did not answer within {REQUEST_S:g} s; {_ADDRESS}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # `from None`: the text may quote the proxy's password.
            raise PlatformError(f"{self.host} is not reachable ({type(error).__name__}); {_ADDRESS}") from None


@asynccontextmanager
async def opened_api(settings: DiscordSettings) -> AsyncIterator[DiscordApi]:
    """Open the API with the bot's token.

    Raises:
        ConfigError: there is no token, or one that cannot be one.
    """
    token = settings.token.reveal()
    if not token:
        raise ConfigError(NO_TOKEN)
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError(f"[discord] token holds a space, a line end or a letter that no token has; {_NEW_TOKEN}")
    headers = {"Authorization": f"Bot {token}", "User-Agent": AGENT}
    # trust_env stays off: like the library that serves, only the proxy of the settings is used.
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(REQUEST_S)) as session:
        yield DiscordApi(session, settings)


def _pause_s(response: aiohttp.ClientResponse) -> float:
    """Return the seconds that an answer asks to wait; infinite when it names none."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (LookupError, ValueError):
        return math.inf


def _refusal(answer: _Answer, path: str) -> str:
    """Say what a status means; the body is not shown, since it is not ours."""
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            return f"Discord does not know the token (HTTP 401); {_NEW_TOKEN}"
        case HTTPStatus.TOO_MANY_REQUESTS:
            return f"Discord wants fewer requests (HTTP 429 for GET {path}); try again in a few minutes"
        case HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND:
            return f"Discord does not show GET {path} to this bot (HTTP {answer.status}); {_ADDRESS}"
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"Discord is busy or down (HTTP {status}); see https://discordstatus.com, and try again later"
    return f"Discord answered GET {path} with HTTP {answer.status}; {_ADDRESS}"
