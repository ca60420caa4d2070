"""How an app of several workspaces gets its bot tokens: one from each that installs it by OAuth."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import FAULTS, code_of
from adapters.slack.setup.installations import Installations, owner_of
from adapters.slack.setup.manifest import REDIRECT_PATH
from adapters.slack.setup.pages import CALLBACKS, INSTALL_PATH
from adapters.slack.setup.scopes import scopes_for
from bot.config import SlackSettings
from bot.protocols import Clock
from bot.store.notes import Notes
from bot.tasks import TaskRunner

log = logging.getLogger(__name__)

STATE_LIFETIME = timedelta(minutes=10)
"""For so long a person may take to agree; the library's cookie lives as long."""

MOST_STATES = 1000
"""Installations that may be under way at once; past them the oldest has to begin anew."""

ROTATED_BEFORE = timedelta(hours=2)
"""So long before its end a token is renewed; it lives twelve hours: https://docs.slack.dev/authentication/using-token-rotation."""

TRIED_AGAIN_AFTER = timedelta(minutes=1)
"""So long after the beginning of a renewal that failed the next one begins."""

TOLD_AGAIN_AFTER = timedelta(minutes=1)
"""So long after a line in the log about a workspace without a token the next one may follow."""

WAITED_S = 2.0
"""Seconds that a request waits for the renewal of a token that has run out: Slack wants it acknowledged in three."""


def authorization(
    settings: SlackSettings, notes: Notes, client: AsyncWebClient, clock: Clock, tasks: TaskRunner
) -> dict[str, Any]:
    """Return the arguments of `AsyncApp(client=client, …)` that say which bot token a request is answered with.

    They are `authorize`, which is a `Tokens` (its `of` gives the token of a guild outside of any request), and
    `oauth_settings`, whose pages `installation_routes` serves.

    Args:
        client: the one client of the app, which knows the API's address and proxy, and no token.
        tasks: renews tokens, and lets what is being renewed finish at the end: a refresh token works once.
    """
    installations = Installations(notes)
    return {
        "authorize": Tokens(settings, installations, client, clock, tasks),
        "oauth_settings": _oauth(settings, installations, clock),
    }


def _oauth(settings: SlackSettings, installations: Installations, clock: Clock) -> AsyncOAuthSettings:
    return AsyncOAuthSettings(
        client_id=settings.client_id,
        client_secret=settings.client_secret.reveal(),
        scopes=scopes_for(context=settings.context),
        user_scopes=[],
        install_path=INSTALL_PATH,
        install_page_rendering_enabled=False,  # it leads to Slack's page at once, in place of the library's own
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=urljoin(settings.api_base, "/oauth/v2/authorize"),
        installation_store=installations,
        installation_store_bot_only=True,
        callback_options=CALLBACKS,
        state_store=States(clock),
        state_expiration_seconds=int(STATE_LIFETIME.total_seconds()),
    )


class States(AsyncOAuthStateStore):
    """What ties the end of an installation to its beginning, so that nobody is made to install what others began.

    Kept in memory: whoever was about to agree when the bot restarts begins anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: OrderedDict[str, datetime] = OrderedDict()

    async def async_issue(self, *_: object, **__: object) -> str:
        """Return a new state, which nobody can guess."""
        state = secrets.token_urlsafe(32)
        self._issued[state] = self._clock()
        if len(self._issued) > MOST_STATES:
            self._issued.popitem(last=False)
        return state

    async def async_consume(self, state: str) -> bool:
        """Tell whether a state was issued, is not too old and was never used; it is used now."""
        issued = self._issued.pop(state, None)
        return issued is not None and self._clock() - issued < STATE_LIFETIME

    @property
    def logger(self) -> logging.Logger:
        """Where the library would log about states."""
        return log


class Tokens(AsyncAuthorize):
    """Gives each request the bot token of its workspace, renewed beside it before it runs out.

    The library's own class asks auth.test anew with every event, and renews with a client that knows neither the API's
    address nor its proxy. It also sets `token_rotation_expiration_minutes`, which is ours to decide.
    """

    def __init__(
        self,
        settings: SlackSettings,
        installations: Installations,
        client: AsyncWebClient,
        clock: Clock,
        tasks: TaskRunner,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # bolt has no types here
        self._installations = installations
        self._clock = clock
        self._tasks = tasks
        self._renewals: dict[str, tuple[datetime, asyncio.Task[None]]] = {}  # those that keep others from beginning
        self._told_at: datetime | None = None
        self._rotator = AsyncTokenRotator(
            client_id=settings.client_id, client_secret=settings.client_secret.reveal(), client=client
        )

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: object,
    ) -> AuthorizeResult | None:
        """Return who the bot is where a request comes from; None when it is not installed there.

        The ids are those of the installation: without that of a workspace it is of a whole organisation.
        """
        # An organisation's interactions name the workspace too, which may have an installation of its own.
        bot = await self._find(enterprise_id, None if context.is_enterprise_install else team_id)
        if bot is None:
            self._tell_of(team_id or enterprise_id)
            return None
        return AuthorizeResult(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
            bot_token=bot.bot_token,
            bot_scopes=bot.bot_scopes,
            user_id=user_id,
        )

    def _tell_of(self, stranger: str | None) -> None:
        """Log where something came from that cannot be answered; seldom, so that nobody fills the log with it."""
        now = self._clock()
        if self._told_at is None or now - self._told_at >= TOLD_AGAIN_AFTER:
            self._told_at = now
            log.warning(
                "Slack sent something from %s, for which there is no token: install the app there again, at %s of the "
                "bot's public address, or remove it there",
                stranger,
                INSTALL_PATH,
            )

    async def of(self, guild_id: str) -> str | None:
        """Return the bot token of a workspace or organisation that installed the app; None when it did not.

        Raises:
            StoreError: it could not be read.
        """
        bot = await self._find(None, guild_id)
        return None if bot is None else bot.bot_token

    async def _find(self, enterprise_id: str | None, team_id: str | None) -> Bot | None:
        bot = await self._installations.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
        if bot is None or not self._ends_within(ROTATED_BEFORE, bot):
            return bot
        renewal = self._renewal(owner_of(bot))
        if not self._ends_within(timedelta(0), bot):
            return bot
        await asyncio.wait({renewal}, timeout=WAITED_S)
        return await self._installations.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)

    def _renewal(self, owner: str) -> asyncio.Task[None]:
        """The renewal that runs or ended a moment ago, else a new one."""
        now = self._clock()
        self._renewals = {
            each: (begun, renewal)
            for each, (begun, renewal) in self._renewals.items()
            if not renewal.done() or now - begun < TRIED_AGAIN_AFTER
        }
        if owner not in self._renewals:
            self._renewals[owner] = (now, self._tasks.start("slack token", self._renew(owner)))
        return self._renewals[owner][1]

    async def _renew(self, owner: str) -> None:
        bot = await self._installations.async_find_bot(enterprise_id=None, team_id=owner)
        if bot is None or not self._ends_within(ROTATED_BEFORE, bot):
            return
        try:
            new = await self._rotator.perform_bot_token_rotation(
                bot=bot, minutes_before_expiration=int(ROTATED_BEFORE.total_seconds()) // 60
            )
        except FAULTS as error:
            # The old one is good until its end, and a later request tries again.
            log.warning("the token of %s could not be renewed (%s)", owner, _reason(error))
            return
        still_there = await self._installations.async_find_bot(enterprise_id=None, team_id=owner) is not None
        if new is not None and still_there:
            await self._installations.async_save_bot(new)

    def _ends_within(self, span: timedelta, bot: Bot) -> bool:
        ends_at = bot.bot_token_expires_at
        return ends_at is not None and ends_at <= (self._clock() + span).timestamp()


def _reason(error: Exception) -> str:
    """Return Slack's code for what went wrong; the error's text would quote the answer."""
    if isinstance(error, SlackTokenRotationError):
        return code_of(error.api_error)
    return type(error).__name__
