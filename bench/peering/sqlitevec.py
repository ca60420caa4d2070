"""sqlite-vec: a virtual table beside a table of texts, as durable as Forget-me-not by the same pragmas.

Through apsw, which has a SQLite of its own: Python's sqlite3 is often built without loading of extensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import apsw  # type: ignore[import-not-found]  # lives in an environment of its own
import sqlite_vec  # type: ignore[import-not-found]  # as above

from bench.peering.workload import LIMIT, Given, Vectors, run


class SqliteVec:
    """Two tables of one file, written in one transaction."""

    def __init__(self, folder: Path, given: Given) -> None:
        self._connection = apsw.Connection(str(folder / "memories.db"))
        self._connection.enable_load_extension(True)
        self._connection.load_extension(sqlite_vec.loadable_path())
        self._connection.enable_load_extension(False)
        self._connection.execute(
            f"""PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
            CREATE TABLE IF NOT EXISTS texts (number INTEGER PRIMARY KEY, text TEXT NOT NULL);
            CREATE VIRTUAL TABLE IF NOT EXISTS vectors USING vec0(
                number INTEGER PRIMARY KEY, vector FLOAT[{given.vectors.shape[1]}] distance_metric=cosine)"""
        ).fetchall()  # apsw runs a statement only when it is read

    def add(self, numbers: Sequence[int], texts: Sequence[str], vectors: Vectors) -> None:
        """Store texts with their vectors."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO texts VALUES (?, ?)", zip(numbers, texts, strict=True))
        rows = [(number, vector.tobytes()) for number, vector in zip(numbers, vectors, strict=True)]
        self._connection.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")

    def search(self, _: str, vector: Vectors) -> list[int]:
        """Return the numbers of the best, whose texts are fetched too."""
        found = self._connection.execute(
            """SELECT number, text FROM
            (SELECT number, distance FROM vectors WHERE vector MATCH ? AND k = ? ORDER BY distance)
            JOIN texts USING (number) ORDER BY distance""",
            (vector.tobytes(), LIMIT),
        )
        return [number for number, _ in found]

    def delete(self, number: int) -> None:
        """Delete one."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("DELETE FROM vectors WHERE number = ?", (number,))
        self._connection.execute("DELETE FROM texts WHERE number = ?", (number,))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


if __name__ == "__main__":
    run(SqliteVec)
