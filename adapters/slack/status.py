"""The sign that the bot is at work in a thread: its agent session, or the status line of older apps.

A session has a button that stops the answer. Only the app can end "processing"
(https://docs.slack.dev/reference/methods/agents.sessions.setStatus), so every sign is ended.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from slack_sdk.errors import SlackApiError

from adapters.slack.faults import FAULTS, GONE, code_of
from adapters.slack.spot import Spot
from adapters.slack.workspaces import MOST_KNOWN
from bot.tasks import TaskRunner

FIRST_S = 0.15
"""Seconds before the sign is shown; an answer that is there by then needs none."""

REQUEST_S = 5.0

_WORKING = "is thinking…"
_PASSING = GONE | {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}
"""Refusals that say nothing about what the app may do elsewhere or later."""


class Signs:
    """Shows the sign in the way that each workspace knows, which the first refusals tell."""

    def __init__(self, tasks: TaskRunner) -> None:
        self._tasks = tasks
        self._refused: OrderedDict[str, int] = OrderedDict()  # how many ways a workspace refused

    def begin(self, spot: Spot, title: str, *, resumes: bool = False) -> Sign:
        """Show that the bot is at work; no reply waits for it. Nothing is shown outside threads.

        Args:
            resumes: an earlier run may have left its sign there, so that it has to be taken down in any case.
        """
        sign = Sign(self, spot, is_up=resumes)
        if spot.thread_ts is not None and self._refused.get(spot.workspace.guild_id, 0) < len(_WAYS):
            sign.shown = self._tasks.start("slack status", self._show(sign, title))
        return sign

    async def end(self, spot: Spot) -> None:
        """Show that the bot is done."""
        way = self._refused.get(spot.workspace.guild_id, 0)
        if way < len(_WAYS):
            await self._tried(way, spot, _WAYS[way][1](spot))

    async def _show(self, sign: Sign, title: str) -> None:
        await asyncio.sleep(FIRST_S)
        sign.is_up = True
        spot, guild_id = sign.spot, sign.spot.workspace.guild_id
        while (way := self._refused.get(guild_id, 0)) < len(_WAYS):
            if await self._tried(way, spot, _WAYS[way][0](spot, title)):
                return

    async def _tried(self, way: int, spot: Spot, call: Awaitable[object]) -> bool:
        """Whether no other way is to be tried; nobody misses a sign, so errors are silent."""
        try:
            async with asyncio.timeout(REQUEST_S):
                await call
        except SlackApiError as error:
            if code_of(error) not in _PASSING:
                self._refuse(spot.workspace.guild_id, way)
                return False
        except FAULTS:
            return True
        return True

    def _refuse(self, guild_id: str, way: int) -> None:
        self._refused[guild_id] = max(self._refused.get(guild_id, 0), way + 1)
        self._refused.move_to_end(guild_id)
        while len(self._refused) > MOST_KNOWN:
            self._refused.popitem(last=False)


class Sign:
    """One reply's sign."""

    def __init__(self, signs: Signs, spot: Spot, *, is_up: bool) -> None:
        self.spot = spot
        self.shown: asyncio.Task[None] | None = None
        self.is_up = is_up
        self._signs = signs

    async def end(self) -> None:
        """Take it down, once it is up; a second time changes nothing."""
        shown, self.shown = self.shown, None
        if shown is None:
            return
        if not self.is_up:
            shown.cancel()
            return
        await asyncio.wait({shown}, timeout=2 * REQUEST_S)  # else "processing" could come after "active"
        await self._signs.end(self.spot)


def _process(spot: Spot, title: str) -> Awaitable[object]:
    return spot.workspace.client.agents_sessions_setStatus(
        channel_id=spot.channel_id,
        thread_ts=spot.thread_ts,
        status="processing",
        title=title,
        initiator_user_id=spot.user_id,
    )


def _rest(spot: Spot) -> Awaitable[object]:
    return spot.workspace.client.agents_sessions_setStatus(
        channel_id=spot.channel_id, thread_ts=spot.thread_ts, status="active"
    )


def _say_working(spot: Spot, _: str) -> Awaitable[object]:
    return spot.workspace.client.assistant_threads_setStatus(
        channel_id=spot.channel_id, thread_ts=spot.thread_ts or "", status=_WORKING
    )


def _say_nothing(spot: Spot) -> Awaitable[object]:
    return spot.workspace.client.assistant_threads_setStatus(
        channel_id=spot.channel_id, thread_ts=spot.thread_ts or "", status=""
    )


_Way: TypeAlias = tuple[Callable[[Spot, str], Awaitable[Any]], Callable[[Spot], Awaitable[Any]]]
_WAYS: tuple[_Way, ...] = ((_process, _rest), (_say_working, _say_nothing))
"""Best first: the session of an agent, then the status line of an assistant."""
