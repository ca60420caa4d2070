"""What the benchmarks share: time taken, figures with their bars, a table for people and one line for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
"""Where child processes find the packages that they run."""

PAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds that something took: on the clock, and of processor time in all threads of this process."""

    wall_ms: float
    cpu_ms: float


@contextmanager
def timed(into: list[Spent]) -> Iterator[None]:
    """Append what the block took."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    spent_wall, spent_cpu = time.perf_counter() - wall, time.process_time() - cpu
    into.append(Spent(1000 * spent_wall, 1000 * spent_cpu))


def median_wall(spent: Sequence[Spent]) -> float:
    """Return the median wall time in milliseconds."""
    return statistics.median(one.wall_ms for one in spent)


def median_cpu(spent: Sequence[Spent]) -> float:
    """Return the median processor time in milliseconds."""
    return statistics.median(one.cpu_ms for one in spent)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)]


class Page:
    """A file that grows by one page at a time: what one durable write costs on this disk at best."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "page.probe"

    def append(self) -> Spent:
        """Write one page of 4 KiB behind the last, wait until it is on disk, and return what that took."""
        spent: list[Spent] = []
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            with timed(spent):
                os.write(descriptor, bytes(PAGE_BYTES))
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return spent[0]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    bar: what it must not exceed (or reach, with `at_least`); None for a figure that is only told.
    limit: what the same work costs at best on this machine, in the same unit; `limit_name` says what that was.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    limit: float | None = None
    limit_name: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without one."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    @property
    def ratio(self) -> float | None:
        """How many times the physical limit the value is; None without one."""
        return self.value / self.limit if self.limit else None


HEADINGS = ("what", "measured", "bar", "", "at best", "ratio", "note")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table, a row each."""
    return aligned([HEADINGS, *map(_cells, figures)], right=(1, 2, 5))


def aligned(rows: Sequence[Sequence[str]], right: Collection[int]) -> str:
    """Return rows of cells as lines of even columns; those in `right` are set to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    sign = "≥" if figure.at_least else "≤"
    return (
        figure.name,
        f"{shown(figure.value)} {figure.unit}",
        "" if figure.bar is None else f"{sign} {shown(figure.bar)} {figure.unit}",
        {None: "", True: "met", False: "MISSED"}[figure.met],
        "" if figure.limit is None else f"{figure.limit_name} {shown(figure.limit)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.note,
    )


def shown(value: float) -> str:
    """Return a number with about three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}"


def missed(figures: Sequence[Figure]) -> list[str]:
    """Return the names of the figures that missed their bar."""
    return [figure.name for figure in figures if figure.met is False]


def report(figures: Sequence[Figure], **more: object) -> str:
    """Return one line of JSON with every figure and the names of those that missed their bar."""
    rows = [asdict(figure) | {"met": figure.met, "ratio": figure.ratio} for figure in figures]
    return json.dumps({"figures": rows, "missed": missed(figures), "machine": machine(), **more})


def machine() -> dict[str, object]:
    """Return what a figure depends on beside the code."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "blas_core": os.environ.get("OPENBLAS_CORETYPE", "detected"),
    }
