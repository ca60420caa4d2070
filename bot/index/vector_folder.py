"""Where cached index files lie, and how they are read, written and erased without trusting what lies there.

File names are keyed hashes: no id of a person or guild appears on disk. All calls block; run them in a worker thread.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import StoreError
from bot.index.vector_file import HEADER_BYTES, Label, StoredVectors, UnusableFile, decode, encode, payload_bytes
from bot.protocols import Stamp
from bot.types import Scope

_log = logging.getLogger(__name__)

# A link planted in place of a file or folder is refused; O_NONBLOCK so that a planted pipe cannot stall the open.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class VectorFolder:
    """The files `<2 hex>/<64 hex>.fvx` of one folder, a file per scope.

    Args:
        folder: made on the first write, mode 0700. One process at a time.
        hash_key: secret that names are made with, not empty.
    """

    def __init__(self, folder: Path, hash_key: bytes) -> None:
        if not hash_key:
            raise ValueError("hash_key is empty, expected secret bytes")
        self._folder = folder
        self._hash_key = hash_key

    def read(self, scope: Scope, stamp: Stamp) -> StoredVectors | None:
        """Return a scope's cached vectors; None when there are none that can be trusted. Erases what cannot be used."""
        shelf, name, owner = self._place(scope)
        try:
            with _opened_folder(shelf) as folder:
                try:
                    return _read(folder, name, Label(owner, stamp))
                except FileNotFoundError:
                    return None
                except (OSError, UnusableFile) as error:
                    _log.info("index file not used, reading rows instead: %s", _reason(error))
                    _unlink(folder, name)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("index folder not usable: %s", _reason(error))
        return None

    def write(self, scope: Scope, stamp: Stamp, vectors: StoredVectors) -> None:
        """Leave a copy for the next start; when that fails, nothing but a log line is left."""
        shelf, name, owner = self._place(scope)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shelf.mkdir(mode=0o700, exist_ok=True)
            with _opened_folder(shelf) as folder:
                _write(folder, name, encode(Label(owner, stamp), vectors))
        except OSError as error:
            _log.warning("index file of %d vectors not written: %s", len(vectors.ids), _reason(error))

    def erase(self, scope: Scope) -> None:
        """Remove a scope's file for good.

        Raises:
            StoreError: the file is still there.
        """
        shelf, name, _ = self._place(scope)
        try:
            with _opened_folder(shelf) as folder:
                _unlink(folder, name)
                _unlink(folder, _temporary(name))
                os.fsync(folder)
        except FileNotFoundError:
            return  # no shelf, no file
        except OSError as error:
            raise StoreError(f"index file not erased: {_reason(error)}; make {self._folder} writable") from error

    def sweep(self) -> None:
        """Remove files that a crash left half written."""
        for leftover in self._folder.glob(f"[0-9a-f][0-9a-f]/{_temporary('*.fvx')}"):
            try:
                with _opened_folder(leftover.parent) as folder:
                    _unlink(folder, leftover.name)
            except OSError as error:
                _log.warning("half-written index file not removed: %s", _reason(error))

    def _place(self, scope: Scope) -> tuple[Path, str, bytes]:
        """Return the folder and name of a scope's file, and the keyed hash that they come from."""
        # JSON, so that no two scopes run together into the same bytes.
        spelled = json.dumps([scope.platform, scope.guild_id, scope.user_id]).encode()
        owner = hmac.digest(self._hash_key, spelled, "sha256")
        return self._folder / owner.hex()[:2], f"{owner.hex()}.fvx", owner


@contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    """Give a descriptor, so that every step works in the same folder whatever happens to its path meanwhile."""
    descriptor = os.open(path, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(folder: int, name: str, label: Label) -> StoredVectors:
    with open(os.open(name, _READ, dir_fd=folder), "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UnusableFile("not a regular file")
        header = file.read(HEADER_BYTES)
        length = payload_bytes(header, label)
        # Before reading on: a header that lies about its size must not make this process allocate it.
        if found.st_size != HEADER_BYTES + length:
            raise UnusableFile(f"{found.st_size} bytes, expected {HEADER_BYTES + length}")
        return decode(header, file.read(length), label)


def _write(folder: int, name: str, content: bytes) -> None:
    temporary = _temporary(name)
    _unlink(folder, temporary)
    try:
        with open(os.open(temporary, _CREATE, 0o600, dir_fd=folder), "wb") as file:  # noqa: PTH123 - as above
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        _unlink(folder, temporary)
        raise
    os.fsync(folder)


def _unlink(folder: int, name: str) -> None:
    # A directory in the file's place holds nothing of ours, and stays.
    with suppress(FileNotFoundError, IsADirectoryError):
        os.unlink(name, dir_fd=folder)


def _temporary(name: str) -> str:
    return f"{name}.tmp"


def _reason(error: OSError | UnusableFile) -> str:
    """Say what went wrong without the file's name, which belongs to a person."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
