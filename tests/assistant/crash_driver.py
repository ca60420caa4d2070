"""The terminal as `python -m bot chat --json` runs it, and with `early` one whose store acknowledges before COMMIT.

Run as a program of its own: `python -m tests.assistant.crash_driver FOLDER [early]`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

from bot.cli import main
from bot.store import writer

COMMIT_EVERY = 100


class EarlyAnswers:
    """Does pieces of work in a transaction that is committed only now and then."""

    def __init__(self) -> None:
        self._uncommitted = 0

    def __call__(self, connection: sqlite3.Connection, works: Sequence[writer.Work[Any]]) -> list[Any]:
        """Return what the pieces give, as `commit_together` does after COMMIT."""
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        outcomes = [writer._attempt(connection, work) for work in works]
        self._uncommitted += len(works)
        if self._uncommitted >= COMMIT_EVERY:
            connection.execute("COMMIT")
            self._uncommitted = 0
        return outcomes


if __name__ == "__main__":
    folder, *options = sys.argv[1:]
    if "early" in options:
        writer.commit_together = EarlyAnswers()
    sys.exit(main(["chat", "--json", "--data", folder]))
