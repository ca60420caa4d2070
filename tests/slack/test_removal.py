"""A workspace that removes the app, or takes its token away: what was remembered of it is gone."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.oauth.installation_store import Bot as SlackBot

from adapters.slack.setup.installations import Installations
from bot.config import Secret
from bot.errors import PlatformError
from bot.events import GuildLeft
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Team, error
from tests.slack.test_http import free_port
from tests.slack.world import World, scope_of
from tests.worlds import PATIENCE_S, Bot


@pytest.mark.parametrize("way", ["uninstalls", "revokes_tokens"])
async def test_everything_is_erased(world: World, way: str, caplog: pytest.LogCaptureFixture) -> None:
    """At once; the operator is told, and the adapter ends, since nothing is left to serve."""
    async with world.started() as bot:
        await world.is_ready(bot)
        asked = await world.mention("I'm allergic to walnuts")
        await world.answered(asked)
        before = await bot.app.core.list(scope_of(world.ann))
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await (world.server.team.uninstalls() if way == "uninstalls" else world.server.team.revokes_tokens())
        with pytest.raises(PlatformError, match="removed the app"):
            await bot.ended()
        after = await bot.app.core.list(scope_of(world.ann))

    assert len(before) == 1
    assert after == []
    assert "everything that was remembered of it is erased" in caplog.text


async def test_others_go_on(several: World) -> None:
    """Of several workspaces, each with a token of its own, the one that is left forgets nothing."""
    server, other = several.server, several.server.add_workspace("Other")
    lobby, zoe = other.add_channel("lobby"), other.add_person("Zoe")
    other.invite(lobby)
    async with several.bot() as bot:
        await installed(bot, server.team, other)
        first = await several.mention("I'm allergic to walnuts")
        second = await zoe.says(lobby, f"{other.mention} I'm allergic to milk")
        await several.answered(first)
        await several.answered(second)
        await server.until(lambda: not server.sessions.unfinished)
        await server.team.uninstalls()
        async with asyncio.timeout(PATIENCE_S):
            while await bot.app.core.list(scope_of(several.ann)):  # noqa: ASYNC110 - the store tells nobody
                await asyncio.sleep(0.01)
        third = await zoe.says(lobby, f"{other.mention} What am I allergic to?")
        await several.answered(third, "milk")
        kept = [await bot.app.core.list(scope_of(person)) for person in (several.ann, zoe)]
        tokens = [
            await Installations(bot.app.notes("slack")).async_find_bot(enterprise_id=None, team_id=team.id)
            for team in (server.team, other)
        ]

    assert [len(memories) for memories in kept] == [0, 1]
    assert [found is not None for found in tokens] == [False, True]


async def test_organisation_is_one_guild(several: World, echo: EchoAssistant) -> None:
    """If it installed the app for all of its workspaces; a person is the same in each of them."""
    server = several.server
    east, west = (server.add_workspace(name, enterprise_id="E1", installed=False) for name in ("East", "West"))
    server.oauth.install(east, west, is_org=True)
    async with several.bot(echo) as bot:
        await installed(bot, east)
        for team in (east, west):
            channel = team.add_channel("lobby")
            team.invite(channel)
            asked = await team.add_person("Eve").says(channel, f"{team.mention} hello")
            await several.answered(asked, "You said hello")

    assert [message.scope.guild_id for message in echo.heard] == ["E1", "E1"]
    assert not echo.heard[0].outsider


@pytest.fixture
def several(world: World) -> World:
    """The world for an app that many workspaces may install."""
    oauth = world.server.oauth
    client = {"client_id": oauth.client_id, "client_secret": Secret(oauth.client_secret)}
    return world.changed_to(slack={**client, "bot_token": Secret(), "http_port": free_port()})


async def test_removal_before_a_new_installation_is_over(several: World) -> None:
    """Slack may tell of it again, when the app is installed anew by now."""
    server = several.server
    async with several.bot() as bot:
        await installed(bot, server.team)
        await several.answered(await several.mention("I'm allergic to walnuts"))
        await server.until(lambda: not server.sessions.unfinished)
        await installed(bot, server.team, at=server.clock.now() + 60)
        event = {"type": "app_uninstalled"}
        await server.events.announce(server.team, event["type"], event)
        await several.settled()
        kept = await bot.app.core.list(scope_of(several.ann))
        token = await Installations(bot.app.notes("slack")).async_find_bot(enterprise_id=None, team_id=server.team.id)

    assert (len(kept), token is not None) == (1, True)


async def test_removal_while_the_bot_was_off(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Slack tells by refusing the token, as it also does of a suspended workspace: memories go a week later."""
    async with world.bot() as bot:
        await world.answered(await world.mention("I'm allergic to walnuts"))
    world.server.will("auth.test", error("account_inactive"))
    async with world.started() as bot:
        with pytest.raises(PlatformError, match="does not take the bot token"):
            await bot.ended()
        left = await bot.app.assistant.guilds("slack")
        kept = await bot.app.core.list(scope_of(world.ann))
    async with world.bot() as bot:  # it was suspended
        async with asyncio.timeout(PATIENCE_S):
            while not await bot.app.assistant.guilds("slack"):  # noqa: ASYNC110 - the ledger tells nobody
                await asyncio.sleep(0.01)

    assert (len(kept), left) == (1, frozenset())
    assert "is erased in 7 days" in caplog.text


async def test_wrong_token_is_no_removal(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Nor is one that Slack does not know."""
    async with world.bot():
        await world.answered(await world.mention("hello"))
    world.server.will("auth.test", error("invalid_auth"))
    async with world.started() as bot:
        with pytest.raises(PlatformError, match="does not take the bot token"):
            await bot.ended()

        assert await bot.app.assistant.guilds("slack") == {world.server.team.id}

    assert "is erased" not in caplog.text


async def test_removals_while_the_bot_was_off_are_told_apart(several: World) -> None:
    """Of several workspaces each is asked at the start."""
    server, other = several.server, several.server.add_workspace("Other")
    lobby, zoe = other.add_channel("lobby"), other.add_person("Zoe")
    other.invite(lobby)
    async with several.bot() as bot:
        await installed(bot, server.team, other)
        await several.answered(await several.mention("I'm allergic to walnuts"))
        await several.answered(await zoe.says(lobby, f"{other.mention} I'm allergic to milk"))
        await server.until(lambda: not server.sessions.unfinished)
        before = await bot.app.assistant.guilds("slack")
    grant = server.team.grant
    assert grant is not None
    grant.revoked = True
    async with several.bot() as bot, asyncio.timeout(PATIENCE_S):
        while await bot.app.assistant.guilds("slack") != {other.id}:  # noqa: ASYNC110 - the ledger tells nobody
            await asyncio.sleep(0.01)

    assert before == {server.team.id, other.id}


async def installed(bot: Bot, *teams: Team, at: float = 0.0) -> None:
    """Keep the tokens of workspaces as an installation at some moment does."""
    for team in teams:
        grant = team.grant
        assert grant is not None
        await Installations(bot.app.notes("slack")).async_save_bot(
            SlackBot(
                enterprise_id=team.enterprise_id,
                team_id=None if grant.is_org else team.id,
                bot_token=grant.token,
                bot_id=team.bot.bot_id or "",
                bot_user_id=team.bot.id,
                installed_at=at,
                is_enterprise_install=grant.is_org,
            )
        )


async def test_tokens_of_people_are_none_of_its_own(world: World, echo: EchoAssistant) -> None:
    """Nothing is erased when one of them is revoked."""
    event = {"type": "tokens_revoked", "tokens": {"oauth": [world.ann.id], "bot": []}}
    async with world.bot(echo):
        await world.server.events.announce(world.server.team, "tokens_revoked", event)
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")

    assert echo.removals == []


async def test_membership_is_noted(world: World, echo: EchoAssistant) -> None:
    """Once something was said to the bot in a workspace; and taken back without a period of grace."""
    async with world.started(echo) as bot:
        await world.is_ready(bot)
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")
        joined = set(echo.members)
        await world.server.team.uninstalls()
        with pytest.raises(PlatformError):
            await bot.ended()

    assert joined == {("slack", world.server.team.id)}
    assert echo.removals[0] == GuildLeft("slack", world.server.team.id)
    assert echo.members == set()


async def test_removal_elsewhere_ends_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The token is good for one workspace; that another one removed the same app is none of its business."""
    other = world.server.add_workspace("Other")
    async with world.bot() as bot:
        await world.answered(await world.mention("I'm allergic to walnuts"))
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await other.uninstalls()
        await world.settled()
        await world.answered(await world.mention("What am I allergic to?"), "walnuts")

        assert len(await bot.app.core.list(scope_of(world.ann))) == 1

    assert "not served here" in caplog.text
