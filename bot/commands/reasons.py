"""Shows memories with their date, score and sources, and which of them a reply was built from."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bot.commands.call import label
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.replies.dates import day_of
from bot.store.replies import Parts, Reply
from bot.types import BY_COMMAND, Memory, MemoryId, Scope, Source


class Reasons:
    """Memories as they are shown to who asks.

    Args:
        timezone: in which days are counted.
    """

    def __init__(self, core: MemoryCore, timezone: tzinfo) -> None:
        self._core = core
        self._timezone = timezone

    def line(self, memory: Memory, asker: Scope, now: datetime) -> str:
        """Return a memory's number, text, kind and day."""
        return f"{label(memory, asker)} – {memory.kind}, {day_of(memory.event_time, now, self._timezone)}"

    def scored(self, memory: Memory, parts: Parts, asker: Scope, now: datetime) -> str:
        """Return a memory with the parts of its score, and where it came from."""
        score = sum(parts.values())
        named = ", ".join(f"{name} {value:+.2f}" for name, value in parts.items() if round(value, 2))
        sources = ", ".join(dict.fromkeys(map(_named, memory.sources))) or "no message"
        return f"{self.line(memory, asker, now)}\n  score {score:.2f} = {named or '0'}\n  from {sources}"

    async def of(self, reply: Reply, asker: Scope, now: datetime) -> list[str]:
        """Return what a reply to the asker was built from, best first, without what was forgotten since."""
        memories: dict[MemoryId, Memory] = {}
        notes = [asker.shared] if await self._core.shares_notes(asker) else []
        for scope in (asker, *notes, *await self._core.everywhere(asker)):
            wanted = tuple(memory_id for memory_id, _ in reply.hits if memory_id not in memories)
            if wanted:
                memories |= {memory.id: memory for memory in await self._core.list(scope, Selection(ids=wanted))}
        return [
            self.scored(memories[memory_id], parts, asker, now)
            for memory_id, parts in reply.hits
            if memory_id in memories
        ]


def _named(source: Source) -> str:
    return "a command" if source.id.startswith(BY_COMMAND) else f"message {source.id}"
