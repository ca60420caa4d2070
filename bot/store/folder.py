"""The data folder: who may read it, and which process holds it. Knows nothing of what the files contain."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import FolderInUse, StoreError

FILE_MODE = 0o600
FOLDER_MODE = 0o700


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Hold a data folder, made if need be, for this process alone. The kernel lets go when the process dies.

    Raises:
        FolderInUse: another process holds it.
        StoreError: the folder cannot be made or written.
    """
    try:
        _make(folder)
        descriptor = open_private(folder / "lock", os.O_RDWR)
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        _take(folder, descriptor)
        yield
    finally:
        os.close(descriptor)


def open_private(path: Path, flags: int) -> int:
    """Open a file, made if need be, that only its owner may read, whatever the umask; returns its descriptor.

    Raises:
        OSError: as os.open does.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def unusable(folder: Path, error: OSError) -> StoreError:
    """Say in one line why a data folder cannot be used, and what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreError(f"data folder {folder} cannot be used: the disk is full; free some space and start again")
    return StoreError(
        f"data folder {folder} cannot be used: {error.strerror}; "
        "make it a folder that this user may write, or set FORGETMENOT_DATA to another one"
    )


def _make(folder: Path) -> None:
    """Make the folder private. One that exists keeps its mode: it may be /tmp, and the files are private anyway."""
    if not folder.is_dir():
        folder.mkdir(mode=FOLDER_MODE, parents=True)
        folder.chmod(FOLDER_MODE)  # mkdir applies the umask


def _take(folder: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        raise FolderInUse(
            f"data folder {folder} is in use by process {holder}; stop it, or set FORGETMENOT_DATA to another folder"
        ) from error
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise unusable(folder, error) from error
