"""Nothing of what was erased can be found in any byte of the data folder, and the search would find it."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.errors import StoreError
from bot.events import IncomingMessage
from bot.store.database import Database
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.store.rows import SqliteRows
from bot.types import Author, Mode, PlaceKind, Scope
from tests.conformance.row_store import NOON, TEMPLATE, saying
from tests.store.conftest import FakeClock
from tests.store.remains import OWNER, SPACE, Planted, contents, found_in, plant

MEMORIES = 200


def ids_of(planted: Sequence[Planted]) -> list[int]:
    """Return the memory ids of what was planted."""
    return [each.memory.id for each in planted]


def shuffled_halves(planted: Sequence[Planted]) -> tuple[Sequence[Planted], Sequence[Planted]]:
    """Return two random halves."""
    shuffled = random.Random(7).sample(planted, len(planted))
    return shuffled[: len(planted) // 2], shuffled[len(planted) // 2 :]


async def test_no_byte_of_the_erased_half_is_left(folder: Path, clock: FakeClock) -> None:
    """Of 200 memories half are erased: nothing of them is in any file, open or closed; all of the rest is."""
    async with Database.open(folder, clock) as database:
        rows = SqliteRows(database, SPACE)
        erased, kept = shuffled_halves(await plant(rows, MEMORIES))
        await rows.finish(await rows.erase(OWNER, ids_of(erased)))

        assert (found_in(folder, erased), found_in(folder, kept)) == (0, len(kept))
    assert (found_in(folder, erased), found_in(folder, kept)) == (0, len(kept))


async def test_the_search_sees_an_erasure_without_a_scrub(folder: Path, clock: FakeClock) -> None:
    """Control: when `finish` was not called, every erased memory is still found in the files."""
    async with Database.open(folder, clock) as database:
        rows = SqliteRows(database, SPACE)
        erased, _ = shuffled_halves(await plant(rows, MEMORIES))
        await rows.erase(OWNER, ids_of(erased))

        assert found_in(folder, erased) == len(erased)


async def test_the_search_sees_a_checkpoint_without_secure_delete(folder: Path, clock: FakeClock) -> None:
    """Control: a truncated log alone, with deleted rows not overwritten, leaves most of them to be found."""
    async with Database.open(folder, clock) as database:
        await database.write(lambda connection: connection.execute("PRAGMA secure_delete = OFF").fetchall())
        rows = SqliteRows(database, SPACE)
        erased, _ = shuffled_halves(await plant(rows, MEMORIES))
        await rows.erase(OWNER, ids_of(erased))
        await database.checkpoint()

        assert found_in(folder, erased) > len(erased) / 2


async def _traces_of_a_history(folder: Path, clock: FakeClock, seed: int, *, rebuild: bool) -> int:
    """Play a random history of adding and erasing; return how many erased memories have left something."""
    choose = random.Random(seed)
    erased: list[Planted] = []
    kept: list[Planted] = []
    async with Database.open(folder, clock) as database:
        rows = SqliteRows(database, SPACE)
        for _ in range(6):
            kept += await plant(rows, choose.randint(1, 120), choose.choice([0, 10, 40, 300]))
            choose.shuffle(kept)
            gone = choose.randint(0, len(kept))
            erasure = await rows.erase(OWNER, ids_of(kept[:gone]))
            erased += kept[:gone]
            del kept[:gone]
            await (rows.finish(erasure) if rebuild else database.checkpoint())
    assert found_in(folder, kept) == len(kept)
    return found_in(folder, erased)


MOVING_SEEDS = (1, 19, 24)
"""Histories after which SQLite 3.40 leaves a moved row readable when the file is not rebuilt."""


async def test_rows_that_were_moved_leave_nothing_behind(tmp_path: Path, clock: FakeClock) -> None:
    """SQLite copies rows when it balances pages; no copy of an erased one is left either."""
    for seed in (*MOVING_SEEDS, 2, 3):
        assert await _traces_of_a_history(tmp_path / str(seed), clock, seed, rebuild=True) == 0


async def test_the_search_sees_moved_rows(tmp_path: Path, clock: FakeClock) -> None:
    """Control: secure_delete and a truncated log alone leave copies in some of the same histories."""
    left = [await _traces_of_a_history(tmp_path / str(seed), clock, seed, rebuild=False) for seed in MOVING_SEEDS]

    assert sum(left) > 0


HALF_AN_ERASURE = """
import asyncio, json, sys
from pathlib import Path
from bot.store.database import Database
from bot.store.rows import SqliteRows
from tests.store.remains import OWNER, SPACE, now

async def main():
    async with Database.open(Path(sys.argv[1]), now) as database:
        await SqliteRows(database, SPACE).erase(OWNER, json.loads(sys.stdin.readline()))
        print("erased", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


async def _erase_and_die(folder: Path, ids: Sequence[int]) -> None:
    """Erase in another process and kill it before it can finish."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HALF_AN_ERASURE, str(folder)),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    child.stdin.write(f"{list(ids)}\n".encode())
    said = await asyncio.wait_for(child.stdout.readline(), 20)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    assert said == b"erased\n"


async def test_an_interrupted_erasure_is_finished_at_the_next_start(folder: Path, clock: FakeClock) -> None:
    """Killed between `erase` and `finish`, the next process finds the erasure, finishes it, and nothing is left."""
    async with Database.open(folder, clock) as database:
        erased, kept = shuffled_halves(await plant(SqliteRows(database, SPACE), MEMORIES))
    await _erase_and_die(folder, ids_of(erased))
    before = found_in(folder, erased)

    async with Database.open(folder, clock) as database:
        rows = SqliteRows(database, SPACE)
        (erasure,) = await rows.unfinished_erasures()
        await rows.finish(erasure)
        after = (found_in(folder, erased), found_in(folder, kept))

    assert before == len(erased)
    assert set(erasure.memory_ids) == set(ids_of(erased))
    assert after == (0, len(kept))


async def test_the_text_before_an_edit_is_erased(folder: Path, clock: FakeClock) -> None:
    """After an edit was finished, the old text and vector are in no file."""
    async with Database.open(folder, clock) as database:
        rows = SqliteRows(database, SPACE)
        (edited, *others) = await plant(rows, 10)
        await rows.finish(await rows.edit(OWNER, edited.memory.id, "new text", None))
        files = contents(folder)

    old_vector = edited.vector.astype("<f2").tobytes()
    assert not any(edited.token[-8:].encode() in content or old_vector in content for content in files)
    assert found_in(folder, others) == len(others)


async def test_forgetting_everything_leaves_nothing_that_names_the_person(folder: Path, clock: FakeClock) -> None:
    """Memories, open messages, last replies and the ids themselves are gone; an opt-out still holds."""
    person = Scope("discord", "guild", "9c1f2e7ab04d5863")
    message = IncomingMessage(
        dedupe_key="77aa11bb22cc33dd",
        scope=person,
        place=replace(TEMPLATE.place, kind=PlaceKind.DM),
        author=Author(person.user_id, "Zoe 5566"),
        text="secret d4e8",
        source_id="e0f1a2b3c4d5e6f7",
        sent_at=NOON,
    )
    words = (person.user_id, message.dedupe_key, message.source_id, message.author.name, message.text, "my 8c0d text")

    def found() -> list[str]:
        files = contents(folder)
        return [word for word in words if any(word.encode() in content for content in files)]

    async with Database.open(folder, clock) as database:
        rows, inbox, ledger = SqliteRows(database, SPACE), Inbox(database), Ledger(database)
        await inbox.receive(message, message.text)
        (memory,) = await rows.add(person, [saying("my 8c0d text", "another message")])
        await ledger.save_reply(person, message.place, NOON, [(memory.id, {"semantic": 0.5})], source_id="m1")
        await ledger.set_mode(person, Mode.OFF)
        before = found()

        await rows.finish(await rows.erase(person, None))

        assert set(before) == set(words)
        assert found() == []
        assert await ledger.mode(person) == Mode.OFF
        assert await ledger.last_reply(person, message.place) is None
        assert not (await inbox.receive(message, message.text)).wanted
    assert found() == []


async def test_forgetting_blanks_the_messages_that_taught_it(database: Database) -> None:
    """An open message that an erased memory came from is not worked on again; others are."""
    rows, inbox = SqliteRows(database, SPACE), Inbox(database)
    taught, other = (
        IncomingMessage(f"k{nth}", OWNER, TEMPLATE.place, Author("u1", "Zoe"), "text", f"m{nth}", NOON)
        for nth in (1, 2)
    )
    await inbox.receive(taught, taught.text)
    await inbox.receive(other, other.text)
    (memory,) = await rows.add(OWNER, [saying("text", taught.source_id)])

    await rows.erase(OWNER, [memory.id])

    database.run_id = b"next process"
    assert [message.dedupe_key for message, _, _ in await inbox.unfinished("discord")] == [other.dedupe_key]


async def test_a_forgotten_memory_leaves_the_last_reply(database: Database, clock: FakeClock) -> None:
    """The memories of a last reply are those that still exist, in order."""
    rows, ledger = SqliteRows(database, SPACE), Ledger(database)
    first, second, third = await rows.add(OWNER, [saying("a"), saying("b"), saying("c")])
    hits = [(memory.id, {"semantic": 0.5}) for memory in (third, second, first)]
    await ledger.save_reply(OWNER, TEMPLATE.place, clock(), hits, source_id="m1")

    await rows.erase(OWNER, [second.id])

    reply = await ledger.last_reply(OWNER, TEMPLATE.place)
    assert reply is not None
    assert [memory_id for memory_id, _ in reply.hits] == [third.id, first.id]


async def test_a_copy_made_before_a_migration_goes_with_the_first_erasure(database: Database, folder: Path) -> None:
    """A copy would hold what is forgotten from now on, so it is removed when something is."""
    rows = SqliteRows(database, SPACE)
    (memory,) = await rows.add(OWNER, [TEMPLATE])
    (folder / "memory.db.before-2").write_bytes(b"old words")
    before = contents(folder)

    await rows.finish(await rows.erase(OWNER, [memory.id]))

    assert b"old words" in before
    assert b"old words" not in contents(folder)


async def test_erasures_that_wait_share_a_scrub(database: Database) -> None:
    """Twenty erasures finished at once rebuild the file twice at most, and all are closed."""
    rebuilds: list[str] = []
    await database.write(lambda connection: connection.set_trace_callback(rebuilds.append))
    rows = SqliteRows(database, SPACE)
    planted = await plant(rows, 20)
    erasures = [await rows.erase(OWNER, [each.memory.id]) for each in planted]

    await asyncio.gather(*(rows.finish(erasure) for erasure in erasures))

    assert 1 <= rebuilds.count("VACUUM") <= 2
    assert await rows.unfinished_erasures() == []
    assert found_in(database.folder, planted) == 0


async def test_a_scrub_that_failed_is_not_taken_for_done(database: Database) -> None:
    """While another program reads the file, nobody who waits is told that nothing is left; afterwards all can be."""
    rows = SqliteRows(database, SPACE)
    planted = await plant(rows, 3)
    await database.write(lambda connection: connection.execute("PRAGMA busy_timeout = 0").fetchall())
    with closing(sqlite3.connect(database.folder / "memory.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM memories").fetchone()
        erasures = [await rows.erase(OWNER, [each.memory.id]) for each in planted]
        outcomes = await asyncio.gather(*(rows.finish(erasure) for erasure in erasures), return_exceptions=True)
        open_meanwhile = await rows.unfinished_erasures()

    assert [type(outcome) for outcome in outcomes] == [StoreError] * 3
    assert "another program reads memory.db" in str(outcomes[0])
    assert open_meanwhile == erasures
    await asyncio.gather(*(rows.finish(erasure) for erasure in erasures))
    assert await rows.unfinished_erasures() == []
