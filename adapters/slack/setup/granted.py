"""What Slack answers about a bot token: whether it lives, and whether it may do what the bot does."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.slack.setup.asking import Answer
from adapters.slack.setup.scopes import SCOPES, scopes_for
from bot.config import SlackSettings
from bot.findings import Finding, fine, problem

YOUR_APP = "https://api.slack.com/apps → your app"

DEAD: Mapping[str, str] = {
    "invalid_auth": "Slack does not know it",
    "not_authed": "Slack does not know it",
    "account_inactive": "the app was removed from the workspace, or the workspace is gone",
    "token_revoked": "it was revoked",
    "token_expired": "it has run out",
    "not_allowed_token_type": "it is of another kind",
}
"""What is wrong with a token, by Slack's codes."""


def dead_finding(about: str, told: Answer, fix: str) -> Finding:
    """Return why Slack does not take a token."""
    return problem(about, f"{DEAD.get(told.error, 'Slack refuses it')} ({told.error})", fix)


def scope_finding(about: str, granted: frozenset[str], settings: SlackSettings, granted_by: str) -> Finding:
    """Hold what a token may do against what this configuration needs.

    Args:
        granted_by: what to click for new scopes, once the app asks for them.
    """
    needed = scopes_for(context=settings.context)
    missing = [need for need in SCOPES if need.name in needed and need.name not in granted]
    if missing:
        text = "; ".join(f"{need.name} is missing, by which it {need.reason}" for need in missing)
        url = " --url https://…" if settings.several_workspaces or settings.mode == "http" else ""
        paste = f"paste it at {YOUR_APP} → App Manifest, Save Changes"
        fix = f"run forgetmenot slack manifest{url}, {paste}, then {granted_by}"
        return problem(about, text, fix)
    unused = sorted(granted - set(needed))
    more = f"; it does not need {', '.join(unused)}" if unused else ""
    return fine(about, f"has the {len(needed)} that it needs{more}")
