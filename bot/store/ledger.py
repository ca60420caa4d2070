"""What is remembered about people and guilds besides memories: settings, modes, tokens spent, the last replies.

Settings and replies stand under keyed hashes: an opt-out outlives "forget everything" without naming anybody.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from bot.protocols import Usage
from bot.store.database import Database
from bot.store.records import moment
from bot.types import MemoryId, Mode, Place, Scope

_MOST_KNOWN = 10_000

Parts: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens set aside for one call of a model."""

    id: int
    platform: str
    guild_id: str
    day: date


@dataclass(frozen=True, slots=True)
class LastReply:
    """When the last reply in a place was given, and which memories it was built from, best first.

    Memories that were forgotten since are left out.
    """

    at: datetime
    hits: tuple[tuple[MemoryId, Parts], ...]


class Ledger:
    """Settings, usage and last replies of an open data folder; one per open folder, since it remembers what it read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hashes = database.hashes
        self._known: OrderedDict[tuple[bytes, str], str | None] = OrderedDict()  # settings, read with every message
        self._changes = 0

    async def get(self, subject: str, name: str) -> str | None:
        """Return a setting of a subject, such as one guild; None when it has none.

        Args:
            subject: any text that names whom it is about; only its keyed hash is stored.
        """
        wanted = (self._hashes.subject(subject), name)
        if wanted in self._known:
            return self._known[wanted]

        def work(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT value FROM settings WHERE subject = ? AND name = ?", wanted).fetchone()
            return None if row is None else str(row[0])

        changes = self._changes
        value = await self._database.read(work)
        if changes == self._changes:  # else what was read may be older than what was set meanwhile
            self._known[wanted] = value
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return value

    async def put(self, subject: str, name: str, value: str) -> None:
        """Set a setting of a subject."""
        row = (self._hashes.subject(subject), name, value)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", row)

        await self._write(work)

    async def clear(self, subject: str, name: str) -> None:
        """Go back to having no such setting."""
        wanted = (self._hashes.subject(subject), name)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM settings WHERE subject = ? AND name = ?", wanted)

        await self._write(work)

    async def _write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        try:
            await self._database.write_at_need(work)
        finally:  # also when it failed: what is on disk is what counts
            self._changes += 1
            self._known.clear()

    async def mode(self, scope: Scope) -> Mode | None:
        """Return what the person chose to have kept; None when they never chose."""
        value = await self.get(_person(scope), "mode")
        return None if value is None else Mode(value)

    async def set_mode(self, scope: Scope, mode: Mode) -> None:
        """Keep what the person chose."""
        await self.put(_person(scope), "mode", mode)

    async def noticed(self, scope: Scope) -> bool:
        """Tell whether the person was told what is kept."""
        return await self.get(_person(scope), "noticed") is not None

    async def set_noticed(self, scope: Scope) -> None:
        """Note that the person was told what is kept."""
        await self.put(_person(scope), "noticed", "yes")

    async def reserve(self, platform: str, guild_id: str, day: date, tokens: int, ceiling: int) -> Reservation | None:
        """Set tokens aside before a call; None when the guild's day would go beyond its ceiling.

        A reservation that is never settled counts as spent in full.
        """
        of_day = (platform, guild_id, day.isoformat())

        def work(connection: sqlite3.Connection) -> Reservation | None:
            if _spent(connection, of_day) + _reserved(connection, of_day) + tokens > ceiling:
                return None
            (reservation_id,) = connection.execute(
                "INSERT INTO reservations (platform, guild_id, day, tokens) VALUES (?, ?, ?, ?) RETURNING id",
                (*of_day, tokens),
            ).fetchone()
            return Reservation(reservation_id, platform, guild_id, day)

        return await self._database.write(work)

    async def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Count what a call took in place of what was reserved; a second time changes nothing."""
        of_day = (reservation.platform, reservation.guild_id, reservation.day.isoformat())

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute("DELETE FROM reservations WHERE id = ?", (reservation.id,)).rowcount:
                connection.execute(
                    """INSERT INTO usage VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
                    completion_tokens = completion_tokens + excluded.completion_tokens""",
                    (*of_day, usage.prompt_tokens, usage.completion_tokens),
                )

        await self._database.write(work)

    async def usage(self, platform: str, guild_id: str, day: date) -> tuple[Usage, int]:
        """Return what a guild's settled calls took on a day, and the tokens reserved beside it."""
        of_day = (platform, guild_id, day.isoformat())

        def work(connection: sqlite3.Connection) -> tuple[Usage, int]:
            row = connection.execute(
                """SELECT prompt_tokens, completion_tokens FROM usage
                WHERE platform = ? AND guild_id = ? AND day = ?""",
                of_day,
            ).fetchone()
            return Usage(*(row or (0, 0))), _reserved(connection, of_day)

        return await self._database.read(work)

    async def save_reply(
        self, scope: Scope, place: Place, at: datetime, hits: Sequence[tuple[MemoryId, Parts]]
    ) -> None:
        """Keep what the last reply to a person in a place was built from, in place of the one before.

        Memories that are gone meanwhile are left out.
        """
        key = self._hashes.place(scope, place)
        owner = self._hashes.scope(scope)
        encoded = [(rank, memory_id, json.dumps(dict(parts))) for rank, (memory_id, parts) in enumerate(hits)]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM replies WHERE place = ?", (key,))
            (reply_id,) = connection.execute(
                "INSERT INTO replies (place, scope, at) VALUES (?, ?, ?) RETURNING id", (key, owner, at.timestamp())
            ).fetchone()
            connection.executemany(
                """INSERT INTO reply_hits SELECT ?1, ?2, ?3, ?4
                WHERE EXISTS (SELECT 1 FROM memories WHERE id = ?3)""",
                [(reply_id, *hit) for hit in encoded],
            )

        await self._database.write(work)

    async def last_reply(self, scope: Scope, place: Place) -> LastReply | None:
        """Return what the last reply to a person in a place was built from; None when there was none."""
        key = self._hashes.place(scope, place)

        def work(connection: sqlite3.Connection) -> LastReply | None:
            row = connection.execute("SELECT id, at FROM replies WHERE place = ?", (key,)).fetchone()
            if row is None:
                return None
            hits = connection.execute(
                "SELECT memory_id, parts FROM reply_hits WHERE reply_id = ? ORDER BY rank", row[:1]
            )
            return LastReply(moment(row[1]), tuple((memory_id, json.loads(parts)) for memory_id, parts in hits))

        return await self._database.read(work)


def _person(scope: Scope) -> str:
    return json.dumps([scope.platform, scope.guild_id, scope.user_id])


def _spent(connection: sqlite3.Connection, of_day: tuple[str, str, str]) -> int:
    query = """SELECT coalesce(sum(prompt_tokens + completion_tokens), 0) FROM usage
        WHERE platform = ? AND guild_id = ? AND day = ?"""
    return int(connection.execute(query, of_day).fetchone()[0])


def _reserved(connection: sqlite3.Connection, of_day: tuple[str, str, str]) -> int:
    query = """SELECT coalesce(sum(tokens), 0) FROM reservations
        WHERE platform = ? AND guild_id = ? AND day = ?"""
    return int(connection.execute(query, of_day).fetchone()[0])
