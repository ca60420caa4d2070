"""How much one person and one guild may send in a minute, counted on disk."""

from __future__ import annotations

from pathlib import Path

from bot.config import LimitsSettings
from bot.events import IncomingMessage
from bot.limits import RateLimit
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.types import Author, Scope
from tests.memory.folders import ANNA, BEN, PUBLIC, Clock

LIMITS = LimitsSettings(messages_per_minute_per_person=3, messages_per_minute_per_guild=5)


class Door:
    """An inbox that is being written to, and the limit on it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._inbox = Inbox(database)
        self._clock = clock
        self._count = 0
        self.limit = RateLimit(self._inbox, LIMITS, clock)

    async def receive(self, scope: Scope, messages: int) -> int:
        """Take in some messages of a person; return by how many the limit is passed then."""
        for _ in range(messages):
            self._count += 1
            key = f"m{self._count}"
            message = IncomingMessage(key, scope, PUBLIC, Author(scope.user_id, "Somebody"), "tea", key, self._clock())
            await self._inbox.receive(message, message.text)
        return await self.limit.excess(scope)


async def test_a_person_may_send_so_many(folder: Path, clock: Clock) -> None:
    """Up to the limit there is room; each message beyond it counts; a minute later there is room again."""
    async with Database.open(folder, clock) as database:
        door = Door(database, clock)

        found = [await door.receive(ANNA, 1) for _ in range(5)]
        clock.move(seconds=61)
        later = await door.receive(ANNA, 1)

    assert found == [-2, -1, 0, 1, 2]
    assert later < 0


async def test_a_guild_has_a_limit_of_its_own(folder: Path, clock: Clock) -> None:
    """Ben is slowed down when others have used up the guild's share; another guild is not."""
    async with Database.open(folder, clock) as database:
        door = Door(database, clock)
        await door.receive(ANNA, 5)

        assert await door.receive(BEN, 1) == 1
        assert await door.receive(Scope("slack", "other guild", "ben"), 1) < 0


async def test_a_restart_changes_nothing(folder: Path, clock: Clock) -> None:
    """What was sent before counts after the next start."""
    async with Database.open(folder, clock) as database:
        await Door(database, clock).receive(ANNA, 3)

    async with Database.open(folder, clock) as database:
        assert await Door(database, clock).limit.excess(ANNA) == 0


async def test_the_terminal_is_not_limited(folder: Path, clock: Clock) -> None:
    """Whoever sits there owns the machine."""
    async with Database.open(folder, clock) as database:
        assert await Door(database, clock).receive(Scope("terminal", "local", "me"), 10) == 0
