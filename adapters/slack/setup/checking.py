"""Checks what Slack knows about the app: tokens, scopes, connections, clock. It changes nothing.

No socket is opened: Slack would send some of the running bot's events there, and they would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.slack.setup.asking import Answer, SlackApi, opened_api
from adapters.slack.setup.manifest import EVENTS_PATH
from adapters.slack.setup.scopes import SCOPES, events_for, scopes_for
from bot.config import Secret, SlackSettings
from bot.findings import Finding, Findings, clock_finding, failing_alone, fine, problem, warning
from bot.protocols import Clock

YOUR_APP = "https://api.slack.com/apps → your app"

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

_DEAD = {
    "invalid_auth": "Slack does not know it",
    "not_authed": "Slack does not know it",
    "account_inactive": "the app was removed from the workspace, or the workspace is gone",
    "token_revoked": "it was revoked",
    "token_expired": "it has run out",
    "not_allowed_token_type": "it is of another kind",
}


async def slack_findings(settings: SlackSettings, clock: Clock) -> Findings:
    """Yield all that is right and wrong with the app on Slack.

    Raises:
        PlatformError: Slack is not reachable.
    """
    async with opened_api(settings) as api:
        app_id = ""
        if settings.several_workspaces:
            for finding in _oauth(settings):
                yield finding
        elif wrong := wrong_kind(_BOT, settings.bot_token, "xoxb-", _NEW_BOT_TOKEN):
            yield wrong
        else:
            told = await api.call("auth.test", settings.bot_token)
            for finding in bot_findings(told, settings):
                yield finding
            app_id = await _app_of(api, told, settings)
        async for finding in failing_alone(_APP, _connection(api, settings, app_id)):
            yield finding
        if api.date and (found := clock_finding(api.host, api.date, clock())):
            yield found
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
        yield problem(_BOT, f"{_DEAD.get(told.error, 'Slack refuses it')} ({told.error})", _REINSTALL)
        return
    yield fine(_BOT, f"belongs to {told.text('user')} in {told.text('team')}")
    if told.body.get("is_enterprise_install"):
        yield fine(_BOT, "is of the whole organisation; in every workspace, an admin of it has to add the app")
    if told.scopes:
        yield scope_finding(told.scopes, settings)


def scope_finding(granted: frozenset[str], settings: SlackSettings) -> Finding:
    """Hold what the token may do against what this configuration needs."""
    about, needed = "Slack scopes", scopes_for(context=settings.context)
    missing = [need for need in SCOPES if need.name in needed and need.name not in granted]
    if missing:
        text = "; ".join(f"{need.name} is missing, by which it {need.reason}" for need in missing)
        fix = (
            f"run forgetmenot slack manifest, paste it at {YOUR_APP} → App Manifest, Save Changes, then Install App → "
            "Reinstall"
        )
        return problem(about, text, fix)
    unused = sorted(granted - set(needed))
    more = f"; it does not need {', '.join(unused)}" if unused else ""
    return fine(about, f"has the {len(needed)} that it needs{more}")


async def _app_of(api: SlackApi, told: Answer, settings: SlackSettings) -> str:
    """Return the id of the app whose bot token it is; empty when it cannot be found out."""
    if told.error or "users:read" not in told.scopes:
        return ""
    answer = await api.call("bots.info", settings.bot_token, bot=told.text("bot_id"))
    return str((answer.body.get("bot") or {}).get("app_id") or "")


async def _connection(api: SlackApi, settings: SlackSettings, app_id: str) -> Findings:
    if settings.mode == "http":
        where = f"{settings.http_host}:{settings.http_port}{EVENTS_PATH}"
        yield fine("Slack events", f"are posted by Slack, signed, to the address that leads to {where}")
        return
    if wrong := wrong_kind(_APP, settings.app_token, "xapp-", _NEW_APP_TOKEN):
        yield wrong
        return
    told = await api.call("apps.connections.open", settings.app_token)
    yield connection_finding(told, settings.app_token, app_id)


def connection_finding(told: Answer, token: Secret, app_id: str) -> Finding:
    """Return whether a socket could be opened, and for the same app as the bot token's."""
    if told.error == "missing_scope":
        return problem(_APP, "has no scope connections:write, which Socket Mode needs", _NEW_APP_TOKEN)
    if told.error in _DEAD:
        return problem(_APP, f"{_DEAD[told.error]} ({told.error})", _NEW_APP_TOKEN)
    if told.error:
        fix = f"{YOUR_APP} → Socket Mode: switch on Enable Socket Mode"
        return problem(_APP, f"opens no connection ({told.error})", fix)
    own = token.reveal().split("-")[2:3]  # xapp-1-<app id>-…
    if app_id and own != [app_id]:
        text = f"belongs to the app {''.join(own)}, the bot token to {app_id}: events of one, answers by the other"
        return problem(_APP, text, "copy both tokens from the pages of one app")
    return fine(_APP, "opens connections; run one bot only, since of several each gets some of the events")


def _oauth(settings: SlackSettings) -> Iterator[Finding]:
    about = "Slack workspaces"
    yield fine(
        about, "install it by OAuth, at /slack/install of its public address; their tokens are in the data folder"
    )
    if settings.bot_token:
        fix = "remove it, or remove client_id and client_secret to serve one workspace"
        yield warning(about, "[slack] bot_token is set too, and is not used", fix)


def _by_hand(settings: SlackSettings) -> Finding:
    """Name what no token can read, for whom something is missing although all else is well."""
    looks: Sequence[str] = (
        "App Home → Messages Tab is on, with messages from people allowed",
        "Agents & AI Apps is on",
        f"Event Subscriptions has {', '.join(events_for(context=settings.context))}",
        "Interactivity & Shortcuts is on",
    )
    return fine("Slack app", f"cannot be read by its tokens; if something stays unanswered, look: {'; '.join(looks)}")
