"""Socket Mode: sockets that are cut, fall silent, are refused or renewed; and what is not acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.pulse import Pulse
from adapters.slack.connecting import LONGEST_PAUSE_S, Socket, pause_s
from bot.config import Secret
from bot.errors import PlatformError
from bot.tasks import TaskRunner
from tests.conformance.adapter import HOLD, EchoAssistant
from tests.servers.slack import Timing, error, status
from tests.slack.world import World
from tests.worlds import PATIENCE_S


async def test_cut_without_a_word(world: World, echo: EchoAssistant) -> None:
    """A new socket takes its place, and what was said meanwhile is answered."""
    async with world.bot(echo) as bot:
        await world.server.sockets.drop()
        await world.server.sockets.until_connected()
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")

        assert bot.adapter.health().connected
    assert world.server.sockets.opened == 2


async def test_renewal(world: World, echo: EchoAssistant) -> None:
    """Slack asks for a new socket every few hours; nothing is lost by it."""
    async with world.bot(echo):
        await world.server.sockets.refresh()
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")
        await world.server.until(lambda: world.server.sockets.opened == 2, PATIENCE_S)

        assert len(world.server.sockets.connections) == 1


async def test_many_events_over_broken_sockets(world: World) -> None:
    """Each message is answered once, although sockets break between receipt and acknowledgement."""
    world.server.timing = Timing().hurried(100)
    async with world.bot():
        asked = []
        for number in range(20):
            asked.append(await world.mention(f"what about number {number}?"))
            if number % 8 == 7:
                await world.server.sockets.drop()
                await world.server.sockets.until_connected()
        for message in asked:
            await world.server.redeliver(message, 2, new_event_ids=False)
            await world.answered(message)
        await world.settled()

    assert [len(world.server.replies_to(message)) for message in asked] == [1] * 20


async def test_another_socket_of_the_same_app_is_warned_of(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Slack would send each message to one of them alone; a socket that is alone, or renewed, is no reason."""
    async with world.bot(EchoAssistant()):
        await world.server.sockets.refresh()
        await world.server.until(lambda: world.server.sockets.opened == 2, PATIENCE_S)
        alone = caplog.text
        async with socket_of(world, 5.0):
            await world.server.until(lambda: "sockets of this app" in caplog.text, PATIENCE_S)

    assert "sockets of this app" not in alone
    assert "Slack counts 2 sockets" in caplog.text


async def test_later_greetings_warn_too(world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """One more than the socket itself is the one whose place it took; beyond it there is somebody else."""
    sockets, warnings = world.server.sockets, []
    async with world.bot(echo) as bot:
        for closed in (1, 2):
            sockets.still_counted = closed
            await sockets.refresh()
            await world.server.until(lambda opened=closed + 1: sockets.opened == opened, PATIENCE_S)  # type: ignore[misc]
            await world.answered(await world.mention("hello"), "You said hello")  # it came after the greeting
            warnings.append([text[:25] for text in caplog.messages if "sockets of this app" in text])

        assert bot.adapter.health().connections == 2
    assert warnings == [[], ["Slack counts 2 sockets of"]]


@asynccontextmanager
async def socket_of(world: World, ping_s: float) -> AsyncIterator[Pulse]:
    """Hold a socket that pings often."""
    client = AsyncWebClient(token=world.server.bot_token, base_url=world.server.api_base)
    pulse, ended = Pulse(partial(datetime.now, UTC)), asyncio.Event()
    app = AsyncApp(client=client, signing_secret="secret")
    socket = Socket(app, world.server.app_token, "", pulse=pulse, ended=ended, ping_s=ping_s)
    async with TaskRunner(PATIENCE_S) as tasks:
        tasks.start("socket", socket.serve(lambda: None))
        await world.server.sockets.until_connected()
        try:
            yield pulse
        finally:
            ended.set()


async def test_silence(world: World) -> None:
    """A line that stays open and answers no ping is dead: it is replaced."""
    async with socket_of(world, ping_s=0.1) as pulse:
        await world.server.until(lambda: world.server.sockets.pings, PATIENCE_S)
        world.server.sockets.freeze()
        await world.server.until(lambda: world.server.sockets.opened == 2, PATIENCE_S)
        await world.server.until(lambda: pulse.health().connected or None, PATIENCE_S)


async def test_quiet_is_not_dead(world: World) -> None:
    """Pings alone keep a socket, and are signs of life but no events."""
    async with socket_of(world, ping_s=0.1) as pulse:
        await world.server.until(lambda: world.server.sockets.pings > 12, PATIENCE_S)
        health = pulse.health()

    assert (health.connected, health.event_at) == (True, None)
    assert health.alive_at is not None
    assert world.server.sockets.opened == 1


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("invalid_auth", "SLACK_APP_TOKEN"),
        ("missing_scope", "connections:write"),
        ("not_allowed_token_type", "xapp-"),
        ("account_inactive", "create it anew"),
    ],
)
async def test_app_token_that_is_not_good(world: World, code: str, advice: str) -> None:
    """Ends the adapter, which says what to do."""
    world.server.will("apps.connections.open", error(code))
    async with world.started() as bot:
        with pytest.raises(PlatformError, match=advice):
            await bot.ended()


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_bot_token_that_is_not_good(world: World, code: str) -> None:
    """Likewise."""
    world.server.will("auth.test", error(code))
    async with world.started() as bot:
        with pytest.raises(PlatformError, match="SLACK_BOT_TOKEN"):
            await bot.ended()


async def test_bot_token_of_nobody(world: World) -> None:
    """Is found out before anything else."""
    async with world.started(slack={"bot_token": Secret("xoxb-nobody")}) as bot:
        with pytest.raises(PlatformError, match="SLACK_BOT_TOKEN"):
            await bot.ended()


async def test_slack_is_away_at_the_start(world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """It is asked again, later each time, until it is there."""
    world.server.will("auth.test", status(503), error("internal_error"))
    world.server.will("apps.connections.open", status(500))
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")

    assert "HTTP 503" in caplog.text
    assert "a socket to Slack could not be opened: HTTP 500" in caplog.text


async def test_proxies_of_the_environment_are_not_used(
    world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the library would go through, whatever NO_PROXY says."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")


async def test_tokens_of_the_environment_are_not_used(
    world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The library reads them by itself; the settings have done so already."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")

    assert not [record for record in caplog.records if record.levelname == "WARNING"]


async def test_every_event_is_acknowledged(world: World, echo: EchoAssistant) -> None:
    """Also those that nobody handles, and while an answer takes its time."""
    async with world.bot(echo):
        await world.mention(HOLD)
        await world.ann.joins(world.general)
        await world.ann.looks_at(world.general)
        await world.ann.opens_messages_tab()
        message = await world.ann.says(world.general, "hm")
        await world.ann.reacts(message, "eyes")
        await world.server.team.add_bot("Other").says(world.general, "beep")
        await world.settled()
        refused = [sent.name for sent in world.server.deliveries.sent if not sent.acknowledged]

    assert refused == []
    assert max(ack.after_s for ack in world.server.acks) < 0.5


async def test_what_comes_when_it_stops_is_left_for_the_next_run(world: World, echo: EchoAssistant) -> None:
    """It is not acknowledged, so Slack brings it again."""
    async with world.bot(echo) as bot:
        bot.stopping.set()
        asked = await world.mention("hello")
        await bot.ended()
    async with world.bot(EchoAssistant()):
        await world.server.redeliver(asked, 1, new_event_ids=False)
        await world.answered(asked, "You said hello")

    assert echo.heard == []
    assert len(world.server.replies_to(asked)) == 1


def test_pauses_double() -> None:
    """From a quarter of a second to a minute, half of each left to chance."""
    assert [pause_s(failures, 1.0) for failures in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]
    assert pause_s(3, 0.0) == 1.0
    assert pause_s(1000, 1.0) == LONGEST_PAUSE_S
