"""Forks writers over one growing data folder, kills each with SIGKILL, and checks what they had acknowledged.

Run as a program of its own, because a fork wants a process without threads:
`python -m tests.store.crash_harness FOLDER KILLS [early]` prints one line of JSON. With `early`, writers
acknowledge what they only asked for: the check has to notice.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bot.protocols import IndexRow
from bot.store.database import Database
from bot.store.rows import SqliteRows
from bot.types import MemoryId, Scope
from tests.conformance.row_store import SPACE, saying

WRITERS = 3
LIVES_PER_PERSON = 10
STARTED_WITHIN_S = 10
LONGEST_LIFE_S = 0.014


@dataclass
class Acknowledged:
    """What writers said is stored, forgotten, or about to be forgotten, by the text of the memory."""

    kept: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    def take(self, line: str) -> None:
        """Note one line from a writer: what happened, then the texts that it happened to."""
        what, *texts = line.split()
        if what == "kept":
            self.kept.update(texts)
        elif what == "forgetting":
            self.kept.difference_update(texts)
            self.doubtful.update(texts)
        elif what == "forgotten":
            self.doubtful.difference_update(texts)
            self.forgotten.update(texts)

    def violations(self, rows: Iterable[IndexRow]) -> list[str]:
        """Return what is wrong with the rows that are there now."""
        present = Counter(row.text for row in rows)
        wrong = [f"lost {text}" for text in self.kept - present.keys()]
        wrong += [f"came back {text}" for text in self.forgotten & present.keys()]
        wrong += [f"twice {text}" for text, times in present.items() if times > 1]
        untouched = [text for text in present if text not in self.doubtful]
        batches = Counter(text.rpartition("/")[0] for text in untouched)
        gone = Counter(text.rpartition("/")[0] for text in self.forgotten | self.doubtful)
        wrong += [f"half of {name}" for name, n in batches.items() if n + gone[name] != int(name.rpartition("x")[2])]
        return wrong


@dataclass
class Report:
    """What came of all the lives."""

    kills: int = 0
    kills_at_start: int = 0
    kept: int = 0
    forgotten: int = 0
    erasures_finished_later: int = 0
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Life:
    """One writer process: opens the folder, finishes erasures, checks what is there, then writes until it is killed."""

    def __init__(self, folder: Path, number: int, acknowledged: Acknowledged, tell: int, *, early: bool) -> None:
        self._folder = folder
        self._number = number
        self._person = person_of(number)
        self._acknowledged = acknowledged
        self._tell = tell
        self._early = early
        self._random = random.Random(number)

    async def live(self) -> None:
        """Do all of it; ends by SIGKILL only."""
        async with Database.open(self._folder, lambda: datetime.now(UTC)) as database:
            rows = SqliteRows(database, SPACE)
            await self._start(rows)
            await asyncio.gather(*(self._write(rows, writer) for writer in range(WRITERS)))

    async def _start(self, rows: SqliteRows) -> None:
        pending = await rows.unfinished_erasures()
        for erasure in pending:
            await rows.finish(erasure)
        wrong = self._acknowledged.violations(await rows.rows(self._person))
        wrong += ["erasure unfinished"] * len(await rows.unfinished_erasures())
        for text in sorted(self._acknowledged.forgotten)[-20:]:
            wrong += [] if await rows.was_forgotten(self._person, text) else [f"not known as forgotten {text}"]
        self._say("started", str(len(pending)), json.dumps(wrong, separators=(",", ":")).replace(" ", "_"))

    async def _write(self, rows: SqliteRows, writer: int) -> None:
        for batch in range(10**6):
            size = self._random.randint(1, 4)
            texts = [f"{self._number}-{writer}-{batch}x{size}/{nth}" for nth in range(size)]
            if self._early:
                self._say("kept", *texts)
            vector = np.ones(SPACE.dim, np.float32)
            added = await rows.add(self._person, [saying(text, text, vector) for text in texts])
            if not self._early:
                self._say("kept", *texts)
            if self._random.random() < 0.2:
                await self._forget(rows, added[0].id, texts[0])

    async def _forget(self, rows: SqliteRows, memory_id: MemoryId, text: str) -> None:
        self._say("forgetting", text)
        erasure = await rows.erase(self._person, [memory_id])
        if self._random.random() < 0.5:
            await rows.finish(erasure)
        self._say("forgotten", text)

    def _say(self, *words: str) -> None:
        os.write(self._tell, f"{' '.join(words)}\n".encode())


def person_of(life: int) -> Scope:
    """Return whose memories a life writes: several in a row share one, so that each finds what others left."""
    return Scope("discord", "guild", f"person {life // LIVES_PER_PERSON}")


def run_one(folder: Path, number: int, acknowledged: Acknowledged, report: Report, *, early: bool) -> None:
    """Let one writer live for a random while, kill it, and note what it had acknowledged."""
    choose = random.Random(f"{number} {early}")
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        asyncio.run(Life(folder, number, acknowledged, tell, early=early).live())
        os._exit(1)
    os.close(tell)
    at_start = choose.random() < 0.2
    if not at_start:
        select.select([hear], [], [], STARTED_WITHIN_S)
    time.sleep(choose.uniform(0, LONGEST_LIFE_S))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(hear, encoding="ascii") as pipe:
        said = pipe.read().splitlines()
    report.kills += 1
    _note(said, acknowledged, report, at_start=at_start)


def _note(said: list[str], acknowledged: Acknowledged, report: Report, *, at_start: bool) -> None:
    if not said:
        report.kills_at_start += 1
        report.violations += [] if at_start else ["did not start in time"]
        return
    _, pending, wrong = said[0].split()
    report.erasures_finished_later += int(pending)
    report.violations += json.loads(wrong)
    for line in said[1:]:
        acknowledged.take(line)


async def _check(folder: Path, by_person: dict[Scope, Acknowledged], report: Report) -> None:
    """Look at everything once more, after the last kill."""
    async with Database.open(folder, lambda: datetime.now(UTC)) as database:
        rows = SqliteRows(database, SPACE)
        for person, acknowledged in by_person.items():
            report.violations += acknowledged.violations(await rows.rows(person))
        verdict = await database.read(lambda connection: connection.execute("PRAGMA integrity_check").fetchall())
        report.violations += [] if verdict == [("ok",)] else ["integrity_check"]


def main(folder: Path, kills: int, *, early: bool) -> Report:
    """Return what came of `kills` lives over one folder."""
    begun = time.monotonic()
    report = Report()
    by_person: dict[Scope, Acknowledged] = {}
    for number in range(kills):
        acknowledged = by_person.setdefault(person_of(number), Acknowledged())
        run_one(folder, number, acknowledged, report, early=early)
    asyncio.run(_check(folder, by_person, report))
    report.kept = sum(len(acknowledged.kept) for acknowledged in by_person.values())
    report.forgotten = sum(len(acknowledged.forgotten) for acknowledged in by_person.values())
    report.seconds = round(time.monotonic() - begun, 1)
    return report


if __name__ == "__main__":
    outcome = main(Path(sys.argv[1]), int(sys.argv[2]), early="early" in sys.argv[3:])
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
