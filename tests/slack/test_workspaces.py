"""The whole bot in several workspaces: each installs it in a browser, and none learns anything of another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.sending import begin_stream, end_stream
from adapters.slack.setup.manifest import REDIRECT_PATH
from adapters.slack.setup.pages import INSTALL_PATH
from adapters.slack.setup.scopes import events_for
from adapters.slack.spot import Spot
from adapters.slack.workspaces import Workspace
from bot.config import Secret
from bot.errors import PlatformError
from tests import process
from tests.memory.test_erasure import content_of, left_in, text_with, tokens
from tests.process import BotProcess
from tests.servers.slack import Channel, Message, Person, SlackServer, Team
from tests.slack.site import state_in
from tests.slack.test_http import free_port
from tests.slack.town import stopped
from tests.slack.world import World

PATIENCE_S = 10.0

Home: TypeAlias = "tuple[Team, Channel, Person]"
"""A workspace, a channel in it, and Ann."""


@dataclass(frozen=True, slots=True)
class Country:
    """A Slack in which nobody has the app yet, and where the bot keeps its data."""

    slack: SlackServer
    folder: Path
    port: int
    mode: str = "socket"

    @property
    def environment(self) -> dict[str, str]:
        """What the bot is told: the credentials of the app alone."""
        return {
            "SLACK_CLIENT_ID": self.slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": self.slack.oauth.client_secret,
            "SLACK_MODE": self.mode,
            "SLACK_APP_TOKEN": self.slack.app_token if self.mode == "socket" else "",
            "SLACK_SIGNING_SECRET": self.slack.signing_secret if self.mode == "http" else "",
            "SLACK_API_BASE": self.slack.api_base,
            "SLACK_HTTP_PORT": str(self.port),
        }

    def settle(self, name: str, user_id: str | None = None, enterprise_id: str | None = None) -> Home:
        """Return a new workspace with the bot's channel and Ann, who may have the id of somebody elsewhere."""
        team = self.slack.add_workspace(name, enterprise_id=enterprise_id, installed=False)
        return team, team.add_channel("general"), team.add_person("Ann", user_id=user_id)

    async def installs(self, *homes: Home, organisation: str = "") -> None:
        """Let each workspace, or one organisation, install the app: the page, Slack's yes, and back with the cookie."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as browser:
            for chosen in [organisation] if organisation else [team.id for team, _, _ in homes]:
                async with browser.get(INSTALL_PATH, params={"team": chosen}, allow_redirects=False) as first:
                    address, cookie = first.headers["Location"], first.headers["Set-Cookie"].partition(";")[0]
                async with browser.get(address, allow_redirects=False) as yes:
                    back = yes.headers["Location"]
                async with browser.get(back, headers={"Cookie": cookie}) as last:
                    assert (last.status, "<h1>Installed in " in await last.text()) == (200, True)
        for team, channel, _ in homes:
            team.invite(channel)  # not earlier: an installation brings the bot's user

    async def comes_back(self, browser: aiohttp.ClientSession, home: Home, state: str) -> tuple[int, str]:
        """Come to the last page with Slack's yes and any state, as if this browser had begun with it."""
        query = {"code": self.slack.oauth.approve(home[0]), "state": state}
        headers = {"Cookie": f"slack-app-oauth-state={state}"}
        address = f"http://127.0.0.1:{self.port}{REDIRECT_PATH}"
        async with browser.get(address, params=query, headers=headers) as last:
            return last.status, await last.text()

    async def tells(self, home: Home, text: str) -> Message:
        """Let Ann mention the bot, and return its reply."""
        team, channel, ann = home
        return await self.answer(await ann.says(channel, f"{team.mention} {text}"))

    async def answer(self, asked: Message) -> Message:
        """Return the reply to a message."""
        (reply,) = await self.slack.until(lambda: self.slack.replies_to(asked), PATIENCE_S)
        return reply

    async def memories(self, home: Home) -> str:
        """Return what Ann is shown of what the bot knows of her."""
        _, channel, ann = home
        use = await ann.commands(channel, "/memories")
        await self.slack.until(lambda: use.responses, PATIENCE_S)
        return use.responses[0].shown


@pytest.fixture
async def country(tmp_path: Path) -> AsyncIterator[Country]:
    """Slack, in which nothing was asked with a token that is not the workspace's, nor with one that is no good."""
    port = free_port()
    async with SlackServer() as slack:
        slack.oauth.rotates = True
        slack.oauth.redirect_url = f"http://127.0.0.1:{port}{REDIRECT_PATH}"
        slack.bot_events = set(events_for(context=False))
        yield Country(slack, tmp_path, port)

    assert (slack.violations, slack.pings) == ([], [])
    assert slack.refusals == []


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_two_workspaces_share_nothing(country: Country, mode: str) -> None:
    """Not even the memories of people who have the same id in both; all of it by the tokens of each."""
    if mode == "http":
        country.slack.http.deliver_to(f"http://127.0.0.1:{country.port}/slack/events")
    country = Country(country.slack, country.folder, country.port, mode)
    beta = country.settle("Beta")
    gamma = country.settle("Gamma", user_id=beta[2].id)
    async with process.running(country.folder, country.environment) as bot:
        await country.installs(beta, gamma)
        await country.tells(beta, "I'm allergic to walnuts.")
        await country.tells(gamma, "I'm allergic to milk.")
        answers = [(await country.tells(home, "What am I allergic to?")).shown for home in (beta, gamma)]
        shown = [await country.memories(home) for home in (beta, gamma)]
        code = await stopped(bot)

    assert [("walnuts" in text, "milk" in text) for text in answers] == [(True, False), (False, True)]
    assert [("walnuts" in text, "milk" in text) for text in shown] == [(True, False), (False, True)]
    used = {request.token for request in country.slack.calls("chat.postMessage")}
    assert used == {team.grant.token for team, _, _ in (beta, gamma) if team.grant is not None}
    assert code == 0


async def test_installations_outlive_the_run_and_their_tokens(country: Country) -> None:
    """A token that comes to its end is renewed beside the work, one that reached it at night before it is used."""
    slack, beta, gamma = country.slack, country.settle("Beta"), country.settle("Gamma")
    slack.oauth.expires_s = 3600  # within the time in which tokens are renewed
    async with process.running(country.folder, country.environment) as bot:
        await country.installs(beta)
        slack.oauth.expires_s = 43_200
        first = beta[0].grant
        await country.tells(beta, "I'm allergic to walnuts.")
        await slack.until(lambda: beta[0].grant is not first and not slack.sessions.unfinished, PATIENCE_S)
        assert first is not None
        first.expires_at = slack.clock.now() - 1
        by_the_next = (await country.tells(beta, "What am I allergic to?")).shown
        slack.oauth.expires_s = 1
        await country.installs(gamma)
        slack.oauth.expires_s = 43_200
        assert await stopped(bot) == 0
    at_night = gamma[0].grant
    assert at_night is not None
    assert at_night.expires_at is not None
    await asyncio.sleep(max(0.0, at_night.expires_at - slack.clock.now()))  # a second, the least that one may live
    async with process.running(country.folder, country.environment) as bot:
        after = [(await country.tells(home, "What am I allergic to?")).shown for home in (beta, gamma)]
        code = await stopped(bot)

    assert "walnuts" in by_the_next
    assert ["walnuts" in text for text in after] == [True, False]
    assert len(slack.calls("oauth.v2.access")) == 4  # two installations, two renewals
    assert "could not be renewed" not in "\n".join(bot.told)
    assert code == 0


async def test_workspace_that_removes_the_app_is_forgotten_alone(country: Country) -> None:
    """No byte of what was remembered of it is left, nor of its tokens; the other goes on, and it may come back."""
    slack, beta, gamma = country.slack, country.settle("Beta"), country.settle("Gamma")
    of_beta, of_gamma = tokens(7, 2)
    async with process.running(country.folder, country.environment) as bot:
        await country.installs(beta, gamma)
        for (_, channel, ann), token in ((beta, of_beta), (gamma, of_gamma)):
            use = await ann.commands(channel, "/remember", text_with(token))
            await slack.until(lambda use=use: use.responses, PATIENCE_S)  # type: ignore[misc]  # a bound argument
        before, lost = await left_in(country.folder, [of_beta, of_gamma]), beta[0].grant
        await beta[0].uninstalls()
        await told(bot, f"workspace {beta[0].id} removed the app")
        while_running = await left_in(country.folder, [of_beta, of_gamma])
        go_on = await country.memories(gamma)
        await country.installs(beta)
        anew = await country.memories(beta)
        code = await stopped(bot)

    assert lost is not None
    assert lost.refresh_token is not None
    assert before == [of_beta, of_gamma]
    assert while_running == await left_in(country.folder, [of_beta, of_gamma]) == [of_gamma]
    assert [one for one in (lost.token, lost.refresh_token) if one.encode() in content_of(country.folder)] == []
    assert gamma[0].grant is not None
    assert gamma[0].grant.token.encode() in content_of(country.folder)  # by which the line above would find it
    assert of_gamma in go_on
    assert of_beta not in anew
    assert code == 0


async def told(bot: BotProcess, text: str) -> None:
    """Wait until the bot has logged something."""
    async with asyncio.timeout(PATIENCE_S):
        while not any(text in line for line in bot.told):  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.02)


async def test_organisation_shares_one_memory(country: Country) -> None:
    """What a person said in one of its workspaces is known in the others, and goes when the organisation removes it."""
    slack, beyond = country.slack, country.settle("Beyond")
    east = country.settle("East", enterprise_id="E1")
    west = country.settle("West", user_id=east[2].id, enterprise_id="E1")
    (token,) = tokens(8, 1)
    async with process.running(country.folder, country.environment) as bot:
        await country.installs(east, west, organisation="E1")
        await country.installs(beyond)
        await country.tells(east, f"I'm allergic to {token}.")
        known = [(await country.tells(home, "What am I allergic to?")).shown for home in (west, beyond)]
        chatted = await country.answer(await west[2].chats("What am I allergic to?"))
        await east[0].uninstalls()
        await told(bot, "workspace E1 removed the app")
        left = token.encode() in content_of(country.folder)
        await country.tells(beyond, "hello")
        code = await stopped(bot)

    assert [token in text for text in known] == [True, False]
    assert token in chatted.shown
    assert not left
    assert [delivery.acknowledged for delivery in slack.deliveries.sent if not delivery.acknowledged] == []
    assert code == 0


async def test_organisation_streams_too(country: Country) -> None:
    """Its installation belongs to no workspace that could be named beside who reads."""
    slack, (team, _, ann) = country.slack, country.settle("East", enterprise_id="E1")
    token = slack.oauth.install(team, is_org=True).token
    asked = await ann.chats("hello")
    client = AsyncWebClient(token, base_url=slack.api_base)
    spot = Spot(Workspace("E1", client, "", "", "", "E1"), ann.im.id, asked.ts, asked.ts, ann.id, "key", is_direct=True)
    await end_stream(spot, await begin_stream(spot, "Hello"), "key")

    assert [reply.shown for reply in slack.replies_to(asked)] == ["Hello"]


async def test_installation_that_nobody_began_installs_nothing(country: Country) -> None:
    """The control of all of the above: a state that is forged or used again is refused, in words for a person."""
    beta, gamma = country.settle("Beta"), country.settle("Gamma")
    async with process.running(country.folder, country.environment) as bot, aiohttp.ClientSession() as browser:
        page = f"http://127.0.0.1:{country.port}{INSTALL_PATH}"
        async with browser.get(page, allow_redirects=False) as first:
            state = state_in(first.headers["Location"])
        ends = [
            await country.comes_back(browser, home, given)
            for home, given in ((beta, "forged"), (gamma, state), (beta, state))
        ]
        code = await stopped(bot)

    assert [status for status, _ in ends] == [401, 200, 401]
    assert (beta[0].grant, gamma[0].grant is not None) == (None, True)
    for _, page in (ends[0], ends[2]):
        assert "begun more than ten minutes ago, or it is over already" in page
        assert '<a href="install">Begin again</a>' in page
    assert code == 0


async def test_token_of_another_workspace_opens_nothing(country: Country) -> None:
    """The control of the local Slack: what the fixture looks for is noted when it happens."""
    slack, (beta, channel, ann), (gamma, *_) = country.slack, country.settle("Beta"), country.settle("Gamma")
    slack.oauth.install(beta)
    other = slack.oauth.install(gamma)
    beta.invite(channel)
    answers = []
    for method, body in (("chat.postMessage", {"channel": channel.id, "text": "x"}), ("users.info", {"user": ann.id})):
        headers = {"Authorization": f"Bearer {other.token}"}
        async with slack.client.post(f"{slack.api_base}{method}", data=body, headers=headers) as response:
            answers.append((await response.json())["error"])
    noted = list(slack.violations)
    slack.violations.clear()
    slack.refusals.clear()

    assert answers == ["channel_not_found", "user_not_found"]
    assert [line.partition(":")[0] for line in noted] == ["chat.postMessage", "users.info"]


async def test_port_of_the_pages_that_is_taken(world: World) -> None:
    """Ends the adapter, which says what to set: without its pages nobody could install the app."""
    oauth = world.server.oauth
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    settings = {
        "client_id": oauth.client_id,
        "client_secret": Secret(oauth.client_secret),
        "bot_token": Secret(),
        "http_port": taken.sockets[0].getsockname()[1],
    }
    async with taken, world.started(slack=settings) as bot:
        with pytest.raises(PlatformError, match="http_port"):
            await bot.ended()
