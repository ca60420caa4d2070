"""Checks the workspaces that installed the app by OAuth, each by its own token. It changes nothing.

No token is renewed: a refresh token works once, and is the running bot's.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from slack_sdk.oauth.installation_store import Bot

from adapters.slack.setup.asking import SlackApi
from adapters.slack.setup.granted import YOUR_APP, dead_finding, scope_finding
from adapters.slack.setup.installations import installed_in
from adapters.slack.setup.pages import INSTALL_PATH
from bot.config import Secret, SlackSettings
from bot.findings import Finding, Findings, fine, problem, unknown, warning

ABOUT = "Slack workspaces"

_CREDENTIALS = f"{YOUR_APP} → Basic Information → App Credentials"

_PAGE = f"open {INSTALL_PATH} at the bot's public address in a browser"


async def workspace_findings(api: SlackApi, settings: SlackSettings, folder: Path, now: datetime) -> Findings:
    """Yield whether Slack takes the app's credentials, how many workspaces installed it, and how their tokens are.

    Args:
        folder: the data folder, which the running bot may hold.

    Raises:
        StoreError: what is kept there could not be read.
        PlatformError: Slack is not reachable.
    """
    if settings.bot_token:
        fix = "remove it, or remove client_id and client_secret to serve one workspace"
        yield warning(ABOUT, "[slack] bot_token is set too, and is not used", fix)
    yield await _of_client(api, settings)
    kept = await asyncio.to_thread(installed_in, folder)
    if not kept:
        yield warning(ABOUT, "none has installed the app yet", f"{_PAGE}, and choose one")
        return
    yield fine(ABOUT, f"that installed the app: {len(kept)}; others do at {INSTALL_PATH} of its public address")
    for bot in kept:
        async for finding in _of_one(api, settings, bot, now):
            yield finding


async def _of_client(api: SlackApi, settings: SlackSettings) -> Finding:
    """Return what Slack says of the app's id and secret, tried with a code that nobody was given."""
    about, secret = "Slack client id", settings.client_secret.reveal()
    told = await api.call("oauth.v2.access", client_id=settings.client_id, client_secret=secret, code="none")
    if told.error == "invalid_code":  # which it looks at last
        return fine(about, "belongs to the client secret")
    if told.error == "invalid_client_id":
        fix = f"{_CREDENTIALS}: copy Client ID to SLACK_CLIENT_ID"
        return problem(about, f"Slack does not know it ({told.error})", fix)
    if told.error == "bad_client_secret":
        fix = f"{_CREDENTIALS}: copy Client Secret to SLACK_CLIENT_SECRET"
        return problem(about, f"the client secret is not the one of this app ({told.error})", fix)
    return unknown(about, f"Slack does not say whether it is right ({told.error})")


async def _of_one(api: SlackApi, settings: SlackSettings, bot: Bot, now: datetime) -> Findings:
    name = (bot.enterprise_name if bot.is_enterprise_install else bot.team_name) or bot.team_id or bot.enterprise_id
    about = f"Slack in {name}"
    if bot.bot_token_expires_at is not None and bot.bot_token_expires_at <= now.timestamp():
        yield fine(about, "its token has run out; the bot renews it when something next comes from there")
        return
    told = await api.call("auth.test", Secret(bot.bot_token))
    if told.error:
        yield dead_finding(about, told, _gone(name))
        return
    more = "; in every workspace of the organisation, an admin has to add the app" if bot.is_enterprise_install else ""
    yield fine(about, f"its token is good, for {told.text('user')}{more}")
    if told.scopes:
        yield scope_finding(f"Slack scopes in {name}", told.scopes, settings, f"{_PAGE}, and choose {name}")


def _gone(name: str | None) -> str:
    return (
        f"{_PAGE}, and choose {name}; if it removed the app while the bot was off, what was remembered of it is there "
        "still: install it once more, and remove it while the bot runs"
    )
