"""The sign that the bot is at work in a thread: its agent session, or the status line of older apps.

A session has a button that stops the answer. Only the app can end "processing"
(https://docs.slack.dev/reference/methods/agents.sessions.setStatus), so every sign is ended.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias

from slack_sdk.errors import SlackApiError

from adapters.slack.faults import FAULTS, GONE, PASSING, code_of, our_errors, patiently
from adapters.slack.spot import Spot
from adapters.slack.workspaces import MOST_KNOWN
from bot.errors import PlatformError
from bot.tasks import TaskRunner

FIRST_S = 0.15
"""Seconds before the sign is shown; an answer that is there by then needs none."""

REQUEST_S = 5.0

_WORKING = "is thinking…"
_UNKNOWN = frozenset(
    {
        "deprecated_endpoint",
        "feature_disabled",
        "feature_not_enabled",
        "method_deprecated",
        "missing_scope",
        "not_allowed_token_type",
        "not_an_agent",
        "team_not_eligible",
        "unknown_method",
    }
)
"""Refusals by which a workspace, or the app's set-up in it, does not have a way at all; others are of one thread."""


class Signs:
    """Shows the sign in the best way that each workspace knows, which the first refusals tell."""

    def __init__(self, tasks: TaskRunner) -> None:
        self._tasks = tasks
        self._unknown: OrderedDict[str, frozenset[int]] = OrderedDict()  # ways that a workspace does not have

    def begin(self, spot: Spot, title: str, *, resumes: bool = False) -> Sign:
        """Show that the bot is at work; no reply waits for it. Nothing is shown outside threads.

        Args:
            resumes: an earlier run may have left its sign there, so that it has to be taken down in any case.
        """
        ways = self._ways_of(spot.workspace.guild_id)
        sign = Sign(spot, ways[0] if resumes and ways else None)
        if spot.thread_ts is not None and ways:
            sign.shown = self._tasks.start("slack status", self._show(sign, title))
        return sign

    async def _show(self, sign: Sign, title: str) -> None:
        await asyncio.sleep(FIRST_S)
        guild_id = sign.spot.workspace.guild_id
        for way in self._ways_of(guild_id):
            sign.way = way  # it may be up from now on
            code = await _refusal(_WAYS[way][0](sign.spot, title))
            if not code:
                return
            sign.way = None
            if code in _UNKNOWN:
                self._forgo(guild_id, way)
            elif code in GONE:
                return

    def _ways_of(self, guild_id: str) -> list[int]:
        unknown = self._unknown.get(guild_id, frozenset())
        return [way for way in range(len(_WAYS)) if way not in unknown]

    def _forgo(self, guild_id: str, way: int) -> None:
        self._unknown[guild_id] = self._unknown.get(guild_id, frozenset()) | {way}
        self._unknown.move_to_end(guild_id)
        while len(self._unknown) > MOST_KNOWN:
            self._unknown.popitem(last=False)


class Sign:
    """One reply's sign. way: the one in which it is up, or may be; None when it is not."""

    def __init__(self, spot: Spot, way: int | None) -> None:
        self.spot = spot
        self.way = way
        self.shown: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """Take it down, once it is up; a second time changes nothing."""
        shown, self.shown = self.shown, None
        if shown is None:
            return
        if self.way is None:
            shown.cancel()
            return
        await asyncio.wait({shown}, timeout=2 * REQUEST_S)  # else "processing" could come after "active"
        with suppress(PlatformError):  # nobody misses a sign
            await patiently(self._take_down)

    async def _take_down(self) -> None:
        if self.way is not None:
            with our_errors("the end of a sign"):
                async with asyncio.timeout(REQUEST_S):
                    await _WAYS[self.way][1](self.spot)


async def _refusal(call: Awaitable[object]) -> str:
    """The code with which Slack refuses to show a sign; empty when it is up, or may be, or passing faults keep it."""
    try:
        async with asyncio.timeout(REQUEST_S):
            await call
    except SlackApiError as error:
        code = code_of(error)
        return "" if code in PASSING or code.startswith("HTTP 5") else code
    except FAULTS:
        return ""
    return ""


def _process(spot: Spot, title: str) -> Awaitable[object]:
    return spot.workspace.client.agents_sessions_setStatus(
        channel_id=spot.channel_id,
        thread_ts=spot.thread_ts,
        status="processing",
        title=title or None,
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
