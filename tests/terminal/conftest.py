"""A terminal adapter between two pipes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from typing import TypeAlias

import pytest

from adapters.terminal import TerminalAdapter
from bot.config import LimitsSettings
from tests.conformance.adapter import PATIENCE_S

LIMITS = LimitsSettings(max_message_characters=1000, shutdown_s=0.2)


@dataclass(frozen=True, slots=True)
class PipedWire:
    """An adapter that reads one pipe and writes another."""

    adapter: TerminalAdapter
    typing: FileIO  # where the adapter's input comes from
    replies: asyncio.StreamReader
    json_lines: bool

    async def push(self, text: str) -> None:
        """Write a line."""
        self.push_bytes(f"{text}\n".encode())

    def push_bytes(self, content: bytes) -> None:
        """Write what fits into the pipe."""
        assert self.typing.write(content) == len(content)

    def end(self) -> None:
        """End the input."""
        self.typing.close()

    async def reply(self) -> str:
        """Read up to the end of the next paragraph, or the next object's reply."""
        async with asyncio.timeout(PATIENCE_S):
            if self.json_lines:
                return str(json.loads(await self.replies.readline())["reply"])
            return (await self.replies.readuntil(b"\n\n")).decode().removesuffix("\n\n")

    async def everything(self) -> str:
        """Read all that is written until the adapter's end of the pipe is closed."""
        async with asyncio.timeout(PATIENCE_S):
            return (await self.replies.read()).decode()


MakeWire: TypeAlias = Callable[..., Awaitable[PipedWire]]


@pytest.fixture
async def make_wire() -> AsyncIterator[MakeWire]:
    """Make a wire; `json_lines` and `person` as for the adapter."""
    with ExitStack() as stack:

        async def make(*, json_lines: bool = False, person: str = "me") -> PipedWire:
            typed, typing = os.pipe()
            reading, written = os.pipe()
            stdin, stdout = stack.enter_context(os.fdopen(typed)), stack.enter_context(os.fdopen(written, "w"))
            reader = asyncio.StreamReader()
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb")
            )
            stack.callback(transport.close)
            adapter = TerminalAdapter(person, json_lines=json_lines, limits=LIMITS, stdin=stdin, stdout=stdout)
            return PipedWire(adapter, stack.enter_context(FileIO(typing, "w")), reader, json_lines)

        yield make
