"""What is kept of one person, wherever it lies: their own memories, and the shared notes that they made."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import InputError
from bot.memory.core import NO_SUCH_MEMORY, MemoryCore
from bot.protocols import Selection
from bot.types import DM_GUILD, SHARED_USER, Memory, MemoryId, Scope


class Belongings:
    """Finds what is a person's own. Whatever id is given, nothing else is found.

    A person is asked for by the scope in which they ask. In direct messages that belong to no guild (`DM_GUILD`), what
    they have in every guild of the platform counts.
    """

    def __init__(self, core: MemoryCore) -> None:
        self._core = core

    async def scopes(self, asker: Scope) -> Sequence[Scope]:
        """Return where something of the person may lie, their own scopes before those of shared notes."""
        if asker.guild_id != DM_GUILD:
            return [asker, asker.shared]
        own = dict.fromkeys([asker, *await self._core.everywhere(asker)])
        return [*own, *await self._core.notes_by(asker)]

    async def every(self, asker: Scope, selection: Selection | None = None, *, words: str = "") -> list[Memory]:
        """Return what is the person's own, newest first.

        Args:
            words: only memories that hold all of these words, in any form of them.
        """
        found: list[Memory] = []
        for scope in await self.scopes(asker):
            chosen = selection or Selection()
            if scope.user_id == SHARED_USER:
                chosen = replace(chosen, author_id=asker.user_id)
            found += await self._core.list(scope, chosen, words=words)
        return sorted(found, key=lambda memory: (memory.created, memory.id), reverse=True)

    async def shown(self, asker: Scope, selection: Selection | None = None, *, words: str = "") -> list[Memory]:
        """Return what `every` does, without the shared notes of guilds whose admins switched them off."""
        found = await self.every(asker, selection, words=words)
        notes = {memory.scope for memory in found if memory.scope.user_id == SHARED_USER}
        hidden = {scope for scope in notes if not await self._core.shares_notes(scope)}
        return [memory for memory in found if memory.scope not in hidden]

    async def get(self, asker: Scope, memory_id: MemoryId) -> Memory:
        """Return one memory.

        Raises:
            InputError: there is none, or it is somebody else's, which is said in the same words.
        """
        owner = await self._core.owner(memory_id)
        if owner is None or not _may_hold(owner, asker):
            raise InputError(NO_SUCH_MEMORY)
        memory = await self._core.get(owner, memory_id)
        if owner.user_id == SHARED_USER and (memory.author is None or memory.author.id != asker.user_id):
            raise InputError(NO_SUCH_MEMORY)
        return memory

    async def forget(self, asker: Scope, memory_ids: Sequence[MemoryId]) -> list[Memory]:
        """Forget memories and return what they were; those of somebody else are passed over."""
        chosen: dict[Scope, list[MemoryId]] = {}
        for memory_id in dict.fromkeys(memory_ids):
            owner = await self._core.owner(memory_id)
            if owner is not None and _may_hold(owner, asker):
                chosen.setdefault(owner, []).append(memory_id)
        notes_by = {owner: asker.user_id if owner.user_id == SHARED_USER else None for owner in chosen}
        gone = await asyncio.gather(
            *(
                self._core.forget(owner, Selection(ids=tuple(ids), author_id=notes_by[owner]))
                for owner, ids in chosen.items()
            )
        )
        return [memory for memories in gone for memory in memories]


def _may_hold(owner: Scope, asker: Scope) -> bool:
    """Tell whether something of the asker may lie in a scope."""
    here = owner.platform == asker.platform and asker.guild_id in (owner.guild_id, DM_GUILD)
    return here and owner.user_id in (asker.user_id, SHARED_USER)
