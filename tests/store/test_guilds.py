"""Guilds that the bot is in, left, and those whose time is over: known over restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.types import Mode, Policy, Scope
from tests.conformance.row_store import ANNA, NOON, SAME_PERSON_ELSEWHERE
from tests.store.conftest import FakeClock

GUILD = ("discord", "guild")
WEEK = timedelta(days=7)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """An empty ledger."""
    return Ledger(database)


async def test_a_guild_is_new_once(folder: Path, clock: FakeClock) -> None:
    """The first joining says so; later ones, of the next run too, do not, and cost no commit."""
    async with Database.open(folder, clock) as database:
        first = await Ledger(database).join(*GUILD)
    async with Database.open(folder, clock) as database:
        again = await Ledger(database).join(*GUILD)

        assert database.commits == 0
        assert await Ledger(database).joined("discord") == {"guild"}
        assert await Ledger(database).joined("slack") == frozenset()
    assert (first, again) == (True, False)


async def test_a_guild_that_was_left_is_due_after_its_time(ledger: Ledger) -> None:
    """Until then it is not due, and from the moment it was left on it is not joined."""
    await ledger.join(*GUILD)

    await ledger.leave(*GUILD, NOON + WEEK)

    assert await ledger.joined("discord") == frozenset()
    assert await ledger.due_purges(NOON + WEEK - timedelta(seconds=1)) == []
    assert await ledger.due_purges(NOON + WEEK) == [GUILD]


async def test_a_guild_never_joined_can_be_left(ledger: Ledger) -> None:
    """Memories of a version that kept no list of guilds go too."""
    await ledger.leave(*GUILD, NOON)

    assert await ledger.due_purges(NOON) == [GUILD]


async def test_of_two_removals_the_first_due_counts(ledger: Ledger) -> None:
    """A removal that is seen again does not put the purge off."""
    await ledger.leave(*GUILD, NOON + WEEK)
    await ledger.leave(*GUILD, NOON + 2 * WEEK)
    await ledger.leave("discord", "other", NOON + 2 * WEEK)
    await ledger.leave("discord", "other", NOON)

    assert await ledger.due_purges(NOON + WEEK) == [("discord", "other"), GUILD]


async def test_joining_again_ends_the_grace_period(ledger: Ledger) -> None:
    """The guild is not new, and is not purged, even while its purge runs."""
    await ledger.join(*GUILD)
    await ledger.leave(*GUILD, NOON)

    new = await ledger.join(*GUILD)
    await ledger.purged(*GUILD)

    assert not new
    assert await ledger.due_purges(NOON + WEEK) == []
    assert await ledger.joined("discord") == {"guild"}


async def test_a_purge_forgets_policy_and_notices_and_no_opt_out(ledger: Ledger) -> None:
    """The guild is new again, its people are told again what is kept, and nobody is opted in by it."""
    ben = replace(ANNA, user_id="ben")
    for scope in (ANNA, ben, SAME_PERSON_ELSEWHERE):
        await ledger.set_noticed(scope)
    await ledger.set_mode(ANNA, Mode.OFF)
    for guild in (GUILD, ("discord", "other guild")):
        await ledger.set_policy(*guild, Policy(outsiders=True))
    await ledger.leave(*GUILD, NOON)

    await ledger.purged(*GUILD)

    assert [await ledger.noticed(scope) for scope in (ANNA, ben, SAME_PERSON_ELSEWHERE)] == [False, False, True]
    assert await ledger.policy(*GUILD) == Policy()
    assert await ledger.policy("discord", "other guild") == Policy(outsiders=True)
    assert await ledger.mode(ANNA) is Mode.OFF
    assert await ledger.due_purges(NOON) == []
    assert await ledger.join(*GUILD)


async def test_guilds_of_two_platforms_are_apart(ledger: Ledger) -> None:
    """The same id on another platform is another guild."""
    await ledger.join("discord", "1")

    assert await ledger.join("slack", "1")
    await ledger.set_noticed(Scope("slack", "1", "anna"))
    await ledger.purged("discord", "1")

    assert await ledger.noticed(Scope("slack", "1", "anna"))
