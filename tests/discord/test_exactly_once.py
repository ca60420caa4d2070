"""A thousand messages through duplicates, broken connections and kills: each is answered once, none twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.crowds import Crowd, live
from tests.servers.discord import Channel, DiscordServer, Message, Person

MESSAGES = 1000
CHANNELS = 20
DISTURBANCES = ("repeat", "drop", "repeat", "invalidate", "reconnect", "repeat", "kill", "drop", "terminate", "repeat")


@dataclass
class Town(Crowd[Message]):
    """A server with many channels and people, who all talk to the bot."""

    server: DiscordServer
    places: list[tuple[Person, Channel]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """It answers from its memories alone, which takes the least time."""
        return {
            "DISCORD_TOKEN": self.server.token,
            "DISCORD_API_BASE": self.server.api_base,
            "DISCORD_GATEWAY_URL": self.server.gateway_url,
        }

    async def say(self, number: int) -> Message:
        """Each in a channel of their own."""
        person, channel = self.places[number % len(self.places)]
        said = await person.says(channel, f"{self.server.mention} what about number {number}?")
        await asyncio.sleep(0)  # lets what was said go out piece by piece
        return said

    async def disturb(self, how: str, choose: random.Random) -> None:
        """Disturb the gateway."""
        gateway = self.server.gateway
        match how:
            case "repeat":
                gateway.repeat_last(choose.randint(150, 250))  # also what is answered by now, and the answers
            case "drop":
                await gateway.drop()
            case "invalidate":
                gateway.invalidate(resumable=False)
            case "reconnect":
                gateway.reconnect()

    async def settled(self, quiet_s: float) -> None:
        """Wait until it has asked nothing for a second."""
        await self.server.settled(quiet_s=1, timeout_s=quiet_s)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town on a server that was asked nothing forbidden, when the test is over."""
    async with DiscordServer(intents={"message_content"}) as server:
        guild = server.add_guild("Town")
        town = Town(server)
        for number in range(CHANNELS):
            person = server.add_person(f"Person {number}")
            guild.add_member(person)
            town.places.append((person, guild.add_channel(f"channel-{number}")))
        yield town

    assert server.violations == []


async def test_a_thousand_messages_are_answered_once(town: Town, tmp_path: Path) -> None:
    """Also those that are delivered twice, said while the bot is away, or in its hands when it is killed."""
    await live(town, tmp_path, DISTURBANCES)

    assert town.counts() == {1: MESSAGES}


async def test_the_count_notices_a_bot_that_forgets_deliveries(town: Town, tmp_path: Path) -> None:
    """Control: one that takes every delivery for a new one is found out by the first repetition."""
    await live(town, tmp_path, ["drop", "repeat"], program="tests.forgetful_bot")

    assert town.counts()[2] > 0
