"""The same adds, searches, deletions and cold starts through other memories: python -m bench.peers [--install].

Each runs in a virtual environment of its own under bench/.venvs, which --install makes; what is not installed is
skipped. Vectors are given, so that only the memory is measured. docs/benchmarks.md says how their promises differ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.measuring import REPOSITORY, aligned, machine, shown
from bench.peering.workload import Given
from bench.sentences import questions, statements
from bot.embedders.static import StaticEmbedder

ENVIRONMENTS = Path(__file__).parent / ".venvs"
INSTALL_S = 600
RUN_S = 180


@dataclass(frozen=True, slots=True)
class Program:
    """A compared memory: the module that drives it, and what is installed for it."""

    name: str
    module: str
    requirements: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """The interpreter that it runs with; ours is this one."""
        return ENVIRONMENTS / self.name / "bin" / "python" if self.requirements else Path(sys.executable)


PROGRAMS = (
    Program("forgetmenot", "bench.peering.ours"),
    Program("sqlite-vec", "bench.peering.sqlitevec", ("sqlite-vec==0.1.9", "apsw")),
    Program("chromadb", "bench.peering.chroma", ("chromadb==1.5.9",)),
    Program("mem0ai", "bench.peering.mem_zero", ("mem0ai==2.2.1",)),
)

COLUMNS = {
    "add_ms": "add one, ms",
    "add_cpu_ms": "CPU",
    "add_many_ms_each": "add many, ms each",
    "search_ms": "search, ms",
    "search_cpu_ms": "CPU",
    "agreement": "of nearest 10",
    "delete_ms": "delete one, ms",
    "readable_after_delete": "deleted, readable",
    "reopen_ms": "reopen, ms",
    "disk_mb": "disk, MB",
    "peak_mb": "RSS, MB",
}


def install(program: Program) -> None:
    """Make a program's environment. Raises CalledProcessError or TimeoutExpired when that fails."""
    if not program.requirements:
        return
    _run([sys.executable, "-m", "venv", str(ENVIRONMENTS / program.name)], INSTALL_S)
    pip = [str(program.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "numpy", *program.requirements], INSTALL_S)


async def given(count: int, asked: int) -> Given:
    """Return generated texts and questions with the vectors of the embedded embedder, no text twice."""
    embedder = StaticEmbedder.load()
    texts = list(islice(dict.fromkeys(islice(statements(8), 2 * count)), count))
    asks = list(islice(questions(8), asked))
    return Given(texts, await embedder.embed(texts), asks, await embedder.embed(asks))


def measure(program: Program, given_file: Path, folder: Path) -> dict[str, float]:
    """Run one program's two phases, each in a process of its own, and return its figures."""
    figures: dict[str, float] = {}
    for phase in ("work", "reopen"):
        command = [str(program.python), "-m", program.module, phase, str(folder), str(given_file)]
        told = _run(command, RUN_S, HOME=str(folder))  # what they keep beside their data goes there too
        figures |= json.loads(told.splitlines()[-1])
    return figures


def _run(command: list[str], timeout_s: float, **environment: str) -> bytes:
    """Run a program in the repository and return what it printed. Raises CalledProcessError and TimeoutExpired."""
    return subprocess.run(  # noqa: S603 - names from this file and folders of our own making
        command, stdout=subprocess.PIPE, check=True, timeout=timeout_s, cwd=REPOSITORY, env=os.environ | environment
    ).stdout


def table(measured: dict[str, dict[str, float]]) -> str:
    """Return the figures, a row for each memory."""
    rows = [["", *COLUMNS.values()]]
    rows += [[name, *(shown(figures[column]) for column in COLUMNS)] for name, figures in measured.items()]
    return aligned(rows, right=range(1, len(COLUMNS) + 1))


def run(programs: Sequence[Program], count: int, asked: int) -> dict[str, dict[str, float]]:
    """Measure what is installed, and say what is not or what failed."""
    measured: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as place:
        given_file = Path(place) / "given.npz"
        asyncio.run(given(count, asked)).save(given_file)
        for program in programs:
            folder = Path(place) / program.name
            folder.mkdir()
            if not program.python.exists():
                print(f"{program.name}: not installed; run: python -m bench.peers --install")
                continue
            try:
                measured[program.name] = measure(program, given_file, folder)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                print(f"{program.name}: did not run to its end ({type(error).__name__}); see above")
    return measured


def main() -> None:
    """Read the command line, install or measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="make the environments (0.8 GB) and measure nothing")
    parser.add_argument("--only", action="append", choices=[program.name for program in PROGRAMS])
    parser.add_argument("--count", type=int, default=1000, help="memories (default: 1000)")
    parser.add_argument("--questions", type=int, default=200, help="searches (default: 200)")
    arguments = parser.parse_args()
    programs = [program for program in PROGRAMS if program.name in (arguments.only or program.name)]
    if arguments.install:
        for program in programs:
            install(program)
        return
    measured = run(programs, arguments.count, arguments.questions)
    print(table(measured))
    print(json.dumps({"memories": arguments.count, "peers": measured, "machine": machine()}))


if __name__ == "__main__":
    main()
