"""Every delivered message, once: entered before anything is done about it, blank when all is done.

Rows hold keyed hashes; ids, names and words stand only in the sealed body, which is gone once the message is replied
to and remembered. Deliveries are unique per platform
and dedupe key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from bot.errors import StoreError
from bot.events import IncomingMessage, MessageEdited
from bot.store.database import Database
from bot.store.seal import open_sealed, seal
from bot.types import Scope

LEASE = timedelta(minutes=5)
"""For so long a delivery belongs to who received it; a reply takes a minute at most, and waits for a few others."""

KEPT = timedelta(days=7)
"""For so long a platform may deliver the same message again."""


class Delivered(StrEnum):
    """What a delivery is to this process."""

    NEW = "new"
    UNFINISHED = "unfinished"  # known, but who had it stopped midway: to be done again
    IN_PROGRESS = "in progress"  # somebody is at it
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether there is something to do about a delivery, and which steps are done already.

    number: grows with every delivery entered. restated: the text that an edit of this run gave to what an earlier one
    left, or that this run itself stored; empty when there is none.
    """

    state: Delivered
    replied: bool = False
    remembered: bool = False
    number: int = field(default=0, compare=False)
    restated: str = ""

    @property
    def wanted(self) -> bool:
        """Whether the receiver has to work on it."""
        return self.state in {Delivered.NEW, Delivered.UNFINISHED}


class Inbox:
    """The inbox of an open data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hashes = database.hashes

    async def receive(self, message: IncomingMessage, body_text: str, *, teaches: bool = True) -> Delivery:
        """Enter a message and tell what to do about it; on disk when this returns.

        Args:
            body_text: its text as it may be stored: without secrets.
            teaches: whether something may be learned from the message. If not, it is not known by its source, so that
                no edit teaches anything either.
        """
        now = self._database.clock()
        delivery = self._hashes.delivery(message.scope.platform, message.dedupe_key)
        source = self._hashes.source(message.scope.platform, message.scope.guild_id, message.source_id)
        row = {
            "hash": delivery,
            "withdrawn": self._hashes.withdrawn(message.scope.platform, message.scope.guild_id, message.source_id),
            "platform": message.scope.platform,
            "guild": self._hashes.guild(message.scope.platform, message.scope.guild_id),
            "scope": self._hashes.scope(message.scope),
            "source": source if teaches else delivery,
            "now": now.timestamp(),
            "owner": self._database.run_id,
            "until": (now + LEASE).timestamp(),
            "body": _body(message, body_text),
        }
        return await self._database.write(lambda connection: _enter(connection, row))

    async def release(self, platform: str, dedupe_key: str) -> None:
        """Give up the lease on a delivery whose reply was not delivered: it is done again when it comes again."""
        hashed = self._hashes.delivery(platform, dedupe_key)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE inbox SET until = 0 WHERE hash = ? AND NOT replied", (hashed,))

        await self._database.write(work)

    async def restate(self, scope: Scope, source_id: str, text: str, *, remembered: bool) -> None:
        """Let a message that is not replied to yet say its new text, in what an earlier run left of it too.

        Args:
            text: as it may be stored: without secrets.
            remembered: there is nothing to remember of it.
        """
        wanted = {
            "platform": scope.platform,
            "source": self._hashes.source(scope.platform, scope.guild_id, source_id),
            "owner": self._database.run_id,
            "remembered": remembered,
        }
        await self._database.write(lambda connection: _restate(connection, wanted, text))

    async def knows(self, platform: str, dedupe_key: str) -> bool:
        """Tell whether a delivery was entered before."""
        wanted = (self._hashes.delivery(platform, dedupe_key),)

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute("SELECT 1 FROM inbox WHERE hash = ?", wanted).fetchone() is not None

        return await self._database.read(work)

    async def knows_source(self, scope: Scope, source_id: str) -> bool:
        """Tell whether a message of this person, from which something may be learned, was entered in the last days."""
        wanted = (
            self._hashes.guild(scope.platform, scope.guild_id),
            self._hashes.scope(scope),
            self._hashes.source(scope.platform, scope.guild_id, source_id),
        )

        def work(connection: sqlite3.Connection) -> bool:
            query = "SELECT 1 FROM inbox WHERE guild = ? AND scope = ? AND source = ? LIMIT 1"
            return connection.execute(query, wanted).fetchone() is not None

        return await self._database.read(work)

    async def enter_edit(self, event: MessageEdited) -> None:
        """Note that an edit was followed. It counts against no limit, and is no message that could be edited."""
        row = self._finished(self._hashes.delivery(event.scope.platform, event.dedupe_key), event.scope.platform)
        await self._database.write(lambda connection: _enter_finished(connection, [row]))

    async def mark_replied(self, platform: str, dedupe_key: str) -> None:
        """Note that the reply was delivered."""
        hashed = self._hashes.delivery(platform, dedupe_key)
        await self._database.write(lambda connection: _set_replied(connection, hashed))

    async def mark_remembered(self, platform: str, dedupe_key: str) -> None:
        """Note that nothing is left to remember; `RowStore.add` and `attach` do so themselves."""
        hashed = self._hashes.delivery(platform, dedupe_key)
        await self._database.write(lambda connection: set_remembered(connection, hashed))

    async def unfinished(self, platform: str) -> list[tuple[IncomingMessage, bool, bool]]:
        """Return (message, replied, remembered) of what an earlier process left or a lease ran out on, oldest first.

        To work on one, `receive` it again: that takes over the lease.
        """
        wanted = (platform, self._database.run_id, self._database.clock().timestamp())

        def work(connection: sqlite3.Connection) -> list[tuple[IncomingMessage, bool, bool]]:
            rows = connection.execute(
                """SELECT body, replied, remembered FROM inbox
                WHERE platform = ? AND body IS NOT NULL AND (owner <> ? OR until <= ?)
                ORDER BY received, rowid""",
                wanted,
            )
            return [(_message(body), bool(replied), bool(remembered)) for body, replied, remembered in rows]

        return await self._database.read(work)

    async def received_since(
        self, scope: Scope, since: datetime, *, up_to: int | None = None, whole_guild: bool = False
    ) -> int:
        """Return how many messages a person, or everybody in their guild, sent at or after a time.

        Args:
            up_to: number of the last delivery that counts; None for all of them.
        """
        wanted = {
            "guild": self._hashes.guild(scope.platform, scope.guild_id),
            "scope": None if whole_guild else self._hashes.scope(scope),
            "since": since.timestamp(),
            "up_to": up_to,
        }

        def work(connection: sqlite3.Connection) -> int:
            query = """SELECT count(*) FROM inbox
                WHERE guild = :guild AND received >= :since AND (:scope IS NULL OR scope = :scope)
                AND (:up_to IS NULL OR rowid <= :up_to)"""
            return int(connection.execute(query, wanted).fetchone()[0])

        return await self._database.read(work)

    async def drop(self, platform: str, guild_id: str, source_ids: Sequence[str]) -> None:
        """Give up what is left to do about messages that are gone, and blank them; one that comes later is done.

        Platforms do not tell in order: a message may be delivered, or delivered again, after its deletion.
        """
        hashed = [self._hashes.source(platform, guild_id, source_id) for source_id in source_ids]
        withdrawn = [self._hashes.withdrawn(platform, guild_id, source_id) for source_id in source_ids]
        rows = [self._finished(one, platform) for one in withdrawn]

        def work(connection: sqlite3.Connection) -> None:
            blank_sources(connection, platform, hashed)
            _enter_finished(connection, rows)

        await self._database.write_at_need(work)

    async def drop_guild(self, platform: str, guild_id: str) -> None:
        """Give up what is left to do about all messages of a guild, and blank them."""
        guild = self._hashes.guild(platform, guild_id)
        await self._database.write_at_need(lambda connection: _blank_guild(connection, guild))

    async def prune(self, before: datetime) -> int:
        """Remove finished rows received before a time; return how many went."""

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "DELETE FROM inbox WHERE received < ? AND body IS NULL", (before.timestamp(),)
            ).rowcount

        return await self._database.write(work)

    def _finished(self, hashed: bytes, platform: str) -> dict[str, object]:
        now = self._database.clock().timestamp()
        return {"hash": hashed, "platform": platform, "now": now, "owner": self._database.run_id}


def set_remembered(connection: sqlite3.Connection, hashed: bytes) -> None:
    """Mark a delivery as remembered, in the caller's transaction."""
    connection.execute(
        "UPDATE inbox SET remembered = 1, body = CASE WHEN replied THEN NULL ELSE body END WHERE hash = ?", (hashed,)
    )


def blank_sources(connection: sqlite3.Connection, platform: str, sources: Sequence[bytes]) -> None:
    """Blank the open rows of some messages, which finishes them, in the caller's transaction."""
    connection.executemany(
        """UPDATE inbox SET replied = 1, remembered = 1, body = NULL
        WHERE platform = ? AND source = ? AND body IS NOT NULL""",
        [(platform, source) for source in sources],
    )


def blank_scope(connection: sqlite3.Connection, platform: str, scope: bytes) -> None:
    """Blank the open rows of a scope, which finishes them, in the caller's transaction."""
    connection.execute(
        """UPDATE inbox SET replied = 1, remembered = 1, body = NULL
        WHERE platform = ? AND scope = ? AND body IS NOT NULL""",
        (platform, scope),
    )


def _blank_guild(connection: sqlite3.Connection, guild: bytes) -> None:
    connection.execute(
        "UPDATE inbox SET replied = 1, remembered = 1, body = NULL WHERE guild = ? AND body IS NOT NULL", (guild,)
    )


def _enter_finished(connection: sqlite3.Connection, rows: Sequence[dict[str, object]]) -> None:
    """Enter what there is nothing to do about. It counts against no limit, and is nobody's message."""
    connection.executemany(
        """INSERT OR IGNORE INTO inbox
        (hash, platform, guild, scope, source, received, owner, until, replied, remembered)
        VALUES (:hash, :platform, :hash, :hash, :hash, :now, :owner, 0, 1, 1)""",
        rows,
    )


def _enter(connection: sqlite3.Connection, row: dict[str, object]) -> Delivery:
    known = connection.execute(
        """SELECT rowid, replied, remembered, body, owner = :owner, until > :now FROM inbox
        WHERE hash IN (:hash, :withdrawn) ORDER BY hash = :withdrawn DESC LIMIT 1""",
        row,
    ).fetchone()
    if known is None:
        cursor = connection.execute(
            """INSERT INTO inbox (hash, platform, guild, scope, source, received, owner, until, body)
            VALUES (:hash, :platform, :guild, :scope, :source, :now, :owner, :until, :body)""",
            row,
        )
        return Delivery(Delivered.NEW, number=cursor.lastrowid or 0)
    number, replied, remembered, body, own, leased = known
    delivery = Delivery(Delivered.DONE, bool(replied), bool(remembered), number)
    if body is None:
        return delivery
    if own and leased:
        return replace(delivery, state=Delivered.IN_PROGRESS)
    connection.execute("UPDATE inbox SET owner = :owner, until = :until WHERE hash = :hash", row)
    return replace(delivery, state=Delivered.UNFINISHED, restated=_message(body).text if own else "")


def _restate(connection: sqlite3.Connection, wanted: dict[str, object], text: str) -> None:
    """Change the open rows of a message; one of an earlier run becomes this run's, with no lease on it."""
    rows = connection.execute(
        """SELECT hash, body FROM inbox
        WHERE platform = :platform AND source = :source AND body IS NOT NULL AND NOT replied""",
        wanted,
    ).fetchall()
    for hashed, body in rows:
        changed = {"hash": hashed, "body": _body(_message(body), text)}
        connection.execute(
            """UPDATE inbox SET body = :body, remembered = max(remembered, :remembered),
            until = CASE WHEN owner = :owner THEN until ELSE 0 END, owner = :owner WHERE hash = :hash""",
            wanted | changed,
        )


def _set_replied(connection: sqlite3.Connection, hashed: bytes) -> None:
    connection.execute(
        "UPDATE inbox SET replied = 1, body = CASE WHEN remembered THEN NULL ELSE body END WHERE hash = ?", (hashed,)
    )


def _body(message: IncomingMessage, text: str) -> bytes:
    return seal(msgspec.json.encode(replace(message, text=text)))


def _message(body: bytes) -> IncomingMessage:
    try:
        return msgspec.json.decode(open_sealed(body), type=IncomingMessage)
    except msgspec.MsgspecError as error:
        raise StoreError("could not read: a message in the inbox is damaged; run: forgetmenot verify") from error
