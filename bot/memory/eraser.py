"""The way out of the rows: erased from every file of the data folder when a call returns."""

from __future__ import annotations

from collections.abc import Sequence

from bot.memory.shelf import Desk
from bot.memory.undoing import last_taught, replaced_by
from bot.protocols import Erasure, Selection
from bot.types import Memory, MemoryId, Scope, Status


class Eraser:
    """Erases memories of one data folder."""

    def __init__(self, desk: Desk) -> None:
        self._rows = desk.rows
        self._shelf = desk.shelf
        self._watchers = desk.watchers

    async def erase(self, scope: Scope, ids: Sequence[MemoryId] | None, *, relearnable: bool = False) -> Erasure:
        """Erase memories of a scope, or everything of it; calls that run at once share the clean-up of the files.

        Args:
            relearnable: let the same messages teach it again.
        """
        async with self._shelf.changing(scope):
            erasure = await self._rows.erase(scope, ids, relearnable=relearnable)
            await self._shelf.forget(scope)
        self._watchers.tell(scope)
        await self._rows.finish(erasure)
        return erasure

    async def undo(self, scope: Scope) -> Sequence[Memory]:
        """Take back what was last remembered; see `MemoryCore.undo`."""
        memories = await self._rows.select(scope, Selection())
        taught = last_taught(memories)
        await self._take_back(scope, memories, taught)
        return taught

    async def unlearn(self, scope: Scope, learned: Selection, source_id: str) -> Sequence[Memory]:
        """Take back what a source taught of the memories selected by it; see `MemoryCore.unlearn`."""
        found = await self._rows.select(scope, learned)
        for memory in found:
            if len(memory.sources) > 1:
                await self._rows.detach(scope, memory.id, source_id)
        only = [memory for memory in found if len(memory.sources) == 1]
        if only:
            await self._take_back(scope, await self._rows.select(scope, Selection()), only)
        return found

    async def finish(self, erasure: Erasure) -> None:
        """Remove what an erasure that a crash interrupted has left."""
        async with self._shelf.changing(erasure.scope):
            await self._shelf.forget(erasure.scope)
        await self._rows.finish(erasure)

    async def _take_back(self, scope: Scope, memories: Sequence[Memory], taught: Sequence[Memory]) -> None:
        """Erase what a message taught, and make current again what only that had replaced of all memories."""
        for older in replaced_by(memories, taught):
            await self._rows.mark(scope, older.id, status=Status.CURRENT)
        if taught:
            await self.erase(scope, [memory.id for memory in taught])
