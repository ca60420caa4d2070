"""Shows memories with their date, score and sources, and which of them a reply was built from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from bot.commands.call import label
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.replies.dates import day_of
from bot.store.replies import Parts, Reply
from bot.types import BY_COMMAND, WORKSPACES, Memory, MemoryId, Scope, Source


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
        named_sources = [self._named(source, memory.scope.platform, now) for source in memory.sources]
        sources = ", ".join(dict.fromkeys(named_sources)) or "no message"
        return f"{self.line(memory, asker, now)}\n  score {score:.2f} = {named or '0'}\n  from {sources}"

    async def of(
        self, reply: Reply, asker: Scope, now: datetime, may_show: Callable[[Memory], bool] = lambda _: True
    ) -> list[str]:
        """Return what a reply to the asker was built from, best first, without what was forgotten since.

        Args:
            may_show: tells which memories may be shown where the asker asks.
        """
        memories: dict[MemoryId, Memory] = {}
        notes = [asker.shared] if await self._core.shares_notes(asker) else []
        for scope in (asker, *notes, *await self._core.everywhere(asker)):
            wanted = tuple(memory_id for memory_id, _ in reply.hits if memory_id not in memories)
            if wanted:
                memories |= {memory.id: memory for memory in await self._core.list(scope, Selection(ids=wanted))}
        return [
            self.scored(memories[memory_id], parts, asker, now)
            for memory_id, parts in reply.hits
            if memory_id in memories and may_show(memories[memory_id])
        ]

    def _named(self, source: Source, platform: str, now: datetime) -> str:
        if source.id.startswith(BY_COMMAND):
            return "a command"
        # Ids of Slack's messages say nothing to people, and make no link without a question to Slack.
        by_day = platform in WORKSPACES
        return f"a message {day_of(source.said_at, now, self._timezone)}" if by_day else f"message {source.id}"
