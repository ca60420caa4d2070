"""A bot in so many servers that Discord has it connect several times: each connection tells of some of them."""

from __future__ import annotations

import pytest

from adapters.discord import identifying
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World
from tests.servers.discord.gateway import shard_of
from tests.servers.discord.nouns import Channel

SHARDS = 2


@pytest.fixture
def sharded(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[int, Channel]:
    """One channel on each shard, in which Ann is."""
    monkeypatch.setattr(identifying, "APART_S", 0.1)  # five seconds otherwise
    world.server.shards = SHARDS
    channels = {shard_of(world.guild, SHARDS): world.general}
    while len(channels) < SHARDS:
        guild = world.server.add_guild("Far")
        guild.add_member(world.ann)
        channels.setdefault(shard_of(guild, SHARDS), guild.add_channel("far"))
    return channels


async def test_every_shard_hears_of_its_servers(world: World, echo: EchoAssistant, sharded: dict[int, Channel]) -> None:
    """What is said is answered once, wherever; direct messages are on the first shard. Each session is counted."""
    async with world.bot(echo) as bot:
        asked = [await world.ann.says(sharded[shard], f"{world.server.mention} {shard}") for shard in range(SHARDS)]
        asked.append(await world.ann.says(world.ann.dm, "direct"))
        replies = [await world.answered(one) for one in asked]
        await world.server.settled()
        counted = await bot.app.notes("discord").get("sessions")
        sessions = {(session.shard, session.shards) for session in world.server.gateway.sessions.values()}

    assert sessions == {(0, SHARDS), (1, SHARDS)}
    assert sorted(message.text for message in echo.heard) == ["0", "1", "direct"]
    assert [len(world.server.replies_to(one)) for one in asked] == [1] * len(replies)
    assert len((counted or "").split()) == world.server.gateway.identifies == SHARDS


async def test_break_of_one_shard_is_not_the_others(
    world: World, echo: EchoAssistant, sharded: dict[int, Channel]
) -> None:
    """They answer meanwhile; what was said on the broken one is answered once it is back, in the same session."""
    gateway = world.server.gateway
    async with world.bot(echo) as bot:
        gateway.lets_in.clear()
        await gateway.drop(shard=1)
        late = await world.ann.says(sharded[1], f"{world.server.mention} late")
        await world.answered(await world.ann.says(sharded[0], f"{world.server.mention} meanwhile"))
        heard_meanwhile = [message.text for message in echo.heard]
        healthy_meanwhile = bot.adapter.health().connected
        gateway.lets_in.set()
        await world.answered(late)
        healthy_after = bot.adapter.health().connected

    assert heard_meanwhile == ["meanwhile"]
    assert (healthy_meanwhile, healthy_after) == (False, True)
    assert (gateway.resumes, gateway.identifies) == (1, SHARDS)
