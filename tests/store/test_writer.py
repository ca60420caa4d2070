"""Group commit: few commits for many, each answered for itself, nothing acknowledged that is not on disk."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.database import Database
from bot.store.rows import SqliteRows
from bot.types import Memory
from tests.conformance.row_store import ANNA, SPACE, TEMPLATE, saying
from tests.store.conftest import FakeClock


class Gate:
    """Work that holds the writer's thread until it is let through."""

    def __init__(self) -> None:
        self._entered = threading.Event()
        self._open = threading.Event()

    def __call__(self, _: sqlite3.Connection) -> None:
        self._entered.set()
        assert self._open.wait(10)

    async def entered(self) -> None:
        """Return when the writer stands in the gate."""
        assert await asyncio.to_thread(self._entered.wait, 10)

    def open(self) -> None:
        """Let the writer go on."""
        self._open.set()


def setting(name: str) -> Callable[[sqlite3.Connection], None]:
    """Return work that stores something under a name."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO settings (subject, name, value) VALUES (x'00', ?, '')", (name,))

    return work


async def stored(database: Database) -> list[str]:
    """Return the names that were stored."""
    return await database.read(
        lambda connection: [name for (name,) in connection.execute("SELECT name FROM settings ORDER BY name")]
    )


async def test_waiting_adds_share_a_commit(database: Database) -> None:
    """32 adds at once take at most two commits, and all of them are there."""
    rows = SqliteRows(database, SPACE)
    await rows.add(ANNA, [TEMPLATE])
    before = database.commits

    await asyncio.gather(*(rows.add(ANNA, [saying(f"{nth}")]) for nth in range(32)))

    assert database.commits - before <= 2
    assert await rows.count() == 33


async def test_what_arrives_during_a_commit_goes_into_the_next(database: Database) -> None:
    """Work that arrives while the writer is busy waits, and then shares one commit."""
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await gate.entered()
    others = [asyncio.create_task(database.write(setting(f"{nth}"))) for nth in range(5)]
    await asyncio.sleep(0)
    before = database.commits

    gate.open()
    await asyncio.gather(first, *others)

    assert database.commits - before == 2
    assert await stored(database) == ["0", "1", "2", "3", "4"]


async def test_one_failure_leaves_the_others(database: Database) -> None:
    """Of three pieces in a commit one fails: it is undone alone and raises alone."""

    def half(connection: sqlite3.Connection) -> None:
        setting("half")(connection)
        raise ZeroDivisionError

    outcomes = await asyncio.gather(
        *(database.write(work) for work in (setting("a"), half, setting("b"), setting("a"))), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), ZeroDivisionError, type(None), StoreError]
    assert await stored(database) == ["a", "b"]


async def test_a_commit_that_fails_acknowledges_nothing(database: Database) -> None:
    """When COMMIT is refused, every piece of it fails, nothing is stored, and the writer goes on."""

    def poisoned(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO sources VALUES (1, 'of no memory', 0)")

    outcomes = await asyncio.gather(
        *(database.write(work) for work in (setting("a"), poisoned, setting("b"))), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [StoreError] * 3
    assert await stored(database) == []
    await database.write(setting("c"))
    assert await stored(database) == ["c"]


async def test_work_cancelled_before_its_turn_is_not_done(database: Database) -> None:
    """A waiter that was cancelled leaves no trace, and the others are served."""
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await gate.entered()
    cancelled = asyncio.create_task(database.write(setting("cancelled")))
    other = asyncio.create_task(database.write(setting("other")))
    await asyncio.sleep(0)

    cancelled.cancel()
    gate.open()
    await asyncio.gather(first, cancelled, other, return_exceptions=True)

    assert cancelled.cancelled()
    assert await stored(database) == ["other"]


async def test_cancelling_a_waiter_midway_does_not_stop_the_writer(database: Database) -> None:
    """One who gives up during the commit is not answered; the next is."""
    gate = Gate()
    midway = asyncio.create_task(database.write(gate))
    await gate.entered()

    midway.cancel()
    gate.open()
    await database.write(setting("next"))

    assert midway.cancelled()
    assert await stored(database) == ["next"]


async def test_closing_finishes_what_waits(folder: Path, clock: FakeClock) -> None:
    """Work that was accepted before closing is on disk after it; work that comes later is refused."""
    async with Database.open(folder, clock) as database:
        waiting = [asyncio.create_task(database.write(setting(f"{nth}"))) for nth in range(50)]
        await asyncio.sleep(0)

    await asyncio.gather(*waiting)
    with pytest.raises(StoreError, match="closed"):
        await database.write(setting("late"))
    async with Database.open(folder, clock) as again:
        assert len(await stored(again)) == 50


async def test_no_more_than_a_bounded_number_waits(database: Database) -> None:
    """Beyond 1,024 pieces the senders wait, and every piece is done in the end."""
    gate = Gate()
    first = asyncio.create_task(database.write(gate))
    await gate.entered()
    senders = [asyncio.create_task(database.write(setting(f"{nth}"))) for nth in range(1500)]
    await asyncio.sleep(0)

    waiting = len(database._writer._waiting)
    gate.open()
    await asyncio.gather(first, *senders)

    assert waiting == 1023
    assert len(await stored(database)) == 1500


async def test_a_full_file_loses_nothing_and_still_forgets(database: Database) -> None:
    """At the page limit adds fail with a clear line; what was stored is there, and forgetting makes room."""
    rows = SqliteRows(database, SPACE)
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 120").fetchall())
    kept: list[Memory] = []

    async def fill() -> None:
        for nth in range(1000):
            kept.extend(await rows.add(ANNA, [saying(f"{nth} {'x' * 900}", f"m{nth}")]))

    with pytest.raises(StoreError, match="disk full; free some space, nothing was saved"):
        await fill()
    assert [row.id for row in await rows.rows(ANNA)] == [memory.id for memory in kept]
    for memory in kept[:50]:
        await rows.finish(await rows.erase(ANNA, [memory.id]))
    assert [row.id for row in await rows.rows(ANNA)] == [memory.id for memory in kept[50:]]
    assert await rows.was_forgotten(ANNA, "m0")
    await rows.add(ANNA, [saying("there is room again")])


LIMITED = """
import asyncio, json, resource, sys
from pathlib import Path
from bot.errors import StoreError
from bot.store.database import Database
from bot.store.rows import SqliteRows
from tests.conformance.row_store import ANNA, SPACE, saying
from tests.store.remains import now

async def main():
    async with Database.open(Path(sys.argv[1]), now) as database:
        rows, kept, said = SqliteRows(database, SPACE), [], ""
        resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))
        try:
            while True:
                kept += [memory.id for memory in await rows.add(ANNA, [saying("x" * 900)])]
        except StoreError as error:
            said = str(error)
        present = [row.id for row in await rows.rows(ANNA)]
        await rows.erase(ANNA, kept[:5])
        left = [row.id for row in await rows.rows(ANNA)]
        print(json.dumps([kept, said, present, left]))

import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main())
"""


async def test_a_disk_that_takes_no_more_loses_nothing_and_still_forgets(folder: Path, clock: FakeClock) -> None:
    """When the system refuses to grow a file, the same holds, and the folder opens again with all that was kept."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LIMITED, str(folder)),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asyncio.wait_for(child.communicate(), 30)
    kept, said, present, left = json.loads(printed)

    assert said == "could not store: disk full; free some space, nothing was saved"
    assert len(kept) > 20
    assert present == kept
    assert left == kept[5:]
    async with Database.open(folder, clock) as database:
        assert [row.id for row in await SqliteRows(database, SPACE).rows(ANNA)] == left
