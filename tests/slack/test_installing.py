"""Installations by OAuth: begun and ended in a browser, kept in the data folder, renewed, and gone when removed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.setup.manifest import REDIRECT_PATH
from adapters.slack.setup.scopes import scopes_for
from adapters.slack.setup.tokens import (
    INSTALL_PATH,
    MOST_STATES,
    STATE_LIFETIME,
    States,
    Tokens,
    authorization,
    installation_routes,
)
from bot.config import Secret, SlackSettings
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import status
from tests.servers.slack.nouns import Team
from tests.servers.slack.wire import Json

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk 3.47 uses it


@dataclass
class Clock:
    """The time of day, moved ahead as far as a test says."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Site:
    """An app that several workspaces may install, and a browser that looks at its pages."""

    server: SlackServer
    app: AsyncApp
    tokens: Tokens
    browser: ClientSession | TestClient[web.Request, web.Application]
    clock: Clock

    async def begin(self) -> tuple[str, str]:
        """Open the first page; return the address that it leads to, and the cookie that it sets."""
        async with self.browser.get(INSTALL_PATH) as response:
            (address,) = re.findall(r'<a href="([^"]+)"', await response.text())
            return address.replace("&amp;", "&"), response.headers["Set-Cookie"].partition(";")[0]

    async def end(self, code: str, state: str, cookie: str) -> tuple[int, str]:
        """Come back from Slack; return status and page."""
        query, headers = {"code": code, "state": state}, {"Cookie": cookie}
        async with self.browser.get(REDIRECT_PATH, params=query, headers=headers) as response:
            return response.status, await response.text()

    async def install(self, team: Team, *, is_org: bool = False) -> None:
        """Go all the way."""
        address, cookie = await self.begin()
        code = self.server.oauth.approve(team, is_org=is_org)
        status_code, _ = await self.end(code, _state(address), cookie)
        assert status_code == 200

    async def grow_old(self, team: Team) -> str:
        """Let a workspace's token come near its end, and return it."""
        store = self.app.installation_store
        assert store is not None
        bot = await store.async_find_bot(enterprise_id=None, team_id=team.id)
        assert bot is not None
        bot.bot_token_expires_at = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
        await store.async_save_bot(bot)
        return bot.bot_token


def _state(address: str) -> str:
    (state,) = re.findall(r"[?&]state=([^&]+)", address)
    return str(state)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """Slack with one workspace."""
    async with SlackServer() as slack:
        yield slack
    assert slack.violations == []


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open data folder."""
    async with Database.open(tmp_path / "data", Clock()) as opened:
        yield opened


def own_records(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the adapter itself logged; of what libraries log, the bot's log shows the fixed part alone."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("adapters")]


def settings_for(server: SlackServer) -> SlackSettings:
    """Return the settings of the app that this server knows."""
    return SlackSettings(
        client_id=server.oauth.client_id,
        client_secret=Secret(server.oauth.client_secret),
        signing_secret=Secret(server.signing_secret),
        mode="http",
        api_base=server.api_base,
    )


@pytest.fixture
async def site(server: SlackServer, database: Database) -> AsyncIterator[Site]:
    """The app with its pages on a port."""
    clock = Clock()
    client = AsyncWebClient(base_url=server.api_base)
    arguments = authorization(settings_for(server), Notes(Ledger(database), "slack"), client, clock)
    app = AsyncApp(client=client, signing_secret=server.signing_secret, **arguments)
    pages = web.Application()
    pages.add_routes(installation_routes(app))
    async with TestClient(TestServer(pages)) as browser:
        yield Site(server, app, arguments["authorize"], browser, clock)


def test_one_workspace_needs_nothing_more(server: SlackServer, database: Database) -> None:
    """The token stands in the client, and there are no pages."""
    client = AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:1/")
    settings = SlackSettings(bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1"))

    arguments = authorization(settings, Notes(Ledger(database), "slack"), client, Clock())

    assert arguments == {}
    assert installation_routes(AsyncApp(client=client, signing_secret="s", **arguments)) == []


def test_empty_variables_open_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """They count as unset, also for the library, which reads them by itself."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "")
    app = AsyncApp(client=AsyncWebClient(token="xoxb-1"), signing_secret="s")

    assert app.oauth_flow is not None
    assert installation_routes(app) == []


async def test_installation_is_kept_over_restarts(site: Site, server: SlackServer, database: Database) -> None:
    """A person agrees, and from then on the workspace has its own token; others have none."""
    beta = server.add_workspace("Beta", installed=False)

    await site.install(beta)
    restarted = authorization(settings_for(server), Notes(Ledger(database), "slack"), AsyncWebClient(), site.clock)

    assert beta.grant is not None
    assert await site.tokens.of(beta.id) == beta.grant.token
    assert await restarted["authorize"].of(beta.id) == beta.grant.token
    assert await site.tokens.of(server.team.id) is None


async def test_first_page_asks_for_what_is_needed(site: Site) -> None:
    """The scopes of this configuration, of the bot alone, on the page beside the API."""
    address, _ = await site.begin()

    assert address.startswith(f"{site.server.base_url}/oauth/v2/authorize?")
    assert f"&scope={','.join(scopes_for(context=False))}&user_scope=" in address
    assert address.endswith("&user_scope=")


async def test_events_of_each_workspace_are_answered_with_its_token(site: Site, server: SlackServer) -> None:
    """Two workspaces, one app: what is asked of Slack for an event carries the token of where it happened."""
    teams = [server.add_workspace(name, installed=False) for name in ("Beta", "Gamma")]
    heard: list[str | None] = []

    @site.app.event("app_mention")
    async def mentioned(client: AsyncWebClient, event: Json) -> None:
        heard.append(client.token)
        await client.chat_postMessage(
            channel=event["channel"], thread_ts=event["ts"], text="hello", unfurl_links=False, unfurl_media=False
        )

    runner = web.AppRunner(site.app.server(port=0, path="/slack/events").web_app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.http.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    server.bot_events = {"app_mention"}
    for team in teams:
        await site.install(team)
        channel = team.add_channel("general")
        team.invite(channel)
        message = await team.add_person("Ann").says(channel, f"{team.mention} hi")
        await server.until(partial(server.replies_to, message))
    await runner.cleanup()

    assert heard == [team.grant.token if team.grant else "" for team in teams]
    assert len(server.calls("auth.test")) == len(teams)  # at the installation, and no more


async def test_organisation_installs_once_for_its_workspaces(site: Site, server: SlackServer) -> None:
    """Whichever of its workspaces a request comes from, the organisation's token answers."""
    north = server.add_workspace("North", enterprise_id="E1", installed=False)
    south = server.add_workspace("South", enterprise_id="E1", installed=False)

    await site.install(north, is_org=True)

    assert north.grant is not None
    assert await site.tokens.of("E1") == north.grant.token
    granted = await site.tokens(context=None, enterprise_id="E1", team_id=south.id, user_id="U1")  # type: ignore[arg-type]  # not asked
    assert granted is not None
    assert (granted.bot_token, granted.enterprise_id, granted.team_id) == (north.grant.token, "E1", None)


@pytest.mark.parametrize("wrong", ["another state", "used state", "no cookie", "old state", "used code"])
async def test_installation_that_others_began_is_refused(site: Site, server: SlackServer, wrong: str) -> None:
    """Without the state of this browser, fresh and unused, no code is even looked at; a used code is worth nothing."""
    address, cookie = await site.begin()
    state, team = _state(address), server.add_workspace("Beta", installed=False)
    if wrong in ("used state", "used code"):
        await site.end(server.oauth.approve(server.add_workspace("Gamma", installed=False)), state, cookie)
    if wrong == "old state":
        site.clock.ahead += STATE_LIFETIME
    if wrong == "used code":
        address, cookie = await site.begin()
        code, state = next(iter(server.oauth.used_codes)), _state(address)
    else:
        code = server.oauth.approve(team)
    given = "another" if wrong == "another state" else state

    status_code, page = await site.end(code, given, "" if wrong == "no cookie" else cookie)

    assert status_code in (400, 401)
    assert "Please try again" in page
    assert await site.tokens.of(team.id) is None
    assert (code in server.oauth.approvals) is (wrong != "used code")
    server.violations.clear()  # a code that was used is Slack's to refuse


async def test_states_are_bounded() -> None:
    """Somebody who opens the page all day long cannot fill the memory."""
    states = States(Clock())
    first = await states.async_issue()
    for _ in range(MOST_STATES):
        last = await states.async_issue()

    assert not await states.async_consume(first)
    assert await states.async_consume(last)
    assert not await states.async_consume(last)


async def test_token_is_renewed_once_before_it_runs_out(site: Site, server: SlackServer) -> None:
    """Requests that come together share one renewal, since a refresh token works once."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team)

    renewed = await asyncio.gather(*(site.tokens.of(team.id) for _ in range(3)))

    assert team.grant is not None
    assert set(renewed) == {team.grant.token}
    assert first not in renewed
    assert len(server.calls("oauth.v2.access")) == 2
    assert server.refusals == []


async def test_token_that_cannot_be_renewed_is_used_to_its_end(
    site: Site, server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack being down for a while stops nothing, and the next request renews; no token is logged."""
    server.oauth.rotates = True
    team = server.add_workspace("Beta", installed=False)
    await site.install(team)
    first = await site.grow_old(team)
    server.will("oauth.v2.access", status(503))

    meanwhile = await site.tokens.of(team.id)
    later = await site.tokens.of(team.id)

    assert (meanwhile, later == first) == (first, False)
    assert own_records(caplog)[-1].startswith(f"the token of {team.id} could not be renewed")
    assert "xox" not in "".join(own_records(caplog))


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
async def test_removed_app_leaves_no_token(site: Site, server: SlackServer, event: str) -> None:
    """The library's own listeners for these events find what they need."""
    team, other = (server.add_workspace(name, installed=False) for name in ("Beta", "Gamma"))
    await site.install(team)
    await site.install(other)
    store = site.app.installation_store
    assert store is not None

    if event == "app_uninstalled":
        await store.async_delete_all(enterprise_id=None, team_id=team.id)
    else:
        await store.async_delete_bot(enterprise_id=None, team_id=team.id)

    assert await site.tokens.of(team.id) is None
    assert await site.tokens.of(other.id) is not None


async def test_installation_that_cannot_be_stored_is_told(site: Site, server: SlackServer, database: Database) -> None:
    """The person sees that it failed, and not a success without effect."""
    address, cookie = await site.begin()
    await database.write(lambda connection: connection.execute("DROP TABLE settings"))

    status_code, page = await site.end(server.oauth.approve(server.team), _state(address), cookie)

    assert (status_code, "storage_error" in page) == (500, True)


async def test_tokens_are_in_no_log(site: Site, server: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    """An installation is logged by the workspace's id alone."""
    caplog.set_level("DEBUG", "adapters")
    await site.install(server.add_workspace("Beta", installed=False))

    assert own_records(caplog) == [f"installed in {server.teams[-1].id}"]
