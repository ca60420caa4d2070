"""What a script can make the server do instead of a proper answer, or around it."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

from tests.servers.discord.refusals import MISSING_PERMISSIONS, Error
from tests.servers.discord.wire import answer

VIA = {"Via": "1.1 google"}  # without it discord.py takes a 429 for a ban by Cloudflare


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way to an answer; `proceed` does what it asks for."""

    http: web.Request
    proceed: Callable[[], Awaitable[web.StreamResponse]]


Behaviour: TypeAlias = Callable[[Exchange], Awaitable[web.StreamResponse]]
"""Answers one request; the functions below make them."""


@dataclass
class Script:
    """The behaviours lined up for requests; `*` in a path stands for one part of it, `**` for any number."""

    lines: list[tuple[str, re.Pattern[str], deque[Behaviour]]] = field(default_factory=list)

    def add(self, method: str, pattern: str, *behaviours: Behaviour) -> None:
        """Line up behaviours for the next requests of this kind."""
        parts = {"**": ".+", "*": "[^/]+"}
        path = "".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", pattern))
        self.lines.append((method, re.compile(path), deque(behaviours)))

    def take(self, method: str, path: str) -> Behaviour | None:
        """Return what is lined up for a request, None if it is to be answered properly."""
        for wanted, pattern, behaviours in self.lines:
            if behaviours and wanted in (method, "*") and pattern.fullmatch(path):
                return behaviours.popleft()
        return None


def usual() -> Behaviour:
    """Answer properly; for a script whose first requests succeed."""
    return lambda exchange: exchange.proceed()


def status(number: int, code: int = 0, text: str = "scripted") -> Behaviour:
    """Answer with an HTTP error in Discord's shape, and do nothing."""

    async def behave(_: Exchange) -> web.StreamResponse:
        return answer({"message": f"{number}: {text}", "code": code}, number)

    return behave


def forbidden(error: Error = MISSING_PERMISSIONS) -> Behaviour:
    """Refuse for want of permission."""
    return status(error.status, error.code, error.text)


def rate_limited(retry_after_s: float, scope: str = "user") -> Behaviour:
    """Answer 429; the scope is "user", "shared" or "global"."""

    async def behave(_: Exchange) -> web.StreamResponse:
        return too_many(retry_after_s, scope)

    return behave


def banned() -> Behaviour:
    """Answer 429 as Cloudflare does to an address that sent too many bad requests: no Via, no JSON."""

    async def behave(_: Exchange) -> web.StreamResponse:
        return web.Response(text="error code: 1015", status=429, headers={"Retry-After": "3600"})

    return behave


def hang() -> Behaviour:
    """Never answer."""

    async def behave(_: Exchange) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("nothing ends this wait but the client")

    return behave


def slow(seconds: float) -> Behaviour:
    """Wait, then answer properly."""

    async def behave(exchange: Exchange) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await exchange.proceed()

    return behave


def held(until: asyncio.Event) -> Behaviour:
    """Answer properly, but only when the event is set."""

    async def behave(exchange: Exchange) -> web.StreamResponse:
        await until.wait()
        return await exchange.proceed()

    return behave


def lose_answer() -> Behaviour:
    """Do what is asked, then break the connection instead of saying so."""

    async def behave(exchange: Exchange) -> web.StreamResponse:
        done = await exchange.proceed()
        _hang_up(exchange)
        return done

    return behave


def lose_request() -> Behaviour:
    """Break the connection and do nothing."""

    async def behave(exchange: Exchange) -> web.StreamResponse:
        _hang_up(exchange)
        return web.Response()

    return behave


def too_many(retry_after_s: float, scope: str = "user", bucket: dict[str, str] | None = None) -> web.Response:
    """Return a 429 as Discord sends it: "Rate Limits" of its documentation."""
    is_global = scope == "global"
    body = {"message": "You are being rate limited.", "retry_after": retry_after_s, "global": is_global}
    headers = {**VIA, "Retry-After": f"{max(1, round(retry_after_s))}", "X-RateLimit-Scope": scope}
    return answer(body, 429, {**headers, **({"X-RateLimit-Global": "true"} if is_global else {}), **(bucket or {})})


def _hang_up(exchange: Exchange) -> None:
    if exchange.http.transport is not None:
        exchange.http.transport.abort()
