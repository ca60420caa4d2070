"""Every delivered message, once: entered before anything is done about it, blank when all is done.

Rows hold keyed hashes; ids, names and words stand only in the sealed body, which is gone once the message is replied
to and remembered. Deliveries are unique per platform and dedupe key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from bot.errors import StoreError
from bot.store.database import Database
from bot.store.seal import open_sealed, seal
from bot.types import IncomingMessage, Scope

LEASE = timedelta(minutes=5)
"""For so long a delivery belongs to who received it; a reply takes a minute at most."""

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
    """Whether there is something to do about a delivery, and which steps are done already."""

    state: Delivered
    replied: bool = False
    remembered: bool = False

    @property
    def wanted(self) -> bool:
        """Whether the receiver has to work on it."""
        return self.state in {Delivered.NEW, Delivered.UNFINISHED}


class Inbox:
    """The inbox of an open data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hashes = database.hashes

    async def receive(self, message: IncomingMessage, body_text: str) -> Delivery:
        """Enter a message and tell what to do about it; on disk when this returns.

        Args:
            body_text: its text as it may be stored: without secrets.
        """
        now = self._database.clock()
        row = {
            "hash": self._hashes.delivery(message.scope.platform, message.dedupe_key),
            "platform": message.scope.platform,
            "guild": self._hashes.guild(message.scope.platform, message.scope.guild_id),
            "scope": self._hashes.scope(message.scope),
            "source": self._hashes.source(message.scope.platform, message.scope.guild_id, message.source_id),
            "now": now.timestamp(),
            "owner": self._database.run_id,
            "until": (now + LEASE).timestamp(),
            "body": seal(msgspec.json.encode(replace(message, text=body_text))),
        }
        return await self._database.write(lambda connection: _enter(connection, row))

    async def knows(self, platform: str, dedupe_key: str) -> bool:
        """Tell whether a delivery was entered before."""
        wanted = (self._hashes.delivery(platform, dedupe_key),)

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute("SELECT 1 FROM inbox WHERE hash = ?", wanted).fetchone() is not None

        return await self._database.read(work)

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
                WHERE platform = ? AND body IS NOT NULL AND (owner <> ? OR until <= ?) ORDER BY received""",
                wanted,
            )
            return [(_message(body), bool(replied), bool(remembered)) for body, replied, remembered in rows]

        return await self._database.read(work)

    async def received_since(self, scope: Scope, since: datetime, *, whole_guild: bool = False) -> int:
        """Return how many messages a person, or everybody in their guild, sent at or after a time."""
        wanted = {
            "guild": self._hashes.guild(scope.platform, scope.guild_id),
            "scope": None if whole_guild else self._hashes.scope(scope),
            "since": since.timestamp(),
        }

        def work(connection: sqlite3.Connection) -> int:
            query = """SELECT count(*) FROM inbox
                WHERE guild = :guild AND received >= :since AND (:scope IS NULL OR scope = :scope)"""
            return int(connection.execute(query, wanted).fetchone()[0])

        return await self._database.read(work)

    async def drop(self, platform: str, guild_id: str, source_ids: Sequence[str]) -> None:
        """Give up what is left to do about messages that are gone, and blank them."""
        hashed = [self._hashes.source(platform, guild_id, source_id) for source_id in source_ids]
        await self._database.write_at_need(lambda connection: blank_sources(connection, platform, hashed))

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


def _enter(connection: sqlite3.Connection, row: dict[str, object]) -> Delivery:
    known = connection.execute(
        "SELECT replied, remembered, body IS NULL, owner = :owner AND until > :now FROM inbox WHERE hash = :hash", row
    ).fetchone()
    if known is None:
        connection.execute(
            """INSERT INTO inbox (hash, platform, guild, scope, source, received, owner, until, body)
            VALUES (:hash, :platform, :guild, :scope, :source, :now, :owner, :until, :body)""",
            row,
        )
        return Delivery(Delivered.NEW)
    replied, remembered, finished, leased = map(bool, known)
    if finished:
        return Delivery(Delivered.DONE, replied, remembered)
    if leased:
        return Delivery(Delivered.IN_PROGRESS, replied, remembered)
    connection.execute("UPDATE inbox SET owner = :owner, until = :until WHERE hash = :hash", row)
    return Delivery(Delivered.UNFINISHED, replied, remembered)


def _set_replied(connection: sqlite3.Connection, hashed: bytes) -> None:
    connection.execute(
        "UPDATE inbox SET replied = 1, body = CASE WHEN remembered THEN NULL ELSE body END WHERE hash = ?", (hashed,)
    )


def _message(body: bytes) -> IncomingMessage:
    try:
        return msgspec.json.decode(open_sealed(body), type=IncomingMessage)
    except msgspec.MsgspecError as error:
        raise StoreError("could not read: a message in the inbox is damaged; run: forgetmenot verify") from error
