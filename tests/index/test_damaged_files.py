"""A cached file that is not exactly what was written changes no answer: it is thrown away and rows are read.

Damage is searched for by looking at answers alone. That the search would see it is shown twice: with the checksum
taken out, and with the comparison of whose file it is taken out, wrong answers appear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bot.index import vector_file
from bot.index.faiss_index import FaissIndex
from bot.index.vector_file import HEADER_BYTES, Label
from bot.protocols import Neighbours, Space, Stamp, VectorIndex
from tests.conformance.vector_index import OTHER, SCOPE, SPACE, STAMP, Rows, ids_of, unit_rows

COUNT = 150  # rows: the file has some 11 KB, so that a 4 KiB block lies within
TIMES = 100  # of every kind of damage
QUERIES = unit_rows(3, 77)


@dataclass(frozen=True, slots=True)
class Files:
    """Files as the index wrote them: the right one, and those that could lie in its place."""

    path: Path
    right: bytes
    of_other_scope: bytes
    of_older_epoch: bytes
    of_other_space: bytes


Damage = Callable[[Files, np.random.Generator], bytes]


def truncated(files: Files, rng: np.random.Generator) -> bytes:
    """Cut off an end."""
    return files.right[: rng.integers(len(files.right))]


def flipped_in_header(files: Files, rng: np.random.Generator) -> bytes:
    """Change one byte of the header."""
    return _flipped(files.right, int(rng.integers(HEADER_BYTES)), rng)


def flipped_anywhere(files: Files, rng: np.random.Generator) -> bytes:
    """Change one byte."""
    return _flipped(files.right, int(rng.integers(len(files.right))), rng)


def zeroed_block(files: Files, rng: np.random.Generator) -> bytes:
    """Lose a block of the file system."""
    start = int(rng.integers(len(files.right) // 4096 + 1)) * 4096
    end = min(start + 4096, len(files.right))
    return files.right[:start] + bytes(end - start) + files.right[end:]


def appended(files: Files, rng: np.random.Generator) -> bytes:
    """Add bytes at the end."""
    return files.right + rng.bytes(int(rng.integers(1, 9000)))


def foreign(files: Files, _: np.random.Generator) -> bytes:
    """Put another scope's file here."""
    return files.of_other_scope


def outdated(files: Files, _: np.random.Generator) -> bytes:
    """Put back the file from before a deletion."""
    return files.of_older_epoch


def of_other_space(files: Files, _: np.random.Generator) -> bytes:
    """Put a file of another embedder here, of the same dimension."""
    return files.of_other_space


DAMAGES = (
    truncated,
    flipped_in_header,
    flipped_anywhere,
    zeroed_block,
    appended,
    foreign,
    outdated,
    of_other_space,
)


def _flipped(content: bytes, place: int, rng: np.random.Generator) -> bytes:
    changed = content[place] ^ int(rng.integers(1, 256))
    return content[:place] + bytes([changed]) + content[place + 1 :]


@pytest.fixture
def rows() -> Rows:
    """Give the true rows of the scope."""
    return Rows(ids_of(COUNT), unit_rows(COUNT, 1))


@pytest.fixture
def index(tmp_path: Path) -> FaissIndex:
    """Give an index that keeps files."""
    return FaissIndex(tmp_path, b"key", file_from=10)


def only_file(folder: Path) -> Path:
    """Return the one cached file below a folder."""
    (path,) = folder.rglob("*.fvx")
    return path


async def _written(index: FaissIndex, folder: Path, rows: Rows, stamp: Stamp = STAMP) -> tuple[Path, bytes]:
    await index.open(SCOPE, stamp, rows.read)
    await index.close(SCOPE, persist=True)
    path = only_file(folder)
    return path, path.read_bytes()


async def make_files(index: FaissIndex, folder: Path, rows: Rows) -> Files:
    """Let the index write all files, and leave none of them behind."""
    _, older = await _written(index, folder, Rows(rows.ids, unit_rows(COUNT, 2)), Stamp(SPACE, STAMP.epoch - 1))
    _, space = await _written(index, folder, Rows(rows.ids, unit_rows(COUNT, 3)), Stamp(Space("other", SPACE.dim), 3))
    path, right = await _written(index, folder, rows)
    path.unlink()
    await index.open(OTHER, STAMP, Rows(rows.ids, unit_rows(COUNT, 4)).read)
    await index.close(OTHER, persist=True)
    return Files(path, right, only_file(folder).read_bytes(), older, space)


async def answers(index: VectorIndex, rows: Rows) -> list[Neighbours]:
    """Open the scope from whatever lies in its folder, and ask."""
    await index.open(SCOPE, STAMP, rows.read)
    try:
        allowed = [None, rows.ids[::2]]
        return [
            await index.search(SCOPE, ids, query, limit) for query in QUERIES for ids in allowed for limit in (5, 999)
        ]
    finally:
        await index.close(SCOPE, persist=False)


def same(some: list[Neighbours], others: list[Neighbours]) -> bool:
    """Tell whether answers are equal to the last bit."""
    pairs = list(zip(some, others, strict=True))
    return all(a.ids.tobytes() == b.ids.tobytes() and a.cosines.tobytes() == b.cosines.tobytes() for a, b in pairs)


async def wrong_answers(index: FaissIndex, files: Files, rows: Rows, damage: Damage) -> int:
    """Count how often damage of one kind changed an answer, or ended in an error."""
    rng, wrong = np.random.default_rng(5), 0
    files.path.unlink(missing_ok=True)
    right = await answers(index, rows)
    for _ in range(TIMES):
        files.path.write_bytes(damage(files, rng))
        try:
            wrong += not same(right, await answers(index, rows))
        except ValueError:  # with a check taken out, numbers can cease to fit each other
            wrong += 1
    return wrong


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damage_changes_no_answer(index: FaissIndex, tmp_path: Path, rows: Rows, damage: Damage) -> None:
    """A hundred files of every kind of damage lead to the answers of the rows, without an error."""
    files = await make_files(index, tmp_path, rows)

    assert await wrong_answers(index, files, rows, damage) == 0


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damaged_file_is_read_no_further(index: FaissIndex, tmp_path: Path, rows: Rows, damage: Damage) -> None:
    """Every row is read from the store, and the file does not wait for the next start."""
    files = await make_files(index, tmp_path, rows)
    files.path.write_bytes(damage(files, np.random.default_rng(6)))

    await index.open(SCOPE, STAMP, rows.read)

    assert rows.read_after == [0, 0]
    assert not files.path.exists()


async def test_right_file_is_used(index: FaissIndex, tmp_path: Path, rows: Rows) -> None:
    """Without damage the file is what answers: nothing but newer rows is asked of the store, and the bits agree."""
    files = await make_files(index, tmp_path, rows)
    from_rows = await answers(index, rows)
    files.path.write_bytes(files.right)
    rows.read_after.clear()

    from_file = await answers(index, rows)

    assert rows.read_after == [rows.ids[-1]]
    assert same(from_rows, from_file)


@pytest.mark.parametrize("damage", [flipped_anywhere, zeroed_block])
async def test_mutant_without_checksum_is_caught(
    index: FaissIndex, tmp_path: Path, rows: Rows, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the checksum skipped, the same damage would show in the same count."""
    monkeypatch.setattr(vector_file, "_checksum", lambda fields, payload: bytes(32))
    files = await make_files(index, tmp_path, rows)

    assert await wrong_answers(index, files, rows, damage) > TIMES / 2


@pytest.mark.parametrize("damage", [foreign, outdated, of_other_space])
async def test_mutant_that_takes_any_file_is_caught(
    index: FaissIndex, tmp_path: Path, rows: Rows, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were scope, epoch and space not compared, other files would show in the same count."""
    fields, anybody = vector_file._fields, Label(bytes(32), STAMP)
    monkeypatch.setattr(vector_file, "_fields", lambda label, watermark, count: fields(anybody, watermark, count))
    files = await make_files(index, tmp_path, rows)

    assert await wrong_answers(index, files, rows, damage) == TIMES
