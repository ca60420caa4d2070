"""A bot token that Slack does not take any more while the bot runs."""

from __future__ import annotations

import pytest

from adapters.slack import doubting
from bot.errors import PlatformError
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import SlackServer, error
from tests.slack.test_removal import installed, several
from tests.slack.world import World, scope_of
from tests.worlds import PATIENCE_S

__all__ = ["several"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at a refused token without the seconds in which Slack may tell of a removal."""
    monkeypatch.setattr(doubting, "SETTLE_S", 0.0)


def looks(server: SlackServer) -> int:
    """How often it was asked whether a token is good."""
    return len(server.calls("auth.test"))


async def test_bot_says_so_and_ends(world: World, echo: EchoAssistant) -> None:
    """What is wrong and what to do; the adapter ends, so that nobody takes it for connected."""
    async with world.started(echo) as bot:
        await world.is_ready(bot)
        assert world.server.team.grant is not None
        world.server.team.grant.token = "xoxb-another"
        await world.mention("hello")
        with pytest.raises(PlatformError, match=r"does not take the bot token; at .* set SLACK_BOT_TOKEN"):
            await bot.ended()

        assert not bot.adapter.health().connected


async def test_token_that_is_good_after_all_ends_nothing(world: World, echo: EchoAssistant) -> None:
    """It is asked about once, whatever else is refused within a minute."""
    async with world.bot(echo):
        before = looks(world.server)
        world.server.will("chat.postMessage", *[error("invalid_auth")] * 2)
        await world.mention("hello")
        await world.mention("hello")
        await world.server.until(lambda: looks(world.server) > before, PATIENCE_S)
        await world.server.until(lambda: not world.server.web_api.scripts["chat.postMessage"], PATIENCE_S)
        await world.answered(await world.mention("hello again"), "You said hello again")

        assert looks(world.server) == before + 1


async def test_removal_that_is_told_a_moment_later_erases(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is refused since the app was removed does not end the bot before Slack tells of that."""
    monkeypatch.setattr(doubting, "SETTLE_S", PATIENCE_S)
    async with world.started() as bot:
        await world.is_ready(bot)
        await world.answered(await world.mention("I'm allergic to walnuts"))
        await world.server.until(lambda: not world.server.sessions.unfinished)
        world.server.will("chat.postMessage", error("account_inactive"))
        await world.mention("hello")
        await world.server.until(lambda: not world.server.web_api.scripts["chat.postMessage"], PATIENCE_S)
        await world.server.team.uninstalls()
        with pytest.raises(PlatformError, match="removed the app"):
            await bot.ended()

        assert await bot.app.core.list(scope_of(world.ann)) == []


async def test_workspace_is_named_once_and_others_go_on(
    several: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several, each with a token of its own."""
    monkeypatch.setattr(doubting, "PAUSE_S", 0.0)
    server, other = several.server, several.server.add_workspace("Other")
    lobby, zoe = other.add_channel("lobby"), other.add_person("Zoe")
    other.invite(lobby)
    async with several.bot(echo) as bot:
        await installed(bot, server.team, other)
        assert other.grant is not None
        other.grant.token = "xoxb-another"
        await zoe.says(lobby, f"{other.mention} hello")
        await server.until(lambda: looks(server) == 1, PATIENCE_S)
        await zoe.says(lobby, f"{other.mention} hello")
        await server.until(lambda: looks(server) == 2, PATIENCE_S)
        await several.answered(await several.mention("hello"), "You said hello")

    told = [record.getMessage() for record in caplog.records if "does not take the bot's token" in record.message]
    assert len(told) == 1
    assert f"of workspace {other.id} any more" in told[0]
