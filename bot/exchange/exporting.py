"""The memories of one or more scopes as lines, oldest first, so that an import replays them in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.exchange.record import record_line
from bot.memory.core import MemoryCore
from bot.types import Scope


async def exported(core: MemoryCore, scopes: Iterable[Scope]) -> AsyncIterator[str]:
    """Yield one line for each memory, without its end."""
    for scope in scopes:
        for memory in reversed(await core.list(scope)):
            yield record_line(memory)
