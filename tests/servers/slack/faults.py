"""What the server can do instead of answering properly; `SlackServer.will` lines these up for a method."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

from tests.servers.slack.wire import answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request on its way to an answer; `carry_out` does what the method does and returns the proper answer."""

    http: web.Request
    carry_out: Callable[[], Awaitable[web.StreamResponse]] = field(repr=False)


Behaviour: TypeAlias = Callable[[Exchange], Awaitable[web.StreamResponse]]
"""Answers one request; the functions below make them."""


def status(number: int, text: str = "upstream failure") -> Behaviour:
    """Answer with a page and this status, and do nothing."""

    async def act(_: Exchange) -> web.StreamResponse:
        return web.Response(status=number, text=text, content_type="text/html")

    return act


def error(code: str) -> Behaviour:
    """Answer that the method failed, and do nothing."""

    async def act(_: Exchange) -> web.StreamResponse:
        return answer({"ok": False, "error": code})

    return act


def rate_limited(seconds: int = 1) -> Behaviour:
    """Answer with 429 and how long to wait, and do nothing."""

    async def act(_: Exchange) -> web.StreamResponse:
        return answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(seconds)})

    return act


def hang() -> Behaviour:
    """Do nothing and say nothing until the client leaves."""

    async def act(_: Exchange) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("nothing ends this wait but the client")

    return act


def slow(seconds: float) -> Behaviour:
    """Wait, then do and answer what is proper."""

    async def act(exchange: Exchange) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await exchange.carry_out()

    return act


def lose_answer() -> Behaviour:
    """Do what is proper, but cut the connection before the answer."""

    async def act(exchange: Exchange) -> web.StreamResponse:
        await exchange.carry_out()
        if exchange.http.transport is not None:
            exchange.http.transport.abort()
        return web.Response()

    return act


def properly() -> Behaviour:
    """Do and answer what is proper: for the gaps in a row of faults."""

    async def act(exchange: Exchange) -> web.StreamResponse:
        return await exchange.carry_out()

    return act
