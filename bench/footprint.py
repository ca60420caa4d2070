"""Memory and start-up time of real processes: the bot in a terminal, and a core that many people talk to.

Linux only: memory and processor time are read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.measuring import REPOSITORY, Figure
from bench.people import ROOM, Sizes, fill_crowd, person
from bench.storing import forgotten
from bot.memory.core import MemoryCore

_READY = b"ready: terminal"
_CACHE_MB = 32
_OVERHEAD_MB = 16
"""What a bound on arrays and terms leaves out: objects of 2,000 scopes on their way, SQLite's pages, the allocator."""


async def idling(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure `bot chat` in a terminal that nobody types into."""
    starts = [await asyncio.to_thread(_started, folder / str(n), sizes.settle_s) for n in range(sizes.starts)]
    cpu, wall = statistics.median([one[0] for one in starts]), statistics.median([one[1] for one in starts])
    note = f"median of {len(starts)}"
    return [
        Figure(
            "memory of an idle bot, terminal alone",
            statistics.median([one[2] for one in starts]),
            "MB",
            90.0,
            note=note,
        ),
        Figure("start to ready", cpu, "s CPU", 2.0, note=f"{wall:.2f} s by the clock"),
    ]


def _started(data: Path, settle_s: float) -> tuple[float, float, float]:
    """Start the bot in a terminal of its own: seconds of processor time and of the clock until ready, and then MB."""
    outer, inner = os.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "chat"],
        stdin=inner,
        stdout=inner,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        env=environment | {"FORGETMENOT_DATA": str(data)},
    ) as process:
        try:
            _await_ready(process)
            wall_s, ready_cpu_s = time.perf_counter() - started, cpu_s(process.pid)
            time.sleep(settle_s)
            return ready_cpu_s, wall_s, resident_mb(process.pid)
        finally:
            process.terminate()
            os.close(outer)
            os.close(inner)


_SETTINGS = ("FORGETMENOT_", "OPENAI_", "EMBEDDING_", "DISCORD_", "SLACK_")


def _await_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    told = []
    for line in process.stderr:
        told.append(line)
        if line.startswith(_READY):
            return
    raise AssertionError(f"bot chat did not get ready: {b''.join(told).decode()}")


def resident_mb(pid: int | None = None) -> float:
    """Return the memory that a process holds, this one when none is given."""
    pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_s(pid: int) -> float:
    """Return the processor time of a running process so far, to a hundredth of a second."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def crowding(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure a process of its own that recalls once for each of many people, and forgetting among so many."""
    await fill_crowd(folder, sizes)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.footprint", str(folder), str(sizes.crowd)),
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    measured = json.loads(told)
    among = f"{sizes.crowd * sizes.each:,} of {sizes.crowd:,} people"
    return [
        Figure(f"memory with {among}", measured["after_mb"], "MB", note=f"{measured['before_mb']:.0f} MB before"),
        Figure(
            name="growth while recalling for all of them",
            value=measured["after_mb"] - measured["before_mb"],
            unit="MB",
            bar=float(_CACHE_MB + _OVERHEAD_MB),
            limit=float(_CACHE_MB),
            limit_name="cache_mb",
            note=f"{measured['recall_ms']:.1f} ms a recall of a person who is not loaded",
        ),
        *await forgotten(folder, person(), among, max(sizes.rounds // 4, 2)),
    ]


async def recall_for_all(folder: Path, people: int) -> dict[str, float]:
    """Recall once for each person, and return the memory held before and after and the time of one recall."""
    async with MemoryCore.open(folder) as core:
        await core.recall(person(people), "What do I like?", place=ROOM)
        before_mb, started = resident_mb(), time.perf_counter()
        for number in range(people):
            await core.recall(person(number), "What do I like to eat?", place=ROOM)
        recall_ms = 1000 * (time.perf_counter() - started) / people
        return {"before_mb": before_mb, "after_mb": resident_mb(), "recall_ms": recall_ms}


def main() -> None:
    """Read the command line of the child process."""
    parser = argparse.ArgumentParser(description=recall_for_all.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("people", type=int)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(recall_for_all(given.folder, given.people))))


if __name__ == "__main__":
    main()
