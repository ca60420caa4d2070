"""A thousand messages through duplicates, broken connections and kills: each is answered once, none twice."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import process
from tests.servers.discord import Channel, DiscordServer, Message, Person

MESSAGES = 1000
CHANNELS = 20
ROUND = 100
DISTURBANCES = ("repeat", "drop", "repeat", "invalidate", "reconnect", "repeat", "kill", "drop", "terminate", "repeat")
MOST_WAITING = 50
"""Messages without a reply when the next ones come: more than the bot catches up with are no test of it."""
QUIET_S = 120


@dataclass
class Town:
    """A server with many channels and people, who all talk to the bot."""

    server: DiscordServer
    places: list[tuple[Person, Channel]] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)

    async def talk(self, count: int) -> None:
        """Say so many things, one person after the other."""
        for _ in range(count):
            number = len(self.said)
            person, channel = self.places[number % len(self.places)]
            self.said.append(await person.says(channel, f"{self.server.mention} what about number {number}?"))
            await asyncio.sleep(0)  # lets what was said go out piece by piece

    def unanswered(self) -> list[Message]:
        """Return what has no reply yet."""
        return [message for message in self.said if not self.server.replies_to(message)]

    def counts(self) -> Counter[int]:
        """Return how many messages have how many replies."""
        return Counter(len(self.server.replies_to(message)) for message in self.said)


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


def environment(server: DiscordServer) -> dict[str, str]:
    """Return what the bot is told; it answers from its memories alone, which takes the least time."""
    return {
        "DISCORD_TOKEN": server.token,
        "DISCORD_API_BASE": server.api_base,
        "DISCORD_GATEWAY_URL": server.gateway_url,
    }


async def _disturb(town: Town, how: str, bot: process.BotProcess, choose: random.Random) -> bool:
    """Disturb the deliveries; tell whether the bot has to be started again."""
    gateway = town.server.gateway
    match how:
        case "repeat":
            gateway.repeat_last(choose.randint(150, 250))  # also what is answered by now, and the answers
        case "drop":
            await gateway.drop()
        case "invalidate":
            gateway.invalidate(resumable=False)
        case "reconnect":
            gateway.reconnect()
        case "kill":
            bot.send(signal.SIGKILL)
            await bot.ended()
        case "terminate":
            bot.send(signal.SIGTERM)
            assert await bot.ended() == 0
    return how in {"kill", "terminate"}


async def _live(town: Town, folder: Path, disturbances: Sequence[str], program: str = "bot") -> None:
    """Let everybody talk through all disturbances, and wait until the bot has nothing left to answer."""
    todo, choose = list(disturbances), random.Random(5)
    while todo:
        async with process.running(folder, environment(town.server), program=program) as bot:
            while todo:
                how = todo.pop(0)
                await town.server.until(lambda: len(town.unanswered()) <= MOST_WAITING, QUIET_S)
                await town.talk(ROUND // 2)
                over = await _disturb(town, how, bot, choose)
                await town.talk(ROUND - ROUND // 2)
                if over:
                    break
            if not todo:
                await town.server.until(lambda: not town.unanswered(), QUIET_S)
                await town.server.settled(quiet_s=1)


async def test_a_thousand_messages_are_answered_once(town: Town, tmp_path: Path) -> None:
    """Also those that are delivered twice, said while the bot is away, or in its hands when it is killed."""
    await _live(town, tmp_path, DISTURBANCES)

    assert town.counts() == {1: MESSAGES}


async def test_the_count_notices_a_bot_that_forgets_deliveries(town: Town, tmp_path: Path) -> None:
    """Control: one that takes every delivery for a new one is found out by the first repetition."""
    await _live(town, tmp_path, ["drop", "repeat"], program="tests.forgetful_bot")

    assert town.counts()[2] > 0
