"""A memory core on a new data folder, with a clock that moves only when told."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.memory.core import MemoryCore
from tests.memory.folders import Clock, core_on


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the data folder of the test will be."""
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def quiet_libraries(silent_log: None, caplog: pytest.LogCaptureFixture) -> None:
    """Keep the database library from logging its hundred thousand calls, which takes longer than the calls."""
    caplog.set_level(logging.INFO, "aiosqlite")


@pytest.fixture
async def core(folder: Path, clock: Clock) -> AsyncIterator[MemoryCore]:
    """A core with the embedded embedder, open."""
    async with core_on(folder, clock) as opened:
        yield opened
