"""What the check-up says of an app on Slack, against a server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace
from slack_bolt.async_app import AsyncApp
from slack_sdk.oauth.installation_store import Bot as SlackBot

from adapters.pulse import Pulse
from adapters.slack.serving import Gatekeeper, Server
from adapters.slack.setup.checking import slack_findings
from adapters.slack.setup.installations import Installations
from adapters.slack.setup.scopes import scopes_for
from bot.config import Secret, SlackSettings
from bot.findings import Finding, Level, failing_alone
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from tests.servers.slack import SlackServer, Team
from tests.servers.slack.faults import Behaviour, Exchange, error, hang, lose_answer, rate_limited, status
from tests.slack.test_http import free_port

OK, UNKNOWN, WARNING, PROBLEM = Level.OK, Level.UNKNOWN, Level.WARNING, Level.PROBLEM


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    """Slack, with an app in one workspace that has what the bot needs."""
    async with SlackServer() as slack:
        assert slack.team.grant is not None
        slack.team.grant.scopes = set(scopes_for(context=False))
        yield slack


@pytest.fixture
def settings(server: SlackServer) -> SlackSettings:
    """The settings of a bot on this server."""
    return SlackSettings(
        bot_token=Secret(server.bot_token), app_token=Secret(server.app_token), api_base=server.api_base
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one check-up."""

    findings: tuple[Finding, ...]

    def of(self, about: str) -> list[tuple[Level, str]]:
        """Return how something is and what was said of it."""
        return [(finding.level, finding.text) for finding in self.findings if finding.about == about]

    def fix(self, about: str) -> str:
        """Return what is to be done about the one finding of a subject that asks for something."""
        (fix,) = (finding.fix for finding in self.findings if finding.about == about and finding.fix)
        return fix

    @property
    def levels(self) -> set[Level]:
        """How bad everything is."""
        return {finding.level for finding in self.findings}


async def check(settings: SlackSettings, ahead: timedelta = timedelta(0), folder: Path = Path("nowhere")) -> Found:
    """Check the bot with these settings and this data folder, on a machine whose clock is ahead."""
    findings = slack_findings(settings, folder, lambda: datetime.now(UTC) + ahead)
    return Found(tuple([finding async for finding in failing_alone("Slack", findings)]))


async def test_app_in_order_has_nothing_to_put_right(server: SlackServer, settings: SlackSettings) -> None:
    """Tokens, scopes, connection and clock are looked at; no socket is opened and nothing is changed."""
    found = await check(settings)

    assert found.levels == {OK, UNKNOWN}
    assert found.of("Slack app")[0][0] is UNKNOWN
    assert found.of("Slack bot token") == [(OK, "belongs to forgetmenot in Acme")]
    assert found.of("Slack scopes") == [(OK, f"has the {len(scopes_for(context=False))} that it needs")]
    assert found.of("Slack app token")[0][1].startswith("opens connections; run one bot only")
    assert found.of("clock") == [(OK, "agrees with that of 127.0.0.1")]
    asked = [request.method for request in server.requests]
    assert asked == ["api.test", "auth.test", "bots.info", "apps.connections.open"]
    assert server.sockets.connections == []
    assert server.violations == []


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("xapp-1-A1-2-x", "is an app-level token, expected a bot token (xoxb-…)"),
        ("xoxp-1-x", "is a person's token, expected a bot token"),
        ("xoxe.xoxb-1-x", "is a bot token that runs out after 12 hours, expected a bot token"),
        ("xoxe.xoxp-1-x", "is an app configuration token"),
        ("0123456789abcdef", "is no token of Slack"),
        ("xoxb-1 2", "holds a space, a line end or a letter that no token has"),
    ],
)
async def test_wrong_kind_of_bot_token_is_said_plainly(
    server: SlackServer, settings: SlackSettings, token: str, said: str
) -> None:
    """Without sending it to Slack, and without showing it; the app token is looked at all the same."""
    found = await check(replace(settings, bot_token=Secret(token)))

    ((level, text),) = found.of("Slack bot token")
    assert level is PROBLEM
    assert text.startswith(said)
    assert found.fix("Slack bot token").endswith("Install App: copy Bot User OAuth Token to SLACK_BOT_TOKEN")
    assert [request.method for request in server.requests] == ["api.test", "apps.connections.open"]
    assert token not in str(found)


async def test_tokens_in_each_others_place_are_both_told(server: SlackServer, settings: SlackSettings) -> None:
    """The commonest slip: neither is sent anywhere."""
    found = await check(replace(settings, bot_token=settings.app_token, app_token=settings.bot_token))

    assert [found.of(about)[0][1].partition(",")[0] for about in ("Slack bot token", "Slack app token")] == [
        "is an app-level token",
        "is a bot token",
    ]
    assert [(request.method, request.token) for request in server.requests] == [("api.test", "")]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("invalid_auth", "Slack does not know it (invalid_auth)"),
        ("account_inactive", "the app was removed from the workspace"),
        ("token_revoked", "it was revoked"),
        ("something_new", "Slack refuses it (something_new)"),
    ],
)
async def test_dead_bot_token_is_told(server: SlackServer, settings: SlackSettings, code: str, said: str) -> None:
    """With Slack's code, and the way to a living one."""
    server.will("auth.test", error(code))

    found = await check(settings)

    ((level, text),) = found.of("Slack bot token")
    assert (level, text.startswith(said)) == (PROBLEM, True)
    assert "Install App → Reinstall" in found.fix("Slack bot token")
    assert found.of("Slack app token")[0][0] is OK


async def test_missing_scopes_are_named_with_what_they_are_for(server: SlackServer, settings: SlackSettings) -> None:
    """And what to do: scopes come only with a new installation."""
    assert server.team.grant is not None
    server.team.grant.scopes -= {"users:read", "files:read"}

    found = await check(settings)

    assert found.of("Slack scopes") == [
        (
            PROBLEM,
            "files:read is missing, by which it reads text files and images that come with a message to it; "
            "users:read is missing, by which it knows who is a guest, of whom nothing is kept, and who is an admin",
        )
    ]
    assert "forgetmenot slack manifest" in found.fix("Slack scopes")
    assert found.fix("Slack scopes").endswith("Save Changes, then Install App → Reinstall")
    assert server.violations == []


async def test_scopes_are_held_against_the_profile(server: SlackServer, settings: SlackSettings) -> None:
    """Reading channels needs more; having more than needed is said, and is no fault."""
    assert server.team.grant is not None
    small = await check(replace(settings, context=True))
    server.team.grant.scopes |= set(scopes_for(context=True)) | {"reactions:read"}
    large = await check(replace(settings, context=True))

    assert small.of("Slack scopes")[0][1].startswith("channels:history is missing")
    assert large.of("Slack scopes")[0] == (
        OK,
        f"has the {len(scopes_for(context=True))} that it needs; it does not need reactions:read",
    )


@pytest.mark.parametrize(
    ("scope", "token", "said"),
    [
        ("authorizations:read", "", "has no scope connections:write"),
        ("connections:write", "xapp-1-A000LOCAL-1-other", "Slack does not know it (invalid_auth)"),
    ],
)
async def test_app_token_that_opens_nothing_is_told(
    server: SlackServer, settings: SlackSettings, scope: str, token: str, said: str
) -> None:
    """With the button that makes a right one."""
    server.app_token_scopes = {scope}

    found = await check(replace(settings, app_token=Secret(token or server.app_token)))

    ((level, text),) = found.of("Slack app token")
    assert (level, said in text) == (PROBLEM, True)
    assert "Add Scope connections:write → Generate" in found.fix("Slack app token")


async def test_socket_mode_that_is_off_is_told(server: SlackServer, settings: SlackSettings) -> None:
    """Whatever other code comes is shown, with the switch that it is most likely about."""
    server.will("apps.connections.open", error("socket_mode_disabled"))

    found = await check(settings)

    assert found.of("Slack app token") == [(PROBLEM, "opens no connection (socket_mode_disabled)")]
    assert found.fix("Slack app token").endswith("Socket Mode: switch on Enable Socket Mode")


async def test_tokens_of_two_apps_are_told(server: SlackServer, settings: SlackSettings) -> None:
    """Each is good, and together they answer nobody."""
    server.app_token = "xapp-1-A999OTHER-1-local"

    found = await check(replace(settings, app_token=Secret(server.app_token)))

    ((level, text),) = found.of("Slack app token")
    assert level is PROBLEM
    assert "belongs to the app A999OTHER, the bot token to A000LOCAL" in text


@pytest.fixture
def by_http(settings: SlackSettings) -> SlackSettings:
    """The settings of a bot that Slack posts to, on a port that is free."""
    return replace(settings, mode="http", app_token=Secret(), signing_secret=Secret("s"), http_port=free_port())


async def test_http_mode_needs_no_app_token(server: SlackServer, by_http: SlackSettings) -> None:
    """A bot that does not run is no fault; what cannot be read says what to look at."""
    found = await check(by_http)

    where = f"127.0.0.1:{by_http.http_port}/slack/events"
    assert found.levels == {OK, UNKNOWN}
    assert found.of("Slack events") == [(UNKNOWN, f"nothing listens at {where}; Slack can post to a running bot alone")]
    assert "has the signing secret that is set here" in found.of("Slack app")[0][1]
    assert not server.calls("apps.connections.open")


@asynccontextmanager
async def listening(settings: SlackSettings, routes: Sequence[web.RouteDef]) -> AsyncIterator[None]:
    """Serve something where the bot would take what Slack posts."""
    pages = web.Application()
    pages.add_routes(routes)
    runner = web.AppRunner(pages)
    await runner.setup()
    await web.TCPSite(runner, settings.http_host, settings.http_port).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def test_running_bot_is_known_by_its_refusal(by_http: SlackSettings) -> None:
    """It answers 401 to what nobody signed, and hears nothing."""
    pulse = Pulse(lambda: datetime.now(UTC))
    app = AsyncApp(token="xoxb-1", signing_secret="s")
    keeper = Gatekeeper("s", lambda: 0.0)
    place = (by_http.http_host, by_http.http_port)
    async with Server(app, keeper, *place, routes=[], pulse=pulse, ended=asyncio.Event()).opened():
        found = await check(by_http)

    text = f"a bot at 127.0.0.1:{by_http.http_port}/slack/events refuses what nobody signed"
    assert found.of("Slack events") == [(OK, f"{text}; your public address has to lead there")]
    assert pulse.health().event_at is None


async def test_other_program_on_the_port_is_told(by_http: SlackSettings) -> None:
    """It takes what nobody signed, or knows no such path."""
    async with listening(by_http, [web.post("/slack/events", partial(_page))]):
        taking = await check(by_http)
    async with listening(by_http, []):
        without = await check(by_http)

    for found, status_code in ((taking, 200), (without, 404)):
        ((level, text),) = found.of("Slack events")
        assert (level, f"answers what nobody signed with HTTP {status_code}" in text) == (PROBLEM, True)
        assert "[slack] http_port" in found.fix("Slack events")


async def test_slack_is_asked_whatever_is_configured(by_http: SlackSettings, by_oauth: SlackSettings) -> None:
    """Also by HTTP with OAuth, before anybody installed the app: there is no token to ask with."""
    nowhere = f"http://127.0.0.1:{free_port()}/api/"
    unreached = await check(replace(by_oauth, mode="http", http_port=by_http.http_port, api_base=nowhere))
    reached = await check(replace(by_oauth, mode="http", http_port=by_http.http_port))

    ((level, text),) = unreached.of("Slack")
    assert (level, "127.0.0.1 is not reachable" in text) == (PROBLEM, True)
    assert reached.of("clock") == [(OK, "agrees with that of 127.0.0.1")]


@pytest.mark.parametrize(
    ("changed", "said", "button"),
    [
        ({"client_id": "9.9"}, "Slack does not know it (invalid_client_id)", "copy Client ID to SLACK_CLIENT_ID"),
        (
            {"client_secret": Secret("wrong")},
            "the client secret is not the one of this app (bad_client_secret)",
            "copy Client Secret to SLACK_CLIENT_SECRET",
        ),
    ],
)
async def test_wrong_client_is_told(by_oauth: SlackSettings, changed: dict[str, Any], said: str, button: str) -> None:
    """Before the first installation, which would fail."""
    right, wrong = await check(by_oauth), await check(replace(by_oauth, **changed))

    assert right.of("Slack client id") == [(OK, "belongs to the client secret")]
    assert wrong.of("Slack client id") == [(PROBLEM, said)]
    assert wrong.fix("Slack client id").endswith(button)
    assert by_oauth.client_secret.reveal() not in str(right)


@pytest.fixture
def by_oauth(server: SlackServer, settings: SlackSettings) -> SlackSettings:
    """The settings of an app that several workspaces may install."""
    client_id, secret = server.oauth.client_id, Secret(server.oauth.client_secret)
    return replace(settings, bot_token=Secret(), client_id=client_id, client_secret=secret)


@pytest.fixture
async def installations(tmp_path: Path) -> AsyncIterator[Installations]:
    """What a running bot keeps in its data folder."""
    async with Database.open(tmp_path / "data", lambda: datetime.now(UTC)) as database:
        yield Installations(Notes(Ledger(database), "slack"))


def installed(team: Team, *, left: timedelta = timedelta(hours=12)) -> SlackBot:
    """Return the app as it stands in a workspace, with a token that lives so long."""
    grant = team.grant
    assert grant is not None
    return SlackBot(
        enterprise_id=team.enterprise_id,
        enterprise_name=team.enterprise_id,
        team_id=None if grant.is_org else team.id,
        team_name=None if grant.is_org else team.name,
        bot_token=grant.token,
        bot_id=team.bot.bot_id or "",
        bot_user_id=team.bot.id,
        bot_token_expires_at=int((datetime.now(UTC) + left).timestamp()),
        installed_at=0.0,
        is_enterprise_install=grant.is_org,
    )


async def test_bot_token_beside_oauth_is_told(settings: SlackSettings, by_oauth: SlackSettings) -> None:
    """It is not used, which somebody may not expect."""
    found = await check(replace(by_oauth, bot_token=settings.bot_token))

    assert (WARNING, "[slack] bot_token is set too, and is not used") in found.of("Slack workspaces")


async def test_app_that_nobody_installed_is_told(by_oauth: SlackSettings) -> None:
    """With the page to open, and what has to be set for it to work."""
    found = await check(by_oauth)

    assert found.of("Slack workspaces") == [(WARNING, "none has installed the app yet")]
    assert found.fix("Slack workspaces").startswith("open /slack/install at the bot's public address")
    assert "Manage Distribution has Public Distribution activated" in found.of("Slack app")[0][1]


async def test_installed_workspaces_are_each_checked(
    server: SlackServer, by_oauth: SlackSettings, installations: Installations, tmp_path: Path
) -> None:
    """By their own tokens, beside the running bot; one that has run out is left for the bot to renew."""
    scopes = frozenset(scopes_for(context=False))
    quiet = server.add_workspace("Quiet")
    north = server.add_workspace("North", enterprise_id="E1", installed=False)
    server.oauth.install(north, scopes=scopes, is_org=True)
    for bot in (installed(server.team), installed(quiet, left=timedelta(hours=-1)), installed(north)):
        await installations.async_save_bot(bot)

    found = await check(by_oauth, folder=tmp_path / "data")

    assert found.levels == {OK, UNKNOWN}
    assert found.of("Slack workspaces")[0][1].startswith("that installed the app: 3;")
    assert found.of("Slack in Acme") == [(OK, "its token is good, for forgetmenot")]
    assert found.of("Slack scopes in Acme") == [(OK, f"has the {len(scopes)} that it needs")]
    assert found.of("Slack in Quiet")[0][1].startswith("its token has run out; the bot renews it")
    assert "an admin has to add the app" in found.of("Slack in E1")[0][1]
    assert [request.body["code"] for request in server.calls("oauth.v2.access")] == ["none"]  # and nothing renewed
    assert server.violations == []


async def test_workspaces_that_are_not_well_are_told(
    server: SlackServer, by_oauth: SlackSettings, installations: Installations, tmp_path: Path
) -> None:
    """Each with what to click, and the others are checked all the same."""
    gone, old = server.add_workspace("Gone"), server.add_workspace("Old")
    assert gone.grant is not None
    assert old.grant is not None
    for team in (gone, old, server.team):
        await installations.async_save_bot(installed(team))
    gone.grant.revoked = True
    old.grant.scopes = set(scopes_for(context=False)) - {"users:read"}

    found = await check(by_oauth, folder=tmp_path / "data")

    assert found.of("Slack in Gone") == [(PROBLEM, "it was revoked (token_revoked)")]
    assert "install it once more, and remove it while the bot runs" in found.fix("Slack in Gone")
    assert found.of("Slack scopes in Old")[0][1].startswith("users:read is missing")
    assert found.fix("Slack scopes in Old").startswith("run forgetmenot slack manifest --url https://…, paste it at")
    assert found.fix("Slack scopes in Old").endswith(
        "then open /slack/install at the bot's public address in a browser, and choose Old"
    )
    assert found.of("Slack in Acme")[0][0] is OK
    assert "xoxb" not in str(found)


async def test_wrong_clock_is_told(settings: SlackSettings) -> None:
    """Signed requests older than five minutes are refused, by either side's clock."""
    found = await check(settings, ahead=timedelta(minutes=10))

    assert found.of("clock")[0][0] is WARNING


async def _page(_: Exchange) -> web.StreamResponse:
    return web.Response(text="<title>Sign in</title>", content_type="text/html")


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (status(503), "Slack is busy or down (HTTP 503); see https://slack-status.com"),
        (rate_limited(60), "Slack wants fewer requests (HTTP 429 for auth.test)"),
        (
            lose_answer(),
            "127.0.0.1 is not reachable (ServerDisconnectedError); check the network, and [slack] api_base",
        ),
        (_page, "answered auth.test with something that Slack does not send (JSONDecodeError)"),
    ],
)
async def test_failing_service_is_one_line(
    server: SlackServer, settings: SlackSettings, behaviour: Behaviour, said: str
) -> None:
    """Whatever comes instead of an answer is said, with what to look at, and without the token."""
    server.will("auth.test", behaviour, behaviour)  # aiohttp may ask a lost question once more

    found = await check(settings)

    ((level, text),) = found.of("Slack")
    assert (level, said in text) == (PROBLEM, True)
    assert server.bot_token not in str(found)


async def test_silence_is_not_waited_for_long(
    server: SlackServer, settings: SlackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is not answered ends."""
    monkeypatch.setattr("adapters.slack.setup.asking.REQUEST_S", 0.1)  # the test is not to last 8 s
    server.will("auth.test", hang())

    found = await check(settings)

    assert "did not answer within 0.1 s" in found.of("Slack")[0][1]
