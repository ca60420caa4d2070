"""Commands that change what is remembered: remember, forget, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.commands.call import Answer, Call, counted, here, label
from bot.commands.parse import Number, is_no, is_yes, kind, numbers, reach
from bot.commands.pending import Asked, Pending, Question
from bot.commands.proposals import Proposals
from bot.errors import InputError
from bot.memory.belongings import Belongings
from bot.memory.core import MemoryCore
from bot.protocols import Clock, Selection
from bot.replies.turns import RecentTurns
from bot.types import SEQUENCE_BITS, WORKSPACES, Action, Memory, MemoryId, Outcome, Place, Reach, Scope, Statement

_PREVIEWED = 10
_EVERYTHING = frozenset({"everything", "all"})


class Keeping:
    """Commands that write."""

    def __init__(self, core: MemoryCore, pending: Pending, turns: RecentTurns, clock: Clock) -> None:
        self._core = core
        self._belongings = Belongings(core)
        self._proposals = Proposals(core)
        self._pending = pending
        self._turns = turns
        self._clock = clock

    async def remember(self, call: Call) -> Answer:
        """/remember TEXT [kind:KIND] [for:me|anywhere|everyone], or the answer to "shall I remember it?"."""
        text = call.command.argument
        if is_yes(text) or is_no(text):
            return await self._answered(call, Asked.REMEMBER, yes=is_yes(text))
        if not text:
            return Answer("Tell me what: /remember I'm allergic to walnuts")
        shared = reach(call.command.options) is Reach.EVERYONE
        statement = Statement(
            text=text,
            place=call.place,
            source_id=call.source_id,
            said_at=call.now,
            author=call.author if shared else None,
            kind=kind(call.command.options),
            reach=reach(call.command.options),
            explicit=True,
        )
        outcome = await self._core.remember(call.scope, statement, inbox_key=call.dedupe_key)
        if outcome.action is Action.PROPOSED and outcome.memory is not None:
            asked = self.propose(call.scope, call.place, outcome.memory, outcome.reason)
            return Answer(asked, (outcome,))
        return Answer(_said_of(outcome, call.scope), (outcome,))

    def propose(self, scope: Scope, place: Place, memory: Memory, reason: str) -> str:
        """Ask whether a memory that waits for a yes may be kept, and return the question's text."""
        self._pending.ask(scope, place, Question(Asked.REMEMBER, (memory.id,), self._clock()))
        return f"Shall I remember that? I ask because {reason}; without a yes it is erased."

    async def forget(self, call: Call) -> Answer:
        """/forget WORDS (shown first), #NUMBER, or everything here|everywhere."""
        argument = call.command.argument
        words = argument.casefold().split()
        if is_yes(argument) or is_no(argument):
            return await self._answered(call, Asked.FORGET, yes=is_yes(argument))
        if not argument:
            return Answer("Tell me what: some words of it, its number (/forget #3), or /forget everything")
        if words[0] in _EVERYTHING and len(words) <= 2:
            return await self._forget_everything(call, words[-1])
        if chosen := numbers(argument):
            return await self._forgotten(call.scope, [await self._by_number(call.scope, one) for one in chosen])
        return await self._preview(call, argument)

    async def undo(self, call: Call) -> Answer:
        """/undo: take back what was last remembered."""
        gone = await self._core.undo(call.scope)
        self._turns.forget(call.scope)
        if not gone:
            return Answer("There is nothing to undo.")
        shown = [memory for memory in gone if call.may_show(memory)]
        hidden = counted(len(gone) - len(shown))
        if not shown:
            return Answer(f"Taken back and erased: {hidden} that I don't name here.")
        elsewhere = [f"and {hidden} that I don't name here"] if len(shown) < len(gone) else []
        return Answer("\n".join(["Taken back and erased:", *(label(m, call.scope) for m in shown), *elsewhere]))

    async def _answered(self, call: Call, asked: Asked, *, yes: bool) -> Answer:
        """A yes or no to the open question."""
        question = self._pending.take(call.scope, call.place, call.arrived, asked)
        if question is None:
            return Answer("There is no question open; it may have been more than five minutes ago.")
        if question.asked is Asked.FORGET:
            if not yes:
                return Answer("Nothing was forgotten.")
            return await self._forgotten(call.scope, question.memories)
        return await self._proposals.decide(call.scope, question.memories[0], keep=yes)

    async def _preview(self, call: Call, words: str) -> Answer:
        found = [memory for memory in await self._belongings.every(call.scope, words=words) if call.may_show(memory)]
        if not found:
            near = await self._core.recall(call.scope, words, place=call.place, limit=3)
            own = [hit.memory for hit in near.hits if hit.memory.scope.user_id == call.scope.user_id]
            if not own:
                return Answer("I have no memory with these words. /memories shows what there is.")
            nearest = "\n".join(label(memory, call.scope) for memory in own)
            return Answer(f"No memory has all of these words. The nearest:\n{nearest}\nForget one with /forget #NUMBER")
        ids = tuple(memory.id for memory in found)
        self._pending.ask(call.scope, call.place, Question(Asked.FORGET, ids, self._clock()))
        lines = [label(memory, call.scope) for memory in found[:_PREVIEWED]]
        more = [f"… and {len(found) - _PREVIEWED} more"] if len(found) > _PREVIEWED else []
        these = "this memory" if len(found) == 1 else f"these {len(found)} memories"
        return Answer("\n".join([f"Forget {these}? Answer yes or no.", *lines, *more]))

    async def _forget_everything(self, call: Call, where: str) -> Answer:
        is_one_of_many = call.scope.platform not in WORKSPACES  # else the same id may be somebody else's elsewhere
        if where not in ("here", "everywhere"):
            choices = [f"/forget everything here – {here(call.scope)}"]
            if is_one_of_many:
                choices.append(f"/forget everything everywhere – on all of {call.scope.platform.capitalize()}")
            return Answer("\n".join(["This erases everything I know about you, for good.", *choices]))
        own = [call.scope, call.scope.shared]
        everywhere = [*await self._core.everywhere(call.scope), *await self._core.notes_by(call.scope)]
        scopes = dict.fromkeys([*own, *everywhere] if where == "everywhere" and is_one_of_many else own)
        count = sum(await asyncio.gather(*(self._forget_all(scope, call.scope.user_id) for scope in scopes)))
        return Answer(f"Forgotten: everything, {counted(count)}. Nothing of it is left on disk.")

    async def _forget_all(self, scope: Scope, user_id: str) -> int:
        """Forget a scope of the person, or of a guild's shared notes those that they made."""
        if scope.user_id == user_id:
            count = await self._core.forget_all(scope)
        else:
            count = len(await self._core.forget(scope, Selection(author_id=user_id)))
        self._turns.forget(scope)
        return count

    async def _by_number(self, scope: Scope, number: Number) -> MemoryId:
        """The person's memory, or their own shared note, with this number.

        Raises:
            InputError: there is none.
        """
        if number.uid:
            return (await self._belongings.get(scope, number.uid << SEQUENCE_BITS | number.sequence)).id
        memory = await self._core.get_numbered(scope.shared if number.shared else scope, number.sequence)
        if number.shared and (memory.author is None or memory.author.id != scope.user_id):
            raise InputError("that shared note is somebody else's; only its author can forget it")
        return memory.id

    async def _forgotten(self, scope: Scope, chosen: Sequence[MemoryId]) -> Answer:
        gone = await self._belongings.forget(scope, chosen)
        for owner in {memory.scope for memory in gone}:
            self._turns.forget(owner)
        if not gone:
            return Answer("It was forgotten already.")
        return Answer(f"Forgotten: {counted(len(gone))}. Nothing of it is left on disk.")


def _said_of(outcome: Outcome, asker: Scope) -> str:
    if outcome.memory is None:
        return f"I have not kept that: {outcome.reason}."
    said = {
        Action.KEPT: "Remembered",
        Action.UPDATED: "Remembered, in place of what you told me before",
        Action.MERGED: "I knew that already",
    }[outcome.action]
    return f"{said}: {label(outcome.memory, asker)}"
