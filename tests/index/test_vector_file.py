"""The format of a cached file."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.index.vector_file import HEADER_BYTES, Label, StoredVectors, UnusableFile, decode, encode, payload_bytes
from bot.protocols import Space, Stamp

LABEL = Label(bytes(range(32)), Stamp(Space("model", 4), 7))


def vectors(count: int) -> StoredVectors:
    """Return a few vectors in an order that is not that of their ids."""
    ids = np.arange(count, 0, -1, dtype=np.int64) << 32
    return StoredVectors(ids, np.random.default_rng(1).standard_normal((count, 4)).astype(np.float16))


@pytest.mark.parametrize("count", [0, 1, 9])
def test_what_was_written_is_read(count: int) -> None:
    """Ids, numbers and their order come back as they were."""
    stored = vectors(count)
    content = encode(LABEL, stored)

    read = decode(content[:HEADER_BYTES], content[HEADER_BYTES:], LABEL)

    np.testing.assert_array_equal(read.ids, stored.ids)
    np.testing.assert_array_equal(read.halves, stored.halves)
    assert read.ids.dtype == np.int64
    assert read.halves.dtype == np.float16


def test_layout_is_as_documented() -> None:
    """Every field lies where the module says, so that another program can read the file."""
    content = encode(LABEL, vectors(3))

    assert content[:4] == b"fvx\0"
    assert struct.unpack_from("<IIqqQQ", content, 4) == (1, 4, 7, 3 << 32, 3, 3 * 16)
    assert content[44:76] == hashlib.sha256(b"model").digest()
    assert content[76:108] == LABEL.owner
    assert content[108:140] == hashlib.sha256(content[:108] + content[140:]).digest()
    assert HEADER_BYTES == 140
    assert len(content) == 140 + 3 * (8 + 2 * 4)


def test_size_is_known_from_the_header() -> None:
    """The header tells how much follows, before anything of it is read."""
    content = encode(LABEL, vectors(3))

    assert payload_bytes(content[:HEADER_BYTES], LABEL) == len(content) - HEADER_BYTES


@pytest.mark.parametrize(
    "label",
    [
        pytest.param(Label(bytes(32), LABEL.stamp), id="scope"),
        pytest.param(Label(LABEL.owner, Stamp(Space("model", 4), 6)), id="epoch"),
        pytest.param(Label(LABEL.owner, Stamp(Space("model", 8), 7)), id="dimension"),
        pytest.param(Label(LABEL.owner, Stamp(Space("model2", 4), 7)), id="model"),
    ],
)
def test_label_must_match(label: Label) -> None:
    """A file of another scope, epoch or space is refused by its header alone."""
    content = encode(LABEL, vectors(3))

    with pytest.raises(UnusableFile, match="another"):
        payload_bytes(content[:HEADER_BYTES], label)


def test_count_beyond_every_disk_is_refused() -> None:
    """A header whose count would overflow the length is refused before anything is allocated."""
    content = bytearray(encode(LABEL, vectors(3)))
    content[28:36] = b"\xff" * 8

    with pytest.raises(UnusableFile, match="count"):
        payload_bytes(bytes(content[:HEADER_BYTES]), LABEL)


@pytest.mark.parametrize("place", range(0, 188, 7))
def test_every_byte_counts(place: int) -> None:
    """A change of any byte is seen."""
    content = bytearray(encode(LABEL, vectors(3)))
    content[place] ^= 1

    with pytest.raises(UnusableFile):
        decode(bytes(content[:HEADER_BYTES]), bytes(content[HEADER_BYTES:]), LABEL)


@given(st.binary(max_size=400))
def test_foreign_bytes_are_refused(content: bytes) -> None:
    """Bytes that were never written here end in a refusal and in no other error."""
    with pytest.raises(UnusableFile):
        decode(content[:HEADER_BYTES], content[HEADER_BYTES:], LABEL)
