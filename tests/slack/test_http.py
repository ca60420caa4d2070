"""Signed HTTP: the same bot on a port of its own, which takes what is genuine and nothing else."""

from __future__ import annotations

import io
import json
import random
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.slack.apps import NOT_INSTALLED
from adapters.slack.serving import MOST_BYTES, WINDOW_S, Gatekeeper
from bot.app import opened
from bot.cli import platforms
from bot.config import Secret
from bot.errors import PlatformError
from tests.conformance.adapter import AdapterConformance, EchoAssistant
from tests.servers.slack import Forgery
from tests.slack.test_conformance import SlackWire
from tests.slack.world import World


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture
def by_http(world: World) -> World:
    """The world for a bot that listens on a port, to which Slack posts."""
    port = free_port()
    world.server.http.deliver_to(f"http://127.0.0.1:{port}/slack/events")
    return world.changed_to(slack={"mode": "http", "http_port": port, "app_token": Secret()})


class TestSlackByHttp(AdapterConformance):
    """The adapter on the local Slack, by HTTP."""

    @pytest.fixture
    async def wire(self, by_http: World) -> AsyncIterator[SlackWire]:
        """A channel with Ann and the bot."""
        async with opened(by_http.settings) as app:
            yield SlackWire(by_http, platforms.slack(app))


async def test_address_is_verified(by_http: World, echo: EchoAssistant) -> None:
    """Slack does so before it takes an address."""
    async with by_http.bot(echo):
        assert await by_http.server.http.verifies_url()


async def test_retries_are_not_replays(by_http: World, echo: EchoAssistant) -> None:
    """They are signed anew, so they are let in; the inbox knows them."""
    async with by_http.bot():
        asked = await by_http.mention("hello")
        await by_http.answered(asked)
        by_http.server.clock.advance(2)
        await by_http.server.redeliver(asked, 2)
        await by_http.settled()

    assert len(by_http.server.replies_to(asked)) == 1


async def test_thousand_forgeries(by_http: World, echo: EchoAssistant) -> None:
    """Forged, stale and replayed requests get nothing but 401; every genuine one is taken."""
    chosen, kinds = random.Random(7), list(Forgery)
    async with by_http.bot(echo):
        http, answers, genuine = by_http.server.http, [], []
        for number in range(1000):
            body = json.dumps(event(by_http, f"forged {number}"))
            answers.append((await http.forge(chosen.choice(kinds), body)).status)
            if number % 20 == 0:
                genuine.append(await http.post(body, http.headers(body)))
                answers.append((await http.replay(genuine[-1])).status)
        await by_http.server.until(lambda: len(echo.heard) == len(genuine))

    assert set(answers) == {401}
    assert {posted.status for posted in genuine} == {200}
    assert len(echo.heard) == len(genuine) == 50


def event(world: World, text: str) -> dict[str, Any]:
    """Return a direct message as Slack would post it."""
    ts = world.server.ids.stamp()
    said = {"type": "message", "user": world.ann.id, "text": text, "ts": ts, "channel": world.ann.im.id}
    team = {"team_id": world.server.team.id, "api_app_id": world.server.app_id}
    return {"type": "event_callback", **team, "event": {**said, "channel_type": "im"}, "event_id": f"Ev{ts}"}


async def test_workspace_without_a_token(by_http: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Is told so in the bot's words, and told of in the log by its id, once a minute at most."""
    oauth = by_http.server.oauth
    client = {"client_id": oauth.client_id, "client_secret": Secret(oauth.client_secret), "bot_token": Secret()}
    async with by_http.bot(echo, slack=client):
        http, answers = by_http.server.http, []
        for number in range(3):
            body = urlencode({"command": "/memories", "text": f"{number}", "team_id": "T0STRANGER", "user_id": "U1"})
            answers.append(await http.post(body, http.headers(body)))

    assert [(answer.status, answer.answer) for answer in answers] == [(200, NOT_INSTALLED)] * 3
    told = [record for record in caplog.records if "T0STRANGER" in record.getMessage()]
    assert [(record.name, record.levelname) for record in told] == [("adapters.slack.setup.tokens", "WARNING")]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert echo.heard == []


@pytest.mark.parametrize("body", ["", "{", "payload=%7B", "\x00", "[]", "ssl_check=1&token=x"])
async def test_nonsense(by_http: World, echo: EchoAssistant, body: str) -> None:
    """Is refused, signed or not, and does no harm."""
    async with by_http.bot(echo):
        unsigned = await by_http.server.http.post(body, {})
        signed = await by_http.server.http.post(body, by_http.server.http.headers(body))
        asked = await by_http.mention("hello")
        await by_http.answered(asked, "You said hello")

    assert unsigned.status == 401
    assert signed.status in (200, 400, 404)


async def test_too_large(by_http: World, echo: EchoAssistant) -> None:
    """A body beyond any of Slack's is not read to its end."""
    async with by_http.bot(echo), aiohttp.ClientSession() as session:
        assert by_http.server.http.url is not None
        async with session.post(by_http.server.http.url, data=io.BytesIO(b"x" * (MOST_BYTES + 1))) as response:
            assert response.status == 413


async def test_other_paths(by_http: World, echo: EchoAssistant) -> None:
    """There are none."""
    async with by_http.bot(echo), aiohttp.ClientSession() as session:
        assert by_http.server.http.url is not None
        async with session.post(by_http.server.http.url.replace("events", "other")) as response:
            assert response.status == 404
        async with session.get(by_http.server.http.url) as response:
            assert response.status == 405


async def test_port_that_is_taken(by_http: World) -> None:
    """Ends the adapter, which says what to set."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        async with by_http.started(slack={"http_port": other.getsockname()[1]}) as bot:
            with pytest.raises(PlatformError, match="http_port"):
                await bot.ended()


class TestGatekeeper:
    """What it remembers."""

    def test_empty_secret(self) -> None:
        """Is refused: with it anybody could sign."""
        with pytest.raises(ValueError, match="empty"):
            Gatekeeper("", lambda: 0.0)

    def test_signature_is_remembered_as_long_as_it_is_good(self, world: World) -> None:
        """And not longer, so that the memory stays small."""
        now = [0.0]
        gatekeeper = Gatekeeper(world.server.signing_secret, lambda: now[0])
        headers = world.server.http.headers("{}")
        request = (b"{}", headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"])
        first = gatekeeper.admits(*request)
        now[0] = WINDOW_S - 1
        again = gatekeeper.admits(*request)
        now[0] = WINDOW_S + 1
        forgotten = gatekeeper.admits(*request)  # the real clock still finds it fresh

        assert (first, again, forgotten) == (True, False, True)

    @pytest.mark.parametrize("timestamp", ["", "now", "１２３", "1e9", "-1", "9" * 400, "1.5", "0x10"])
    def test_timestamps_that_are_none(self, world: World, timestamp: str) -> None:
        """Are refused, not stumbled over."""
        gatekeeper = Gatekeeper(world.server.signing_secret, lambda: 0.0)

        assert not gatekeeper.admits(b"{}", timestamp, "v0=x")
