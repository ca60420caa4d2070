"""An open data folder in a temporary place, and a clock that moves only when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.database import Database


class FakeClock:
    """Shows the same moment until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        """Go on by some time."""
        self.now += by


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still."""
    return FakeClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the data folder of the test will be."""
    return tmp_path / "data"


@pytest.fixture
def made_folder(folder: Path) -> Path:
    """The same, made already."""
    folder.mkdir()
    return folder


@pytest.fixture
async def database(folder: Path, clock: FakeClock) -> AsyncIterator[Database]:
    """A new data folder, open."""
    async with Database.open(folder, clock) as database:
        yield database
