"""Who may use a data folder, and what its files allow to whom."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from bot.errors import FolderInUse, StoreError
from bot.store.database import Database
from bot.store.rows import SqliteRows
from bot.store.schema import copy
from tests.conformance.row_store import ANNA, SPACE, TEMPLATE
from tests.store.conftest import FakeClock

HOLD = """
import asyncio, sys
from pathlib import Path
from bot.store.database import Database
from tests.store.remains import now

async def main():
    async with Database.open(Path(sys.argv[1]), now):
        print("held", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""


async def _holder(folder: Path) -> asyncio.subprocess.Process:
    """Return a process that holds the folder."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(folder)),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout
    assert await asyncio.wait_for(child.stdout.readline(), 20) == b"held\n"
    return child


async def test_a_second_process_is_told_who_holds_the_folder(folder: Path, clock: FakeClock) -> None:
    """A folder in use is refused at once, with the holder's process id and what to do."""
    holder = await _holder(folder)
    try:
        async with asyncio.timeout(1):
            with pytest.raises(FolderInUse) as refused:
                async with Database.open(folder, clock):
                    pass
    finally:
        holder.kill()
        await holder.wait()

    assert str(refused.value) == (
        f"data folder {folder} is in use by process {holder.pid}; stop it, or set FORGETMENOT_DATA to another folder"
    )


async def test_a_killed_holder_blocks_nobody(folder: Path, clock: FakeClock) -> None:
    """After kill -9 of the holder the folder opens, and names its new holder."""
    holder = await _holder(folder)
    holder.kill()
    await holder.wait()

    async with Database.open(folder, clock):
        assert (folder / "lock").read_text() == f"{os.getpid()}\n"


async def test_the_folder_is_free_after_closing(folder: Path, clock: FakeClock) -> None:
    """Opening, closing and opening again works in one process; opening twice at once does not."""
    async with Database.open(folder, clock):
        with pytest.raises(FolderInUse):
            async with Database.open(folder, clock):
                pass
    async with Database.open(folder, clock):
        pass


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
async def test_only_the_owner_may_read(folder: Path, clock: FakeClock, umask: int) -> None:
    """Whatever the umask, the folder has mode 0700 and every file in it 0600, copies and SQLite's own included."""
    before = os.umask(umask)
    try:
        async with Database.open(folder / "deeper", clock) as database:
            await SqliteRows(database, SPACE).add(ANNA, [TEMPLATE])
            path = folder / "deeper" / "memory.db.before-2"
            await database.read(lambda connection: copy(connection, path))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            folder_mode = stat.S_IMODE(path.parent.stat().st_mode)
    finally:
        os.umask(before)

    assert folder_mode == 0o700
    assert set(modes) >= {"memory.db", "memory.db-wal", "memory.db-shm", "memory.db.before-2", "lock", "reserve"}
    assert set(modes.values()) == {0o600}


async def test_a_file_that_others_could_read_is_made_private(folder: Path, clock: FakeClock) -> None:
    """A database that was copied here with mode 0644 is 0600 once opened."""
    async with Database.open(folder, clock):
        pass
    (folder / "memory.db").chmod(0o644)

    async with Database.open(folder, clock):
        assert stat.S_IMODE((folder / "memory.db").stat().st_mode) == 0o600


async def test_a_folder_that_existed_keeps_its_mode(tmp_path: Path, clock: FakeClock) -> None:
    """A folder made by somebody else, such as /tmp, is not shut for its other users."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)

    async with Database.open(tmp_path / "shared", clock):
        assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o755


async def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    """The error names the path, what is wrong and the setting to change."""
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(StoreError, match=r"data folder .*/data cannot be used: .*FORGETMENOT_DATA") as refused:
        async with Database.open(tmp_path / "data", clock):
            pass

    assert "\n" not in str(refused.value)


async def test_a_folder_that_cannot_be_made_is_refused(clock: FakeClock) -> None:
    """A place where nobody may write, not even root, gives the same one line."""
    with pytest.raises(StoreError, match="cannot be used"):
        async with Database.open(Path("/proc/forgetmenot"), clock):
            pass
