"""The command that tells how much is remembered and used, and never what."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import click

from bot.app import opened
from bot.config import Settings
from bot.store.census import Census, census

DAYS = 14
"""Days of usage that are shown."""


def count(settings: Settings) -> int:
    """Show the counts of the data folder and return the exit code."""
    counted, missing, described = asyncio.run(_counted(settings))
    for line in (*described, *report(counted, missing), *sizes(settings.bot.data)):
        click.echo(line)
    return 0


def report(counted: Census, missing: int) -> Iterator[str]:
    """Yield the lines of what is remembered, waiting and spent.

    Args:
        missing: memories that have no vector of the embedder in use.
    """
    yield f"memories: {sum(number for *_, number in counted.memories):,}"
    for platform, kind, status, number in counted.memories:
        yield f"  {platform} {kind} {status}: {number:,}"
    for platform, number in counted.people:
        yield f"people on {platform}: {number:,}"
    for model, dimensions, number in counted.vectors:
        yield f"vectors of {model}, {dimensions} dimensions: {number:,}"
    yield f"vectors missing: {missing:,}{' (run: forgetmenot reindex)' if missing else ''}"
    yield f"messages not done with: {counted.waiting:,}"
    for day, platform, prompt, completion in counted.spent:
        yield f"tokens on {day}, {platform}: {prompt:,} asked, {completion:,} answered"


def sizes(folder: Path) -> Iterator[str]:
    """Yield how large the files of the data folder are."""
    index_files = [path.stat().st_size for path in folder.glob("vec/*/*")]
    for path in sorted(folder.glob("memory.db*")):
        yield f"{path.name}: {path.stat().st_size / 2**20:,.1f} MB"
    yield f"index files: {len(index_files):,} with {sum(index_files) / 2**20:,.1f} MB"


async def _counted(settings: Settings) -> tuple[Census, int, list[str]]:
    async with opened(settings) as app:
        return await census(app.database, DAYS), await app.core.without_vector(), app.describe()
