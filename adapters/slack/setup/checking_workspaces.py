"""Checks the workspaces that installed the app by OAuth, each by its own token. It changes nothing.

No token is renewed: a refresh token works once, and is the running bot's.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from slack_sdk.oauth.installation_store import Bot

from adapters.slack.setup.asking import SlackApi
from adapters.slack.setup.granted import dead_finding, scope_finding
from adapters.slack.setup.installations import installed_in
from adapters.slack.setup.pages import INSTALL_PATH
from bot.config import Secret, SlackSettings
from bot.findings import Findings, fine, warning

ABOUT = "Slack workspaces"

_PAGE = f"open {INSTALL_PATH} at the bot's public address in a browser"


async def workspace_findings(api: SlackApi, settings: SlackSettings, folder: Path, now: datetime) -> Findings:
    """Yield how many workspaces installed the app, and how each of their tokens is.

    Args:
        folder: the data folder, which the running bot may hold.

    Raises:
        StoreError: what is kept there could not be read.
        PlatformError: Slack is not reachable.
    """
    if settings.bot_token:
        fix = "remove it, or remove client_id and client_secret to serve one workspace"
        yield warning(ABOUT, "[slack] bot_token is set too, and is not used", fix)
    kept = await asyncio.to_thread(installed_in, folder)
    if not kept:
        yield warning(ABOUT, "none has installed the app yet", f"{_PAGE}, and choose one")
        return
    yield fine(ABOUT, f"that installed the app: {len(kept)}; others do at {INSTALL_PATH} of its public address")
    for bot in kept:
        async for finding in _of_one(api, settings, bot, now):
            yield finding


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
