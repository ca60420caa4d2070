"""The command line of a benchmark program: which of its parts run, how much each measures, and how that is told."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from bench.measuring import Figure, missed, report, table

Sizes = TypeVar("Sizes")


@dataclass(frozen=True, slots=True)
class Program(Generic[Sizes]):
    """A benchmark program.

    parts: by name, in the order in which they run; each is given an empty folder. full, quick: how much is measured.
    """

    parts: Mapping[str, Callable[[Path, Sizes], Awaitable[list[Figure]]]]
    full: Sizes
    quick: Sizes

    async def measure(self, names: Sequence[str], sizes: Sizes, where: Path | None = None) -> list[Figure]:
        """Run parts, each in a folder of its own, and return their figures.

        Args:
            where: on which disk the folders are made; the system's place for temporary files when not given.
        """
        figures: list[Figure] = []
        for name in names:
            with tempfile.TemporaryDirectory(prefix=f"bench-{name}-", dir=where) as folder:
                figures += await self.parts[name](Path(folder), sizes)
        return figures

    def run(self, description: str | None) -> None:
        """Read the command line, measure and print.

        Args:
            description: what `--help` says of the program.
        """
        given = self._given(description)
        started = time.perf_counter()
        sizes = self.quick if given.quick else self.full
        figures = asyncio.run(self.measure(given.only or list(self.parts), sizes, given.folder))
        print(table(figures))
        print(f"\n{len(missed(figures))} missed")
        print(report(figures, quick=given.quick, seconds=round(time.perf_counter() - started, 1)))

    def _given(self, description: str | None) -> argparse.Namespace:
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--quick", action="store_true", help="less of everything: about a minute")
        parser.add_argument("--only", action="append", choices=list(self.parts), help="one part; may be given again")
        parser.add_argument("--folder", type=Path, help="measure on the disk of this folder")
        return parser.parse_args()
