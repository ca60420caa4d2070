"""The gateway of the local Discord server: sessions that break and go on, and what it closes with when it refuses."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import discord
import pytest

from tests.discord.server.practice_bot import PracticeBot, connected
from tests.servers.discord import Channel, DiscordServer, Guild, Person

INTENTS = 4609  # guilds, guild messages, direct messages


@pytest.mark.parametrize("code", [None, 1001, 4000])
async def test_resume_replays_what_was_missed(
    server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot, code: int | None
) -> None:
    """After a break with or without a close frame the session goes on, and nothing is lost or doubled."""
    before = await ann.says(ann.dm, "before")
    await server.gateway.drop(code)
    during = await ann.says(ann.dm, "during")
    await server.gateway.connected()
    after = await ann.says(ann.dm, "after")
    await server.until(lambda: len(bot.heard) == 3)

    assert [message.id for message in bot.heard] == [before.id, during.id, after.id]
    assert (server.gateway.identifies, server.gateway.resumes) == (1, 1)


async def test_reconnect_is_followed(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """A client asked to come back resumes."""
    server.gateway.reconnect()
    await server.gateway.connected()
    await ann.says(ann.dm, "still there?")
    await server.until(lambda: bot.heard)

    assert (server.gateway.identifies, server.gateway.resumes) == (1, 1)


@pytest.mark.parametrize(("resumable", "counts"), [(True, (1, 1)), (False, (2, 0))])
async def test_invalid_session(
    server: DiscordServer, ann: Person, bot: PracticeBot, resumable: bool, counts: tuple[int, int]
) -> None:
    """An invalid session is resumed if it can be, and otherwise begun anew without what was missed."""
    server.gateway.invalidate(resumable=resumable)
    await ann.says(ann.dm, "missed")
    await server.gateway.connected()
    await ann.says(ann.dm, "heard")
    await server.until(lambda: bot.heard and bot.heard[-1].content == "heard")

    assert (server.gateway.identifies, server.gateway.resumes) == counts
    assert [message.content for message in bot.heard] == (["missed", "heard"] if resumable else ["heard"])


async def test_unknown_session_begins_anew(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """A session that the server no longer knows cannot be resumed."""
    await server.gateway.drop()
    server.gateway.sessions.clear()
    await server.gateway.connected()

    assert (server.gateway.identifies, server.gateway.resumes) == (2, 1)


async def test_events_can_be_doubled(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """The same message is delivered again on demand."""
    said = await ann.says(ann.dm, "once")
    server.gateway.repeat_last()
    await server.until(lambda: len(bot.heard) == 2)

    assert [message.id for message in bot.heard] == [said.id, said.id]


async def test_heartbeats_stay_unanswered_on_demand(server: DiscordServer) -> None:
    """Heartbeats are acknowledged until the server is told to stop."""
    url = f"{server.gateway_url}?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        await ws.receive()
        await ws.send_json({"op": 1, "d": None})
        acknowledged = await ws.receive_json()
        server.gateway.stop_acking()
        await ws.send_json({"op": 1, "d": None})
        await server.until(lambda: server.gateway.heartbeats == 2)
        server.gateway.send_raw("the next thing sent")
        after = await ws.receive_str()

    assert acknowledged == {"op": 11}
    assert after == "the next thing sent"


async def test_cut_cable_is_silent_until_the_break(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """On a silent connection nothing arrives; it arrives when the client comes back."""
    server.gateway.falls_silent()
    await ann.says(ann.dm, "into the void")
    heard = len(bot.heard)
    await server.gateway.drop()
    await server.until(lambda: bot.heard)

    assert heard == 0
    assert bot.heard[0].content == "into the void"


async def test_malformed_event_reaches_the_client(server: DiscordServer) -> None:
    """An event without its fields ends discord.py, as it would on Discord."""
    async with PracticeBot(server, discord.Intents(guilds=True)) as bot:
        running = asyncio.create_task(bot.start(server.token))
        await server.gateway.connected()
        server.gateway.send_event("MESSAGE_CREATE", {"id": "1"})

        with pytest.raises(KeyError, match="channel_id"):
            await running


async def test_shards_share_the_guilds(server: DiscordServer, guild: Guild, ann: Person) -> None:
    """With two shards each guild is on one of them, and direct messages are on the first."""
    server.shards = 2
    async with connected(server) as bot:
        await server.gateway.connected()
        await ann.says(ann.dm, "hi")
        await ann.says(guild.add_channel("hall"), f"{server.mention} hi")
        await server.until(lambda: len(bot.heard) == 2)

    assert server.gateway.identifies == 2


async def test_disabled_intent_is_refused(server: DiscordServer) -> None:
    """A privileged intent that is off in the portal ends the client with its own error."""
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(server, discord.Intents(guilds=True, message_content=True)):
            pass


async def test_wrong_token_is_refused(server: DiscordServer) -> None:
    """A token that is not the bot's does not log in, and is not the bot's fault."""
    server.token = "another"
    bot = PracticeBot(server, discord.Intents(guilds=True))
    with pytest.raises(discord.LoginFailure):
        await bot.login("wrong")
    await bot.close()

    assert server.refusals == ["GET /users/@me: 401 0 401: Unauthorized"]
    assert server.violations == []


IDENTIFY = {"token": "right", "intents": INTENTS, "properties": {}}

REFUSED = {
    "not JSON": ("{", 4002),
    "not an object": ([1], 4002),
    "unknown opcode": ({"op": 77}, 4001),
    "not identified": ({"op": 3, "d": {}}, 4003),
    "wrong token": ({"op": 2, "d": {**IDENTIFY, "token": "wrong"}}, 4004),
    "wrong token on resume": ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}, 4004),
    "no such shard": ({"op": 2, "d": {**IDENTIFY, "shard": [2, 2]}}, 4010),
    "fewer shards than needed": ({"op": 2, "d": {**IDENTIFY, "shard": [0, 1]}}, 4011),
    "no intents": ({"op": 2, "d": {"token": "right", "properties": {}}}, 4013),
    "unknown intents": ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 40}}, 4013),
    "disabled intent": ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 15}}, 4014),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_gateway_closes_with_a_code(server: DiscordServer, case: str) -> None:
    """What Discord does not take closes the connection with its code."""
    server.token, server.shards = "right", 2 if case == "fewer shards than needed" else 1
    payload, code = REFUSED[case]
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as ws:
        hello = await ws.receive_json()
        await ws.send_str(payload if isinstance(payload, str) else json.dumps(payload))
        await ws.receive(timeout=2)

    assert hello == {"op": 10, "d": {"heartbeat_interval": 41250}}
    assert (ws.close_code, server.gateway.close_codes) == (code, [code])


async def test_flood_is_refused(server: DiscordServer) -> None:
    """More than 120 sends in a minute close the connection."""
    url = f"{server.gateway_url}?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
        for _ in range(121):
            await ws.send_str('{"op": 1, "d": null}')
        async for _ in ws:
            pass

    assert ws.close_code == 4008
    assert server.violations == ["gateway: more than 120 sends a minute"]


async def test_members_of_a_guild_need_the_intent(server: DiscordServer, guild: Guild) -> None:
    """All members of a guild are told only to a bot that may know them."""
    server.token = "right"
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as ws:
        await ws.send_json({"op": 2, "d": IDENTIFY})
        await ws.send_json({"op": 8, "d": {"guild_id": str(guild.id), "query": "", "limit": 0}})
        async for _ in ws:
            pass

    assert ws.close_code == 4014
