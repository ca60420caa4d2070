"""Brings records into the memory: each once, judged like any message unless it is a memory already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.errors import InputError
from bot.exchange.people import Destination
from bot.exchange.reading import Item
from bot.exchange.record import Record
from bot.judgement.text import clean
from bot.memory.core import MemoryCore
from bot.memory.remembering import decide
from bot.protocols import RowStore, Selection
from bot.types import Action, Mode, Outcome, Reach, Scope, Statement, Status

BATCH = 64
"""Lines that are remembered at once: one embedding request, and one commit a person."""

_REACHED = frozenset({Action.KEPT, Action.UPDATED, Action.MERGED, Action.PROPOSED})


@dataclass(slots=True)
class Tally:
    """What became of the lines so far."""

    actions: Counter[Action] = field(default_factory=Counter)
    known: int = 0
    refused: int = 0
    people: Counter[Scope] = field(default_factory=Counter)

    @property
    def used(self) -> int:
        """How many lines were understood and not refused."""
        return self.known + sum(self.actions.values())


@dataclass(frozen=True, slots=True)
class _Line:
    where: str
    scope: Scope
    statement: Statement
    record: Record

    @property
    def target(self) -> Scope:
        """Where it is stored."""
        return self.scope.shared if self.statement.reach is Reach.EVERYONE else self.scope


class Importer:
    """Takes items in and counts them.

    Args:
        refuse: told of each refused line, where it stands and why.
        filtered: whether messages are judged as they are in a chat, or all kept.
        rehearsed: find out what would become of each line, and store nothing.
    """

    def __init__(
        self,
        core: MemoryCore,
        rows: RowStore,
        destination: Destination,
        refuse: Callable[[str, str], None],
        *,
        filtered: bool = True,
        rehearsed: bool = False,
    ) -> None:
        self.tally = Tally()
        self._core = core
        self._rows = rows
        self._destination = destination
        self._refuse = refuse
        self._filtered = filtered
        self._rehearsed = rehearsed
        self._reasons: dict[str, str] = {}

    async def take(self, items: Sequence[Item]) -> None:
        """Remember some items, at best BATCH of them; on disk when this returns.

        Raises:
            StoreError: they could not be stored; what was taken before is.
        """
        self._reasons.clear()
        by_scope: defaultdict[Scope, list[_Line]] = defaultdict(list)
        for item in items:
            if line := self._line(item):
                by_scope[line.scope].append(line)
        for scope, lines in by_scope.items():
            await self._remember(scope, lines)
        for item in items:
            if item.where in self._reasons:
                self._refuse(item.where, self._reasons[item.where])

    def _line(self, item: Item) -> _Line | None:
        if item.record is None:
            self._refused(item.where, item.reason)
            return None
        try:
            return self._understood(item.where, item.record)
        except InputError as error:
            self._refused(item.where, str(error))
            return None

    def _understood(self, where: str, record: Record) -> _Line:
        if record.status is Status.PROPOSED:
            raise InputError("it was proposed and never agreed to; the person has to say it again")
        scope, author = self._destination.owner(record)
        as_given = record.is_memory or not self._filtered
        statement = Statement(
            text=record.text,
            place=self._destination.where(record),
            source_id=record.source,
            said_at=record.time,
            author=author,
            kind=record.kind if record.is_memory else None,
            reach=record.reach,
            as_given=as_given,
        )
        return _Line(where, scope, statement, record)

    async def _remember(self, scope: Scope, lines: Sequence[_Line]) -> None:
        mode = await self._core.mode(scope)
        if mode is Mode.OFF:
            for line in lines:
                self._refused(line.where, f"{scope.user_id} opted out of being remembered")
            return
        new = await self._new(lines)
        statements = [line.statement for line in new]
        if self._rehearsed:
            outcomes: Sequence[Outcome] = [
                _foreseen(statement, mode, self._core.most_characters(scope)) for statement in statements
            ]
        else:
            outcomes = await self._core.remember_all(scope, statements)
        for line, outcome in zip(new, outcomes, strict=True):
            await self._count(line, outcome)

    async def _new(self, lines: Sequence[_Line]) -> list[_Line]:
        """The lines that were not imported before. A source may have taught several memories; a message is one line."""
        new = []
        seen: set[tuple[str, str]] = set()
        for line in lines:
            known = await self._core.list(line.target, Selection(source_id=line.record.source))
            text = clean(line.record.text).strip()
            key = (line.record.source, text if line.record.is_memory else "")
            if key in seen or any(not line.record.is_memory or memory.text == text for memory in known):
                self.tally.known += 1
                continue
            seen.add(key)
            new.append(line)
        return new

    async def _count(self, line: _Line, outcome: Outcome) -> None:
        if outcome.action is Action.REFUSED:
            self._refused(line.where, outcome.reason)
            return
        self.tally.actions[outcome.action] += 1
        if outcome.action not in _REACHED:
            return
        self.tally.people[line.target] += 1
        if outcome.memory is None or outcome.action is Action.MERGED:
            return
        if line.record.pinned:
            await self._core.pin(line.target, outcome.memory.id)
        if line.record.status is Status.SUPERSEDED:
            await self._rows.mark(line.target, outcome.memory.id, status=Status.SUPERSEDED)

    def _refused(self, where: str, reason: str) -> None:
        self.tally.refused += 1
        self._reasons[where] = reason  # told at the end of the batch, in the order of the lines


def _foreseen(statement: Statement, mode: Mode, most_characters: int) -> Outcome:
    """What would become of a statement, likeness to older memories aside."""
    decision = decide(statement, Mode.AUTO if statement.as_given else mode, most_characters)
    kept = Action.PROPOSED if decision.status is Status.PROPOSED else Action.KEPT
    return decision.outcome or Outcome(kept, decision.reason)
