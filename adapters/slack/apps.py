"""Makes the app that events are handed to, and the clients that act for it; which token is good where."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.doubting import Doubts
from adapters.slack.faults import CarefulRetry
from adapters.slack.setup.tokens import Tokens, authorization
from adapters.slack.workspaces import Workspace
from bot.config import SlackSettings
from bot.protocols import Clock
from bot.store.notes import Notes
from bot.tasks import TaskRunner

RETRIES = 2
"""Times that a call is made again after Slack asked to wait."""

NOT_INSTALLED = (
    "I can do nothing here: I am not installed in this workspace, or my token for it was lost. Whoever runs me can "
    "install me again."
)
"""What a person reads where no token is good."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Makes clients of Slack's API, on one set of connections. doubts: hear of tokens that are refused."""

    settings: SlackSettings
    session: aiohttp.ClientSession
    doubts: Doubts = field(default_factory=lambda: Doubts(RETRIES))

    def by(self, token: str | None) -> AsyncWebClient:
        """Return a client that acts by a token."""
        client = AsyncWebClient(
            token=token,
            base_url=self.settings.api_base,
            session=self.session,
            logger=_library_log(),
            retry_handlers=[self.doubts, CarefulRetry(), AsyncRateLimitErrorRetryHandler(max_retry_count=RETRIES)],
        )
        client.proxy = self.proxy  # else the library takes the environment's, whatever NO_PROXY says
        return client

    @property
    def proxy(self) -> str | None:
        """What to go through."""
        return self.settings.proxy.reveal() or None


def app_of_one(clients: Clients, home: Workspace) -> AsyncApp:
    """Return the app of a single workspace, whose token is good for all that comes."""

    is_organisation = home.guild_id == home.enterprise_id

    async def authorize(user_id: str | None = None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=home.enterprise_id or None,
            team_id=None if is_organisation else home.team_id,
            bot_user_id=home.user_id,
            bot_id=home.bot_id,
            bot_token=home.client.token,
            user_id=user_id,
        )

    return _app(clients, authorize=authorize)


def app_of_many(clients: Clients, notes: Notes, clock: Clock, tasks: TaskRunner) -> tuple[AsyncApp, Tokens]:
    """Return the app of all workspaces that installed it, and what knows their tokens."""
    arguments = authorization(clients.settings, notes, clients.by(None), clock, tasks)
    app = _app(clients, user_facing_authorize_error_message=NOT_INSTALLED, **arguments)
    # It would tell of a workspace without a token at every request, and not of which.
    logging.getLogger("slack_bolt.AsyncMultiTeamsAuthorization").setLevel(logging.CRITICAL)
    return app, arguments["authorize"]


def _app(clients: Clients, **arguments: Any) -> AsyncApp:  # noqa: ANN401 - the library's own
    async def direct(client: AsyncWebClient, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 - bolt's names
        client.proxy = clients.proxy  # the library makes a client for each request, and forgets that there is none
        await next()

    return AsyncApp(
        client=clients.by(None),
        signing_secret=clients.settings.signing_secret.reveal(),
        logger=_library_log(),
        before_authorize=direct,
        ssl_check_enabled=False,  # it would answer requests that nobody signed
        process_before_response=True,  # a listener's end acknowledges: not before a message is on disk
        **arguments,
    )


def _library_log() -> logging.Logger:
    """The libraries' log. Their warnings are about tokens in the environment, which the settings read."""
    log = logging.getLogger("slack_sdk")
    log.setLevel(logging.ERROR)
    return log
