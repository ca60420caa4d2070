"""Settings, modes, policies and tokens: kept over restarts, counted without gaps, naming nobody."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.errors import StoreError
from bot.protocols import Usage
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.writer import Work
from bot.types import Mode, Policy, Scope
from tests.conformance.row_store import ANNA, BEN
from tests.store.conftest import FakeClock
from tests.store.remains import contents

T = TypeVar("T")

TODAY = date(2026, 3, 1)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """An empty ledger."""
    return Ledger(database)


async def test_a_setting_is_kept_replaced_and_cleared(ledger: Ledger) -> None:
    """A subject has one value for a name, or none; other subjects and names are apart."""
    assert await ledger.get("guild 1", "tone") is None
    await ledger.put("guild 1", "tone", "dry")
    await ledger.put("guild 1", "tone", "warm")
    await ledger.put("guild 2", "tone", "loud")

    assert await ledger.get("guild 1", "tone") == "warm"
    assert await ledger.get("guild 1", "color") is None
    await ledger.clear("guild 1", "tone")
    assert await ledger.get("guild 1", "tone") is None
    assert await ledger.get("guild 2", "tone") == "loud"


async def test_a_mode_belongs_to_one_person_in_one_guild(ledger: Ledger) -> None:
    """Who never chose has no mode; a choice holds for its scope only."""
    assert await ledger.mode(ANNA) is None
    await ledger.set_mode(ANNA, Mode.ASK)

    assert await ledger.mode(ANNA) is Mode.ASK
    assert await ledger.mode(BEN) is None


async def test_an_opt_out_names_nobody(folder: Path, clock: FakeClock) -> None:
    """An opt-out is kept over restarts, and the person's id is in no file."""
    person = Scope("discord", "guild", "4f6a0c2e9b7d")
    async with Database.open(folder, clock) as database:
        await Ledger(database).set_mode(person, Mode.OFF)
        files = contents(folder)

    assert not any(person.user_id.encode() in content for content in files)
    assert any(b"mode" in content for content in files)
    async with Database.open(folder, clock) as database:
        assert await Ledger(database).mode(person) is Mode.OFF


async def test_the_notice_is_remembered(ledger: Ledger) -> None:
    """A person is noticed from the first notice on."""
    assert not await ledger.noticed(ANNA)
    await ledger.set_noticed(ANNA)

    assert await ledger.noticed(ANNA)
    assert not await ledger.noticed(BEN)


async def test_the_ceiling_holds_under_a_rush(ledger: Ledger) -> None:
    """Of a hundred calls at once for 30 tokens each, exactly those that fit under 1,000 get them."""
    granted = await asyncio.gather(*(ledger.reserve("discord", "g", TODAY, 30, 1000) for _ in range(100)))

    assert sum(reservation is not None for reservation in granted) == 33
    assert await ledger.usage("discord", "g", TODAY) == (Usage(0, 0), 990)


async def test_settling_counts_what_was_taken(ledger: Ledger) -> None:
    """What a call really took replaces what was reserved, once."""
    first = await ledger.reserve("discord", "g", TODAY, 500, 1000)
    second = await ledger.reserve("discord", "g", TODAY, 500, 1000)
    assert first
    assert second
    assert await ledger.reserve("discord", "g", TODAY, 1, 1000) is None

    await ledger.settle(first, Usage(100, 20))
    await ledger.settle(first, Usage(100, 20))
    await ledger.settle(second, Usage(10, 2))

    assert await ledger.usage("discord", "g", TODAY) == (Usage(110, 22), 0)
    assert await ledger.reserve("discord", "g", TODAY, 868, 1000) is not None


async def test_days_and_guilds_are_counted_apart(ledger: Ledger) -> None:
    """A ceiling reached on one day in one guild leaves the others alone."""
    assert await ledger.reserve("discord", "g", TODAY, 1000, 1000)

    assert await ledger.reserve("discord", "g", TODAY, 1, 1000) is None
    assert await ledger.reserve("discord", "h", TODAY, 1000, 1000)
    assert await ledger.reserve("slack", "g", TODAY, 1000, 1000)
    assert await ledger.reserve("discord", "g", TODAY + timedelta(days=1), 1000, 1000)


async def test_a_reservation_left_by_a_crash_counts_in_full(folder: Path, clock: FakeClock) -> None:
    """What was reserved and never settled stays reserved for that day."""
    async with Database.open(folder, clock) as database:
        await Ledger(database).reserve("discord", "g", TODAY, 900, 1000)

    async with Database.open(folder, clock) as database:
        assert await Ledger(database).reserve("discord", "g", TODAY, 200, 1000) is None
        assert await Ledger(database).reserve("discord", "g", TODAY, 100, 1000) is not None


class LateDatabase:
    """An open database that counts reads, and holds back their answers while it is told to."""

    def __init__(self, database: Database) -> None:
        self.reads = 0
        self.read_done = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.hashes = database.hashes
        self._database = database

    async def read(self, work: Work[T]) -> T:
        """Read at once, and answer when allowed."""
        self.reads += 1
        value = await self._database.read(work)
        self.read_done.set()
        await self.go_on.wait()
        return value

    async def write_at_need(self, work: Work[T]) -> T:
        """Write at once."""
        return await self._database.write_at_need(work)


async def test_a_read_that_a_write_overtakes_is_not_remembered(database: Database) -> None:
    """What was read before a write and answered after it is given once, and the next read sees the write."""
    late = LateDatabase(database)
    ledger = Ledger(late)  # type: ignore[arg-type]  # as much of a database as settings need
    await ledger.put("guild", "tone", "dry")
    late.go_on.clear()
    early = asyncio.ensure_future(ledger.get("guild", "tone"))
    await late.read_done.wait()
    await ledger.put("guild", "tone", "warm")
    late.go_on.set()

    assert await early == "dry"
    assert await ledger.get("guild", "tone") == "warm"


async def test_a_write_leaves_what_is_known_of_others(database: Database) -> None:
    """After a setting changed, it is read again, and no other is."""
    late = LateDatabase(database)
    ledger = Ledger(late)  # type: ignore[arg-type]  # as above
    for subject in ("ann", "ben"):
        await ledger.put(subject, "mode", "auto")
        await ledger.get(subject, "mode")
    reads_before = late.reads

    await ledger.put("ann", "mode", "off")

    assert [await ledger.get(subject, "mode") for subject in ("ann", "ben", "ann")] == ["off", "auto", "off"]
    assert late.reads == reads_before + 1


@pytest.mark.parametrize("before", [None, Mode.ASK, Mode.AUTO])
async def test_whoever_leaves_a_mode_goes_back_to_their_choice(ledger: Ledger, before: Mode | None) -> None:
    """A pause inside an opt-out, each left in turn, ends where it began, be that no choice at all."""
    if before:
        await ledger.set_mode(ANNA, before)
    seen = []
    await ledger.enter_mode(ANNA, Mode.COMMANDS)
    await ledger.enter_mode(ANNA, Mode.COMMANDS)
    await ledger.enter_mode(ANNA, Mode.OFF)
    for mode in (Mode.OFF, Mode.COMMANDS, Mode.COMMANDS):
        await ledger.leave_mode(ANNA, mode)
        seen.append(await ledger.mode(ANNA))

    assert seen == [Mode.COMMANDS, before, before]


async def test_a_policy_outlives_a_restart(folder: Path, clock: FakeClock) -> None:
    """What a guild's admins chose is kept, each field of it, for that guild alone."""
    policy = Policy(channels=frozenset({"1", "2"}), shared_notes=False, persona="A pirate. Arr 🦜", retention_days=90)
    async with Database.open(folder, clock) as database:
        await Ledger(database).set_policy("discord", "g", policy)

    async with Database.open(folder, clock) as database:
        ledger = Ledger(database)
        assert await ledger.policy("discord", "g") == policy
        assert await ledger.policy("slack", "g") == await ledger.policy("discord", "h") == Policy()


async def test_a_damaged_policy_is_no_default(ledger: Ledger) -> None:
    """What cannot be read must not widen what is allowed."""
    await ledger.put('["discord", "g"]', "policy", "{damaged")

    with pytest.raises(StoreError, match="set them again"):
        await ledger.policy("discord", "g")


async def test_a_setting_read_while_it_is_set_is_not_remembered_as_it_was(ledger: Ledger) -> None:
    """Whatever the order of the answers, the next read gives what is on disk."""
    for value in ("auto", "off", "ask"):
        await asyncio.gather(
            ledger.get("guild", "mode"), ledger.put("guild", "mode", value), ledger.get("guild", "mode")
        )

        assert await ledger.get("guild", "mode") == value

    await ledger.clear("guild", "mode")

    assert await ledger.get("guild", "mode") is None
