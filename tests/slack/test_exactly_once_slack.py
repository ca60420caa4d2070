"""A thousand messages through duplicates, retries, broken sockets and restarts: each is answered once, none twice."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import process
from tests.servers.slack import Channel, Message, Person, SlackServer, Timing, slow
from tests.slack.town import stopped, without_model

MESSAGES = 1000
PEOPLE = 20
ROUND = 100
DISTURBANCES = ("repeat", "drop", "retry", "refresh", "kill", "terminate", "drop", "retry", "kill", "repeat")
MOST_WAITING = 50
"""Messages without a reply when the next ones come."""
QUIET_S = 120
SETTINGS = process.GENEROUS + "[slack]\ncontext = true\n"
"""With context the bot may read what was said, and finds the reply that an earlier run gave."""


@dataclass
class Town:
    """A workspace with many channels and people, who all talk to the bot, in channels and in threads of their own."""

    server: SlackServer
    places: list[tuple[Person, Channel]] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)

    async def talk(self, count: int) -> None:
        """Say so many things, one person after the other; each says every second one to the bot alone."""
        for _ in range(count):
            number = len(self.said)
            person, channel = self.places[number % PEOPLE]
            text = f"what about number {number}?"
            is_direct = number // PEOPLE % 2
            asking = person.chats(text) if is_direct else person.says(channel, f"{self.server.mention} {text}")
            self.said.append(await asking)

    async def again(self, count: int, *, new_event_ids: bool) -> None:
        """Send the latest of them once more: also what is answered by now."""
        for message in self.said[-count:]:
            await self.server.redeliver(message, new_event_ids=new_event_ids)

    def unanswered(self) -> list[Message]:
        """Return what has no reply yet."""
        return [message for message in self.said if not self.server.replies_to(message)]

    def unsettled(self) -> bool:
        """Tell whether something is on its way to the bot, or shown as being worked on."""
        return bool(self.server.sessions.unfinished) or any(
            not one.done.is_set() for one in self.server.deliveries.sent
        )

    def counts(self) -> Counter[int]:
        """Return how many messages have how many replies."""
        return Counter(len(self.server.replies_to(message)) for message in self.said)


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


async def _disturb(town: Town, how: str, bot: process.BotProcess, choose: random.Random) -> bool:
    """Disturb the deliveries; tell whether the bot has to be started again."""
    sockets = town.server.sockets
    match how:
        case "repeat" | "retry":
            await town.again(choose.randint(60, 120), new_event_ids=how == "repeat")
        case "drop":
            await sockets.drop()
        case "refresh":
            await sockets.refresh()
        case "kill":
            bot.send(signal.SIGKILL)
            await bot.ended()
        case "terminate":
            assert await stopped(bot) == 0
    return how in {"kill", "terminate"}


async def _live(
    town: Town, folder: Path, disturbances: Sequence[str], program: str = "bot", quiet_s: float = QUIET_S
) -> None:
    """Let everybody talk through all disturbances, and wait until the bot has nothing left to answer."""
    todo, choose = list(disturbances), random.Random(5)
    while todo:
        async with process.running(folder, without_model(town.server), SETTINGS, program) as bot:
            while todo:
                how = todo.pop(0)
                await town.server.until(lambda: len(town.unanswered()) <= MOST_WAITING, quiet_s)
                await town.talk(ROUND // 2)
                over = await _disturb(town, how, bot, choose)
                await town.talk(ROUND - ROUND // 2)
                if over:
                    break
            if not todo:
                await town.server.until(lambda: not town.unanswered() and not town.unsettled(), quiet_s)
                assert await stopped(bot) == 0


async def test_a_thousand_messages_are_answered_once(town: Town, tmp_path: Path) -> None:
    """Also those that come twice, that are said while the bot is away, or in its hands when it is killed."""
    await _live(town, tmp_path, DISTURBANCES)

    assert town.counts() == {1: MESSAGES}


async def test_the_count_notices_a_bot_that_acknowledges_too_soon(town: Town, tmp_path: Path) -> None:
    """Control: one that is killed between the acknowledgement and its inbox loses what it had in its hands."""
    town.server.will("users.info", *[slow(0.3)] * PEOPLE)
    with pytest.raises(TimeoutError):
        await _live(town, tmp_path, ["kill", "repeat"], program="tests.hasty_bot", quiet_s=5)

    assert town.counts()[0] > 0


async def test_the_count_notices_a_bot_that_forgets_deliveries(town: Town, tmp_path: Path) -> None:
    """Control: one that takes every delivery for a new one is found out by the first repetition."""
    await _live(town, tmp_path, ["drop", "repeat"], program="tests.forgetful_bot")

    assert town.counts()[2] > 0
