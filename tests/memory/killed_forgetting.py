"""Forks processes that forget, kills each with SIGKILL at a random moment, and looks for what is left after a restart.

Run as a program of its own, because a fork wants a process without threads:
`python -m tests.memory.killed_forgetting FOLDER KILLS` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.config import MemorySettings
from bot.protocols import Selection
from tests.memory.folders import ANNA, Clock, core_on, table
from tests.memory.test_erasure import left_in, remember_all, tokens

SETTINGS = MemorySettings(index_file_from=1, merge=False)
PER_LIFE = 6
LONGEST_S = 0.03


@dataclass
class Report:
    """What came of all lives. traces: forgotten tokens that were found in a file; lost: kept ones that are gone."""

    kills: int = 0
    committed_and_killed: int = 0
    half_forgotten: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


async def prepare(folder: Path, chosen: list[str]) -> None:
    """Remember some tokens, and leave an index file."""
    async with core_on(folder, Clock(), settings=SETTINGS) as core:
        await remember_all(core, ANNA, chosen)


async def forget(folder: Path, doomed: list[str], tell: int) -> None:
    """Forget tokens in one call; says when it begins."""
    async with core_on(folder, Clock(), settings=SETTINGS) as core:
        found = [memory.id for memory in await core.list(ANNA) if memory.text.split()[-1] in doomed]
        os.write(tell, b"!")
        await core.forget(ANNA, Selection(ids=tuple(found)))
        await asyncio.sleep(60)


async def check(folder: Path, kept: list[str], doomed: list[str], report: Report) -> list[str]:
    """Open the folder, which finishes what was begun, and return which of the doomed are still there."""
    async with core_on(folder, Clock(), settings=SETTINGS) as core:
        present = {memory.text.split()[-1] for memory in await core.list(ANNA)}
        left = [token for token in doomed if token in present]
        report.lost += [token for token in kept if token not in present]
        report.half_forgotten += left if 0 < len(left) < len(doomed) else []
        gone = [token for token in doomed if token not in present]
        report.committed_and_killed += bool(gone)
        report.traces += await left_in(folder, gone)
        return left


def kill_while_forgetting(folder: Path, doomed: list[str], after_s: float) -> None:
    """Let a process begin to forget, and kill it a moment later."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        asyncio.run(forget(folder, doomed, tell))
        os._exit(1)
    os.read(hear, 1)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(hear)
    os.close(tell)


def main(folder: Path, kills: int) -> Report:
    """Return what came of it."""
    table()  # once, before forking
    report = Report()
    moment = random.Random(1)
    kept: list[str] = []
    for number in range(kills):
        fresh = tokens(1000 + number, PER_LIFE)
        asyncio.run(prepare(folder, fresh))
        doomed, staying = fresh[: PER_LIFE // 2], fresh[PER_LIFE // 2 :]
        kill_while_forgetting(folder, doomed, moment.uniform(0, LONGEST_S))
        kept += staying
        kept += asyncio.run(check(folder, kept, doomed, report))
        report.kills += 1
    return report


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(main(Path(sys.argv[1]), int(sys.argv[2])))) + "\n")
