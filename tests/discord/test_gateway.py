"""The connection: what breaks it, what comes after, and which servers the bot is in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from adapters.discord import identifying, supervising
from adapters.discord.identifying import AT_ONCE, DAY_S, SPACING_S, wait_s
from adapters.discord.supervising import LONGEST_PAUSE_S, pause_s
from bot.config import Secret
from bot.errors import PlatformError, StoreError
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World
from tests.servers.discord.faults import Exchange, status
from tests.servers.discord.intents import INTENTS
from tests.servers.discord.server import DiscordServer
from tests.worlds import PATIENCE_S


def of(server: DiscordServer) -> dict[str, object]:
    """Return the settings with which the bot lives on another server."""
    return {"token": Secret(server.token), "api_base": server.api_base, "gateway_url": server.gateway_url}


async def asks(world: World, text: str) -> None:
    """Ann asks something and is answered."""
    await world.answered(await world.ann.says(world.general, f"{world.server.mention} {text}"), text)


class TestIntents:
    """What the bot asks to be told."""

    def asked(self, world: World) -> set[str]:
        """Return the intents of the session."""
        (session,) = world.server.gateway.sessions.values()
        return {name for name in INTENTS if session.has(name)}

    async def test_little_without_the_switch(
        self, world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No privilege at all; what is lost is said once."""
        async with world.bot(echo):
            asked = self.asked(world)

        assert asked == {"guilds", "guild_messages", "dm_messages"}
        assert caplog.text.count("Message Content Intent") == 1

    async def test_contents_with_the_switch(
        self, world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Found out before the session begins."""
        world.server.intents.add("message_content")
        async with world.bot(echo):
            asked = self.asked(world)

        assert "message_content" in asked
        assert "Message Content Intent" not in caplog.text

    async def test_little_when_told_so(self, world: World, echo: EchoAssistant) -> None:
        """Whatever the switch says."""
        world.server.intents.add("message_content")
        async with world.bot(echo, discord={"message_content": "off"}):
            asked = self.asked(world)

        assert "message_content" not in asked

    async def test_switch_that_is_turned_off_meanwhile(self, world: World, echo: EchoAssistant) -> None:
        """The session is refused then; the bot does without."""
        world.server.intents.add("message_content")

        async def turn_off(exchange: Exchange) -> web.StreamResponse:
            world.server.intents.clear()
            return await exchange.proceed()

        world.server.will("GET", "/gateway/bot", turn_off)
        async with world.bot(echo):
            asked = self.asked(world)

        assert "message_content" not in asked
        assert world.server.gateway.identifies == 2

    async def test_insisting_without_the_switch_names_it(self, world: World, echo: EchoAssistant) -> None:
        """With the page it is on."""
        async with world.started(echo, discord={"message_content": "on"}) as bot:
            with pytest.raises(PlatformError, match='page Bot, turn on the switch "Message Content Intent"'):
                await bot.ended()


class TestFatal:
    """What would fail again in the same way."""

    async def test_wrong_token(self, world: World, echo: EchoAssistant, canary: str) -> None:
        """The message says where to get another, and does not show it."""
        async with world.started(echo, discord={"token": Secret(f"{canary}.wrong.token")}) as bot:
            with pytest.raises(PlatformError, match="press Reset Token and set DISCORD_TOKEN") as raised:
                await bot.ended()

        assert canary not in str(raised.value)

    @pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
    async def test_close_codes(self, world: World, echo: EchoAssistant, code: int) -> None:
        """Each says what to do."""
        async with world.bot(echo, limits={"shutdown_s": 0.5}) as bot:
            await world.server.gateway.drop(code)
            with pytest.raises(PlatformError, match=r"(DISCORD_TOKEN|start|update)"):
                await bot.ended()
            bot.task = asyncio.create_task(asyncio.sleep(0))  # its end was expected


class TestBreaks:
    """What a bot gets over."""

    async def test_resumed_session_loses_nothing(self, world: World, echo: EchoAssistant) -> None:
        """What was said meanwhile is told by Discord, once."""
        async with world.bot(echo):
            await asks(world, "one")
            await world.server.gateway.drop()
            await asks(world, "two")
            resumes = world.server.gateway.resumes

        assert resumes == 1
        assert world.server.gateway.identifies == 1
        assert [message.text for message in echo.heard] == ["one", "two"]

    async def test_request_to_reconnect(self, world: World, echo: EchoAssistant) -> None:
        """Discord asks for it now and then."""
        async with world.bot(echo):
            world.server.gateway.reconnect()
            await world.server.until(lambda: world.server.gateway.resumes)
            await asks(world, "one")

    async def test_malformed_event_costs_one_connection(
        self, world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The library gives up; a new client takes its place, and the bot was ready once."""
        async with world.bot(echo):
            world.server.gateway.send_event("MESSAGE_CREATE", {"no": "message"})
            await world.server.until(lambda: world.server.gateway.identifies == 2)
            await world.server.gateway.connected()
            await world.server.settled()
            await asks(world, "one")

        assert "task discord connection failed: KeyError" in caplog.text

    async def test_answer_survives_its_connection(self, world: World) -> None:
        """It goes on through the next one, in the same message."""
        more = asyncio.Event()
        assistant = ScriptedAssistant("One two ", more, "three.")
        async with world.bot(assistant):
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            await world.answered(asked)
            world.server.gateway.send_event("MESSAGE_CREATE", {"no": "message"})
            await world.server.until(lambda: not world.server.gateway.is_connected)
            more.set()
            await world.answered(asked, "three.")

        assert [one.content for one in world.server.replies_to(asked)] == ["One two three."]
        assert assistant.delivered == ["count"]

    async def test_discord_that_is_down_at_the_start_is_waited_for(self, world: World, echo: EchoAssistant) -> None:
        """A login that fails for Discord's reasons is tried again."""
        world.server.will("GET", "/users/@me", status(503))
        async with world.bot(echo):
            await asks(world, "one")

    async def test_connection_that_forgets_its_end_is_ended_again(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The bot stops all the same. Patched, because the library forgets a cancellation by rare chance only."""
        connecting, cancelled = asyncio.Event(), asyncio.Event()

        async def connect(*_: object, **__: object) -> None:
            connecting.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            cancelled.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(supervising, "CANCEL_S", 0.05)  # a second otherwise
        monkeypatch.setattr("discord.AutoShardedClient.launch_shard", connect)
        async with world.started(echo) as bot:
            async with asyncio.timeout(PATIENCE_S):
                await connecting.wait()
            bot.stopping.set()
            await bot.ended()

        assert cancelled.is_set()

    async def test_connection_that_ends_before_its_session_leaves_no_heartbeat(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Here the session has to wait for its turn; that no heartbeat is left is looked at after every test."""
        monkeypatch.setattr(identifying, "AT_ONCE", 1)  # fifty otherwise
        async with world.bot(echo):
            beats = world.server.gateway.heartbeats
        async with world.started(echo):
            await world.server.until(lambda: world.server.gateway.heartbeats > beats)

        assert world.server.gateway.identifies == 1

    async def test_connection_whose_session_fails_is_closed(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The library would leave it open, and make the next one beside it."""

        async def fail(*_: object, **__: object) -> None:
            raise StoreError("disk is full")

        monkeypatch.setattr(identifying.Identifying, "turn", fail)
        async with world.started(echo):
            await world.server.until(lambda: world.server.gateway.heartbeats)
            await world.server.until(lambda: not world.server.gateway.connections)

        assert world.server.gateway.identifies == 0

    async def test_silent_connection_is_given_up(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When neither messages nor heartbeats come in any more."""
        monkeypatch.setattr(supervising, "LOOK_S", 0.1)  # a minute otherwise
        monkeypatch.setattr(supervising, "QUIET_S", 0.5)  # five minutes otherwise
        async with world.bot(echo):
            world.server.gateway.falls_silent()
            await world.server.until(lambda: world.server.gateway.identifies == 2, PATIENCE_S)


class TestPauses:
    """How a bot that fails again and again behaves."""

    def test_pauses_double_up_to_a_limit(self) -> None:
        """With a part left to chance, never less than half."""
        longest = [pause_s(failures, 1.0) for failures in range(1, 30)]

        assert longest[:4] == [1, 2, 4, 8]
        assert max(longest) == LONGEST_PAUSE_S
        assert [pause_s(failures, 0.0) * 2 for failures in range(1, 30)] == longest

    def test_worst_day_costs_a_tenth_of_the_sessions(self) -> None:
        """Every session breaks at once: simulated for three days, no 24 hours see more than a hundred."""
        now, opened = 0.0, list[float]()
        while now < 3 * DAY_S:
            now += wait_s(opened, now)
            opened.append(now)
            now += 5

        busiest = max(sum(start <= at < start + DAY_S for at in opened) for start in opened)
        assert AT_ONCE <= busiest <= 100

    def test_without_the_spacing_it_would_burn_them(self) -> None:
        """The control: the same day without waiting."""
        assert DAY_S / 5 > 1000

    def test_sessions_are_spaced_once_there_are_many(self) -> None:
        """Later ones keep their distance."""
        now, opened = 0.0, list[float]()
        for _ in range(AT_ONCE + 5):
            now += wait_s(opened, now)
            opened.append(now)

        assert [later - earlier for earlier, later in pairwise(opened[AT_ONCE - 1 :])] == [SPACING_S] * 5

    async def test_sessions_are_counted_over_restarts(self, world: World, echo: EchoAssistant) -> None:
        """A process that is restarted all the time burns them as well."""
        for _ in range(2):
            async with world.bot(echo) as bot:
                counted = await bot.app.notes("discord").get("sessions")

        assert len((counted or "").split()) == 2


class TestHealth:
    """Signs of life."""

    async def test_quiet_connection_is_alive(self, world: World, echo: EchoAssistant) -> None:
        """Heartbeats tell, where no events come."""
        world.server.heartbeat_interval_s = 0.1
        async with world.bot(echo) as bot:
            await world.server.settled()
            before = bot.adapter.health()
            beats = world.server.gateway.heartbeats
            await world.server.until(lambda: world.server.gateway.heartbeats >= beats + 2)
            after = bot.adapter.health()

        assert before.alive_at is not None
        assert after.alive_at is not None
        assert after.alive_at > before.alive_at
        assert after.event_at == before.event_at
        assert datetime.now(UTC) - after.alive_at < timedelta(minutes=1)


class TestGuilds:
    """Servers that come and go."""

    async def test_hello_in_a_new_server(self, world: World, echo: EchoAssistant) -> None:
        """In the first channel that everybody sees and the bot may write in; once, whatever happens later."""
        guild = world.server.add_guild("New", with_bot=False)
        guild.add_channel("staff", private=True, members=[world.server.bot])
        locked, lobby = guild.add_channel("rules"), guild.add_channel("lobby")
        locked.forbid("send_messages")
        async with world.bot(echo):
            guild.adds_bot()
            await world.server.until(lambda: world.server.said(lobby))
        async with world.bot(echo):
            await world.server.settled()

        (hello,) = world.server.said(lobby)
        assert "an AI" in hello.content
        assert "/privacy" in hello.content

    async def test_hello_in_the_channel_for_such_things(self, world: World, echo: EchoAssistant) -> None:
        """Where Discord itself welcomes people, if the admins chose one."""
        guild = world.server.add_guild("New", with_bot=False)
        lobby, guild.system_channel = guild.add_channel("lobby"), guild.add_channel("welcome")
        async with world.bot(echo):
            guild.adds_bot()
            await world.server.until(lambda: guild.system_channel and world.server.said(guild.system_channel))
            await world.server.settled()

        assert world.server.said(lobby) == []

    async def test_removal_is_told(self, world: World, echo: EchoAssistant) -> None:
        """With the time after which everything of the server is to be forgotten."""
        async with world.bot(echo, discord={"purge_after_days": 3.0}):
            world.guild.removes_bot()
            await world.server.settled()

        (event,) = echo.removals
        assert (event.guild_id, event.grace) == (str(world.guild.id), timedelta(days=3))

    async def test_outage_is_no_removal(self, world: World, echo: EchoAssistant) -> None:
        """Discord tells of both in the same event."""
        async with world.bot(echo):
            world.guild.goes_down()
            await world.server.settled()
            world.guild.comes_back()
            await asks(world, "one")

        assert echo.removals == []

    async def test_removal_while_away_is_noticed(self, world: World, echo: EchoAssistant) -> None:
        """By what the next session lists; a server in an outage is listed too."""
        down = world.server.add_guild("Down")
        async with world.bot(echo):
            await world.server.settled()
        world.guild.removes_bot()
        down.is_down = True
        async with world.bot(echo):
            await world.server.settled()

        assert [event.guild_id for event in echo.removals] == [str(world.guild.id)]

    async def test_token_of_another_application_removes_nobody(
        self, world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is in none of the servers that are known here, and never was."""
        async with world.bot(echo):
            await world.server.settled()
        async with DiscordServer(name="Other") as other:
            stranger = world.changed_to(discord=of(other))
            async with stranger.bot(echo):
                await other.settled()
        async with world.bot(echo):
            await asks(world, "one")

        assert echo.removals == []
        assert f"belongs to application {world.server.bot.id}" in caplog.text

    async def test_removal_between_sessions_is_noticed(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a restart: the library keeps servers that the new session does not list."""
        monkeypatch.setattr(identifying, "APART_S", 0.1)  # five seconds otherwise
        async with world.bot(echo):
            await world.server.settled()
            world.server.gateway.invalidate()
            world.guild.removes_bot()
            await world.server.until(lambda: world.server.gateway.identifies == 2, PATIENCE_S)
            await world.server.settled()

        assert [event.guild_id for event in echo.removals] == [str(world.guild.id)]


async def test_fault_of_a_handler_shows_no_contents(
    world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would log the whole event. Patched, because no handler should fail."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError(canary)

    monkeypatch.setattr("adapters.discord.client.edited", fail)
    async with world.bot(echo):
        message = await world.ann.says(world.ann.dm, canary)
        await world.answered(message)
        await world.ann.edits(message, f"{canary} again")
        await asks(world, "last")

    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == ["on_raw_message_edit failed: ValueError"]
