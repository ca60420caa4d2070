"""What is remembered about people and guilds besides memories: settings, modes, policies, tokens, the last replies.

Settings and replies stand under keyed hashes: an opt-out outlives "forget everything" without naming anybody.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from bot.errors import StoreError
from bot.protocols import Usage
from bot.store import guilds, replies
from bot.store.database import Database
from bot.store.replies import Parts, Reply
from bot.store.seal import open_sealed, seal
from bot.types import MemoryId, Mode, Place, Policy, Scope

_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens set aside for one call of a model."""

    id: int
    platform: str
    guild_id: str
    day: date


@dataclass(frozen=True, slots=True)
class Tally:
    """What a guild was answered and what that took. `answers` are replies to messages, those to commands apart."""

    answers: int
    usage: Usage


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
            # The first versions stored text; as bytes it is the same.
            query = "SELECT CAST(value AS BLOB) FROM settings WHERE subject = ? AND name = ?"
            row = connection.execute(query, wanted).fetchone()
            return None if row is None else open_sealed(row[0]).decode()

        changes = self._changes
        value = await self._database.read(work)
        if changes == self._changes:  # else what was read may be older than what was set meanwhile
            self._known[wanted] = value
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        return value

    async def put(self, subject: str, name: str, value: str) -> None:
        """Set a setting of a subject."""
        await self._put(subject, name, value)

    async def clear(self, subject: str, name: str) -> None:
        """Go back to having no such setting."""
        wanted = (self._hashes.subject(subject), name)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM settings WHERE subject = ? AND name = ?", wanted)

        await self._write(wanted, work)

    async def _put(self, subject: str, name: str, value: str, guild: bytes | None = None) -> None:
        """Set a setting, which goes when its guild is purged if one is given."""
        wanted = (self._hashes.subject(subject), name)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO settings (subject, name, value, guild) VALUES (?, ?, ?, ?)",
                (*wanted, seal(value.encode()), guild),
            )

        await self._write(wanted, work)

    async def _write(self, changed: tuple[bytes, str], work: Callable[[sqlite3.Connection], None]) -> None:
        try:
            await self._database.write_at_need(work)
        finally:  # also when it failed: what is on disk is what counts
            self._changes += 1
            self._known.pop(changed, None)

    async def mode(self, scope: Scope) -> Mode | None:
        """Return what the person chose to have kept; None when they never chose."""
        value = await self.get(_person(scope), "mode")
        return None if value is None else Mode(value)

    async def set_mode(self, scope: Scope, mode: Mode) -> None:
        """Keep what the person chose."""
        await self.put(_person(scope), "mode", mode)

    async def enter_mode(self, scope: Scope, mode: Mode) -> None:
        """Keep what the person chose for a while, and what they had chosen before."""
        before = await self.mode(scope)
        if before is not mode:
            await self.put(_person(scope), f"mode before {mode}", before or "")
            await self.set_mode(scope, mode)

    async def leave_mode(self, scope: Scope, mode: Mode) -> None:
        """Go back to what the person had chosen before they entered a mode; nothing changes when they are not in it."""
        if await self.mode(scope) is not mode:
            return
        if before := await self.get(_person(scope), f"mode before {mode}"):
            await self.set_mode(scope, Mode(before))
        else:
            await self.clear(_person(scope), "mode")

    async def noticed(self, scope: Scope) -> bool:
        """Tell whether the person was told what is kept."""
        return await self.get(_person(scope), "noticed") is not None

    async def set_noticed(self, scope: Scope) -> None:
        """Note that the person was told what is kept."""
        guild = self._hashes.guild(scope.platform, scope.guild_id)
        await self._put(_person(scope), "noticed", "yes", guild)

    async def policy(self, platform: str, guild_id: str) -> Policy:
        """Return what a guild's admins chose, whatever the operator allows by now; the defaults when never."""
        value = await self.get(_guild(platform, guild_id), "policy")
        if value is None:
            return Policy()
        try:
            return msgspec.json.decode(value, type=Policy)
        except msgspec.MsgspecError as error:
            raise StoreError("could not read: the settings of a guild are damaged; set them again") from error

    async def set_policy(self, platform: str, guild_id: str, policy: Policy) -> None:
        """Keep what a guild's admins chose."""
        value = msgspec.json.encode(policy).decode()
        await self._put(_guild(platform, guild_id), "policy", value, self._hashes.guild(platform, guild_id))

    async def join(self, platform: str, guild_id: str) -> bool:
        """Note that the bot is in a guild, which ends a grace period; tell whether it never was, or a purge ago."""
        known = await self._database.read(lambda connection: guilds.is_joined(connection, platform, guild_id))
        return not known and await self._database.write(lambda connection: guilds.join(connection, platform, guild_id))

    async def leave(self, platform: str, guild_id: str, due: datetime) -> None:
        """Note that the bot was removed from a guild, and when that is to be purged; of several times the first."""
        await self._database.write_at_need(lambda connection: guilds.leave(connection, platform, guild_id, due))

    async def joined(self, platform: str) -> frozenset[str]:
        """Return the guilds that the bot is in."""
        return await self._database.read(lambda connection: guilds.joined(connection, platform))

    async def due_purges(self, now: datetime) -> list[tuple[str, str]]:
        """Return the (platform, guild id) whose grace period is over."""
        return await self._database.read(lambda connection: guilds.due(connection, now))

    async def purged(self, platform: str, guild_id: str) -> None:
        """Forget a guild whose memories are gone: its policy, and which of its people were told what is kept.

        Opt-outs stay.
        """
        hashed = self._hashes.guild(platform, guild_id)
        try:
            await self._database.write_at_need(lambda connection: guilds.purged(connection, platform, guild_id, hashed))
        finally:
            self._changes += 1
            self._known.clear()

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
                    """INSERT INTO usage (platform, guild_id, day, prompt_tokens, completion_tokens)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
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

    async def tally(self, platform: str, guild_id: str, since: date) -> Tally:
        """Return what a guild was answered since a day, that day included."""

        def work(connection: sqlite3.Connection) -> Tally:
            row = connection.execute(
                """SELECT total(answers), total(prompt_tokens), total(completion_tokens) FROM usage
                WHERE platform = ? AND guild_id = ? AND day >= ?""",
                (platform, guild_id, since.isoformat()),
            ).fetchone()
            answers, *tokens = map(int, row)
            return Tally(answers, Usage(*tokens))

        return await self._database.read(work)

    async def save_reply(
        self, scope: Scope, place: Place, at: datetime, hits: Sequence[tuple[MemoryId, Parts]], *, source_id: str
    ) -> None:
        """Keep what the reply to a message was built from, count it, and note that these memories were used.

        Memories that are gone meanwhile are left out, and of each person only the newest replies are kept.

        Args:
            source_id: the message; an earlier reply to the same one is replaced, and not counted again.
        """
        hashes = self._hashes
        key = replies.Key(hashes.place(scope, place), hashes.scope(scope), hashes.reply(scope, source_id))
        of_day = (scope.platform, scope.guild_id, at.date().isoformat())

        def work(connection: sqlite3.Connection) -> None:
            if replies.save(connection, key, at, hits):
                connection.execute(
                    """INSERT INTO usage VALUES (?, ?, ?, 0, 0, 1) ON CONFLICT DO UPDATE SET answers = answers + 1""",
                    of_day,
                )

        await self._database.write(work)

    async def last_reply(self, scope: Scope, place: Place) -> Reply | None:
        """Return what the last reply to a person in a place was built from; None when none is kept."""
        key = self._hashes.place(scope, place)
        return await self._database.read(lambda connection: replies.last_in(connection, key))

    async def reply_to(self, scope: Scope, source_id: str) -> Reply | None:
        """Return what the reply to one message of a person was built from; None when it is not kept."""
        key = self._hashes.reply(scope, source_id)
        return await self._database.read(lambda connection: replies.to_source(connection, key))

    async def prune_replies(self, before: datetime) -> None:
        """Drop what replies given before a time were built from."""
        await self._database.write(lambda connection: replies.prune(connection, before))


def _person(scope: Scope) -> str:
    return json.dumps([scope.platform, scope.guild_id, scope.user_id])


def _guild(platform: str, guild_id: str) -> str:
    return json.dumps([platform, guild_id])


def _spent(connection: sqlite3.Connection, of_day: tuple[str, str, str]) -> int:
    query = """SELECT coalesce(sum(prompt_tokens + completion_tokens), 0) FROM usage
        WHERE platform = ? AND guild_id = ? AND day = ?"""
    return int(connection.execute(query, of_day).fetchone()[0])


def _reserved(connection: sqlite3.Connection, of_day: tuple[str, str, str]) -> int:
    query = """SELECT coalesce(sum(tokens), 0) FROM reservations
        WHERE platform = ? AND guild_id = ? AND day = ?"""
    return int(connection.execute(query, of_day).fetchone()[0])
