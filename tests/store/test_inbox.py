"""Each delivery is worked on once, or again when who had it stopped midway; blank when done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.events import IncomingMessage
from bot.store.database import Database
from bot.store.inbox import KEPT, LEASE, Delivered, Delivery, Inbox
from bot.store.rows import SqliteRows
from bot.types import Author, Place, PlaceKind, Source
from tests.conformance.row_store import ANNA, BEN, NOON, SAME_PERSON_ELSEWHERE, SPACE, TEMPLATE
from tests.store.conftest import FakeClock

MESSAGE = IncomingMessage(
    dedupe_key="key 1",
    scope=ANNA,
    place=Place(PlaceKind.PRIVATE, "channel", "thread"),
    author=Author("anna", "Änna 🦊"),
    text="I am vegan, my key is sk-123",
    source_id="message 1",
    sent_at=NOON,
    addressed=False,
)
CLEAN = "I am vegan, my key is [taken out]"


@pytest.fixture
def inbox(database: Database) -> Inbox:
    """An empty inbox."""
    return Inbox(database)


async def test_a_message_is_new_once(inbox: Inbox) -> None:
    """The first delivery is to be worked on; the same again is in progress."""
    first = await inbox.receive(MESSAGE, CLEAN)
    second = await inbox.receive(MESSAGE, CLEAN)

    assert first == Delivery(Delivered.NEW)
    assert first.wanted
    assert second == Delivery(Delivered.IN_PROGRESS)
    assert not second.wanted


async def test_keys_of_two_platforms_do_not_meet(inbox: Inbox) -> None:
    """The same dedupe key on another platform is another delivery."""
    await inbox.receive(MESSAGE, CLEAN)

    on_slack = replace(MESSAGE, scope=replace(ANNA, platform="slack"))

    assert (await inbox.receive(on_slack, CLEAN)).state == Delivered.NEW


async def test_a_replied_and_remembered_message_is_done(database: Database, inbox: Inbox) -> None:
    """When both steps are done the delivery is done, and its row holds no words."""
    await inbox.receive(MESSAGE, CLEAN)
    await inbox.mark_replied("discord", MESSAGE.dedupe_key)
    halfway = await inbox.receive(MESSAGE, CLEAN)
    await inbox.mark_remembered("discord", MESSAGE.dedupe_key)

    bodies = await database.read(lambda connection: connection.execute("SELECT body FROM inbox").fetchall())
    assert halfway == Delivery(Delivered.IN_PROGRESS, replied=True)
    assert await inbox.receive(MESSAGE, CLEAN) == Delivery(Delivered.DONE, replied=True, remembered=True)
    assert bodies == [(None,)]


@pytest.mark.parametrize("step", ["add", "attach"])
async def test_storing_marks_as_remembered_in_the_same_commit(database: Database, inbox: Inbox, step: str) -> None:
    """`add` and `attach` with an inbox key complete a replied delivery, in one commit with the memory."""
    rows = SqliteRows(database, SPACE)
    (memory,) = await rows.add(ANNA, [TEMPLATE])
    await inbox.receive(MESSAGE, CLEAN)
    await inbox.mark_replied("discord", MESSAGE.dedupe_key)
    before = database.commits

    if step == "add":
        await rows.add(ANNA, [TEMPLATE], inbox_key=MESSAGE.dedupe_key)
    else:
        await rows.attach(ANNA, memory.id, Source("m", NOON), inbox_key=MESSAGE.dedupe_key)

    assert database.commits == before + 1
    assert (await inbox.receive(MESSAGE, CLEAN)).state == Delivered.DONE


async def test_the_next_process_finds_what_was_left(folder: Path, clock: FakeClock) -> None:
    """After a restart unfinished messages come back without secrets, oldest first, with the steps that are done."""
    later = replace(MESSAGE, dedupe_key="key 2", text="second")
    done = replace(MESSAGE, dedupe_key="key 3")
    async with Database.open(folder, clock) as database:
        first_inbox = Inbox(database)
        await first_inbox.receive(MESSAGE, CLEAN)
        await first_inbox.mark_replied("discord", MESSAGE.dedupe_key)
        clock.move(timedelta(seconds=1))
        await first_inbox.receive(later, "second")
        await first_inbox.receive(done, CLEAN)
        await first_inbox.mark_replied("discord", done.dedupe_key)
        await first_inbox.mark_remembered("discord", done.dedupe_key)
        mine = await first_inbox.unfinished("discord")

    async with Database.open(folder, clock) as database:
        inbox = Inbox(database)
        left = await inbox.unfinished("discord")
        again = await inbox.receive(MESSAGE, CLEAN)
        taken_over = await inbox.unfinished("discord")

    assert mine == []
    assert left == [(replace(MESSAGE, text=CLEAN), True, False), (later, False, False)]
    assert again == Delivery(Delivered.UNFINISHED, replied=True)
    assert again.wanted
    assert [message.dedupe_key for message, _, _ in taken_over] == ["key 2"]


async def test_other_platforms_have_their_own_unfinished(folder: Path, clock: FakeClock) -> None:
    """Each platform asks for its own messages only."""
    async with Database.open(folder, clock) as database:
        await Inbox(database).receive(MESSAGE, CLEAN)

    async with Database.open(folder, clock) as database:
        assert await Inbox(database).unfinished("slack") == []
        assert len(await Inbox(database).unfinished("discord")) == 1


async def test_a_lease_runs_out(inbox: Inbox, clock: FakeClock) -> None:
    """A delivery that this process took and never finished is to be done again after the lease, once."""
    await inbox.receive(MESSAGE, CLEAN)
    clock.move(LEASE)

    listed = await inbox.unfinished("discord")
    first = await inbox.receive(MESSAGE, CLEAN)
    second = await inbox.receive(MESSAGE, CLEAN)

    assert len(listed) == 1
    assert (first.state, second.state) == (Delivered.UNFINISHED, Delivered.IN_PROGRESS)


async def test_messages_are_counted_by_person_and_guild(inbox: Inbox, clock: FakeClock) -> None:
    """Counts cover one person in one guild, or all of that guild, from a moment on; finished ones count."""
    for nth, scope in enumerate((ANNA, ANNA, BEN, SAME_PERSON_ELSEWHERE)):
        await inbox.receive(replace(MESSAGE, scope=scope, dedupe_key=f"key {nth}"), CLEAN)
        clock.move(timedelta(seconds=10))
    await inbox.mark_replied("discord", "key 0")
    await inbox.mark_remembered("discord", "key 0")
    start = clock() - timedelta(seconds=40)

    assert await inbox.received_since(ANNA, start) == 2
    assert await inbox.received_since(ANNA, start + timedelta(seconds=1)) == 1
    assert await inbox.received_since(ANNA, start, whole_guild=True) == 3
    assert await inbox.received_since(SAME_PERSON_ELSEWHERE, start, whole_guild=True) == 1


async def test_old_finished_rows_are_pruned(inbox: Inbox, clock: FakeClock) -> None:
    """Finished deliveries of more than seven days go; open ones and newer ones stay."""
    finished, left_open = MESSAGE, replace(MESSAGE, dedupe_key="open")
    for message in (finished, left_open):
        await inbox.receive(message, CLEAN)
    await inbox.mark_replied("discord", finished.dedupe_key)
    await inbox.mark_remembered("discord", finished.dedupe_key)

    assert await inbox.prune(clock() - KEPT) == 0
    clock.move(KEPT + timedelta(seconds=1))
    assert await inbox.prune(clock() - KEPT) == 1
    assert (await inbox.receive(finished, CLEAN)).state == Delivered.NEW
    assert (await inbox.receive(left_open, CLEAN)).state == Delivered.UNFINISHED


async def test_a_deleted_message_is_given_up(folder: Path, clock: FakeClock) -> None:
    """A dropped message is done and blank; one with the same id in another guild is not touched."""
    elsewhere = replace(MESSAGE, scope=SAME_PERSON_ELSEWHERE, dedupe_key="elsewhere")
    async with Database.open(folder, clock) as database:
        inbox = Inbox(database)
        await inbox.receive(MESSAGE, CLEAN)
        await inbox.receive(elsewhere, CLEAN)

        await inbox.drop("discord", ANNA.guild_id, [MESSAGE.source_id, "unknown"])

        assert (await inbox.receive(MESSAGE, CLEAN)).state == Delivered.DONE
    async with Database.open(folder, clock) as database:
        assert await Inbox(database).unfinished("discord") == [(replace(elsewhere, text=CLEAN), False, False)]


async def test_a_message_that_comes_after_its_deletion_is_done(folder: Path, clock: FakeClock) -> None:
    """In a later run too, for as long as a platform may deliver it; a deletion is no message and counts as none."""
    async with Database.open(folder, clock) as database:
        await Inbox(database).drop("discord", ANNA.guild_id, [MESSAGE.source_id])
    async with Database.open(folder, clock) as database:
        inbox = Inbox(database)
        other = replace(MESSAGE, dedupe_key="key 2", source_id="message 2")
        elsewhere = replace(MESSAGE, scope=SAME_PERSON_ELSEWHERE, dedupe_key="elsewhere")

        assert (await inbox.receive(MESSAGE, CLEAN)).state == Delivered.DONE
        assert (await inbox.receive(other, CLEAN)).state == Delivered.NEW
        assert (await inbox.receive(elsewhere, CLEAN)).state == Delivered.NEW
        assert await inbox.received_since(ANNA, clock(), whole_guild=True) == 1
        assert not await inbox.knows_source(ANNA, MESSAGE.source_id)
        clock.move(KEPT + timedelta(seconds=1))
        assert await inbox.prune(clock() - KEPT) == 1


async def test_a_received_message_survives_at_once(
    inbox: Inbox, folder: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """When `receive` returns, a copy of the files as they are, which is what a crash leaves, holds the message."""
    await inbox.receive(MESSAGE, CLEAN)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in ("memory.db", "memory.db-wal"):
        (crashed / name).write_bytes((folder / name).read_bytes())

    async with Database.open(crashed, clock) as database:
        assert await Inbox(database).unfinished("discord") == [(replace(MESSAGE, text=CLEAN), False, False)]


async def test_a_source_is_known_by_its_person(inbox: Inbox) -> None:
    """Its author's message is known, also when it is done; another's, and one that teaches nothing, is not."""
    await inbox.receive(MESSAGE, CLEAN)
    await inbox.receive(replace(MESSAGE, dedupe_key="guest", source_id="of a guest"), "", teaches=False)
    await inbox.drop("discord", ANNA.guild_id, [MESSAGE.source_id])

    assert await inbox.knows_source(ANNA, MESSAGE.source_id)
    assert not await inbox.knows_source(BEN, MESSAGE.source_id)
    assert not await inbox.knows_source(SAME_PERSON_ELSEWHERE, MESSAGE.source_id)
    assert not await inbox.knows_source(ANNA, "of a guest")


async def test_a_released_delivery_may_come_again(inbox: Inbox) -> None:
    """At once, in the same run, until its reply was delivered."""
    await inbox.receive(MESSAGE, CLEAN)
    await inbox.release("discord", MESSAGE.dedupe_key)
    again = await inbox.receive(MESSAGE, CLEAN)
    await inbox.mark_replied("discord", MESSAGE.dedupe_key)
    await inbox.release("discord", MESSAGE.dedupe_key)

    assert again.state == Delivered.UNFINISHED
    assert (await inbox.receive(MESSAGE, CLEAN)).state == Delivered.IN_PROGRESS


async def test_a_message_is_restated_until_it_is_replied_to(folder: Path, clock: FakeClock) -> None:
    """What is left of it says the new text, in this run and the next; its lease stays, what is replied to stays."""
    replied = replace(MESSAGE, dedupe_key="replied")
    async with Database.open(folder, clock) as database:
        inbox = Inbox(database)
        for message in (MESSAGE, replied):
            await inbox.receive(message, CLEAN)
        await inbox.mark_replied("discord", "replied")
        await inbox.restate(ANNA, MESSAGE.source_id, "second", remembered=False)
        state = (await inbox.receive(MESSAGE, CLEAN)).state
    async with Database.open(folder, clock) as database:
        inbox = Inbox(database)
        left = [message.text for message, _, _ in await inbox.unfinished("discord")]
        await inbox.restate(ANNA, MESSAGE.source_id, "third", remembered=True)
        again = await inbox.receive(MESSAGE, CLEAN)

    assert state == Delivered.IN_PROGRESS
    assert left == ["second", CLEAN]
    assert again == Delivery(Delivered.UNFINISHED, remembered=True, restated="third")


async def test_later_deliveries_do_not_count_against_an_earlier_one(inbox: Inbox, clock: FakeClock) -> None:
    """Up to its number, a delivery is counted with those entered before it."""
    keys = ("key 1", "key 2", "key 3")
    numbers = [(await inbox.receive(replace(MESSAGE, dedupe_key=key), CLEAN)).number for key in keys]

    assert [await inbox.received_since(ANNA, clock(), up_to=number) for number in numbers] == [1, 2, 3]


async def test_a_damaged_body_is_an_error(folder: Path, clock: FakeClock) -> None:
    """A body that does not read as a message is reported, not skipped."""
    async with Database.open(folder, clock) as database:
        await Inbox(database).receive(MESSAGE, CLEAN)
        await database.write(lambda connection: connection.execute("UPDATE inbox SET body = x'00ff'").rowcount)

    async with Database.open(folder, clock) as database:
        with pytest.raises(StoreError, match="a message in the inbox is damaged"):
            await Inbox(database).unfinished("discord")
