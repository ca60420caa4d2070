"""The SQLite row store against the suite that every row store passes, and what only it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.protocols import Idle
from bot.store.database import Database
from bot.store.rows import SqliteRows
from bot.types import Source
from tests.conformance.row_store import ANNA, NOON, SPACE, RowStoreConformance, saying
from tests.store.conftest import FakeClock


class TestSqliteRows(RowStoreConformance):
    """Rows in a real file."""

    @pytest.fixture
    async def rows(self, tmp_path: Path) -> AsyncIterator[SqliteRows]:
        async with Database.open(tmp_path / "data", lambda: datetime.now(UTC)) as database:
            yield SqliteRows(database, SPACE)


async def test_saying_or_changing_a_memory_again_uses_it(database: Database, clock: FakeClock) -> None:
    """What was repeated or edited lies idle no longer."""
    rows = SqliteRows(database, SPACE)
    repeated, edited, neither = await rows.add(ANNA, [saying("a", "m1"), saying("b"), saying("c")])
    clock.move(timedelta(days=1))

    await rows.attach(ANNA, repeated.id, Source("m2", NOON))
    await rows.edit(ANNA, edited.id, "B", None)

    assert await rows.idle([Idle("discord", "guild", clock())], 10) == (1, [(ANNA, neither.id)])
