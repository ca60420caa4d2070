"""Checks what Slack knows about the app: tokens, scopes, connections, clock. It changes nothing.

No socket is opened: Slack would send some of the running bot's events there, and they would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.slack.setup.asking import Answer, SlackApi, opened_api
from adapters.slack.setup.checking_workspaces import ABOUT, workspace_findings
from adapters.slack.setup.granted import DEAD, YOUR_APP, dead_finding, scope_finding
from adapters.slack.setup.knocking import port_finding
from adapters.slack.setup.manifest import EVENTS_PATH, REDIRECT_PATH
from adapters.slack.setup.scopes import events_for
from bot.config import Secret, SlackSettings
from bot.findings import Finding, Findings, clock_finding, failing_alone, fine, problem, unknown
from bot.protocols import Clock

_BOT = "Slack bot token"
_APP = "Slack app token"

_NEW_BOT_TOKEN = f"{YOUR_APP} → Install App: copy Bot User OAuth Token to SLACK_BOT_TOKEN"
_REINSTALL = f"{YOUR_APP} → Install App → Reinstall, then copy Bot User OAuth Token to SLACK_BOT_TOKEN"
_NEW_APP_TOKEN = (
    f"{YOUR_APP} → Basic Information → App-Level Tokens → Generate Token and Scopes → Add Scope connections:write → "
    "Generate, and copy it to SLACK_APP_TOKEN"
)

_KINDS = {
    "xoxe.xoxb-": "a bot token that runs out after 12 hours",
    "xoxe.xoxp-": "an app configuration token",
    "xoxe-": "a refresh token",
    "xoxb-": "a bot token",
    "xoxp-": "a person's token",
    "xapp-": "an app-level token",
}
"""Kinds of tokens by how they begin: https://docs.slack.dev/authentication/tokens."""


async def slack_findings(settings: SlackSettings, folder: Path, clock: Clock) -> Findings:
    """Yield all that is right and wrong with the app on Slack.

    Args:
        folder: the data folder, where the tokens of several workspaces are.

    Raises:
        PlatformError: Slack is not reachable.
    """
    async with opened_api(settings) as api:
        await api.call("api.test")
        if found := clock_finding(api.host, api.date, clock()):
            yield found
        app_id = ""
        if settings.several_workspaces:
            async for finding in failing_alone(ABOUT, workspace_findings(api, settings, folder, clock())):
                yield finding
        elif wrong := wrong_kind(_BOT, settings.bot_token, "xoxb-", _NEW_BOT_TOKEN):
            yield wrong
        else:
            told = await api.call("auth.test", settings.bot_token)
            for finding in bot_findings(told, settings):
                yield finding
            app_id = await _app_of(api, told, settings)
        if settings.mode == "http":
            yield await port_finding(settings)
        else:
            async for finding in failing_alone(_APP, _socket(api, settings, app_id)):
                yield finding
    yield _by_hand(settings)


def wrong_kind(about: str, token: Secret, beginning: str, fix: str) -> Finding | None:
    """Return that a token is not of the kind which belongs there; None when it begins as it should."""
    text = token.reveal()
    if not (text.isascii() and text.isprintable() and " " not in text):
        return problem(about, "holds a space, a line end or a letter that no token has", fix)
    if text.startswith(beginning):
        return None
    found = next((kind for start, kind in _KINDS.items() if text.startswith(start)), "no token of Slack")
    return problem(about, f"is {found}, expected {_KINDS[beginning]} ({beginning}…)", fix)


def bot_findings(told: Answer, settings: SlackSettings) -> Iterator[Finding]:
    """Yield whose token it is, and whether it may do what the bot does."""
    if told.error:
        yield dead_finding(_BOT, told, _REINSTALL)
        return
    yield fine(_BOT, f"belongs to {told.text('user')} in {told.text('team')}")
    if told.body.get("is_enterprise_install"):
        yield fine(_BOT, "is of the whole organisation; in every workspace, an admin of it has to add the app")
    if told.scopes:
        yield scope_finding("Slack scopes", told.scopes, settings, "Install App → Reinstall")


async def _app_of(api: SlackApi, told: Answer, settings: SlackSettings) -> str:
    """Return the id of the app whose bot token it is; empty when it cannot be found out."""
    if told.error or "users:read" not in told.scopes:
        return ""
    answer = await api.call("bots.info", settings.bot_token, bot=told.text("bot_id"))
    return str((answer.body.get("bot") or {}).get("app_id") or "")


async def _socket(api: SlackApi, settings: SlackSettings, app_id: str) -> Findings:
    if wrong := wrong_kind(_APP, settings.app_token, "xapp-", _NEW_APP_TOKEN):
        yield wrong
        return
    told = await api.call("apps.connections.open", settings.app_token)
    yield connection_finding(told, settings.app_token, app_id)


def connection_finding(told: Answer, token: Secret, app_id: str) -> Finding:
    """Return whether a socket could be opened, and for the same app as the bot token's."""
    if told.error == "missing_scope":
        return problem(_APP, "has no scope connections:write, which Socket Mode needs", _NEW_APP_TOKEN)
    if told.error in DEAD:
        return dead_finding(_APP, told, _NEW_APP_TOKEN)
    if told.error:
        fix = f"{YOUR_APP} → Socket Mode: switch on Enable Socket Mode"
        return problem(_APP, f"opens no connection ({told.error})", fix)
    own = token.reveal().split("-")[2:3]  # xapp-1-<app id>-…
    if app_id and own != [app_id]:
        text = f"belongs to the app {''.join(own)}, the bot token to {app_id}: events of one, answers by the other"
        return problem(_APP, text, "copy both tokens from the pages of one app")
    return fine(_APP, "opens connections; run one bot only, since of several each gets some of the events")


def _by_hand(settings: SlackSettings) -> Finding:
    """Name what no token can read, for whom something is missing although all else is well."""
    distributed: Sequence[str] = (
        f"OAuth & Permissions has your public address with {REDIRECT_PATH} as a Redirect URL",
        "Manage Distribution has Public Distribution activated, for workspaces beyond its own",
    )
    posted: Sequence[str] = (
        "Basic Information has the signing secret that is set here",
        f"Event Subscriptions, Interactivity and all commands have your public address with {EVENTS_PATH} as their URL",
    )
    looks: Sequence[str] = (
        *(distributed if settings.several_workspaces else ()),
        *(posted if settings.mode == "http" else ()),
        "App Home → Messages Tab is on, with messages from people allowed",
        "Agents & AI Apps is on",
        f"Event Subscriptions has {', '.join(events_for(context=settings.context))}",
        "Interactivity & Shortcuts is on",
    )
    return unknown("Slack app", f"no token can read it; if something stays unanswered, see that {'; '.join(looks)}")
