"""An exchange file is read item by item: what is broken costs only itself."""

from __future__ import annotations

import tracemalloc
from datetime import UTC
from functools import partial
from pathlib import Path

import pytest

from bot.exchange import reading
from bot.exchange.reading import Item, UnreadableFile, read_items
from bot.exchange.record import read_record

TEA = b'{"text": "tea", "author": "Ana", "time": "2026-03-01"}'
MILK = b'{"text": "milk", "author": "Ana", "time": "2026-03-01"}'


def items(path: Path, content: bytes) -> list[Item]:
    """Write a file and read it."""
    path.write_bytes(content)
    with path.open("rb") as file:
        return list(read_items(file, partial(read_record, timezone=UTC)))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(TEA + b"\n" + MILK + b"\n", id="lines"),
        pytest.param(TEA + b"\n" + MILK, id="last line without an end"),
        pytest.param(b"\xef\xbb\xbf" + TEA + b"\r\n\r\n \t\r\n" + MILK + b"\r\n", id="byte order mark, blank lines"),
        pytest.param(b"[" + TEA + b",\n" + MILK + b"]", id="array"),
        pytest.param(b"\xef\xbb\xbf\n [" + TEA + b"," + MILK + b"]\n", id="array with a byte order mark"),
    ],
)
def test_lines_and_arrays_are_read(tmp_path: Path, content: bytes) -> None:
    """One object a line, or one array of objects, with whatever line ends."""
    texts = [item.record.text for item in items(tmp_path / "file", content) if item.record]

    assert texts == ["tea", "milk"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"tea", "it is no JSON: Expecting value at character 1"),
        (b'{"text": ', "it is no JSON: Expecting value at character"),
        (b'{"text": "caf\xe9"}', "byte 14 is no UTF-8, in which it has to be written"),
        (b"5", "the line is a number, expected an object"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number too long"),
        (b'{"text": "' + b"x" * reading.MAX_LINE_BYTES + b'"}', "it has more than 1,048,576 bytes"),
    ],
)
def test_broken_line_costs_only_itself(tmp_path: Path, line: bytes, reason: str) -> None:
    """It is refused by its number, and the lines around it are read."""
    before, broken, after = items(tmp_path / "file", TEA + b"\n" + line + b"\n" + MILK)

    assert before.record is not None
    assert after.record is not None
    assert (broken.where, broken.record) == ("line 2", None)
    assert reason in broken.reason


def test_broken_element_costs_only_itself(tmp_path: Path) -> None:
    """In an array it is the element's number."""
    first, second = items(tmp_path / "file", b"[5, " + TEA + b"]")

    assert (first.where, first.record) == ("item 1", None)
    assert second.record is not None


@pytest.mark.parametrize("content", [b"[" + TEA, b"[" + TEA + b"] and more", b"[" + b" " * (64 << 20) + b"]"])
def test_broken_or_huge_array_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    """There is no telling where its elements begin."""
    with pytest.raises(UnreadableFile):
        items(tmp_path / "file", content)


def test_large_file_takes_no_memory(tmp_path: Path) -> None:
    """Ten thousand lines and one of eight megabytes are read in a few times the longest line's space."""
    path = tmp_path / "file"
    path.write_bytes((TEA + b"\n") * 10_000 + b"x" * (8 << 20) + b"\n")
    tracemalloc.start()
    with path.open("rb") as file:
        count = sum(1 for _ in read_items(file, partial(read_record, timezone=UTC)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 10_001
    assert peak < 6 << 20


def test_sizes_add_up_to_the_file(tmp_path: Path) -> None:
    """Progress is told in bytes of the file."""
    content = TEA + b"\n" + b"x" * (reading.MAX_LINE_BYTES + 5) + b"\n" + MILK

    assert sum(item.size for item in items(tmp_path / "file", content)) == len(content)
