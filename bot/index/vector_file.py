"""The format of a cached index file (.fvx): ids and half-precision vectors behind a header that nothing wrong survives.

Knows bytes only: no folder, no search library.

    bytes    content, little-endian
    0-3      magic "fvx\\0"
    4-7      format version
    8-11     dim, numbers per vector
    12-19    epoch of the scope
    20-27    watermark, the highest id
    28-35    count of vectors
    36-43    length of the payload
    44-75    SHA-256 of the model's name
    76-107   keyed hash of the scope
    108-139  SHA-256 over the bytes before and the payload
    140-     payload: count ids (int64), then count x dim float16
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.protocols import Ids, Stamp

Halves = npt.NDArray[np.float16]

_MAGIC = b"fvx\0"
_VERSION = 1
_FIELDS = struct.Struct("<4sIIqqQQ32s32s")
_CHECKSUM_BYTES = 32
HEADER_BYTES = _FIELDS.size + _CHECKSUM_BYTES


class UnusableFile(ValueError):
    """A file that is damaged, out of date or somebody else's; the rows have to be read instead."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a file must say about itself to be used.

    owner: keyed hash of the scope, 32 bytes.
    """

    owner: bytes
    stamp: Stamp


@dataclass(frozen=True, slots=True, eq=False)
class StoredVectors:
    """The content of a file, in the order in which it was added.

    ids: (n,) int64, each once. halves: (n, dim) float16, unit rows.
    """

    ids: Ids
    halves: Halves


def encode(label: Label, vectors: StoredVectors) -> bytes:
    """Return the bytes of a file."""
    payload = vectors.ids.astype("<i8").tobytes() + vectors.halves.astype("<f2").tobytes()
    watermark = int(vectors.ids.max(initial=0))
    fields = _fields(label, watermark, len(vectors.ids))
    return fields + _checksum(fields, payload) + payload


def payload_bytes(header: bytes, label: Label) -> int:
    """Return how many bytes follow a header; to be compared with the file's size before anything more is read.

    Raises:
        UnusableFile: the header is short, or not one of this format, scope, space and epoch.
    """
    if len(header) != HEADER_BYTES:
        raise UnusableFile(f"header of {len(header)} bytes, expected {HEADER_BYTES}")
    _, _, _, _, watermark, count, length, _, _ = _FIELDS.unpack_from(header)
    # One comparison covers every field: what this process would have written must stand there.
    if header[: _FIELDS.size] != _fields(label, watermark, count):
        raise UnusableFile("header is of another format, scope, space or epoch")
    return int(length)


def decode(header: bytes, payload: bytes, label: Label) -> StoredVectors:
    """Return the vectors of a file.

    Raises:
        UnusableFile: anything about the file is not as it was written.
    """
    length = payload_bytes(header, label)
    if len(payload) != length:
        raise UnusableFile(f"payload of {len(payload)} bytes, expected {length}")
    if header[_FIELDS.size :] != _checksum(header[: _FIELDS.size], payload):
        raise UnusableFile("checksum does not match")
    dim = label.stamp.space.dim
    count = length // _row_bytes(dim)
    ids = np.frombuffer(payload, "<i8", count)
    halves = np.frombuffer(payload, "<f2", offset=ids.nbytes).reshape(count, dim)
    return StoredVectors(ids.astype(np.int64), halves.astype(np.float16, copy=False))


def _fields(label: Label, watermark: int, count: int) -> bytes:
    space, epoch = label.stamp.space, label.stamp.epoch
    model = hashlib.sha256(space.model.encode()).digest()
    length = count * _row_bytes(space.dim)
    try:
        return _FIELDS.pack(_MAGIC, _VERSION, space.dim, epoch, watermark, count, length, model, label.owner)
    except struct.error as error:  # a damaged count, whose length no field can hold
        raise UnusableFile(f"count {count} is out of range") from error


def _row_bytes(dim: int) -> int:
    return 8 + 2 * dim


def _checksum(fields: bytes, payload: bytes) -> bytes:
    digest = hashlib.sha256(fields)
    digest.update(payload)
    return digest.digest()
