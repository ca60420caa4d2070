"""Commands that change what is kept: remember, forget, undo, pause, resume."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.call import Answer, Call, label
from bot.commands.parse import is_no, is_yes, kind, numbers, reach
from bot.commands.pending import Asked, Pending, Question
from bot.errors import InputError
from bot.memory.core import MemoryCore
from bot.memory.readable import Rule, setting_of
from bot.protocols import Clock, Selection
from bot.replies.turns import RecentTurns
from bot.types import Action, Memory, MemoryId, Mode, Outcome, Place, Reach, Scope, Statement

_PREVIEWED = 10
_EVERYTHING = frozenset({"everything", "all"})
_OPTED_OUT = "You are opted out, so I keep nothing at all. /privacy opt-in brings me back."


class Keeping:
    """Commands that write."""

    def __init__(self, core: MemoryCore, pending: Pending, turns: RecentTurns, clock: Clock) -> None:
        self._core = core
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
        self._pending.ask(scope, place, Question(Asked.REMEMBER, ((memory.scope, memory.id),), self._clock()))
        return f"Shall I remember that? I ask because {reason}. Answer yes or no; without a yes it is erased."

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
            found = [await self._by_number(call.scope, one.sequence, shared=one.shared) for one in chosen]
            return await self._forgotten([(memory.scope, memory.id) for memory in found])
        return await self._preview(call, argument)

    async def undo(self, call: Call) -> Answer:
        """/undo: take back what was last remembered."""
        gone = await self._core.undo(call.scope)
        self._turns.forget(call.scope)
        if not gone:
            return Answer("There is nothing to undo.")
        rule = Rule(own=True, asked_in=call.place)
        shown = [memory for memory in gone if rule.permits(setting_of(memory))]
        elsewhere = [f"{len(gone) - len(shown)} said elsewhere"] if len(shown) < len(gone) else []
        return Answer("\n".join(["Taken back and erased:", *(label(m, call.scope) for m in shown), *elsewhere]))

    async def pause(self, call: Call) -> Answer:
        """/pause: keep nothing but what /remember says."""
        if await self._core.mode(call.scope) is Mode.OFF:
            return Answer(_OPTED_OUT)
        await self._core.pause(call.scope)
        return Answer("Paused: I keep nothing you say, except with /remember. Go on with /resume.")

    async def resume(self, call: Call) -> Answer:
        """/resume: keep statements again."""
        if await self._core.mode(call.scope) is Mode.OFF:
            return Answer(_OPTED_OUT)
        await self._core.resume(call.scope)
        return Answer("I remember again what you tell me.")

    async def _answered(self, call: Call, asked: Asked, *, yes: bool) -> Answer:
        """A yes or no to the open question."""
        question = self._pending.take(call.scope, call.place, call.arrived, asked)
        if question is None:
            return Answer("There is no question open; it may have been more than five minutes ago.")
        if question.asked is Asked.FORGET:
            if not yes:
                return Answer("Nothing was forgotten.")
            return await self._forgotten(question.memories)
        if yes:
            kept = [await self._core.accept(scope, memory_id) for scope, memory_id in question.memories]
            return Answer("Remembered.", tuple(Outcome(Action.KEPT, "you said yes", memory) for memory in kept))
        for scope, memory_id in question.memories:
            await self._core.forget(scope, Selection(ids=(memory_id,)))
        return Answer("I have not kept it.")

    async def _preview(self, call: Call, words: str) -> Answer:
        found = list(await self._core.list(call.scope, words=words, place=call.place))
        if not found:
            near = await self._core.recall(call.scope, words, place=call.place, limit=3)
            own = [hit.memory for hit in near.hits if hit.memory.scope == call.scope]
            if not own:
                return Answer("I have no memory with these words. /memories shows what there is.")
            nearest = "\n".join(label(memory, call.scope) for memory in own)
            return Answer(f"No memory has all of these words. The nearest:\n{nearest}\nForget one with /forget #NUMBER")
        ids = tuple((memory.scope, memory.id) for memory in found)
        self._pending.ask(call.scope, call.place, Question(Asked.FORGET, ids, self._clock()))
        lines = [label(memory, call.scope) for memory in found[:_PREVIEWED]]
        more = [f"… and {len(found) - _PREVIEWED} more"] if len(found) > _PREVIEWED else []
        these = "this memory" if len(found) == 1 else f"these {len(found)} memories"
        return Answer("\n".join([f"Forget {these}? Answer yes or no.", *lines, *more]))

    async def _forget_everything(self, call: Call, where: str) -> Answer:
        if where not in ("here", "everywhere"):
            return Answer(
                "This erases everything I know about you, for good.\n"
                "/forget everything here – in this server or workspace\n"
                f"/forget everything everywhere – on all of {call.scope.platform}"
            )
        scopes = [call.scope] if where == "here" else {call.scope, *await self._core.everywhere(call.scope)}
        count = sum([await self._core.forget_all(scope) + await self._forget_notes(scope) for scope in scopes])
        self._turns.forget(call.scope)
        return Answer(f"Forgotten: everything, {_counted(count)}. Nothing of it is left on disk.")

    async def _forget_notes(self, scope: Scope) -> int:
        """Forget the shared notes that a person made in a guild."""
        notes = await self._core.list(scope.shared)
        own = tuple(note.id for note in notes if note.author is not None and note.author.id == scope.user_id)
        if own:
            await self._core.forget(scope.shared, Selection(ids=own))
            self._turns.forget(scope.shared)
        return len(own)

    async def _by_number(self, scope: Scope, sequence: int, *, shared: bool) -> Memory:
        """The person's memory, or their own shared note, with this number.

        Raises:
            InputError: there is none.
        """
        owner = scope.shared if shared else scope
        memory = await self._core.get_numbered(owner, sequence)
        if shared and (memory.author is None or memory.author.id != scope.user_id):
            raise InputError("that shared note is somebody else's; only its author can forget it")
        return memory

    async def _forgotten(self, chosen: Sequence[tuple[Scope, MemoryId]]) -> Answer:
        gone: list[Memory] = []
        for scope in dict.fromkeys(scope for scope, _ in chosen):
            ids = tuple(memory_id for owner, memory_id in chosen if owner == scope)
            gone += await self._core.forget(scope, Selection(ids=ids))
            self._turns.forget(scope)
        if not gone:
            return Answer("It was forgotten already.")
        return Answer(f"Forgotten: {_counted(len(gone))}. Nothing of it is left on disk.")


def _said_of(outcome: Outcome, asker: Scope) -> str:
    if outcome.memory is None:
        return f"I have not kept that: {outcome.reason}."
    said = {
        Action.KEPT: "Remembered",
        Action.UPDATED: "Remembered, in place of what you told me before",
        Action.MERGED: "I knew that already",
    }[outcome.action]
    return f"{said}: {label(outcome.memory, asker)}"


def _counted(count: int) -> str:
    return "1 memory" if count == 1 else f"{count:,} memories"
