"""Files that are newer, foreign or damaged are refused untouched; older ones are brought up after a copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import NewerSchema, StoreError
from bot.protocols import Usage
from bot.store.database import Database
from bot.store.ledger import Ledger, Tally
from bot.store.migrations import MIGRATIONS
from bot.store.replies import Reply
from bot.store.rows import SqliteRows
from bot.types import Memory, Mode
from tests.conformance.row_store import ANNA, NOON, SPACE, saying
from tests.store.conftest import FakeClock

NEXT = (*MIGRATIONS, ("ALTER TABLE memories ADD COLUMN mood TEXT", "CREATE TABLE moods (name TEXT)"))
BROKEN = (*MIGRATIONS, ("CREATE TABLE moods (name TEXT)", "ALTER TABLE nowhere ADD COLUMN mood TEXT"))


async def _filled(folder: Path, clock: FakeClock) -> list[Memory]:
    """Make a data folder of this version with three memories."""
    async with Database.open(folder, clock) as database:
        return await SqliteRows(database, SPACE).add(ANNA, [saying(f"memory {nth}") for nth in range(3)])


def _files(folder: Path) -> dict[str, bytes]:
    """Return the files that hold data, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in {"lock", "reserve"}}


async def _open(folder: Path, clock: FakeClock) -> None:
    async with Database.open(folder, clock):
        pass


async def test_a_newer_schema_is_refused_byte_for_byte(folder: Path, clock: FakeClock) -> None:
    """A file with a higher schema number stays as it is, and no file appears beside it."""
    await _filled(folder, clock)
    with closing(sqlite3.connect(folder / "memory.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = _files(folder)

    with pytest.raises(NewerSchema, match=r"schema 99, this version knows up to 2; it was left untouched") as refused:
        await _open(folder, clock)

    assert _files(folder) == before
    assert list(before) == ["memory.db"]
    assert refused.value.exit_code == 4


async def test_a_newer_schema_in_the_log_is_refused_too(folder: Path, tmp_path: Path, clock: FakeClock) -> None:
    """After a crash the newer schema may stand in the write-ahead log alone: file and log stay as they are."""
    await _filled(folder, clock)
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(sqlite3.connect(folder / "memory.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
        for name in ("memory.db", "memory.db-wal"):
            (crashed / name).write_bytes((folder / name).read_bytes())
    before = _files(crashed)

    with pytest.raises(NewerSchema):
        await _open(crashed, clock)

    after = _files(crashed)
    assert {name: after[name] for name in before} == before


async def test_opening_a_newer_schema_would_change_it(folder: Path, clock: FakeClock) -> None:
    """Control: opened by a version that knows schema 2, the same file does change."""
    await _filled(folder, clock)
    before = _files(folder)

    async with Database.open(folder, clock, NEXT):
        pass

    assert _files(folder)["memory.db"] != before["memory.db"]


@pytest.mark.parametrize(
    "content", [b"not a database, but somebody's notes\n" * 300, b"SQLite format 3\0" + b"\xff" * 9000]
)
async def test_a_file_that_is_no_database_is_left_alone(made_folder: Path, clock: FakeClock, content: bytes) -> None:
    """Garbage under our name is refused with one line and not a byte of it is changed."""
    (made_folder / "memory.db").write_bytes(content)

    with pytest.raises(StoreError, match=r"memory.db is damaged; it was left as it is") as refused:
        await _open(made_folder, clock)

    assert _files(made_folder) == {"memory.db": content}
    assert "\n" not in str(refused.value)


async def test_a_database_of_another_program_is_left_alone(made_folder: Path, clock: FakeClock) -> None:
    """A valid SQLite file that is not ours is refused, unchanged."""
    with closing(sqlite3.connect(made_folder / "memory.db")) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    before = _files(made_folder)

    with pytest.raises(StoreError, match="was not written by this program"):
        await _open(made_folder, clock)

    assert _files(made_folder) == before


async def test_a_damaged_page_is_found_at_the_start(folder: Path, clock: FakeClock) -> None:
    """A page of zeros in the middle stops the start, with advice, and nothing is deleted."""
    async with Database.open(folder, clock) as database:
        await SqliteRows(database, SPACE).add(ANNA, [saying("x" * 2000) for _ in range(50)])
        page = await database.read(
            lambda connection: connection.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'memories'"
            ).fetchone()
        )
    whole = (folder / "memory.db").read_bytes()
    start = (page[0] - 1) * 4096
    (folder / "memory.db").write_bytes(whole[:start] + bytes(4096) + whole[start + 4096 :])

    with pytest.raises(StoreError, match="run: forgetmenot restore"):
        await _open(folder, clock)

    assert len((folder / "memory.db").read_bytes()) == len(whole)


async def test_an_old_sqlite_is_refused(folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is patched because only one SQLite is linked here."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))

    with pytest.raises(StoreError, match=r"3\.35 or newer is needed"):
        await _open(folder, clock)

    assert _files(folder) == {}


async def test_an_empty_file_is_a_new_one(made_folder: Path, clock: FakeClock) -> None:
    """A process killed before its first write leaves an empty file; the next start goes on from it."""
    (made_folder / "memory.db").touch()

    assert len(await _filled(made_folder, clock)) == 3


async def test_a_migration_keeps_everything_and_a_copy(folder: Path, clock: FakeClock) -> None:
    """An older file is copied, brought up, and reads as before; the copy opens with the older version."""
    memories = await _filled(folder, clock)

    async with Database.open(folder, clock, NEXT) as database:
        found = await SqliteRows(database, SPACE).get(ANNA, [memory.id for memory in memories])
        columns = await database.read(lambda connection: connection.execute("SELECT mood FROM memories").fetchall())

    assert found == memories
    assert columns == [(None,)] * 3
    with closing(sqlite3.connect(folder / "memory.db.before-3")) as copied:
        assert copied.execute("PRAGMA user_version").fetchone() == (2,)
        assert copied.execute("SELECT count(*) FROM memories").fetchone() == (3,)


async def test_what_the_first_schema_held_is_there_in_this_one(folder: Path, clock: FakeClock) -> None:
    """Replies with their memories, settings and usage of a folder that the first version wrote read as before."""
    async with Database.open(folder, clock, MIGRATIONS[:1]) as database:
        (memory,) = await SqliteRows(database, SPACE).add(ANNA, [saying("a")])
        place, scope = database.hashes.place(ANNA, memory.place), database.hashes.scope(ANNA)
        person = database.hashes.subject('["discord", "guild", "anna"]')

        def fill(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO replies VALUES (7, ?, ?, ?)", (place, scope, NOON.timestamp()))
            connection.execute("INSERT INTO reply_hits VALUES (7, 0, ?, ?)", (memory.id, '{"lexical": 0.5}'))
            connection.execute("INSERT INTO settings VALUES (?, 'mode', 'off')", (person,))
            connection.execute("INSERT INTO usage VALUES ('discord', 'guild', '2026-03-01', 10, 2)")

        await database.write(fill)

    async with Database.open(folder, clock) as database:
        ledger, rows = Ledger(database), SqliteRows(database, SPACE)
        assert await ledger.last_reply(ANNA, memory.place) == Reply(NOON, ((memory.id, {"lexical": 0.5}),))
        assert await ledger.mode(ANNA) is Mode.OFF
        assert await ledger.tally("discord", "guild", NOON.date()) == Tally(0, Usage(10, 2))
        await rows.erase(ANNA, [memory.id])
        assert await ledger.last_reply(ANNA, memory.place) == Reply(NOON, ())
        await rows.erase(ANNA, None)
        assert await ledger.last_reply(ANNA, memory.place) is None


async def test_a_migration_that_fails_changes_nothing(folder: Path, clock: FakeClock) -> None:
    """When a statement fails, none of the migration stays, and this version opens the file as before."""
    memories = await _filled(folder, clock)

    with pytest.raises(StoreError, match="could not open the data"):
        async with Database.open(folder, clock, BROKEN):
            pass

    async with Database.open(folder, clock) as database:
        assert await SqliteRows(database, SPACE).get(ANNA, [memory.id for memory in memories]) == memories
        tables = await database.read(lambda connection: connection.execute("SELECT name FROM sqlite_master").fetchall())
    assert ("moods",) not in tables


async def test_what_a_crash_left_in_the_log_is_moved_at_the_start(
    folder: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """A log found at the start is taken into the file and emptied before anything else."""
    async with Database.open(folder, clock) as database:
        (memory,) = await SqliteRows(database, SPACE).add(ANNA, [saying("only in the log")])
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for name, content in _files(folder).items():
            (crashed / name).write_bytes(content)
    log_before = (crashed / "memory.db-wal").stat().st_size

    async with Database.open(crashed, clock) as database:
        log_after = (crashed / "memory.db-wal").stat().st_size
        found = await SqliteRows(database, SPACE).get(ANNA, [memory.id])

    assert log_before > 0
    assert log_after == 0
    assert found == [memory]


async def test_every_folder_has_its_own_secret(tmp_path: Path, clock: FakeClock) -> None:
    """Keyed hashes agree within a folder, over restarts, and differ between folders and purposes."""

    async def hashed(name: str) -> list[bytes]:
        async with Database.open(tmp_path / name, clock) as database:
            return [database.hashes.scope(ANNA), database.hashes.subject("a"), database.hashes.of("x", "ab", "c")]

    first, again, other = [await hashed(name) for name in ("a", "a", "b")]

    assert first == again
    assert not set(first) & set(other)
    assert len(set(first)) == 3
    assert all(len(one) == 32 for one in first)


async def test_moved_borders_give_another_hash(database: Database) -> None:
    """("ab", "c") and ("a", "bc") are different words."""
    assert database.hashes.of("x", "ab", "c") != database.hashes.of("x", "a", "bc")
    assert database.hashes.of("x", "ab") != database.hashes.of("xab")
