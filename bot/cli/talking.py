"""Runs conversations: on the chat platforms that are configured, or here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import click

from bot.app import App, opened, serve
from bot.cli.platforms import configured_adapters, terminal
from bot.config import Settings
from bot.errors import InputError
from bot.exchange.record import person_id
from bot.logs import configure_logging
from bot.protocols import Adapter
from bot.types import PlaceKind


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at the terminal, and where."""

    person: str
    guild: str
    place: str
    json_lines: bool

    def adapter(self, app: App) -> Adapter:
        """Return the terminal as seen from here."""
        return terminal(app, self.person, self.guild, PlaceKind(self.place), json_lines=self.json_lines)


def serve_terminal(settings: Settings, seat: Seat) -> int:
    """Talk with the person at the terminal, or with the script; return the exit code."""
    try:
        seat = replace(seat, person=person_id(seat.person))
    except InputError as error:
        raise click.UsageError(f"--as: {error}") from error
    if not seat.guild.strip():
        raise click.UsageError("--guild is empty, expected a name")
    if settings.log.level == "info" and sys.stdin and sys.stdin.isatty():
        # A line of the log would land in the middle of what the person types.
        configure_logging("warning", settings.secrets().values())
    return asyncio.run(_serve(settings, lambda app: [seat.adapter(app)]))


def serve_platforms(settings: Settings) -> int:
    """Serve every chat platform that is configured, until the process is told to stop; return the exit code."""
    return asyncio.run(_serve(settings, configured_adapters))


async def _serve(settings: Settings, adapters: Callable[[App], Sequence[Adapter]]) -> int:
    async with opened(settings, upkeep=True) as app:
        for line in app.describe():
            click.echo(line, err=True)
        return await serve(app, adapters(app))
