"""Notices that Slack does not take a bot token any more, and makes sure of it before anybody acts on that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse

from adapters.slack.faults import DEAD_TOKEN, BadToken
from adapters.slack.workspaces import Workspace, Workspaces
from bot.errors import PlatformError

SETTLE_S = 5.0
"""Seconds before a token is looked at: of an app that was removed Slack tells too, and what that means comes first."""

PAUSE_S = 60.0
"""Seconds between two looks."""


class Doubts(AsyncRetryHandler):
    """The tokens that were refused. As a handler of retries it sees every answer of a client; it retries nothing."""

    def __init__(self, most_retries: int) -> None:
        super().__init__(most_retries + 1)  # also the answer to the last try
        self._refused: set[str] = set()
        self._is_any = asyncio.Event()

    async def _can_retry_async(
        self, *, request: HttpRequest, response: HttpResponse | None = None, **_: object
    ) -> bool:
        body = response.body if response is not None else None
        is_look = request.url.endswith("/auth.test")
        if isinstance(body, dict) and body.get("error") in DEAD_TOKEN and not is_look:
            self._refused |= {str(one).removeprefix("Bearer ") for one in request.headers.get("Authorization", [])}
            self._is_any.set()
        return False

    async def look_into(self, workspaces: Workspaces, dead: Callable[[Workspace], None]) -> None:
        """Ask about tokens that were refused, for ever.

        Args:
            dead: called with each workspace whose token is not good any more, each time that it is asked about.
        """
        while True:
            await self._is_any.wait()
            await asyncio.sleep(SETTLE_S)
            self._is_any.clear()
            refused, self._refused = self._refused, set()
            for workspace in workspaces.acting_by(refused):
                try:
                    await workspaces.greet(workspace.client)
                except BadToken:
                    dead(workspace)
                except PlatformError:
                    pass  # the next call that is refused asks again
            await asyncio.sleep(PAUSE_S)
