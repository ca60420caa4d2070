"""Work that no message asks for: vectors that are missing yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.memory.keeper import searchable
from bot.memory.shelf import Desk

_AT_ONCE = 200  # texts of one request


async def make_missing_vectors(desk: Desk, progress: Callable[[int], None]) -> int:
    """Make the vectors that are missing in the embedder's space, and return how many; see `MemoryCore.reindex`."""
    space, made = desk.embedder.space, 0
    while waiting := await desk.rows.without_vector(space, _AT_ONCE):
        vectors = await desk.embedder.embed([searchable(one.text, one.author) for one in waiting])
        await desk.rows.set_vectors(space, waiting, vectors)
        for scope in {one.scope for one in waiting}:
            async with desk.shelf.changing(scope):
                await desk.shelf.forget(scope)
        made += len(waiting)
        progress(len(waiting))
        await asyncio.sleep(0)  # the embedded embedder never waits; let messages through
    return made
