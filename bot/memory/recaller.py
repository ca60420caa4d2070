"""Finds the memories that bear on a text, among those that may be read where it was said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.config import MemorySettings
from bot.errors import EmbeddingError
from bot.judgement.text import clean
from bot.memory.lexical import Word
from bot.memory.ranking import Candidates, Question, rank
from bot.memory.readable import Rule
from bot.memory.recalling import asks_for_everything, best, hit, named_author, within_budget, without_names
from bot.memory.shelf import Desk
from bot.memory.timewords import asks_when, interval
from bot.protocols import Clock, Ids, Vectors
from bot.types import Embedded, Kind, Memory, MemoryId, Recollection, Scope

log = logging.getLogger(__name__)

_MAX_QUESTION = 4000  # characters; more says no better what is asked
_IN_THREAD_FROM = 5000  # memories; matching the words of fewer takes a few milliseconds


class Recaller:
    """Recall over the shelf's scopes."""

    def __init__(self, desk: Desk, settings: MemorySettings, clock: Clock) -> None:
        self._rows = desk.rows
        self._shelf = desk.shelf
        self._embedder = desk.embedder
        self._analyzer = desk.analyzer
        self._settings = settings
        self._clock = clock
        self._half_life_days = {kind: settings.half_life_days.of(kind) for kind in Kind} if settings.decay else None

    async def recall(self, may_read: Sequence[tuple[Scope, Rule]], text: str, *, limit: int | None) -> Recollection:
        """Return what bears on a text of the scopes that may be read; see `MemoryCore.recall`."""
        question = clean(text)[:_MAX_QUESTION]
        authors: set[str] = set()
        count = 0
        for one, rule in may_read:
            async with self._shelf.entry(one) as entry:
                allowed = entry.allowed(rule)
                count += int(allowed.sum())
                authors |= entry.authors(allowed)
        if not count:
            return Recollection((), Embedded("", None))
        asked = without_names(question, authors)
        embedded = Embedded(asked, await self._vector(asked))
        words = self._analyzer.words(question)
        named = named_author(question, authors)
        groups = [await self._candidates(one, rule, words, embedded.vector, named) for one, rule in may_read]
        candidates = Candidates.join(groups)
        ranking = rank(candidates, self._question(question), self._half_life_days)
        most = limit or self._settings.recall_limit
        floor = 0.0 if asks_for_everything(question, words) else self._settings.relevance_floor
        positions = best(ranking, most + most // 2, floor, candidates.pinned)
        found = await self._fetch([one for one, _ in may_read], candidates.ids[positions])
        hits = [hit(found[id_], ranking, p) for p in positions if (id_ := int(candidates.ids[p])) in found]
        hits_within = within_budget(hits, self._settings.recall_tokens, once=self._settings.merge)[:most]
        return Recollection(hits_within, embedded)

    def _question(self, text: str) -> Question:
        now = self._clock()
        return Question(asks_when=asks_when(text), interval=interval(text, now), now=now.timestamp())

    async def _vector(self, text: str) -> Vectors | None:
        """The text's vector; without one, recall goes on by words alone."""
        try:
            vector: Vectors = (await self._embedder.embed([text]))[0]
        except EmbeddingError as error:
            log.warning("recall by words alone: %s", error)
            return None
        return vector

    async def _candidates(
        self, scope: Scope, rule: Rule, words: Sequence[Word], vector: Vectors | None, named: str | None
    ) -> Candidates:
        async with self._shelf.entry(scope) as entry:
            allowed = entry.allowed(rule)
            cosines = await self._shelf.cosines(scope, entry.ids(allowed), vector)
            if len(entry) > _IN_THREAD_FROM:
                return await asyncio.to_thread(entry.candidates, allowed, words, cosines, named)
            return entry.candidates(allowed, words, cosines, named)

    async def _fetch(self, scopes: Sequence[Scope], ids: Ids) -> dict[MemoryId, Memory]:
        """The memories by id; what was forgotten since the search is not among them."""
        wanted = ids.tolist()
        found: dict[MemoryId, Memory] = {}
        for scope in scopes:
            missing = [id_ for id_ in wanted if id_ not in found]
            if missing:
                found |= {memory.id: memory for memory in await self._rows.get(scope, missing)}
        return found
