"""The command that writes memories to a file or to standard output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from bot.app import opened
from bot.config import Settings
from bot.errors import InputError
from bot.exchange.record import person_id
from bot.memory.core import MemoryCore
from bot.store.folder import open_private
from bot.store.rows import SqliteRows
from bot.types import Scope

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose memories an export was asked for."""

    person: str | None
    user: str | None
    guild: str | None
    platform: str
    everybody: bool

    def user_id(self) -> str | None:
        """Return whose; None for everybody's.

        Raises:
            UsageError: the options contradict each other.
        """
        if sum(map(bool, (self.person, self.user, self.everybody))) > 1:
            raise click.UsageError("--as, --user and --all exclude each other; give one")
        try:
            return None if self.everybody else self.user or person_id(self.person or "me")
        except InputError as error:
            raise click.UsageError(f"--as: {error}") from error


def bring_out(settings: Settings, wanted: Wanted, output: Path) -> int:
    """Export memories and return the exit code."""
    user_id = wanted.user_id()
    count = asyncio.run(_export(settings, wanted, user_id, output))
    click.echo(f"{count:,} memories exported", err=True)
    return 0


async def _export(settings: Settings, wanted: Wanted, user_id: str | None, output: Path) -> int:
    async with opened(settings) as app:
        platform = None if wanted.everybody else wanted.platform
        scopes = await SqliteRows(app.database, app.embedder.space).scopes(platform, user_id)
        chosen = [scope for scope in scopes if wanted.guild in {None, scope.guild_id}]
        return await _write(app.core, chosen, output)


async def _write(core: MemoryCore, scopes: Sequence[Scope], output: Path) -> int:
    count = 0
    with _writing(output) as descriptor:
        for scope in scopes:
            lines = await core.export(scope)
            content = memoryview("".join(f"{line}\n" for line in lines).encode())
            while content:
                content = content[os.write(descriptor, content) :]
            count += len(lines)
    return count


@contextmanager
def _writing(output: Path) -> Iterator[int]:
    """Give a descriptor to write to. A file takes its name when it is whole, and only its owner may read it."""
    if output == STANDARD_OUTPUT:
        yield sys.stdout.fileno()
        return
    unfinished = output.with_name(f"{output.name}.unfinished")
    try:
        descriptor = open_private(unfinished, os.O_WRONLY | os.O_TRUNC)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    try:
        yield descriptor
        os.fsync(descriptor)
        unfinished.replace(output)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    finally:
        os.close(descriptor)
        unfinished.unlink(missing_ok=True)
