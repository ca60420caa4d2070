"""Makes missing vectors, with a bar to watch."""

from __future__ import annotations

import asyncio

import click

from bot.app import opened
from bot.cli.progress import bar
from bot.config import Settings
from bot.errors import Interrupted


def make_vectors(settings: Settings) -> int:
    """Make every missing vector and return the exit code."""
    try:
        made = asyncio.run(_reindex(settings))
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; what was made is kept, run it again to go on") from error
    click.echo(f"{made:,} vectors made, none is missing")
    return 0


async def _reindex(settings: Settings) -> int:
    async with opened(settings) as app:
        missing = await app.core.without_vector()
        with bar("vectors", missing) as advance:
            return await app.core.reindex(lambda made: advance(made, made))
