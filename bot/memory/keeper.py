"""Stores what was decided to be remembered: vectors, what it repeats or replaces, and the commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.config import MemorySettings
from bot.errors import EmbeddingError
from bot.judgement.duplicates import Relation, compare
from bot.memory.readable import Rule, covers, setting_of
from bot.memory.remembering import Decision
from bot.memory.shelf import Desk
from bot.protocols import Clock, NewMemory, Selection, Vectors
from bot.types import (
    Action,
    Author,
    Embedded,
    Memory,
    MemoryId,
    Outcome,
    Place,
    Scope,
    Source,
    Statement,
    Status,
)

log = logging.getLogger(__name__)

_NEAREST = 3  # older memories that a new one is compared with
_COMPARE_FROM = 0.4  # cosine; two texts further apart are about different things


class Keeper:
    """The way into the rows of one data folder."""

    def __init__(self, desk: Desk, settings: MemorySettings, clock: Clock) -> None:
        self._desk = desk
        self._rows = desk.rows
        self._shelf = desk.shelf
        self._embedder = desk.embedder
        self._analyzer = desk.analyzer
        self._settings = settings
        self._clock = clock
        self._full = f"there is no room: at most {settings.max_memories_per_person:,} memories are kept"

    async def keep(
        self,
        scope: Scope,
        decided: Sequence[tuple[Statement, Decision]],
        embedded: Embedded | None,
        inbox_key: str | None,
    ) -> list[Outcome]:
        """Store statements in order and return what became of each; on disk when this returns.

        Those that touch no other memory go into one commit.
        """
        vectors = await self._vectors([searchable(d.text, s.author) for s, d in decided], embedded)
        proposing = any(decision.status is Status.PROPOSED for _, decision in decided)
        room = self._settings.max_memories_per_person - await self._count(scope, with_proposed=proposing)
        batch = _Batch(self._desk, scope, inbox_key)
        for (statement, decision), vector in zip(decided, vectors, strict=True):
            if batch.kept >= room:
                await batch.end(Outcome(Action.REFUSED, self._full))
                continue
            new = self._new(statement, decision, vector)
            if self._settings.merge and batch.holds_near(vector):
                await batch.store()
            relation, older = await self._closest(scope, new)
            if relation is Relation.SAME and older is not None:
                await batch.end(await self._merge(scope, older, new, inbox_key))
                continue
            if relation is Relation.UPDATE and older is not None:
                new = replace(new, supersedes=older.id)
            batch.add(new, decision.reason)
        await batch.store()
        return batch.outcomes

    async def vector(self, text: str) -> Vectors | None:
        """Return a text's vector; None when the embedder is down, for the background pass to make."""
        return (await self._vectors([text], None))[0]

    async def _vectors(self, texts: Sequence[str], embedded: Embedded | None) -> Sequence[Vectors | None]:
        """One vector a text; None for all when the embedder is down, for the background pass to make."""
        if embedded is not None and list(texts) == [embedded.text]:
            return [embedded.vector]  # None too: an embedder that failed a moment ago is not waited for again
        try:
            return list(await self._embedder.embed(texts)) if texts else []
        except EmbeddingError as error:
            log.warning("kept without a vector for now: %s", error)
            return [None] * len(texts)

    async def _count(self, scope: Scope, *, with_proposed: bool) -> int:
        """How many memories take room; those that wait for a yes only before another of them is added."""
        waiting = Selection(statuses=(Status.PROPOSED,))
        proposed = len(await self._rows.select(scope, waiting)) if with_proposed else 0
        async with self._shelf.entry(scope) as entry:
            return len(entry) + proposed

    def _new(self, statement: Statement, decision: Decision, vector: Vectors | None) -> NewMemory:
        said_at = statement.said_at or self._clock()
        return NewMemory(
            text=decision.text,
            kind=decision.kind,
            status=decision.status,
            place=statement.place,
            reach=statement.reach,
            author=statement.author,
            event_time=said_at,
            importance=decision.importance,
            source=Source(statement.source_id, said_at) if statement.source_id else None,
            vector=vector,
        )

    async def _closest(self, scope: Scope, new: NewMemory) -> tuple[Relation, Memory | None]:
        """The older memory that this one repeats or replaces, of those that its place may read."""
        if not self._settings.merge or new.vector is None or new.status is Status.PROPOSED:
            return Relation.DIFFERENT, None
        near = await self._near(scope, new.place, new.vector)
        stems = self._analyzer.stems(new.text)
        for older in await self._rows.get(scope, list(near)):
            if older.status is not Status.CURRENT or older.author != new.author:
                continue
            relation = compare(older.text, new.text, near[older.id], self._analyzer.stems(older.text), stems)
            wide, narrow = (older, new) if relation is Relation.SAME else (new, older)
            if relation is not Relation.DIFFERENT and covers(setting_of(wide), setting_of(narrow)):
                return relation, older
        return Relation.DIFFERENT, None

    async def _near(self, scope: Scope, place: Place, vector: Vectors) -> dict[MemoryId, float]:
        """Ids of the nearest memories with their cosines, nearest first."""
        async with self._shelf.entry(scope) as entry:
            ids = entry.ids(entry.allowed(Rule(own=True, asked_in=place)))
            cosines = np.nan_to_num(await self._shelf.cosines(scope, ids, vector))
        nearest = np.argsort(-cosines, kind="stable")[:_NEAREST]
        return {int(ids[i]): float(cosines[i]) for i in nearest if cosines[i] >= _COMPARE_FROM}

    async def _merge(self, scope: Scope, older: Memory, new: NewMemory, inbox_key: str | None) -> Outcome:
        if new.source is not None:
            await self._rows.attach(scope, older.id, new.source, inbox_key)
        return Outcome(Action.MERGED, "you told me before", older)


class _Batch:
    """New memories of one scope that wait for one commit, and the outcomes so far in order."""

    def __init__(self, desk: Desk, scope: Scope, inbox_key: str | None) -> None:
        self.outcomes: list[Outcome] = []
        self.kept = 0
        self._rows = desk.rows
        self._shelf = desk.shelf
        self._watchers = desk.watchers
        self._scope = scope
        self._inbox_key = inbox_key
        self._waiting: list[tuple[NewMemory, str]] = []

    def add(self, new: NewMemory, reason: str) -> None:
        """Let a memory wait for the next commit."""
        self.kept += 1
        self._waiting.append((new, reason))

    async def end(self, outcome: Outcome) -> None:
        """Enter the outcome of a statement that adds no row, behind those that wait."""
        await self.store()
        self.outcomes.append(outcome)

    def holds_near(self, vector: Vectors | None) -> bool:
        """Tell whether a waiting memory is near enough to be compared with, which needs it stored."""
        waiting = [new.vector for new, _ in self._waiting if new.vector is not None]
        return vector is not None and any(float(other @ vector) >= _COMPARE_FROM for other in waiting)

    async def store(self) -> None:
        """Commit what waits, and enter its outcomes."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        memories = await self._rows.add(self._scope, [new for new, _ in waiting], self._inbox_key)
        await self._shelf.added(self._scope)
        for new, _ in waiting:
            if new.supersedes is not None:
                await self._shelf.mark(self._scope, new.supersedes, status=Status.SUPERSEDED)
        self._watchers.tell(self._scope)
        self.outcomes += [
            _outcome(memory, new, reason) for memory, (new, reason) in zip(memories, waiting, strict=True)
        ]


def searchable(text: str, author: Author | None) -> str:
    """Return what a memory's vector is made of; a named author belongs to it."""
    return f"{author.name}: {text}" if author else text


def _outcome(memory: Memory, new: NewMemory, reason: str) -> Outcome:
    if _proposed(memory):
        return Outcome(Action.PROPOSED, reason, memory)
    return Outcome(Action.UPDATED if new.supersedes is not None else Action.KEPT, reason, memory)


def _proposed(memory: Memory) -> bool:
    return memory.status is Status.PROPOSED
