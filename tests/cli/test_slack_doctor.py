"""The check-up looks at Slack where it is configured, beside all else; and Slack is served beside Discord."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import opened
from bot.cli.platforms import configured_adapters
from bot.config import BotSettings, DiscordSettings, EmbeddingsSettings, Secret, Settings, SlackSettings
from tests.cli.conftest import Call
from tests.servers.slack import SlackServer


async def test_slack_is_checked_with_all_else(forgetmenot: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line names Slack, and no token stands in any."""
    async with SlackServer() as server:
        monkeypatch.setenv("SLACK_BOT_TOKEN", server.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", server.app_token)
        monkeypatch.setenv("SLACK_API_BASE", server.api_base)
        result = await asyncio.to_thread(forgetmenot, "doctor")

    assert (result.code, result.err) == (0, "")
    assert "ok       Slack bot token: belongs to forgetmenot in Acme\n" in result.out
    assert "xoxb-" not in result.out
    assert "xapp-" not in result.out


def test_half_of_slack_is_the_one_problem(forgetmenot: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is told, with the way to it."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")

    result = forgetmenot("doctor")

    assert result.code == 1
    assert "lacks app_token (SLACK_APP_TOKEN): Basic Information → App-Level Tokens" in result.out
    assert result.out.endswith("1 problem\n")


async def test_discord_and_slack_stand_side_by_side(tmp_path: Path) -> None:
    """One bot, one memory, an adapter for each platform that has its tokens."""
    settings = Settings(
        bot=BotSettings(data=tmp_path / "data"),
        embeddings=EmbeddingsSettings(embedder="static"),
        discord=DiscordSettings(token=Secret("d")),
        slack=SlackSettings(bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1")),
    )

    async with opened(settings) as app:
        adapters = configured_adapters(app)

    assert [adapter.platform for adapter in adapters] == ["discord", "slack"]
