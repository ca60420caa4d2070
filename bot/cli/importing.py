"""The command that brings memories in from a file, and tells what became of its lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BufferedReader
from itertools import islice
from pathlib import Path

import click

from bot.app import opened
from bot.cli.progress import bar
from bot.config import Settings
from bot.errors import InputError, Interrupted
from bot.exchange.importing import BATCH, Importer, Tally
from bot.exchange.people import Destination
from bot.exchange.reading import Item, UnreadableFile, read_items
from bot.exchange.record import read_record
from bot.store.rows import SqliteRows
from bot.types import Action, PlaceKind

_PEOPLE_NAMED = 10


@dataclass(frozen=True, slots=True)
class Brought:
    """What was asked of an import."""

    pairs: Sequence[str]
    guild: str | None
    platform: str | None
    place: str | None
    filtered: bool
    dry_run: bool

    def destination(self) -> Destination:
        """Return where lines go.

        Raises:
            UsageError: they contradict each other, or a pair of --map is none.
        """
        try:
            return Destination.chosen(
                self.platform, self.guild, PlaceKind(self.place) if self.place else None, self.pairs
            )
        except InputError as error:
            raise click.UsageError(str(error)) from error


def bring_in(settings: Settings, file: Path, brought: Brought) -> int:
    """Import a file, tell what became of its lines, and return the exit code: 1 when none could be used."""
    destination = brought.destination()
    try:
        with file.open("rb") as lines:
            size = os.fstat(lines.fileno()).st_size
            tally = asyncio.run(_import(settings, lines, size, brought, destination))
    except UnreadableFile as error:
        raise UnreadableFile(f"{file}: {error}") from error
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; what was imported is kept, run it again to go on") from error
    for line in summary(tally, dry_run=brought.dry_run):
        click.echo(line)
    if not tally.used:
        raise InputError(f"{file}: {'every line was refused' if tally.refused else 'there is no line in it'}")
    return 0


def summary(tally: Tally, *, dry_run: bool) -> Iterator[str]:
    """Yield what became of the lines, and whose memory grew."""
    counts = [
        (tally.actions[Action.KEPT] + tally.actions[Action.UPDATED], "kept"),
        (tally.actions[Action.MERGED], "known in other words"),
        (tally.actions[Action.PROPOSED], "waiting for the person's yes"),
        (tally.actions[Action.DROPPED], "not worth keeping"),
        (tally.known, "imported before"),
        (tally.refused, "refused"),
    ]
    told = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing"
    yield f"{'would be imported' if dry_run else 'imported'}: {told}"
    if tally.people:
        named = [f"{scope.user_id} {count:,}" for scope, count in tally.people.most_common(_PEOPLE_NAMED)]
        rest = len(tally.people) - len(named)
        yield f"for: {', '.join(named)}{f' and {rest:,} more' if rest else ''}"


async def _import(
    settings: Settings, file: BufferedReader, size: int, brought: Brought, destination: Destination
) -> Tally:
    items = read_items(file, partial(read_record, timezone=settings.bot.timezone))
    async with opened(settings) as app:
        importer = Importer(
            app.core,
            SqliteRows(app.database, app.embedder.space),
            destination,
            _refuse,
            filtered=brought.filtered,
            rehearsed=brought.dry_run,
        )
        with bar("lines", size) as advance:
            while batch := await asyncio.to_thread(_some, items):
                await importer.take(batch)
                advance(sum(item.size for item in batch), len(batch))
    return importer.tally


def _some(items: Iterator[Item]) -> list[Item]:
    return list(islice(items, BATCH))


def _refuse(where: str, reason: str) -> None:
    click.echo(f"{where}: refused: {reason}", err=True)
