"""What replies were built from: found by message and by place, bounded, and a use of the memories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.protocols import Idle, Usage
from bot.store.database import Database
from bot.store.ledger import Ledger, Tally
from bot.store.replies import KEPT_A_PERSON, Reply
from bot.store.rows import SqliteRows
from bot.types import Memory, Place, PlaceKind, Scope
from tests.conformance.row_store import ANNA, BEN, NOON, SPACE, saying
from tests.store.conftest import FakeClock
from tests.store.remains import contents

KITCHEN = Place(PlaceKind.PUBLIC, "kitchen")
DAY = timedelta(days=1)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """An empty ledger."""
    return Ledger(database)


@pytest.fixture
def rows(database: Database) -> SqliteRows:
    """Rows of the same folder."""
    return SqliteRows(database, SPACE)


async def test_the_last_reply_of_each_place_is_found(rows: SqliteRows, ledger: Ledger) -> None:
    """The newest of a place counts; places, threads and people are apart."""
    (memory,) = await rows.add(ANNA, [saying("a")])
    thread = replace(KITCHEN, thread_id="t")
    hits = [(memory.id, {"lexical": 0.25, "semantic": 0.5})]

    await ledger.save_reply(ANNA, KITCHEN, NOON, [], source_id="m1")
    await ledger.save_reply(ANNA, KITCHEN, NOON, hits, source_id="m2")
    await ledger.save_reply(ANNA, thread, NOON, [], source_id="m3")

    assert await ledger.last_reply(ANNA, KITCHEN) == Reply(NOON, tuple(hits))
    assert await ledger.last_reply(ANNA, thread) == Reply(NOON, ())
    assert await ledger.last_reply(BEN, KITCHEN) is None


async def test_the_reply_to_each_message_is_found(rows: SqliteRows, ledger: Ledger) -> None:
    """Each by its own message, for whom it was given alone."""
    (memory,) = await rows.add(ANNA, [saying("a")])
    hits = [(memory.id, {"lexical": 0.25})]

    await ledger.save_reply(ANNA, KITCHEN, NOON, hits, source_id="m1")
    await ledger.save_reply(ANNA, KITCHEN, NOON, [], source_id="m2")

    assert await ledger.reply_to(ANNA, "m1") == Reply(NOON, tuple(hits))
    assert await ledger.reply_to(ANNA, "m2") == Reply(NOON, ())
    assert await ledger.reply_to(ANNA, "m3") is None
    assert await ledger.reply_to(BEN, "m1") is None


async def test_no_id_of_a_message_is_stored(database: Database, ledger: Ledger) -> None:
    """A reply stands under a keyed hash of its message."""
    await ledger.save_reply(ANNA, KITCHEN, NOON, [], source_id="8c0d4f6a2e9b")

    assert not any(b"8c0d4f6a2e9b" in content for content in contents(database.folder))


async def test_a_reply_from_a_memory_that_is_gone_is_saved_without_it(rows: SqliteRows, ledger: Ledger) -> None:
    """A memory forgotten while the reply was written does not come back through it."""
    kept, gone = await rows.add(ANNA, [saying("a"), saying("b")])
    await rows.erase(ANNA, [gone.id])

    await ledger.save_reply(ANNA, KITCHEN, NOON, [(gone.id, {}), (kept.id, {"semantic": 1.0})], source_id="m1")

    assert await ledger.last_reply(ANNA, KITCHEN) == Reply(NOON, ((kept.id, {"semantic": 1.0}),))


async def test_only_the_newest_replies_of_a_person_are_kept(ledger: Ledger) -> None:
    """Beyond the bound the oldest go, other people's stay."""
    await ledger.save_reply(BEN, KITCHEN, NOON, [], source_id="ben's")
    for number in range(KEPT_A_PERSON + 2):
        await ledger.save_reply(ANNA, KITCHEN, NOON, [], source_id=f"m{number}")

    found = [number for number in range(KEPT_A_PERSON + 2) if await ledger.reply_to(ANNA, f"m{number}")]
    assert found == list(range(2, KEPT_A_PERSON + 2))
    assert await ledger.reply_to(BEN, "ben's")


async def test_old_replies_are_pruned(ledger: Ledger) -> None:
    """Those given before a time go, those given at it stay."""
    for source_id, at in (("old", NOON - DAY), ("new", NOON)):
        await ledger.save_reply(ANNA, KITCHEN, at, [], source_id=source_id)

    await ledger.prune_replies(NOON)

    assert await ledger.reply_to(ANNA, "old") is None
    assert await ledger.reply_to(ANNA, "new")


async def test_answered_messages_are_counted_once(ledger: Ledger) -> None:
    """A reply that is given anew replaces the first one and counts no second time; days and guilds are apart."""
    elsewhere = Scope("discord", "other guild", "anna")
    for scope, source_id, at in (
        (ANNA, "m1", NOON - DAY),
        (ANNA, "m2", NOON),
        (ANNA, "m2", NOON),
        (BEN, "m3", NOON),
        (elsewhere, "m4", NOON),
    ):
        await ledger.save_reply(scope, KITCHEN, at, [], source_id=source_id)

    assert await ledger.tally("discord", "guild", NOON.date()) == Tally(2, Usage(0, 0))
    assert await ledger.tally("discord", "guild", (NOON - DAY).date()) == Tally(3, Usage(0, 0))


async def test_a_tally_sums_what_the_days_took(ledger: Ledger) -> None:
    """Tokens of each day since the first one, answers or not."""
    for day in (0, 1, 2):
        reserved = await ledger.reserve("discord", "guild", (NOON - day * DAY).date(), 100, 1000)
        assert reserved
        await ledger.settle(reserved, Usage(10, 2))
    await ledger.save_reply(ANNA, KITCHEN, NOON, [], source_id="m1")

    assert await ledger.tally("discord", "guild", (NOON - DAY).date()) == Tally(1, Usage(20, 4))


async def test_a_reply_uses_its_memories(rows: SqliteRows, ledger: Ledger, clock: FakeClock) -> None:
    """What a reply was built from lies idle no longer, in the transaction that saves the reply."""
    used, unused = await rows.add(ANNA, [saying("a"), saying("b")])
    clock.move(DAY)

    commits = rows._database.commits
    await ledger.save_reply(ANNA, KITCHEN, clock(), [(used.id, {})], source_id="m1")

    assert rows._database.commits == commits + 1
    assert await _idle(rows, clock, unused) == [unused.id]


async def _idle(rows: SqliteRows, clock: FakeClock, memory: Memory) -> list[int]:
    _, found = await rows.idle([Idle("discord", memory.scope.guild_id, clock())], 10)
    return [memory_id for _, memory_id in found]
