"""OAuth: people install the app, codes are exchanged once, tokens are rotated and run out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aiohttp import web
from yarl import URL

from tests.servers.slack.nouns import Grant, Team
from tests.servers.slack.people import Person
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.scopes import ALL_SCOPES
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

EXPIRES_S: Final = 43_200
"""A token that rotates lives twelve hours ("Token rotation")."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes, waiting to be exchanged for a token."""

    teams: tuple[Team, ...]
    installer: Person
    scopes: frozenset[str]
    is_org: bool
    redirect_uri: str | None


@dataclass
class OAuth:
    """Installations: those that exist and those that were approved.

    `rotates` makes new tokens run out, after `expires_s` seconds; `redirect_url` is where a browser is sent back to
    unless the app asks for another place, which is then the app's setting.
    """

    server: SlackServer = field(repr=False)
    client_id: str = "1111.2222"
    client_secret: str = "local-client-secret"
    rotates: bool = False
    expires_s: int = EXPIRES_S
    redirect_url: str = ""
    grants: list[Grant] = field(default_factory=list)
    approvals: dict[str, Approval] = field(default_factory=dict)
    used_codes: set[str] = field(default_factory=set)

    @property
    def authorize_url(self) -> str:
        """Where a browser asks a person; it answers for the admin of the first workspace, at once, with yes."""
        return f"{self.server.base_url}/oauth/v2/authorize"

    def approve(
        self,
        team: Team,
        installer: Person | None = None,
        *,
        scopes: frozenset[str] = ALL_SCOPES,
        is_org: bool = False,
        redirect_uri: str | None = None,
    ) -> str:
        """Return the code of an installation that a person agreed to, for a workspace or its whole organisation."""
        same_org = [other for other in self.server.teams if is_org and other.enterprise_id == team.enterprise_id]
        teams = (team, *(other for other in same_org if other is not team))
        code = f"code-{secrets.token_hex(8)}"
        person = installer or team.add_person("Installer", admin=True)
        self.approvals[code] = Approval(teams, person, scopes, is_org, redirect_uri)
        return code

    def install(self, *teams: Team, scopes: frozenset[str] = ALL_SCOPES, is_org: bool = False) -> Grant:
        """Return what a new installation may do in these workspaces."""
        token = f"xoxe.xoxb-1-{secrets.token_hex(12)}" if self.rotates else f"xoxb-{secrets.token_hex(12)}"
        grant = Grant(token, teams, set(scopes), teams[0].enterprise_id, is_org)
        if self.rotates:
            grant.refresh_token = f"xoxe-1-{secrets.token_hex(12)}"
            grant.expires_at = self.server.clock.now() + self.expires_s
        for team in teams:
            team.bot, team.grant = teams[0].bot, grant  # an organisation has one bot user in all its workspaces
        self.grants.append(grant)
        return grant

    def exchange(self, body: Json, client_id: str, client_secret: str) -> Json:
        """Answer oauth.v2.access: a token for a code, or a new token for a refresh token."""
        if client_id != self.client_id:
            raise Refusal("invalid_client_id")
        if client_secret != self.client_secret:
            raise Refusal("bad_client_secret")
        if body.get("grant_type") == "refresh_token":
            return self._refreshed(str(body.get("refresh_token")))
        code = str(body.get("code"))
        approval = self.approvals.pop(code, None)
        if approval is None:
            raise Refusal("code_already_used" if code in self.used_codes else "invalid_code")
        self.used_codes.add(code)
        if approval.redirect_uri is not None and body.get("redirect_uri") != approval.redirect_uri:
            raise Refusal("bad_redirect_uri")
        grant = self.install(*approval.teams, scopes=approval.scopes, is_org=approval.is_org)
        return self._told(grant) | {"authed_user": {"id": approval.installer.id}}

    def _refreshed(self, refresh_token: str) -> Json:
        old = next((grant for grant in self.grants if grant.refresh_token == refresh_token), None)
        if old is None or old.revoked:
            raise Refusal("invalid_refresh_token")
        old.refresh_token = None  # it works once; the old token itself lives until it runs out
        return self._told(self.install(*old.teams, scopes=frozenset(old.scopes), is_org=old.is_org))

    def _told(self, grant: Grant) -> Json:
        team = grant.teams[0]
        enterprise = {"id": team.enterprise_id, "name": team.enterprise_id} if team.enterprise_id else None
        told: Json = {
            "access_token": grant.token,
            "token_type": "bot",
            "scope": ",".join(sorted(grant.scopes)),
            "bot_user_id": grant.bot.id,
            "app_id": self.server.app_id,
            "team": None if grant.is_org else {"id": team.id, "name": team.name},
            "enterprise": enterprise,
            "is_enterprise_install": grant.is_org,
        }
        if grant.refresh_token:
            told |= {"refresh_token": grant.refresh_token, "expires_in": self.expires_s}
        return told

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Send the browser back with a code, as if somebody had agreed; `team` chooses a workspace or organisation."""
        query = request.query
        chosen = query.get("team", self.server.team.id)
        team = next((team for team in self.server.teams if chosen in (team.id, team.enterprise_id)), self.server.team)
        scopes = frozenset(filter(None, query.get("scope", "").split(",")))
        asked = query.get("redirect_uri")
        redirect = asked or self.redirect_url
        if query.get("client_id") != self.client_id or not redirect:
            return web.Response(status=400, text="Invalid client_id parameter")
        code = self.approve(team, scopes=scopes, is_org=chosen == team.enterprise_id, redirect_uri=asked)
        raise web.HTTPFound(URL(redirect).update_query(code=code, state=query.get("state", "")))
