"""The plugs: what a new embedder, chat model, row store, vector index or platform has to do.

Each has a conformance suite in tests/conformance/; a new implementation is one file and one subclass of its suite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from bot.events import (
    ChannelsDeleted,
    GuildLeft,
    Health,
    IncomingMessage,
    MessageEdited,
    MessagesDeleted,
    ReplyPart,
    Surroundings,
)
from bot.types import Author, Kind, Memory, MemoryId, Place, Reach, Scope, Source, Status

Vectors: TypeAlias = npt.NDArray[np.float32]
Ids: TypeAlias = npt.NDArray[np.int64]
Clock: TypeAlias = Callable[[], datetime]
"""Gives the current time, timezone-aware."""


@dataclass(frozen=True, slots=True)
class Space:
    """What the vectors of one index share; vectors of two spaces are never compared."""

    model: str
    dim: int


class Embedder(Protocol):
    """Makes vectors of texts."""

    @property
    def space(self) -> Space:
        """The space its vectors lie in."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dim) float32, unit rows, in the order of `texts`; a text without a usable word gives a zero row.

        Raises:
            EmbeddingError: no usable vectors came back within the deadline.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt; role is `system`, `user` or `assistant`, images are addresses."""

    role: str
    content: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that one completion took, as the service counted them (estimated when it did not say)."""

    prompt_tokens: int
    completion_tokens: int


class Completion(Protocol):
    """One running answer: iterate over its text; `usage` is known at the end."""

    usage: Usage | None

    def __aiter__(self) -> AsyncGenerator[str, None]:
        """Yield the text in pieces; closing the generator ends the request.

        Raises:
            CompletionError: before the first piece, or after some with problem `cut`, `timeout` or `refused`.
        """
        ...


class ChatModel(Protocol):
    """Answers a prompt."""

    @property
    def name(self) -> str:
        """The model's name, for people."""
        ...

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int, model: str = "") -> Completion:
        """Start an answer of at most `max_tokens` tokens. Nothing is sent before the first iteration.

        Args:
            model: another model of the same service; its own when empty.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a cached index was made from; another space or epoch makes it useless."""

    space: Space
    epoch: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Result of a vector search, best first.

    ids: (k,) int64; cosines: (k,) float32, -1 to 1.
    """

    ids: Ids
    cosines: Vectors


ReadVectors: TypeAlias = Callable[[int], Awaitable[tuple[Ids, Vectors]]]
"""Give (ids, unit vectors) of a scope's rows with an id above the argument, in order of id."""


class VectorIndex(Protocol):
    """Finds near vectors of one scope. A cache: rows are the truth, and losing it changes no answer.

    `add` and `search` raise LookupError for a scope that is not open, and ValueError for vectors of another
    size.
    """

    async def open(self, scope: Scope, stamp: Stamp, read: ReadVectors) -> None:
        """Make a scope searchable, from a cached copy with this stamp plus newer rows, else from all rows."""
        ...

    async def add(self, scope: Scope, ids: Ids, vectors: Vectors) -> None:
        """Add (n, dim) float32 unit rows to an open scope; ids that it holds already are passed over."""
        ...

    async def search(self, scope: Scope, allowed: Ids | None, vector: Vectors, limit: int) -> Neighbours:
        """Return up to `limit` nearest of an open scope, among `allowed` only when given; equal cosines by id."""
        ...

    async def close(self, scope: Scope, *, persist: bool) -> None:
        """Release a scope's memory; with `persist`, leave a cached copy for the next open."""
        ...

    async def drop(self, scope: Scope) -> None:
        """Erase what is held of a scope, open or not, in memory and on disk. Returns when the bytes are unlinked.

        Raises:
            StoreError: a file could not be erased.
        """
        ...

    def nbytes(self, scope: Scope) -> int:
        """Bytes of memory that an open scope takes; 0 when it is not open."""
        ...


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory about to be stored. `vector` is (dim,) float32, unit length, or None to be made later."""

    text: str
    kind: Kind
    status: Status
    place: Place
    reach: Reach
    author: Author | None
    event_time: datetime
    importance: float
    source: Source | None = None
    vector: Vectors | None = None
    supersedes: MemoryId | None = None


class IndexRow(NamedTuple):
    """What ranking needs of a memory; a tuple because thousands are read at once. `event_time` is in Unix seconds."""

    id: MemoryId
    text: str
    kind: str
    status: str
    place_kind: str
    channel_id: str
    reach: str
    author_name: str
    event_time: float
    importance: float
    pinned: bool


@dataclass(frozen=True, slots=True)
class Erasure:
    """A committed deletion whose traces are still to be removed: index files, then the write-ahead log."""

    id: int
    scope: Scope
    memory_ids: tuple[MemoryId, ...]


class Unembedded(NamedTuple):
    """A memory that waits for a vector; `epoch` is its scope's when the text was read."""

    scope: Scope
    id: MemoryId
    author: Author | None
    text: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which memories of a scope; every given condition must hold, none given means all."""

    ids: tuple[MemoryId, ...] | None = None
    source_id: str | None = None
    author_id: str | None = None  # of shared notes, and of imported conversations
    kinds: tuple[Kind, ...] | None = None
    statuses: tuple[Status, ...] | None = None
    since: datetime | None = None  # event_time at or after
    until: datetime | None = None  # event_time before


class Idle(NamedTuple):
    """Memories of a guild that nothing used since a time."""

    platform: str
    guild_id: str
    since: datetime


class RowStore(Protocol):
    """The one truth: texts, vectors and where they came from. Every write is durable when its call returns.

    All methods raise StoreError when rows could not be read or written; a write that raises left nothing behind.
    `attach`, `detach`, `edit` and `mark` raise it too when the memory is gone.
    """

    async def epoch(self, scope: Scope) -> int:
        """Return the scope's epoch, 0 for one never written; every deletion, edit and late vector raises it."""
        ...

    async def add(self, scope: Scope, new: Sequence[NewMemory], inbox_key: str | None = None) -> list[Memory]:
        """Store memories in one transaction, in order; marks what each supersedes, and the inbox row as remembered."""
        ...

    async def attach(self, scope: Scope, memory_id: MemoryId, source: Source, inbox_key: str | None = None) -> None:
        """Add a source to a memory that said the same already, which counts as a use of it."""
        ...

    async def detach(self, scope: Scope, memory_id: MemoryId, source_id: str) -> None:
        """Take a source from a memory; its keyed hash stays, so that redelivery does not add it again."""
        ...

    async def edit(self, scope: Scope, memory_id: MemoryId, text: str, vector: Vectors | None) -> Erasure:
        """Replace a memory's text and vector, a use of it, and raise the epoch; the old text is to be erased."""
        ...

    async def mark(
        self, scope: Scope, memory_id: MemoryId, *, pinned: bool | None = None, status: Status | None = None
    ) -> None:
        """Change a flag of a memory; status CURRENT also cuts its link to a newer one."""
        ...

    async def rows(self, scope: Scope, after: MemoryId = 0) -> list[IndexRow]:
        """Return what ranking needs of every memory with an id above `after`, proposed ones left out, by id."""
        ...

    async def vectors(self, scope: Scope, space: Space, after: MemoryId = 0) -> tuple[Ids, Vectors]:
        """Return (n,) ids and (n, dim) float32 unit rows of one space with an id above `after`, by id."""
        ...

    async def get(self, scope: Scope, ids: Sequence[MemoryId]) -> list[Memory]:
        """Return the memories with their sources, in the order of `ids`; those that are gone are left out."""
        ...

    async def select(
        self, scope: Scope, selection: Selection, limit: int | None = None, before: MemoryId | None = None
    ) -> list[Memory]:
        """Return matching memories, newest id first, with ids below `before`."""
        ...

    async def erase(self, scope: Scope, ids: Sequence[MemoryId] | None, *, relearnable: bool = False) -> Erasure:
        """Delete memories (None: everything of the scope, its inbox texts too) and raise the epoch, in one transaction.

        What superseded a deleted memory stays; what a deleted memory superseded becomes current again only through
        `mark`. Keyed hashes of the deleted sources stay behind, so that redelivery does not teach them again, but for
        those that are `relearnable`.
        """
        ...

    async def finish(self, erasure: Erasure) -> None:
        """Remove the traces from the write-ahead log and close the erasure."""
        ...

    async def unfinished_erasures(self) -> list[Erasure]:
        """Return erasures that a crash interrupted."""
        ...

    async def was_forgotten(self, scope: Scope, source_id: str) -> bool:
        """Tell whether memories of this source were forgotten."""
        ...

    async def without_vector(self, space: Space, limit: int) -> list[Unembedded]:
        """Return memories that have no vector in this space, by id."""
        ...

    async def set_vectors(self, space: Space, waiting: Sequence[Unembedded], vectors: Vectors) -> None:
        """Store (n, dim) vectors, replacing those of another space, and raise the epochs of their scopes.

        Those whose scope has another epoch by now are skipped: the text may have changed.
        """
        ...

    async def count(self, space: Space | None = None) -> int:
        """Return how many memories there are, or how many have a vector in a space."""
        ...

    async def scopes(self, platform: str | None = None, user_id: str | None = None) -> list[Scope]:
        """Return the scopes that have rows."""
        ...

    async def scopes_of(self, platform: str, guild_id: str, source_ids: Sequence[str] | None = None) -> list[Scope]:
        """Return the scopes of a guild, or only those with a memory from one of these sources."""
        ...

    async def owner(self, memory_id: MemoryId) -> Scope | None:
        """Return the scope that a memory's id belongs to; None when there is none. The memory may be gone."""
        ...

    async def notes_by(self, platform: str, author_id: str) -> list[Scope]:
        """Return the scopes of shared notes that hold one by this person."""
        ...

    async def idle(self, guilds: Sequence[Idle], most: int) -> tuple[int, list[tuple[Scope, MemoryId]]]:
        """Return how many memories of these guilds lie idle, pinned ones apart, and the `most` longest idle."""
        ...


LookAround: TypeAlias = Callable[[], Awaitable[Surroundings]]
"""Gives what stands beside a message. What cannot be found is left out, so it raises StoreError alone."""


def untold() -> None:
    """For a message whose platform need not know that it was taken in."""


async def nowhere() -> Surroundings:
    """For a message that has nothing beside it."""
    return Surroundings()


class Assistant(Protocol):
    """What adapters talk to: the one path from a message to its reply."""

    def handle(
        self, message: IncomingMessage, *, taken: Callable[[], None] = untold, around: LookAround = nowhere
    ) -> AsyncGenerator[ReplyPart, None]:
        """Yield the reply in pieces, a `ReplyEnd` last; nothing at all for a message that was answered already.

        Args:
            taken: called once the message is on disk, or need not be: from then on the platform may forget it, since
                an earlier run's messages are `unanswered`. It may be called again.
            around: asked for what stands beside the message when its turn has come, if a model is to answer it.

        Asking for more after `ReplyEnd` says that the reply was delivered; a reply that was not is given again when
        the message is handled again. Closing the generator early cuts the answer off, not the remembering; so does
        cancelling whoever waits for more. After a first `ReplyText` or `ReplyFile` that counts as delivered, so an
        adapter shows what it took; when it can show nothing, it throws its PlatformError into the generator, which
        gives it back.
        Errors become an honest line of the reply; no other is raised.
        """
        ...

    async def stopped(self, message: IncomingMessage) -> None:
        """Note that whoever asked wants no answer any more: the next run gives none either. What was said is kept."""
        ...

    async def knows(self, scope: Scope, source_id: str) -> bool:
        """Tell whether a message of a person was taken in or taught something, so that its edit is of interest."""
        ...

    async def edited(self, event: MessageEdited, *, taken: Callable[[], None] = untold) -> None:
        """Let what was learned from a message follow its new text; one that was never taken in teaches nothing.

        Args:
            taken: called once the edit is on disk, and again when it is followed, which waits for a reply to the
                message.
        """
        ...

    async def deleted(self, event: MessagesDeleted) -> None:
        """Forget what was learned from messages that are gone."""
        ...

    async def channels_deleted(self, event: ChannelsDeleted) -> None:
        """Forget what was learned from messages that are gone with their channel; what a command said stays."""
        ...

    async def joined(self, platform: str, guild_id: str) -> bool:
        """Note that the bot is in a guild, which ends a grace period; tell whether it never was before."""
        ...

    async def left(self, event: GuildLeft) -> None:
        """Forget a guild that removed the bot, once the grace period is over."""
        ...

    async def guilds(self, platform: str) -> frozenset[str]:
        """Return the guilds that the bot joined and did not leave, so that a removal during an outage shows."""
        ...

    async def unanswered(self, platform: str) -> list[IncomingMessage]:
        """Return messages that an earlier run took in and did not answer, oldest first; none that nobody waits for."""
        ...


class Adapter(Protocol):
    """Connects one chat platform: turns its messages into events, and shows the replies."""

    @property
    def platform(self) -> str:
        """The platform's name in scopes and in `ready: NAME`."""
        ...

    def health(self) -> Health:
        """Return how the connection is."""
        ...

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set or the platform ends; calls `ready` once it takes messages.

        Once `stopping` is set no new message is taken in, replies that run are finished or cut, and the call returns.

        Raises:
            PlatformError: the platform cannot be served; the text says what to do.
        """
        ...
