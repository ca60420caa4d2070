"""The SQLite row store against the suite that every row store passes, and what only it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.rows import SqliteRows
from tests.conformance.row_store import SPACE, RowStoreConformance


class TestSqliteRows(RowStoreConformance):
    """Rows in a real file."""

    @pytest.fixture
    async def rows(self, tmp_path: Path) -> AsyncIterator[SqliteRows]:
        async with Database.open(tmp_path / "data", lambda: datetime.now(UTC)) as database:
            yield SqliteRows(database, SPACE)
