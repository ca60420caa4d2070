"""Proposed memories: each is a question in itself, which a restart does not end and the upkeep answers with no."""

from __future__ import annotations

from bot.commands.call import Answer
from bot.errors import InputError
from bot.memory.belongings import Belongings
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.types import Action, MemoryId, Outcome, Scope, Status

_OVER = "That question is over: without a yes in time I keep nothing."


class Proposals:
    """The questions whether something may be remembered."""

    def __init__(self, core: MemoryCore) -> None:
        self._core = core
        self._belongings = Belongings(core)

    async def decide(self, asker: Scope, memory_id: MemoryId, *, keep: bool) -> Answer:
        """Keep a proposed memory of the asker or erase it, and return what to say."""
        try:
            memory = await self._belongings.get(asker, memory_id)
        except InputError:
            return Answer(_OVER)
        if memory.status is not Status.PROPOSED:
            return Answer("That is remembered already." if keep else _OVER)
        if not keep:
            await self._core.forget(memory.scope, Selection(ids=(memory_id,)))
            return Answer("I have not kept it.")
        kept = await self._core.accept(memory.scope, memory_id)
        return Answer("Remembered.", (Outcome(Action.KEPT, "you said yes", kept),))
