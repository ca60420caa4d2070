"""Asks Slack's Web API single questions, for commands that look and do not serve; never changes anything there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.config import Secret, SlackSettings
from bot.errors import PlatformError

REQUEST_S = 8.0
"""Seconds for one answer, which usually takes a tenth of one."""

_ADDRESS = "check the network, and [slack] api_base and proxy"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method answered. error: Slack's code; empty when it succeeded. scopes: those of the token."""

    body: Mapping[str, Any]
    error: str
    scopes: frozenset[str]

    def text(self, name: str) -> str:
        """Return a field of the answer; empty when it has none."""
        return str(self.body.get(name) or "")


class SlackApi:
    """Slack's API, as one app may read it. `date` is the Date header of the latest answer."""

    def __init__(self, session: aiohttp.ClientSession, settings: SlackSettings) -> None:
        self.date = ""
        self.host = urlsplit(settings.api_base).hostname or settings.api_base
        self._session = session
        self._base = settings.api_base.rstrip("/")
        self._proxy = settings.proxy.reveal() or None

    async def call(self, method: str, token: Secret | None = None, **arguments: str) -> Answer:
        """Return what a method answers, a refusal too.

        Args:
            token: None for a method that needs none.

        Raises:
            PlatformError: Slack is not reachable, busy, or answers something else.
        """
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        try:
            async with self._session.post(
                f"{self._base}/{method}", data=arguments, headers=headers, proxy=self._proxy, allow_redirects=False
            ) as response:
                self.date = response.headers.get("Date", "")
                scopes = response.headers.get("x-oauth-scopes", "")
                return self._read(method, response.status, await response.text(), scopes)
        except TimeoutError:
            raise PlatformError(f"{self.host} did not answer within {REQUEST_S:g} s; {_ADDRESS}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # `from None`: the text may quote the proxy's password or the token.
            raise PlatformError(f"{self.host} is not reachable ({type(error).__name__}); {_ADDRESS}") from None

    def _read(self, method: str, status: int, text: str, scopes: str) -> Answer:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise PlatformError(f"Slack wants fewer requests (HTTP 429 for {method}); try again in a minute")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PlatformError(f"Slack is busy or down (HTTP {status}); see https://slack-status.com")
        try:
            body = json.loads(text)
            error = "" if body["ok"] else str(body["error"])
        except (ValueError, TypeError, LookupError) as fault:
            found = f"{self.host} answered {method} with something that Slack does not send"
            raise PlatformError(f"{found} ({type(fault).__name__}); {_ADDRESS}") from None
        return Answer(body, error, frozenset(filter(None, (name.strip() for name in scopes.split(",")))))


@asynccontextmanager
async def opened_api(settings: SlackSettings) -> AsyncIterator[SlackApi]:
    """Open the API. Of proxies only that of the settings is used, as by what serves."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(REQUEST_S)) as session:
        yield SlackApi(session, settings)
