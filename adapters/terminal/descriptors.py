"""Reads and writes file descriptors without holding up the event loop: pipes, files, terminals and sockets alike."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from adapters.terminal.texts import decoded

_CHUNK_BYTES = 65536
_BYTES_PER_CHARACTER = 4  # the longest in UTF-8
_BYTES_AROUND = 8  # more than a byte order mark and a carriage return


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end. Of one that is longer than allowed nothing is kept but that it was there."""

    text: str
    whole: bool = True


async def read_lines(descriptor: int, most_characters: int) -> AsyncGenerator[Line, None]:
    """Yield the lines of a descriptor as they arrive.

    However long a line is, no more of it is held than the allowed characters take.
    """
    room = most_characters * _BYTES_PER_CHARACTER + _BYTES_AROUND
    held = bytearray()
    while chunk := await _read(descriptor):
        first, *others = chunk.split(b"\n")
        held += first[: room - len(held)]
        for start in others:
            yield _line(held, room, most_characters)
            held = bytearray(start[:room])
    if held:
        yield _line(held, room, most_characters)


async def write_all(descriptor: int, text: str) -> None:
    """Write a text whole; a slow reader makes the caller wait, nobody else.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    left = memoryview(text.encode("utf-8", "replace"))
    loop = asyncio.get_running_loop()
    while left:
        await _ready(descriptor, loop.add_writer, loop.remove_writer)
        # A pipe that is ready takes this much without waiting: https://man7.org/linux/man-pages/man7/pipe.7.html
        left = left[os.write(descriptor, left[: select.PIPE_BUF]) :]


async def _read(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    await _ready(descriptor, loop.add_reader, loop.remove_reader)
    return os.read(descriptor, _CHUNK_BYTES)


async def _ready(
    descriptor: int, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], bool]
) -> None:
    ready = asyncio.Event()
    try:
        watch(descriptor, ready.set)
    except PermissionError:  # what never makes anybody wait cannot be watched: ordinary files, /dev/null
        return
    try:
        await ready.wait()
    finally:
        unwatch(descriptor)


def _line(held: bytearray, room: int, most_characters: int) -> Line:
    text = decoded(bytes(held)) if len(held) < room else ""
    whole = len(held) < room and len(text) <= most_characters
    return Line(text if whole else "", whole)
