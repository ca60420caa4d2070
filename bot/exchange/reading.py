"""Reads an exchange file item by item, whatever its size: a line too long or broken costs only itself."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BufferedReader

from bot.errors import InputError
from bot.exchange.record import Record

MAX_LINE_BYTES = 2**20
MAX_ARRAY_BYTES = 64 * 2**20
"""A JSON array has to be read whole, a file of lines has not."""


class UnreadableFile(InputError):
    """Nothing of the file can be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One line or array element: a record, or the reason why it is none. `size` is its share of the file, in bytes."""

    where: str
    size: int
    record: Record | None
    reason: str = ""


def read_items(file: BufferedReader, parse: Callable[[object], Record]) -> Iterator[Item]:
    """Yield the items of a file in order, blank lines left out.

    Args:
        parse: makes a record of a decoded item, or raises InputError.

    Raises:
        UnreadableFile: it is an array that is broken or too large.
    """
    if _holds_array(file):
        yield from _elements(file, parse)
        return
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        size = len(line)
        if size > MAX_LINE_BYTES:
            size += _skip_rest(file, line)
            yield Item(f"line {number}", size, None, f"it has more than {MAX_LINE_BYTES:,} bytes, the most for a line")
        elif line := (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip():
            yield _item(f"line {number}", size, partial(_parsed, line, parse))


def _holds_array(file: BufferedReader) -> bool:
    return file.peek(64).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")


def _elements(file: BufferedReader, parse: Callable[[object], Record]) -> Iterator[Item]:
    content = file.read(MAX_ARRAY_BYTES + 1)
    if len(content) > MAX_ARRAY_BYTES:
        raise UnreadableFile(f"it is an array of more than {MAX_ARRAY_BYTES >> 20} MB; write one object a line instead")
    try:
        elements = _decoded(content.removeprefix(codecs.BOM_UTF8))
    except InputError as error:
        raise UnreadableFile(f"it begins as an array, but {error}") from error
    if not isinstance(elements, list):
        raise UnreadableFile("it begins as an array, but is none")
    size = len(content) // max(len(elements), 1)
    for number, element in enumerate(elements, 1):
        yield _item(f"item {number}", size, partial(parse, element))


def _item(where: str, size: int, make: Callable[[], Record]) -> Item:
    try:
        return Item(where, size, make())
    except InputError as error:
        return Item(where, size, None, str(error))


def _parsed(line: bytes, parse: Callable[[object], Record]) -> Record:
    return parse(_decoded(line))


def _decoded(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start + 1} is no UTF-8, in which it has to be written") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise InputError(f"it is no JSON: {error.msg} at {place}character {error.colno}") from error
    except (RecursionError, ValueError) as error:  # nested a thousand deep; a number of five thousand digits
        raise InputError("it is no JSON that can be read: nested too deeply, or with a number too long") from error


def _skip_rest(file: BufferedReader, line: bytes) -> int:
    """Read on to the end of a line; return how many bytes that took."""
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE_BYTES)
        skipped += len(line)
    return skipped
