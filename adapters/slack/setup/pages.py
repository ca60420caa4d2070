"""The pages of an installation: where it begins, and what a person reads at its end, in words of their own."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.faults import FAULTS
from adapters.slack.setup.installations import Installations
from adapters.slack.setup.manifest import REDIRECT_PATH

INSTALL_PATH = "/slack/install"

_AGAIN = '<a href="install">Begin again</a>'  # relative, since a proxy may serve both pages deeper

_REASONS: Mapping[str, str] = {
    "access_denied": "Somebody chose Cancel, so nothing was installed.",
    "invalid_browser": "This browser did not begin this installation, or it takes no cookies.",
    "invalid_code": "Slack did not take the code that came with this page; it is good once, for ten minutes.",
    "invalid_state": "This installation was begun more than ten minutes ago, or it is over already.",
    "invalid_team_for_non_distributed_app": (
        "So far the app may be installed in the workspace alone that it was made in. Whoever runs it can change that: "
        "api.slack.com/apps, the app, Manage Distribution, Activate Public Distribution."
    ),
    "missing_code": "Slack sent no code along with this page.",
    "storage_error": "Slack agreed, but the bot could not keep its token. Whoever runs the bot finds why in its log.",
    "unreachable": "Slack could not be reached just now, or did not answer.",
}
"""What went wrong, by the library's codes and Slack's (https://docs.slack.dev/authentication/installing-with-oauth)."""


def installation_routes(app: AsyncApp) -> list[web.RouteDef]:
    """Return the two pages of an installation, for whichever web server runs; none without OAuth."""
    flow = app.oauth_flow
    # The library makes a flow by itself where SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set, were it to nothing.
    if flow is None or not isinstance(flow.settings.installation_store, Installations):
        return []
    return _routes(flow)


def _routes(flow: AsyncOAuthFlow) -> list[web.RouteDef]:
    async def begin(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

    async def end(request: web.Request) -> web.Response:
        try:
            answer = await flow.handle_callback(await to_bolt_request(request))
        except FAULTS:
            return web.Response(status=502, text=_failure("unreachable"), content_type="text/html")
        return await to_aiohttp_response(answer)

    return [web.get(INSTALL_PATH, begin), web.get(REDIRECT_PATH, end)]


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    found = args.installation
    where = (found.enterprise_name if found.is_enterprise_install else found.team_name) or "your workspace"
    return _answer(args, 200, _page(f"Installed in {escape(where)}", _next(found)))


def _next(found: Installation) -> str:
    if found.is_enterprise_install and found.enterprise_url:
        address = f"{found.enterprise_url}manage/organization/apps/profile/{found.app_id}/workspaces/add"
        return f'One step is left: <a href="{escape(address)}">add it to workspaces</a> of the organisation.'
    address = "slack://app?" + urlencode({"team": found.team_id or "", "id": found.app_id or ""})
    return f'You can close this page, or <a href="{escape(address)}">open it in Slack</a>.'


async def _refused(args: AsyncFailureArgs) -> BoltResponse:
    return _answer(args, args.suggested_status_code, _failure(args.reason))


def _failure(reason: str) -> str:
    why = _REASONS.get(reason, f"Slack says: {escape(reason[:100])}.")
    return _page("Not installed", f"{why} {_AGAIN}")


def _answer(args: AsyncSuccessArgs | AsyncFailureArgs, status: int, page: str) -> BoltResponse:
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    return BoltResponse(
        status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8", "Set-Cookie": cookie}
    )


def _page(title: str, text: str) -> str:
    """Return a page of a title and a sentence, both HTML already."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<body style="font-family: sans-serif; max-width: 30em; margin: 3em auto"><h1>{title}</h1><p>{text}</p></body>'
        "</html>"
    )


CALLBACKS = AsyncCallbackOptions(success=_installed, failure=_refused)
"""What the library shows in place of its own pages, which show codes."""
