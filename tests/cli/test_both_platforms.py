"""Discord and Slack in one process: either failing leaves the other running."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import opened, serve
from bot.cli.platforms import configured_adapters
from bot.config import BotSettings, DiscordSettings, EmbeddingsSettings, Secret, Settings, SlackSettings
from bot.events import Health
from bot.protocols import Assistant
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

PATIENCE_S = 10.0


@asynccontextmanager
async def platforms() -> AsyncIterator[tuple[DiscordServer, SlackServer]]:
    """Both, on loopback."""
    async with DiscordServer() as discord, SlackServer() as slack:
        yield discord, slack


def settings_for(folder: Path, discord: DiscordServer, slack: SlackServer, broken: str) -> Settings:
    """Return the settings of a bot on both, of which one has a token that is not good."""
    return Settings(
        bot=BotSettings(data=folder),
        embeddings=EmbeddingsSettings(embedder="static"),
        discord=DiscordSettings(
            token=Secret("bad" if broken == "discord" else discord.token),
            api_base=discord.api_base,
            gateway_url=discord.gateway_url,
        ),
        slack=SlackSettings(
            bot_token=Secret("xoxb-bad" if broken == "slack" else slack.bot_token),
            app_token=Secret(slack.app_token),
            api_base=slack.api_base,
        ),
    )


class Mistaken:
    """A platform whose adapter has a mistake in it."""

    platform = "mistaken"

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Fail as a program does."""
        raise ValueError("the secret diary")

    def health(self) -> Health:
        """Return that it is not there."""
        return Health(connected=False)


async def test_mistake_in_one_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its type and place are told, and not its text; alone, it is the end of the process."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # the adapter sets both for the process
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    said = ""
    async with platforms() as (discord, slack):
        settings = settings_for(tmp_path / "data", discord, slack, "")
        async with opened(settings) as app, asyncio.timeout(PATIENCE_S):
            running = asyncio.create_task(serve(app, [Mistaken(), *configured_adapters(app)]))
            while said.count("ready: ") < 2 and not running.done():
                await asyncio.sleep(0.01)
                said += capsys.readouterr().err
            stayed = not running.done()
            os.kill(os.getpid(), signal.SIGTERM)
            code = await running
            alone = await serve(app, [Mistaken()])

    assert stayed
    assert (code, alone) == (1, 1)
    assert "mistaken: stopped by a mistake in the program (ValueError at test_both_platforms.py:" in said
    assert "diary" not in said


@pytest.mark.parametrize(("broken", "serving"), [("slack", "discord"), ("discord", "slack"), ("", "slack")])
async def test_one_that_fails_leaves_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, broken: str, serving: str
) -> None:
    """The other is ready, stays so, and ends when the process is told to; the exit code tells of the failure."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # the adapter sets both for the process
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    expected = {f"ready: {serving}", f"forgetmenot: {broken}: " if broken else "ready: discord"}
    said = ""
    async with platforms() as (discord, slack):
        settings = settings_for(tmp_path / "data", discord, slack, broken)
        async with opened(settings) as app, asyncio.timeout(PATIENCE_S):
            running = asyncio.create_task(serve(app, configured_adapters(app)))
            while not all(line in said for line in expected):
                await asyncio.sleep(0.01)
                said += capsys.readouterr().err
            stayed = not running.done()
            os.kill(os.getpid(), signal.SIGTERM)
            code = await running

    assert stayed
    assert (code != 0) is bool(broken)
    assert said.count("ready: ") == (1 if broken else 2)
