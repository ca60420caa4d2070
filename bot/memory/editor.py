"""Changes memories that are stored: their text, their pin, and the yes that a proposed one waits for."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import InputError
from bot.judgement.text import clean
from bot.memory.keeper import Keeper, searchable
from bot.memory.remembering import decide
from bot.memory.shelf import Desk
from bot.types import Memory, Mode, Statement, Status


class Editor:
    """Changes memories of one data folder."""

    def __init__(self, desk: Desk, keeper: Keeper) -> None:
        self._rows = desk.rows
        self._shelf = desk.shelf
        self._watchers = desk.watchers
        self._keeper = keeper

    async def edit(self, memory: Memory, text: str, most_characters: int) -> Memory:
        """Replace a memory's text; see `MemoryCore.edit`."""
        decision = decide(Statement(text, memory.place, explicit=True), Mode.AUTO, most_characters)
        if decision.outcome is not None:
            raise InputError(f"not changed: {decision.outcome.reason}")
        text = clean(text).strip()
        vector = await self._keeper.vector(searchable(text, memory.author))
        async with self._shelf.changing(memory.scope):
            erasure = await self._rows.edit(memory.scope, memory.id, text, vector)
            await self._shelf.forget(memory.scope)
        self._watchers.tell(memory.scope)
        await self._rows.finish(erasure)
        return replace(memory, text=text)

    async def pin(self, memory: Memory, *, pinned: bool) -> Memory:
        """Change a memory's pin; see `MemoryCore.pin`."""
        await self._rows.mark(memory.scope, memory.id, pinned=pinned)
        await self._shelf.mark(memory.scope, memory.id, pinned=pinned)
        self._watchers.tell(memory.scope)
        return replace(memory, pinned=pinned)

    async def accept(self, memory: Memory) -> Memory:
        """Keep a proposed memory; see `MemoryCore.accept`."""
        await self._rows.mark(memory.scope, memory.id, status=Status.CURRENT)
        await self._shelf.put_away(memory.scope)  # its id lies below those already loaded
        self._watchers.tell(memory.scope)
        return replace(memory, status=Status.CURRENT)
