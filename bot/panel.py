"""What a person sees and changes of their own memories through lists, buttons and forms, which only they see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from bot.commands.call import label, number_of
from bot.commands.parse import Number
from bot.commands.proposals import Proposals
from bot.commands.reasons import Reasons
from bot.errors import InputError, MemoryGone
from bot.introducing import first_contact
from bot.memory.belongings import Belongings
from bot.memory.core import NO_SUCH_MEMORY, MemoryCore
from bot.memory.watching import Watcher
from bot.protocols import Clock, Selection
from bot.replies.turns import RecentTurns
from bot.store.ledger import Ledger
from bot.types import SHARED_USER, Kind, Memory, MemoryId, Mode, Scope, Status

_WORD = re.compile(r"\w+")
_NOT_KEPT_YET = "I have not kept that yet. Say yes to it first; then it can be changed and pinned."


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest memory first. number: from 1; total: memories on all pages."""

    memories: tuple[Memory, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bot stands to a person. processing: lines that say who processes what is written to it."""

    mode: Mode
    kept: int
    processing: tuple[str, ...]


class Panel:
    """A person's own memories. Nothing that is not theirs is found, whatever id is given.

    A person is asked for by the scope in which they ask. In direct messages that belong to no guild (`DM_GUILD`), their
    memories of every guild of the platform are theirs to see and change. Own shared notes are listed too.
    All methods raise StoreError when rows cannot be read or written.

    Args:
        name: the bot's.
    """

    def __init__(
        self,
        core: MemoryCore,
        ledger: Ledger,
        turns: RecentTurns,
        *,
        name: str,
        reasons: Reasons,
        processing: Sequence[str],
        clock: Clock,
    ) -> None:
        self._core = core
        self._belongings = Belongings(core)
        self._proposals = Proposals(core)
        self._ledger = ledger
        self._turns = turns
        self._name = name
        self._reasons = reasons
        self._processing = tuple(processing)
        self._clock = clock

    def watched(self, watcher: Watcher) -> AbstractContextManager[None]:
        """Tell a watcher, until the end of the block, each scope of which there is something else to see."""
        return self._core.watched(watcher)

    async def introduce(self, scope: Scope) -> str:
        """Return the notice of first contact, which then counts as shown; empty for who saw it, or opted out."""
        if await self._core.mode(scope) is Mode.OFF or await self._ledger.noticed(scope):
            return ""
        await self._ledger.set_noticed(scope)
        return first_contact(self._name)

    async def page(
        self, scope: Scope, *, words: str = "", kind: Kind | None = None, number: int = 1, size: int = 10
    ) -> Page:
        """Return a page of what is kept; a number beyond the last page gives the last one."""
        found = await self._belongings.shown(scope, Selection(kinds=(kind,) if kind else None), words=words)
        pages = max(-(-len(found) // size), 1)
        number = min(max(number, 1), pages)
        return Page(tuple(found[(number - 1) * size : number * size]), number, pages, len(found))

    async def suggest(self, scope: Scope, words: str, limit: int = 25) -> Sequence[Memory]:
        """Return memories that begin to match half-typed words, best first; the newest for none."""
        found = await self._belongings.shown(scope)
        typed = _WORD.findall(words.casefold())
        matches = {memory.id: _matches(label(memory, scope), typed) for memory in found}
        most = max(matches.values(), default=0)
        fitting = [memory for memory in found if matches[memory.id] or not typed]
        return sorted(fitting, key=lambda memory: most - matches[memory.id])[:limit]

    def label(self, scope: Scope, memory: Memory) -> str:
        """Return a memory's number and text, as people name it: "#3 I'm vegan (pinned)"."""
        return label(memory, scope)

    async def get(self, scope: Scope, memory_id: MemoryId) -> Memory:
        """Return one memory.

        Raises:
            InputError: there is none, or it is somebody else's.
        """
        return await self._belongings.get(scope, memory_id)

    async def numbered(self, scope: Scope, numbers: Sequence[Number]) -> Sequence[Memory]:
        """Return the memories that a person names by their numbers.

        Raises:
            InputError: one of them there is not.
        """
        found = {number_of(memory, scope): memory for memory in await self._belongings.every(scope)}
        if any(number not in found for number in numbers):
            raise InputError(NO_SUCH_MEMORY)
        return [found[number] for number in dict.fromkeys(numbers)]

    async def edit(self, scope: Scope, memory_id: MemoryId, text: str) -> Memory:
        """Replace a memory's text, and return it.

        Raises:
            InputError: there is none, it is somebody else's, it waits for a yes, or the text cannot be a memory.
        """
        memory = await self._kept(scope, memory_id)
        with _still_there():
            edited = await self._core.edit(memory.scope, memory_id, text)
        self._turns.forget(memory.scope)
        return edited

    async def pin(self, scope: Scope, memory_id: MemoryId, *, pinned: bool) -> Memory:
        """Keep a memory in mind always, or no longer, and return it.

        Raises:
            InputError: there is none, it is somebody else's, it waits for a yes, or it is a shared note.
        """
        memory = await self._kept(scope, memory_id)
        if memory.scope.user_id == SHARED_USER and pinned:
            raise InputError("a note for everyone cannot be pinned: everybody would have it in mind, asked or not")
        with _still_there():
            return await self._core.pin(memory.scope, memory_id, pinned)

    async def _kept(self, scope: Scope, memory_id: MemoryId) -> Memory:
        memory = await self._belongings.get(scope, memory_id)
        if memory.status is Status.PROPOSED:
            raise InputError(_NOT_KEPT_YET)
        return memory

    async def forget(self, scope: Scope, memory_ids: Sequence[MemoryId]) -> int:
        """Forget memories and return how many there were; those of somebody else are passed over."""
        gone = await self._belongings.forget(scope, memory_ids)
        for owner in {memory.scope for memory in gone}:
            self._turns.forget(owner)
        return len(gone)

    async def decide(self, scope: Scope, memory_id: MemoryId, *, keep: bool) -> str:
        """Answer the question whether a proposed memory may be kept, and return what to say."""
        return (await self._proposals.decide(scope, memory_id, keep=keep)).text

    async def undo(self, scope: Scope, source_id: str) -> str:
        """Take back what was learned from one message, make current again what it replaced, and say so."""
        learned = await self._core.unlearn(scope, source_id)
        for owner in {memory.scope for memory in learned}:
            self._turns.forget(owner)
        gone = [label(memory, scope) for memory in learned if len(memory.sources) == 1]
        stays = [label(memory, scope) for memory in learned if len(memory.sources) > 1]
        lines = ["Taken back and erased:", *gone] if gone else []
        lines += ["This stays, since other messages told me too:", *stays] if stays else []
        return "\n".join(lines) or "There is nothing to take back: I know nothing from that message."

    async def why(self, scope: Scope, source_id: str) -> str:
        """Return which memories the reply to one message was built from, with the parts of their scores."""
        reply = await self._ledger.reply_to(scope, source_id)
        if reply is None:
            return "I don't know any more: I note that of the last answers to each person only, and for a month."
        shown = await self._reasons.of(reply, scope, self._clock())
        if not shown:
            return "That answer used no memories, or they were forgotten since."
        return "\n".join(["That answer was built from:", *shown])

    async def standing(self, scope: Scope) -> Standing:
        """Return what is kept of a person, and how it is processed."""
        kept = len(await self._belongings.shown(scope))
        return Standing(await self._core.mode(scope), kept, self._processing)


@contextmanager
def _still_there() -> Iterator[None]:
    """Say of a memory that was forgotten a moment ago what is said of one that never was."""
    try:
        yield
    except MemoryGone as error:
        raise InputError(NO_SUCH_MEMORY) from error


def _matches(text: str, typed: Sequence[str]) -> int:
    """Count the typed words that words of a text begin with."""
    words = _WORD.findall(text.casefold())
    return sum(any(word.startswith(beginning) for word in words) for beginning in typed)
