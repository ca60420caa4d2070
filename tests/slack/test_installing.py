"""Installations by OAuth: begun and ended in a browser, kept in the data folder, and gone when removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.setup.manifest import REDIRECT_PATH
from adapters.slack.setup.pages import installation_routes
from adapters.slack.setup.scopes import scopes_for
from adapters.slack.setup.tokens import MOST_STATES, STATE_LIFETIME, States, authorization
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import lose_answer
from tests.servers.slack.nouns import Team
from tests.servers.slack.wire import Json
from tests.slack.site import Clock, Site, own_records, settings_for, site_on, state_in

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk 3.47 uses it


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """Slack with one workspace."""
    async with SlackServer() as slack:
        yield slack
    assert slack.violations == []


@pytest.fixture
async def site(server: SlackServer, tmp_path: Path) -> AsyncIterator[Site]:
    """The app with its pages on a port."""
    async with site_on(server, tmp_path / "data") as opened:
        yield opened


def test_one_workspace_has_no_pages() -> None:
    """The token stands in the client."""
    client = AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:1/")

    assert installation_routes(AsyncApp(client=client, signing_secret="s")) == []


def test_empty_variables_open_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """They count as unset, also for the library, which reads them by itself."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.setenv(name, "")
    app = AsyncApp(client=AsyncWebClient(token="xoxb-1"), signing_secret="s")

    assert app.oauth_flow is not None
    assert installation_routes(app) == []


async def test_installation_is_kept_over_restarts(site: Site, server: SlackServer) -> None:
    """A person agrees, and from then on the workspace has its own token; others have none."""
    beta = server.add_workspace("Beta", installed=False)

    await site.install(beta)
    notes = Notes(Ledger(site.database), "slack")
    restarted = authorization(settings_for(server), notes, AsyncWebClient(), site.clock, site.tasks)

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
    granted = await asked_from(site, south, is_org=True)
    assert granted is not None
    assert (granted.bot_token, granted.enterprise_id, granted.team_id) == (north.grant.token, "E1", None)


async def test_workspace_may_have_an_installation_beside_its_organisations(site: Site, server: SlackServer) -> None:
    """What Slack sends by the one is never answered with the token of the other."""
    north, south = (server.add_workspace(name, enterprise_id="E1", installed=False) for name in ("North", "South"))
    await site.install(south)
    own = south.grant
    await site.install(north, is_org=True)

    of_both = [await asked_from(site, south, is_org=is_org) for is_org in (False, True)]

    assert own is not None
    assert north.grant is not None
    assert [found.bot_token for found in of_both if found] == [own.token, north.grant.token]


async def asked_from(site: Site, team: Team, *, is_org: bool) -> AuthorizeResult | None:
    """Return who the bot is for a command in a workspace, which Slack names whatever installation it comes by."""
    context = AsyncBoltContext(is_enterprise_install=is_org)
    return await site.tokens(context=context, enterprise_id=team.enterprise_id, team_id=team.id, user_id="U1")


WRONG = {
    "another state": "This browser did not begin this installation",
    "no cookie": "This browser did not begin this installation",
    "used state": "it is over already",
    "old state": "begun more than ten minutes ago",
    "used code": "it is good once",
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.items())
async def test_installation_that_others_began_is_refused(site: Site, server: SlackServer, wrong: str, why: str) -> None:
    """Without the state of this browser, fresh and unused, no code is even looked at; a used code is worth nothing."""
    address, cookie = await site.begin()
    state, team = state_in(address), server.add_workspace("Beta", installed=False)
    if wrong in ("used state", "used code"):
        await site.end(server.oauth.approve(server.add_workspace("Gamma", installed=False)), state, cookie)
    if wrong == "old state":
        site.clock.ahead += STATE_LIFETIME
    if wrong == "used code":
        address, cookie = await site.begin()
        code, state = next(iter(server.oauth.used_codes)), state_in(address)
    else:
        code = server.oauth.approve(team)
    given = "another" if wrong == "another state" else state

    status_code, page = await site.end(code, given, "" if wrong == "no cookie" else cookie)

    assert status_code in (400, 401)
    assert why in page
    assert '<a href="install">Begin again</a>' in page
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


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("access_denied", "Somebody chose Cancel, so nothing was installed."),
        ("invalid_team_for_non_distributed_app", "Manage Distribution, Activate Public Distribution"),
        ("<script>new_code</script>", "Slack says: &lt;script&gt;new_code&lt;/script&gt;."),
    ],
)
async def test_what_slack_refuses_is_told(site: Site, code: str, said: str) -> None:
    """In words where they are known, and never as HTML of somebody else's."""
    async with site.browser.get(REDIRECT_PATH, params={"error": code, "state": "s"}) as response:
        page = await response.text()

    assert said in page
    assert "<script>" not in page
    assert '<a href="install">Begin again</a>' in page


async def test_slack_out_of_reach_is_told(site: Site, server: SlackServer) -> None:
    """The code that came may be good, but nobody can tell."""
    address, cookie = await site.begin()
    server.will("oauth.v2.access", lose_answer())

    status_code, page = await site.end(server.oauth.approve(server.team), state_in(address), cookie)

    assert (status_code, "Slack could not be reached" in page) == (502, True)


@pytest.mark.parametrize("is_org", [False, True])
async def test_success_says_what_to_do_next(site: Site, server: SlackServer, *, is_org: bool) -> None:
    """A workspace can use it; in an organisation it has to be added to workspaces."""
    team = server.add_workspace("North & South", enterprise_id="E1", installed=False)
    address, cookie = await site.begin()

    status_code, page = await site.end(server.oauth.approve(team, is_org=is_org), state_in(address), cookie)

    assert status_code == 200
    assert ("<h1>Installed in E1</h1>" if is_org else "<h1>Installed in North &amp; South</h1>") in page
    assert (f"profile/{server.app_id}/workspaces/add" if is_org else f"slack://app?team={team.id}&amp;id=") in page


async def test_installation_that_cannot_be_stored_is_told(site: Site, server: SlackServer) -> None:
    """The person sees that it failed, and not a success without effect."""
    address, cookie = await site.begin()
    await site.database.write(lambda connection: connection.execute("DROP TABLE settings"))

    status_code, page = await site.end(server.oauth.approve(server.team), state_in(address), cookie)

    assert (status_code, "could not keep its token" in page) == (500, True)


async def test_tokens_are_in_no_log(site: Site, server: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    """An installation is logged by the workspace's id alone."""
    caplog.set_level("DEBUG", "adapters")
    await site.install(server.add_workspace("Beta", installed=False))

    assert own_records(caplog) == [f"installed in {server.teams[-1].id}"]
