"""Cached files on disk: names, modes, hostile places and full disks."""

from __future__ import annotations

import logging
import os
import re
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.index.vector_file import StoredVectors
from bot.index.vector_folder import VectorFolder
from bot.types import Scope
from tests.conformance.vector_index import OTHER, SCOPE, STAMP, ids_of, unit_rows

VECTORS = StoredVectors(ids_of(120), unit_rows(120, 1).astype(np.float16))


@pytest.fixture
def folder(tmp_path: Path) -> VectorFolder:
    """Give a folder that nothing was written to."""
    return VectorFolder(tmp_path / "vec", b"key")


@pytest.fixture
def written(folder: VectorFolder, tmp_path: Path) -> Path:
    """Give the path of a file that was written."""
    folder.write(SCOPE, STAMP, VECTORS)
    (path,) = tmp_path.rglob("*.fvx")
    return path


@contextmanager
def full_disk(most_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size; the kernel refuses the rest, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_was_written_is_read(folder: VectorFolder, written: Path) -> None:
    """A file comes back for its own scope, and for no other."""
    assert written.exists()

    read = folder.read(SCOPE, STAMP)

    assert read is not None
    np.testing.assert_array_equal(read.ids, VECTORS.ids)
    assert folder.read(OTHER, STAMP) is None


def test_empty_key_is_refused(tmp_path: Path) -> None:
    """Without a secret, names would tell whose files they are."""
    with pytest.raises(ValueError, match="hash_key"):
        VectorFolder(tmp_path, b"")


def test_files_are_private(written: Path) -> None:
    """Vectors tell nearly what texts tell: nobody else on the machine reads them."""
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (written, written.parent, written.parent.parent)]

    assert modes == [0o600, 0o700, 0o700]


def test_name_needs_the_key(tmp_path: Path, written: Path) -> None:
    """Another key gives the same scope another name."""
    other = VectorFolder(tmp_path / "other", b"another key")
    other.write(SCOPE, STAMP, VECTORS)

    (path,) = (tmp_path / "other").rglob("*.fvx")
    assert path.name != written.name


@given(st.tuples(*[st.text(st.characters(exclude_categories=()), min_size=1, max_size=30)] * 3))
def test_no_id_reaches_a_path(ids: tuple[str, str, str]) -> None:
    """Whatever ids contain, a file lies two levels below the folder and is named in hex."""
    root = Path("/data/vec")

    shelf, name, _ = VectorFolder(root, b"key")._place(Scope(*ids))

    assert shelf.parent == root
    assert re.fullmatch(r"[0-9a-f]{64}\.fvx", name)
    assert name.startswith(shelf.name)
    assert re.fullmatch(r"[0-9a-f]{2}", shelf.name)


def test_borders_between_ids_count(folder: VectorFolder) -> None:
    """Ids that read the same when put together are still different scopes."""
    assert folder._place(Scope("a", "bc", "d")) != folder._place(Scope("a", "b", "cd"))


def test_link_in_place_of_a_file_is_not_followed(folder: VectorFolder, written: Path, tmp_path: Path) -> None:
    """A planted link is neither read nor written through; it is removed, and what it pointed to stays."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(written.read_bytes())  # would be right if it were read
    written.unlink()
    written.symlink_to(elsewhere)
    before = elsewhere.read_bytes()

    assert folder.read(SCOPE, STAMP) is None
    assert not written.is_symlink()
    written.symlink_to(elsewhere)
    folder.write(SCOPE, STAMP, StoredVectors(VECTORS.ids[:5], VECTORS.halves[:5]))
    assert not written.is_symlink()
    assert elsewhere.read_bytes() == before


def test_link_in_place_of_a_folder_is_not_followed(folder: VectorFolder, written: Path, tmp_path: Path) -> None:
    """A planted folder link leads nothing out of the data folder, and an erasure behind it does not claim success."""
    outside = tmp_path / "outside"
    written.parent.rename(outside)
    written.parent.symlink_to(outside)
    before = (outside / written.name).read_bytes()

    assert folder.read(SCOPE, STAMP) is None
    folder.write(SCOPE, STAMP, StoredVectors(VECTORS.ids[:5], VECTORS.halves[:5]))
    with pytest.raises(StoreError, match="not erased"):
        folder.erase(SCOPE)
    assert [path.read_bytes() for path in outside.iterdir()] == [before]


def test_folder_in_place_of_a_file_is_passed_by(folder: VectorFolder, written: Path) -> None:
    """A folder of that name is no file: nothing is read, written or raised."""
    written.unlink()
    written.mkdir()

    assert folder.read(SCOPE, STAMP) is None
    folder.write(SCOPE, STAMP, VECTORS)
    folder.erase(SCOPE)
    assert list(written.parent.iterdir()) == [written]


def test_pipe_in_place_of_a_file_does_not_stall(folder: VectorFolder, written: Path) -> None:
    """Opening a pipe that nobody writes to would wait forever."""
    written.unlink()
    os.mkfifo(written)

    assert folder.read(SCOPE, STAMP) is None
    assert not written.exists()


def test_lying_header_allocates_nothing(folder: VectorFolder, written: Path) -> None:
    """A file that is longer than its header says is refused before its rest is read."""
    with written.open("r+b") as file:
        file.truncate(1 << 40)  # a sparse terabyte: reading it would end the process

    assert folder.read(SCOPE, STAMP) is None


def test_full_disk_leaves_no_partial_file(
    folder: VectorFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """When writing fails there is no file and no error, but a line that tells how many vectors and why."""
    with full_disk(4096):
        folder.write(SCOPE, STAMP, VECTORS)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert caplog.record_tuples[-1][1:] == (
        logging.WARNING,
        "index file of 120 vectors not written: File too large",
    )


def test_full_disk_keeps_the_older_file(folder: VectorFolder, written: Path) -> None:
    """A copy that cannot be replaced stays as it was, and a later write succeeds."""
    before = written.read_bytes()
    more = StoredVectors(ids_of(200), unit_rows(200, 1).astype(np.float16))
    with full_disk(4096):
        folder.write(SCOPE, STAMP, more)
    after_failure = written.read_bytes()

    folder.write(SCOPE, STAMP, more)

    read = folder.read(SCOPE, STAMP)
    assert after_failure == before
    assert read is not None
    assert len(read.ids) == 200


def test_log_names_no_file(folder: VectorFolder, written: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A refused file is logged with the reason alone; its name stands for a person."""
    written.write_bytes(written.read_bytes()[:-1])

    folder.read(SCOPE, STAMP)

    assert "expected" in caplog.text
    assert written.stem not in caplog.text


def test_half_written_file_is_swept(folder: VectorFolder, written: Path) -> None:
    """What a crash left of a write is removed; whole files and those of others stay."""
    leftover = written.with_name(f"{written.name}.tmp")
    leftover.write_bytes(b"half")
    foreign = written.with_name("notes.tmp")
    foreign.write_bytes(b"not ours")

    folder.sweep()

    assert sorted(written.parent.iterdir()) == sorted([written, foreign])


def test_half_written_file_is_erased(folder: VectorFolder, written: Path) -> None:
    """Erasing takes what a crash left of a write, too."""
    written.with_name(f"{written.name}.tmp").write_bytes(b"half")

    folder.erase(SCOPE)

    assert list(written.parent.iterdir()) == []


def test_sweep_follows_no_link(folder: VectorFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A folder link that looks like ours leads to no removal elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.fvx.tmp").write_bytes(b"not ours")
    (tmp_path / "vec").mkdir()
    (tmp_path / "vec" / "ab").symlink_to(outside)

    folder.sweep()

    assert (outside / "a.fvx.tmp").exists()
    assert "not removed" in caplog.text


def test_nothing_is_made_before_the_first_write(folder: VectorFolder, tmp_path: Path) -> None:
    """Reading, sweeping and erasing find no folder and make none."""
    folder.sweep()
    folder.erase(SCOPE)

    assert folder.read(SCOPE, STAMP) is None
    assert list(tmp_path.iterdir()) == []
