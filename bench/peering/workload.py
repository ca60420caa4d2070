"""What every compared memory is put through. Standard library and numpy only: it runs in each one's environment."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]

LONE = 200
"""Memories that are added one at a time; the rest comes in one call."""

DELETED = 50
LIMIT = 10


class Peer(Protocol):
    """An open memory of one person."""

    def add(self, numbers: Sequence[int], texts: Sequence[str], vectors: Vectors) -> None:
        """Store texts with their (n, dim) unit vectors."""
        ...

    def search(self, text: str, vector: Vectors) -> list[int]:
        """Return the numbers of the `LIMIT` best, best first."""
        ...

    def delete(self, number: int) -> None:
        """Delete one."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """The texts, the questions and their vectors, the same for every memory: (n, dim) float32, unit rows."""

    texts: Sequence[str]
    vectors: Vectors
    questions: Sequence[str]
    question_vectors: Vectors

    def save(self, path: Path) -> None:
        """Write them to a file."""
        np.savez(
            path,
            texts=np.array(self.texts),
            vectors=self.vectors,
            questions=np.array(self.questions),
            question_vectors=self.question_vectors,
        )

    @classmethod
    def load(cls, path: Path) -> Given:
        """Read them from a file."""
        with np.load(path) as stored:
            texts, questions = stored["texts"].tolist(), stored["questions"].tolist()
            return cls(texts, stored["vectors"], questions, stored["question_vectors"])

    def nearest(self, question: int) -> set[int]:
        """Return the numbers of the `LIMIT` texts whose vectors are nearest to a question's."""
        cosines = self.vectors @ self.question_vectors[question]
        return set(np.argsort(-cosines)[:LIMIT].tolist())


Open: TypeAlias = Callable[[Path, Given], Peer]


def measure_work(open_peer: Open, folder: Path, given: Given) -> dict[str, float]:
    """Add, search and delete, and return the figures."""
    peer = open_peer(folder, given)
    figures = _adding(peer, given) | _searching(peer, given)
    doomed = range(0, len(given.texts), max(len(given.texts) // DELETED, 1))
    deletes = [_spent(partial(peer.delete, number)) for number in doomed]
    peer.close()
    return figures | {
        "delete_ms": _median(deletes, 0),
        "readable_after_delete": _readable(folder, [given.texts[number] for number in doomed]) / len(doomed),
        "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _adding(peer: Peer, given: Given) -> dict[str, float]:
    def add(start: int, end: int) -> tuple[float, float]:
        numbers, texts = range(start, end), given.texts[start:end]
        return _spent(lambda: peer.add(numbers, texts, given.vectors[start:end]))

    count = len(given.texts)
    lone = min(LONE, count // 2)
    adds = [add(number, number + 1) for number in range(lone)]
    rest_ms, _ = add(lone, count)
    return {
        "add_ms": _median(adds, 0),
        "add_cpu_ms": _median(adds, 1),
        "add_many_ms_each": rest_ms / (count - lone),
    }


def _searching(peer: Peer, given: Given) -> dict[str, float]:
    found: list[list[int]] = []

    def search(text: str, vector: Vectors) -> None:
        found.append(peer.search(text, vector))

    spent = [
        _spent(partial(search, text, vector))
        for text, vector in zip(given.questions, given.question_vectors, strict=True)
    ]
    agreed = [len(given.nearest(number) & set(numbers)) / LIMIT for number, numbers in enumerate(found)]
    return {"search_ms": _median(spent, 0), "search_cpu_ms": _median(spent, 1), "agreement": statistics.mean(agreed)}


def measure_reopening(open_peer: Open, folder: Path, given: Given) -> dict[str, float]:
    """Open what another process left and search once, and return what that took; imports are not counted."""
    opened: list[Peer] = []

    def search_first() -> None:
        opened.append(open_peer(folder, given))
        opened[0].search(given.questions[0], given.question_vectors[0])

    wall, cpu = _spent(search_first)
    opened[0].close()
    return {"reopen_ms": wall, "reopen_cpu_ms": cpu}


def run(open_peer: Open) -> None:
    """Read the command line of a compared memory's program, measure, and print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("phase", choices=["work", "reopen"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("given", type=Path)
    arguments = parser.parse_args()
    measure = measure_work if arguments.phase == "work" else measure_reopening
    figures = measure(open_peer, arguments.folder, Given.load(arguments.given))
    sys.stdout.write(json.dumps(figures) + "\n")


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the clock and of processor time."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return 1000 * wall, 1000 * cpu


def _median(spent: Sequence[tuple[float, float]], which: int) -> float:
    return statistics.median(one[which] for one in spent)


def _readable(folder: Path, texts: Sequence[str]) -> int:
    """How many deleted texts still stand in some file."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(any(text.encode() in content for content in contents) for text in texts)
