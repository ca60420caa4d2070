"""Data folders of tests: a clock that stands still, an embedder that can be down, and a core opened on both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.config import MemorySettings
from bot.embedders.static import StaticEmbedder
from bot.embedders.table import TokenTable
from bot.embedders.words import WordVectors
from bot.errors import EmbeddingError
from bot.memory.core import MemoryCore
from bot.protocols import Embedder, Space, Vectors
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.types import Place, PlaceKind, Reach, Recollection, Scope, Statement

ANNA = Scope("slack", "guild", "anna")
BEN = Scope("slack", "guild", "ben")
DM = Place(PlaceKind.DM, "dm of anna")
PRIVATE = Place(PlaceKind.PRIVATE, "back room")
PUBLIC = Place(PlaceKind.PUBLIC, "square")


class Clock:
    """Shows the same moment until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 11, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Go on by some time, given as for `timedelta`."""
        self.now += timedelta(**by)


class FrailEmbedder(StaticEmbedder):
    """The embedded embedder under another name, which counts what it is asked and can be down."""

    def __init__(self, model: str = "frail") -> None:
        super().__init__(table())
        self.texts = 0
        self.down = False
        self.fails_after: int | None = None
        self._space = Space(model, super().space.dim)

    @property
    def space(self) -> Space:
        """A space of its own."""
        return self._space

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return vectors, or fail when down or when it has answered often enough."""
        if self.down or (self.fails_after is not None and self.texts >= self.fails_after):
            raise EmbeddingError("the embedding service is down")
        self.texts += len(texts)
        return await super().embed(texts)


@cache
def table() -> TokenTable:
    """Return the token table, read only and opened once."""
    return TokenTable.load()


@asynccontextmanager
async def core_on(
    folder: Path, clock: Clock, embedder: Embedder | None = None, settings: MemorySettings | None = None
) -> AsyncIterator[MemoryCore]:
    """Open a core as `MemoryCore.open` does, on the shared token table."""
    async with Database.open(folder, clock) as database:
        chosen = embedder or StaticEmbedder(table())
        on = MemoryCore.on(
            database,
            chosen,
            settings=settings or MemorySettings(),
            limits={},
            words=WordVectors(table()),
            ledger=Ledger(database),
        )
        async with on as core:
            yield core


def told(text: str, place: Place = PUBLIC, source_id: str | None = None, reach: Reach = Reach.HERE) -> Statement:
    """Return an explicit statement."""
    return Statement(text, place, source_id=source_id, reach=reach, explicit=True)


def texts_of(recollection: Recollection) -> list[str]:
    """Return the texts that were recalled, best first."""
    return [hit.memory.text for hit in recollection.hits]


def files_of(folder: Path) -> list[Path]:
    """Return the cached index files of a data folder."""
    return sorted(folder.glob("vec/*/*.fvx"))
