"""What the whole bot does on a local Discord, as figures: python -m bench.discord [--quick] [--only NAME].

Prints a table, and one JSON object as the last line. Exits with 0 whatever the figures are: `missed` names the bars
that were not met. docs/benchmarks.md says what each figure means.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from bench.footprint import idling_on_discord
from bench.measuring import Figure, missed, report, table
from bench.on_discord.acknowledging import acknowledging
from bench.on_discord.sizes import FULL, QUICK, Sizes
from bench.on_discord.speaking import speaking
from bench.on_discord.tempting import tempting

Benchmark: TypeAlias = Callable[[Path, Sizes], Awaitable[list[Figure]]]


async def idle(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure a bot that nobody talks to."""
    return await idling_on_discord(folder, sizes.starts, sizes.settle_s)


BENCHMARKS: dict[str, Benchmark] = {
    "idle": idle,
    "words": speaking,
    "acknowledged": acknowledging,
    "hostile": tempting,
}


async def measure(names: Sequence[str], sizes: Sizes, where: Path | None = None) -> list[Figure]:
    """Run benchmarks, each in an empty folder of its own, and return their figures.

    Args:
        where: on which disk the folders are made; the system's place for temporary files when not given.
    """
    figures: list[Figure] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-", dir=where) as folder:
            figures += await BENCHMARKS[name](Path(folder), sizes)
    return figures


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer messages and repetitions: about a minute")
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="one part; may be given again")
    parser.add_argument("--folder", type=Path, help="measure on the disk of this folder")
    given = parser.parse_args()
    started = time.perf_counter()
    figures = asyncio.run(measure(given.only or list(BENCHMARKS), QUICK if given.quick else FULL, given.folder))
    print(table(figures))
    print(f"\n{len(missed(figures))} missed")
    print(report(figures, quick=given.quick, seconds=round(time.perf_counter() - started, 1)))


if __name__ == "__main__":
    main()
