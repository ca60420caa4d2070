"""A thousand messages through duplicates, retries, broken sockets and restarts: each is answered once, none twice."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import process
from tests.crowds import Crowd, live
from tests.servers.slack import Channel, Message, Person, SlackServer, Timing, slow
from tests.slack.town import without_model

MESSAGES = 1000
PEOPLE = 20
DISTURBANCES = ("repeat", "drop", "retry", "refresh", "kill", "terminate", "drop", "retry", "kill", "repeat")


@dataclass
class Town(Crowd[Message]):
    """A workspace with many channels and people, who all talk to the bot, in channels and in threads of their own."""

    server: SlackServer
    places: list[tuple[Person, Channel]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """It answers from its memories alone, which takes the least time."""
        return without_model(self.server)

    @property
    def settings(self) -> str:
        """With context the bot may read what was said, and finds the reply that an earlier run gave."""
        return process.GENEROUS + "[slack]\ncontext = true\n"

    async def say(self, number: int) -> Message:
        """Each says every second thing to the bot alone."""
        person, channel = self.places[number % PEOPLE]
        text = f"what about number {number}?"
        is_direct = number // PEOPLE % 2
        return await (person.chats(text) if is_direct else person.says(channel, f"{self.server.mention} {text}"))

    async def disturb(self, how: str, choose: random.Random) -> None:
        """Disturb the events or the sockets."""
        match how:
            case "repeat" | "retry":
                await self.again(choose.randint(60, 120), new_event_ids=how == "repeat")
            case "drop":
                await self.server.sockets.drop()
            case "refresh":
                await self.server.sockets.refresh()

    async def again(self, count: int, *, new_event_ids: bool) -> None:
        """Send the latest of them once more: also what is answered by now."""
        for message in self.said[-count:]:
            await self.server.redeliver(message, new_event_ids=new_event_ids)

    async def settled(self, quiet_s: float) -> None:
        """Wait until nothing is on its way to the bot, or shown as being worked on."""
        sent, sessions = self.server.deliveries.sent, self.server.sessions
        await self.server.until(lambda: not sessions.unfinished and all(one.done.is_set() for one in sent), quiet_s)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town on a server that was asked nothing forbidden, when the test is over; its retries come after seconds."""
    async with SlackServer(timing=Timing().hurried(30)) as server:
        town = Town(server)
        for number in range(PEOPLE):
            channel = server.team.add_channel(f"channel-{number}")
            server.team.invite(channel)
            town.places.append((server.team.add_person(f"Person {number}"), channel))
        yield town

    assert (server.violations, server.pings) == ([], [])


async def test_a_thousand_messages_are_answered_once(town: Town, tmp_path: Path) -> None:
    """Also those that come twice, that are said while the bot is away, or in its hands when it is killed."""
    await live(town, tmp_path, DISTURBANCES)

    assert town.counts() == {1: MESSAGES}


async def test_the_count_notices_a_bot_that_acknowledges_too_soon(town: Town, tmp_path: Path) -> None:
    """Control: one that is killed between the acknowledgement and its inbox loses what it had in its hands."""
    town.server.will("users.info", *[slow(0.3)] * PEOPLE)
    with pytest.raises(TimeoutError):
        await live(town, tmp_path, ["kill", "repeat"], program="tests.hasty_bot", quiet_s=5)

    assert town.counts()[0] > 0


async def test_the_count_notices_a_bot_that_forgets_deliveries(town: Town, tmp_path: Path) -> None:
    """Control: one that takes every delivery for a new one is found out by the first repetition."""
    await live(town, tmp_path, ["drop", "repeat"], program="tests.forgetful_bot")

    assert town.counts()[2] > 0
