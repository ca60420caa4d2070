"""Work that no message asks for: vectors that are missing, proposals without a yes, memories that lie idle."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.memory.eraser import Eraser
from bot.memory.keeper import searchable
from bot.memory.shelf import Desk
from bot.protocols import Idle, Selection
from bot.types import MemoryId, Scope, Status

log = logging.getLogger(__name__)

_AT_ONCE = 200  # texts of one request

MOST_AT_ONCE = 20
"""So many idle memories go in one run whatever their share; beyond that, one in a hundred."""

RetentionDays = Callable[[str, str], Awaitable[int]]
"""Gives, for a platform and a guild id, after how many days without use memories go; 0 when they stay."""


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


async def expire_proposals(desk: Desk, eraser: Eraser, before: datetime) -> int:
    """Erase what nobody said yes to, and return how many; see `MemoryCore.expire_proposals`."""
    expired: dict[Scope, list[MemoryId]] = {}
    for scope in await desk.rows.scopes():
        proposed = await desk.rows.select(scope, Selection(statuses=(Status.PROPOSED,)))
        if ids := [memory.id for memory in proposed if memory.created < before]:
            expired[scope] = ids
    await asyncio.gather(*(eraser.erase(scope, ids) for scope, ids in expired.items()))  # shares the clean-up
    return sum(map(len, expired.values()))


async def erase_idle(desk: Desk, eraser: Eraser, retention_days: RetentionDays, now: datetime) -> int:
    """Erase what lies idle for too long, and return how many; see `MemoryCore.erase_idle`."""
    guilds = {(scope.platform, scope.guild_id) for scope in await desk.rows.scopes()}
    kept = [(guild, days) for guild in sorted(guilds) if (days := await retention_days(*guild))]
    if not kept:
        return 0
    most = max(MOST_AT_ONCE, await desk.rows.count() // 100)
    due, oldest = await desk.rows.idle([Idle(*guild, now - timedelta(days=days)) for guild, days in kept], most)
    if due > len(oldest):
        log.warning(
            "%d memories are to go after their time, more than one in a hundred: only the %d oldest go now; "
            "if that is a surprise, stop the bot and look at the clock and at retention_days",
            due,
            len(oldest),
        )
    chosen: defaultdict[Scope, list[MemoryId]] = defaultdict(list)
    for scope, memory_id in oldest:
        chosen[scope].append(memory_id)
    # Nobody asked for them to be forgotten: said or imported again, they are learned again. Keyed hashes that prevent
    # it would outlive what was to be kept for a time only.
    await asyncio.gather(*(eraser.erase(scope, ids, relearnable=True) for scope, ids in chosen.items()))
    return len(oldest)
