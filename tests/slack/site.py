"""An app that workspaces install in a browser: its pages on a port, and a data folder that is open."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import CarefulRetry
from adapters.slack.setup.manifest import REDIRECT_PATH
from adapters.slack.setup.pages import INSTALL_PATH, installation_routes
from adapters.slack.setup.tokens import Tokens, authorization
from bot.config import Secret, SlackSettings
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from bot.tasks import TaskRunner
from tests.servers.slack import SlackServer
from tests.servers.slack.nouns import Team


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
    database: Database
    tasks: TaskRunner
    browser: ClientSession | TestClient[web.Request, web.Application]
    clock: Clock

    async def begin(self) -> tuple[str, str]:
        """Open the first page; return the address that it leads to at once, and the cookie that it sets."""
        async with self.browser.get(INSTALL_PATH, allow_redirects=False) as response:
            assert (response.status, await response.text()) == (302, "")
            return response.headers["Location"], response.headers["Set-Cookie"].partition(";")[0]

    async def end(self, code: str, state: str, cookie: str) -> tuple[int, str]:
        """Come back from Slack; return status and page."""
        query, headers = {"code": code, "state": state}, {"Cookie": cookie}
        async with self.browser.get(REDIRECT_PATH, params=query, headers=headers) as response:
            return response.status, await response.text()

    async def install(self, team: Team, *, is_org: bool = False) -> None:
        """Go all the way."""
        address, cookie = await self.begin()
        code = self.server.oauth.approve(team, is_org=is_org)
        status_code, _ = await self.end(code, state_in(address), cookie)
        assert status_code == 200

    async def grow_old(self, team: Team, left: timedelta = timedelta(hours=1)) -> str:
        """Let a workspace's token have so much time left, and return it."""
        store = self.app.installation_store
        assert store is not None
        bot = await store.async_find_bot(enterprise_id=None, team_id=team.id)
        assert bot is not None
        bot.bot_token_expires_at = int((datetime.now(UTC) + left).timestamp())
        await store.async_save_bot(bot)
        return bot.bot_token


@asynccontextmanager
async def site_on(server: SlackServer, folder: Path) -> AsyncIterator[Site]:
    """Open the app on a server; its data are in a folder."""
    clock = Clock()
    client = AsyncWebClient(base_url=server.api_base, retry_handlers=[CarefulRetry()])
    async with Database.open(folder, clock) as database, TaskRunner(5) as tasks:
        arguments = authorization(settings_for(server), Notes(Ledger(database), "slack"), client, clock, tasks)
        app = AsyncApp(client=client, signing_secret=server.signing_secret, **arguments)
        pages = web.Application()
        pages.add_routes(installation_routes(app))
        async with TestClient(TestServer(pages)) as browser:
            yield Site(server, app, arguments["authorize"], database, tasks, browser, clock)


def settings_for(server: SlackServer) -> SlackSettings:
    """Return the settings of the app that this server knows."""
    return SlackSettings(
        client_id=server.oauth.client_id,
        client_secret=Secret(server.oauth.client_secret),
        signing_secret=Secret(server.signing_secret),
        mode="http",
        api_base=server.api_base,
    )


def state_in(address: str) -> str:
    """Return the state that an address carries."""
    (state,) = re.findall(r"[?&]state=([^&]+)", address)
    return str(state)


def own_records(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the adapter itself logged; of what libraries log, the bot's log shows the fixed part alone."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("adapters")]
