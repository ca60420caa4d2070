"""The memory core: remember, recall and forget for one person at a time. The public interface of this package.

Scope comes first in every call, place next; what a place allows is decided before the search.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.config import MemorySettings
from bot.embedders.static import StaticEmbedder
from bot.embedders.table import TokenTable
from bot.embedders.words import WordVectors
from bot.errors import InputError
from bot.events import PlatformLimits
from bot.exchange.record import record_line
from bot.index.faiss_index import FaissIndex
from bot.memory.editor import Editor
from bot.memory.eraser import Eraser
from bot.memory.keeper import Keeper
from bot.memory.lexical import Analyzer
from bot.memory.readable import readable
from bot.memory.recaller import Recaller
from bot.memory.remembering import MAX_CHARACTERS, Decision, decide
from bot.memory.shelf import Desk, Shelf
from bot.memory.upkeep import RetentionDays, erase_idle, expire_proposals, make_missing_vectors
from bot.memory.watching import Watcher, Watchers
from bot.protocols import Clock, Embedder, RowStore, Selection, VectorIndex
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.rows import SqliteRows
from bot.types import (
    DM_GUILD,
    SEQUENCE_BITS,
    Action,
    Author,
    Embedded,
    Memory,
    MemoryId,
    Mode,
    Outcome,
    Place,
    PlaceKind,
    Reach,
    Recollection,
    Scope,
    Statement,
    Status,
)

NO_SUCH_MEMORY = "there is no memory with that number; see them all with /memories"


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


class MemoryCore:
    """Everything remembered in one data folder. Open it with `MemoryCore.open`.

    Every method raises StoreError when rows could not be read or written; an empty result means nothing is known.
    """

    def __init__(
        self,
        *,
        rows: RowStore,
        index: VectorIndex,
        embedder: Embedder,
        ledger: Ledger,
        words: WordVectors,
        settings: MemorySettings,
        limits: Mapping[str, PlatformLimits],
        clock: Clock,
    ) -> None:
        analyzer = Analyzer(settings.stemmer_language)
        shelf = Shelf(
            rows=rows,
            index=index,
            space=embedder.space,
            analyzer=analyzer,
            similarity=words,
            max_bytes=settings.cache_mb << 20,
        )
        desk = Desk(rows, shelf, embedder, analyzer, Watchers())
        self._desk = desk
        self._watchers = desk.watchers
        self._rows = rows
        self._shelf = shelf
        self._embedder = embedder
        self._ledger = ledger
        self._analyzer = analyzer
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._eraser = Eraser(desk)
        self._keeper = Keeper(desk, settings, clock)
        self._editor = Editor(desk, self._keeper)
        self._recaller = Recaller(desk, settings, clock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path | str,
        *,
        embedder: Embedder | None = None,
        settings: MemorySettings | None = None,
        limits: Mapping[str, PlatformLimits] | None = None,
        clock: Clock = utc_now,
    ) -> AsyncIterator[MemoryCore]:
        """Open a data folder, made if need be; closed at the end of the block.

        Args:
            embedder: what makes vectors; the embedded one when not given.
            limits: by the name of platforms that have limits of their own; none when not given.

        Raises:
            FolderInUse, NewerSchema, StoreError: the folder cannot be used; the text says why and what to do.
        """
        table = TokenTable.load()
        chosen = embedder or StaticEmbedder(table)
        async with (
            Database.open(Path(folder), clock) as database,
            cls.on(
                database,
                chosen,
                settings=settings or MemorySettings(),
                limits=limits or {},
                words=WordVectors(table),
                ledger=Ledger(database),
            ) as core,
        ):
            yield core

    @classmethod
    @asynccontextmanager
    async def on(
        cls,
        database: Database,
        embedder: Embedder,
        *,
        settings: MemorySettings,
        limits: Mapping[str, PlatformLimits],
        words: WordVectors,
        ledger: Ledger,
    ) -> AsyncIterator[MemoryCore]:
        """Open a core on a database that is open already. Erasures that a crash interrupted are finished first."""
        rows = SqliteRows(database, embedder.space)
        index = FaissIndex(database.folder, database.hashes.of("index files"), file_from=settings.index_file_from)
        core = cls(
            rows=rows,
            index=index,
            embedder=embedder,
            ledger=ledger,
            words=words,
            settings=settings,
            limits=limits,
            clock=database.clock,
        )
        for erasure in await rows.unfinished_erasures():
            await core._eraser.finish(erasure)
        try:
            yield core
        finally:
            await core._shelf.close()

    # Remember

    async def remember(
        self, scope: Scope, statement: Statement, *, embedded: Embedded | None = None, inbox_key: str | None = None
    ) -> Outcome:
        """Decide on one statement and store it if it is worth a memory; on disk when this returns.

        Args:
            embedded: a text with its vector, as a recall returned it, to spare a second embedding of the same text.
            inbox_key: marks this inbox row as remembered in the same transaction, when something is stored.
        """
        return (await self.remember_all(scope, [statement], embedded=embedded, inbox_key=inbox_key))[0]

    async def remember_all(
        self,
        scope: Scope,
        statements: Sequence[Statement],
        *,
        embedded: Embedded | None = None,
        inbox_key: str | None = None,
    ) -> Sequence[Outcome]:
        """Decide on statements in order, with one embedding request, and one commit when none touches another memory.

        Statements for everyone become shared notes of the guild, and name their author.
        """
        statements = [_signed(scope, statement) for statement in statements]
        decisions = [await self._decide(scope, statement) for statement in statements]
        outcomes = [decision.outcome for decision in decisions]
        for target in (scope, scope.shared):
            places = [i for i, s in enumerate(statements) if outcomes[i] is None and _target(scope, s) == target]
            chosen = [(statements[i], decisions[i]) for i in places]
            if chosen:
                stored = await self._keeper.keep(target, chosen, embedded, inbox_key)
                for i, outcome in zip(places, stored, strict=True):
                    outcomes[i] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    async def accept(self, scope: Scope, memory_id: MemoryId) -> Memory:
        """Keep a proposed memory: the person said yes.

        Raises:
            InputError: there is no such memory.
        """
        return await self._editor.accept(await self.get(scope, memory_id))

    async def edit(self, scope: Scope, memory_id: MemoryId, text: str) -> Memory:
        """Replace a memory's text; the old one is erased from disk when this returns.

        Raises:
            InputError: there is no such memory, or the text cannot be one (empty, too long, a secret).
        """
        return await self._editor.edit(await self.get(scope, memory_id), text, self.most_characters(scope))

    async def follow(self, scope: Scope, statement: Statement) -> Outcome:
        """Let what was learned from a message follow its new text: changed, or forgotten if it is not worth keeping.

        A memory that other messages taught too stays as it is.

        Args:
            statement: the message's new text; its `source_id` names the message.
        """
        selection = Selection(source_id=statement.source_id)
        own = [memory for memory in await self.list(scope, selection) if len(memory.sources) == 1]
        if not own:
            return await self.remember(scope, statement)
        # What is known already follows while new memories are paused or asked about.
        mode = Mode.OFF if await self.mode(scope) is Mode.OFF else Mode.AUTO
        decision = decide(statement, mode, self.most_characters(scope))
        if decision.outcome is not None or decision.status is Status.PROPOSED:
            # The next edit may say something again: what a person had forgotten is another matter.
            await self._eraser.erase(scope, [memory.id for memory in own], relearnable=True)
            return decision.outcome or Outcome(Action.DROPPED, decision.reason)
        if _is_for_another_use(own[0], statement):
            await self._eraser.erase(scope, [memory.id for memory in own], relearnable=True)
            return await self.remember(scope, statement)
        if own[0].text == decision.text:
            return Outcome(Action.MERGED, "you told me before", own[0])
        return Outcome(Action.UPDATED, decision.reason, await self.edit(scope, own[0].id, decision.text))

    async def pin(self, scope: Scope, memory_id: MemoryId, pinned: bool = True) -> Memory:
        """Keep a memory in mind whenever something is recalled, or no longer.

        Raises:
            InputError: there is no such memory.
        """
        return await self._editor.pin(await self.get(scope, memory_id), pinned=pinned)

    async def undo(self, scope: Scope) -> Sequence[Memory]:
        """Take back what was last remembered: forget it, and make current again what it had replaced.

        Returns:
            What was forgotten; empty when there is nothing, or when what was last said was known already.
        """
        return await self._eraser.undo(scope)

    async def unlearn(self, scope: Scope, source_id: str) -> Sequence[Memory]:
        """Take back what one message of the scope taught, shared notes of its person included.

        What no other message taught is forgotten, and what that had replaced is current again.

        Returns:
            What the message taught, as it was; that which has other sources stays.
        """
        notes = Selection(source_id=source_id, author_id=scope.user_id)
        return [
            *await self._eraser.unlearn(scope, Selection(source_id=source_id), source_id),
            *await self._eraser.unlearn(scope.shared, notes, source_id),
        ]

    # Recall

    async def recall(self, scope: Scope, text: str, *, place: Place, limit: int | None = None) -> Recollection:
        """Return the memories that bear on a text, best first, of those that this person may recall in this place.

        No embedding: by words alone. Nothing fits: no hits.

        Args:
            limit: most hits; the setting when not given.
        """
        if await self.mode(scope) is Mode.OFF:
            return Recollection((), Embedded("", None))
        others = await self._elsewhere(scope) if place.kind is PlaceKind.DM and scope.guild_id == DM_GUILD else ()
        may_read = readable(scope, place, others, notes=await self.shares_notes(scope))
        return await self._recaller.recall(may_read, text, limit=limit)

    async def get(self, scope: Scope, memory_id: MemoryId) -> Memory:
        """Return one memory.

        Raises:
            InputError: there is no such memory of this scope.
        """
        found = await self._rows.get(scope, [memory_id])
        if not found:
            raise InputError(NO_SUCH_MEMORY)
        return found[0]

    async def get_numbered(self, scope: Scope, sequence: int) -> Memory:
        """Return the memory with a sequence number, as people name it.

        Raises:
            InputError: there is no such memory of this scope.
        """
        newest = await self._rows.select(scope, Selection(), limit=1)
        uid = newest[0].id >> SEQUENCE_BITS if newest else 0
        exists = 0 < sequence < 1 << SEQUENCE_BITS  # more bits would run into the scope's
        return await self.get(scope, uid << SEQUENCE_BITS | sequence if exists else 0)

    async def list(self, scope: Scope, selection: Selection | None = None, *, words: str = "") -> Sequence[Memory]:
        """Return a scope's memories, newest first.

        Args:
            words: only memories that hold all of these words, in any form of them.
        """
        found = await self._rows.select(scope, selection or Selection())
        return [memory for memory in found if self._holds(memory.text, words)] if words else found

    async def export(self, scope: Scope) -> Sequence[str]:
        """Return what is kept of a scope as JSON, one object a memory, oldest first; see docs/exchange.md."""
        return [record_line(memory) for memory in reversed(await self.list(scope))]

    # Forget

    async def forget(self, scope: Scope, selection: Selection, *, words: str = "") -> Sequence[Memory]:
        """Erase memories from every file of the data folder, and return what they were.

        An empty selection without words is refused, so that a slip does not erase everything: see `forget_all`.

        Raises:
            InputError: nothing was selected by.
        """
        if selection == Selection() and not words.strip():
            raise InputError("say what to forget, or use forget_all")
        memories = await self.list(scope, selection, words=words)
        if memories:
            await self._eraser.erase(scope, [memory.id for memory in memories])
        return memories

    async def forget_all(self, scope: Scope) -> int:
        """Erase everything of a scope, waiting messages included, and return how many memories there were."""
        return len((await self._eraser.erase(scope, None)).memory_ids)

    async def everywhere(self, scope: Scope) -> Sequence[Scope]:
        """Return all scopes of this person on this platform."""
        return await self._rows.scopes(scope.platform, scope.user_id)

    async def notes_by(self, scope: Scope) -> Sequence[Scope]:
        """Return the scopes of shared notes on this platform that hold one by this person."""
        return await self._rows.notes_by(scope.platform, scope.user_id)

    async def owner(self, memory_id: MemoryId) -> Scope | None:
        """Return the scope that a memory's id belongs to, whether or not the memory is still there."""
        return await self._rows.owner(memory_id)

    async def scopes_of(self, platform: str, guild_id: str, source_ids: Sequence[str] | None = None) -> Sequence[Scope]:
        """Return the scopes of a guild, or only those that learned something from some messages."""
        return await self._rows.scopes_of(platform, guild_id, source_ids)

    # What is kept

    async def mode(self, scope: Scope) -> Mode:
        """Return what is kept of a person: their own choice, else the setting."""
        if await self._ledger.mode(scope.everywhere) is Mode.OFF:
            return Mode.OFF
        return await self._ledger.mode(scope) or self._settings.mode

    async def set_mode(self, scope: Scope, mode: Mode) -> None:
        """Let a person choose what is kept; `Mode.OFF` opts out, which survives forgetting everything."""
        await self._ledger.set_mode(scope, mode)
        self._watchers.tell(scope)

    async def enter_mode(self, scope: Scope, mode: Mode) -> None:
        """Let a person choose what is kept until `leave_mode`."""
        await self._ledger.enter_mode(scope, mode)
        self._watchers.tell(scope)

    async def leave_mode(self, scope: Scope, mode: Mode) -> Mode:
        """Let a person go back to what was kept before they entered a mode; return what is kept now."""
        await self._ledger.leave_mode(scope, mode)
        self._watchers.tell(scope)
        return await self.mode(scope)

    def watched(self, watcher: Watcher) -> AbstractContextManager[None]:
        """Tell a watcher, until the end of the block, each scope of which memories or mode were changed by anything.

        A choice for everywhere is told as one of `Scope.everywhere`.
        """
        return self._watchers.told(watcher)

    def most_characters(self, scope: Scope) -> int:
        """Return how many characters a memory may have on a scope's platform."""
        return self._limits.get(scope.platform, PlatformLimits()).memory_characters or MAX_CHARACTERS

    async def shares_notes(self, scope: Scope) -> bool:
        """Tell whether the admins of a scope's guild allow shared notes."""
        return (await self._ledger.policy(scope.platform, scope.guild_id)).shared_notes

    # Upkeep

    async def without_vector(self) -> int:
        """Return how many memories wait for a vector of the configured embedder; they are found by words meanwhile."""
        return await self._rows.count() - await self._rows.count(self._embedder.space)

    async def reindex(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Make the vectors that are missing, of another embedder's memories too, and return how many were made.

        Interrupted, it goes on where it stopped; spaces are never mixed.

        Args:
            progress: called with the number of vectors made since the last call.

        Raises:
            EmbeddingError: the embedder failed; what was made until then is stored.
        """
        return await make_missing_vectors(self._desk, progress)

    async def expire_proposals(self, before: datetime) -> int:
        """Erase proposed memories that nobody said yes to, and return how many there were.

        Args:
            before: only those stored before this time.
        """
        return await expire_proposals(self._desk, self._eraser, before)

    async def erase_idle(self, retention_days: RetentionDays) -> int:
        """Erase memories that nothing used for too long, and return how many; pinned ones stay.

        A clock that jumped must not empty the folder: when more than one memory in a hundred, and more than 20, are
        due, only so many go, the longest idle first.
        """
        return await erase_idle(self._desk, self._eraser, retention_days, self._clock())

    async def _decide(self, scope: Scope, statement: Statement) -> Decision:
        mode = Mode.AUTO if statement.as_given else await self.mode(scope)
        decision = decide(statement, mode, self.most_characters(scope))
        if statement.reach is Reach.EVERYONE and statement.place.kind is PlaceKind.DM:
            return Decision.ended(Action.REFUSED, "a note for everyone is made in a channel, where everyone is")
        if statement.reach is Reach.EVERYONE and not await self.shares_notes(scope):
            return Decision.ended(Action.REFUSED, "notes for everyone are switched off here")
        source = statement.source_id
        if decision.outcome is None and source and await self._rows.was_forgotten(_target(scope, statement), source):
            return Decision.ended(Action.DROPPED, "it was forgotten before")
        return decision

    async def _elsewhere(self, scope: Scope) -> Sequence[Scope]:
        """The person's scopes in other guilds, without those in which they opted out."""
        others = await self._rows.scopes(scope.platform, scope.user_id)
        return [other for other in others if await self.mode(other) is not Mode.OFF]

    def _holds(self, text: str, words: str) -> bool:
        wanted = self._analyzer.stems(words)
        return wanted <= self._analyzer.stems(text) if wanted else words.casefold() in text.casefold()


def _signed(scope: Scope, statement: Statement) -> Statement:
    """A shared note has an author: without one it would be credited to whoever recalls it."""
    if statement.reach is not Reach.EVERYONE or statement.author is not None:
        return statement
    return replace(statement, author=Author(scope.user_id, scope.user_id))


def _is_for_another_use(memory: Memory, statement: Statement) -> bool:
    """Whether a command wants a memory of another kind or reach, which a memory has for good."""
    if not statement.explicit:
        return False
    return memory.reach is not statement.reach or (statement.kind or memory.kind) is not memory.kind


def _target(scope: Scope, statement: Statement) -> Scope:
    return scope.shared if statement.reach is Reach.EVERYONE else scope
