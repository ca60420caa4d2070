"""The token table, opened once: it is read only."""

from __future__ import annotations

import pytest

from bot.embedders.table import TokenTable


@pytest.fixture(scope="session")
def table() -> TokenTable:
    """Give the table that ships with the package."""
    return TokenTable.load()
