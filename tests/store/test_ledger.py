"""Settings, modes, tokens and last replies: kept over restarts, counted without gaps, naming nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.protocols import Usage
from bot.store.database import Database
from bot.store.ledger import LastReply, Ledger
from bot.store.rows import SqliteRows
from bot.types import Mode, Place, PlaceKind, Scope
from tests.conformance.row_store import ANNA, BEN, NOON, SPACE, saying
from tests.store.conftest import FakeClock
from tests.store.remains import contents

TODAY = date(2026, 3, 1)
KITCHEN = Place(PlaceKind.PUBLIC, "kitchen")


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


async def test_the_last_reply_of_each_place_is_kept(database: Database, ledger: Ledger) -> None:
    """A later reply in a place replaces the one before; places, threads and people are apart."""
    (memory,) = await SqliteRows(database, SPACE).add(ANNA, [saying("a")])
    thread = replace(KITCHEN, thread_id="t")
    hits = [(memory.id, {"lexical": 0.25, "semantic": 0.5})]

    await ledger.save_reply(ANNA, KITCHEN, NOON, hits)
    await ledger.save_reply(ANNA, KITCHEN, NOON, hits)
    await ledger.save_reply(ANNA, thread, NOON, [])

    assert await ledger.last_reply(ANNA, KITCHEN) == LastReply(NOON, tuple(hits))
    assert await ledger.last_reply(ANNA, thread) == LastReply(NOON, ())
    assert await ledger.last_reply(BEN, KITCHEN) is None


async def test_a_reply_from_a_memory_that_is_gone_is_saved_without_it(database: Database, ledger: Ledger) -> None:
    """A memory forgotten while the reply was written does not come back through it."""
    rows = SqliteRows(database, SPACE)
    kept, gone = await rows.add(ANNA, [saying("a"), saying("b")])
    await rows.erase(ANNA, [gone.id])

    await ledger.save_reply(ANNA, KITCHEN, NOON, [(gone.id, {}), (kept.id, {"semantic": 1.0})])

    assert await ledger.last_reply(ANNA, KITCHEN) == LastReply(NOON, ((kept.id, {"semantic": 1.0}),))


async def test_a_setting_read_while_it_is_set_is_not_remembered_as_it_was(ledger: Ledger) -> None:
    """Whatever the order of the answers, the next read gives what is on disk."""
    for value in ("auto", "off", "ask"):
        await asyncio.gather(
            ledger.get("guild", "mode"), ledger.put("guild", "mode", value), ledger.get("guild", "mode")
        )

        assert await ledger.get("guild", "mode") == value

    await ledger.clear("guild", "mode")

    assert await ledger.get("guild", "mode") is None
