"""Many people who all talk to the bot while its deliveries are disturbed, and how often each was answered."""

from __future__ import annotations

import random
import signal
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from tests import process

ROUND = 100
MOST_WAITING = 50
"""Messages without a reply when the next ones come: more than the bot catches up with are no test of it."""
QUIET_S = 120

Said = TypeVar("Said")
Said_contra = TypeVar("Said_contra", contravariant=True)


class CrowdServer(Protocol[Said_contra]):
    """What of a platform's server is needed to count answers."""

    def replies_to(self, message: Said_contra) -> Sequence[object]:
        """Return the bot's replies to a message."""
        ...

    async def until(self, condition: Callable[[], object], timeout_s: float) -> object:
        """Wait until a condition holds."""
        ...


@dataclass
class Crowd(ABC, Generic[Said]):
    """People on a platform's server. said: what was said to the bot so far."""

    server: CrowdServer[Said]
    said: list[Said] = field(default_factory=list, kw_only=True)

    @property
    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """What the bot is told about the server."""

    @property
    def settings(self) -> str:
        """What the bot's config.toml says."""
        return process.GENEROUS

    @abstractmethod
    async def say(self, number: int) -> Said:
        """Let somebody say something to the bot, one person after the other."""

    @abstractmethod
    async def disturb(self, how: str, choose: random.Random) -> None:
        """Disturb the deliveries in a way of the platform's own."""

    @abstractmethod
    async def settled(self, quiet_s: float) -> None:
        """Wait until the bot has nothing left to do."""

    async def talk(self, count: int) -> None:
        """Say so many things."""
        for _ in range(count):
            self.said.append(await self.say(len(self.said)))

    def unanswered(self) -> list[Said]:
        """Return what has no reply yet."""
        return [message for message in self.said if not self.server.replies_to(message)]

    def counts(self) -> Counter[int]:
        """Return how many messages have how many replies."""
        return Counter(len(self.server.replies_to(message)) for message in self.said)


async def live(
    crowd: Crowd[Said], folder: Path, disturbances: Sequence[str], program: str = "bot", quiet_s: float = QUIET_S
) -> None:
    """Let everybody talk through all disturbances, and wait until the bot has nothing left to answer.

    Args:
        disturbances: ways of the platform's own, or "kill" or "terminate", after which the bot is started again.
        program: the module to run in place of the bot.
        quiet_s: seconds that it gets to catch up.
    """
    todo, choose = list(disturbances), random.Random(5)
    while todo:
        async with process.running(folder, crowd.environment, crowd.settings, program) as bot:
            is_over = False
            while todo and not is_over:
                how = todo.pop(0)
                await crowd.server.until(lambda: len(crowd.unanswered()) <= MOST_WAITING, quiet_s)
                await crowd.talk(ROUND // 2)
                is_over = await _ended(bot, how)
                if not is_over:
                    await crowd.disturb(how, choose)
                await crowd.talk(ROUND - ROUND // 2)
            if not todo:
                await crowd.server.until(lambda: not crowd.unanswered(), quiet_s)
                await crowd.settled(quiet_s)
                assert await _ended(bot, "terminate")


async def _ended(bot: process.BotProcess, how: str) -> bool:
    """Kill or terminate the bot, if that is the way; tell whether it is."""
    match how:
        case "kill":
            bot.send(signal.SIGKILL)
            await bot.ended()
        case "terminate":
            bot.send(signal.SIGTERM)
            assert await bot.ended() == 0
    return how in {"kill", "terminate"}
