"""Which guilds the bot is in, and when what it knows of one that removed it goes. Works in the caller's transaction."""

from __future__ import annotations

import sqlite3
from datetime import datetime


def is_joined(connection: sqlite3.Connection, platform: str, guild_id: str) -> bool:
    """Tell whether the bot is known to be in a guild, which nothing is about to purge."""
    query = "SELECT 1 FROM guilds WHERE platform = ? AND guild_id = ? AND purge_at IS NULL"
    return connection.execute(query, (platform, guild_id)).fetchone() is not None


def join(connection: sqlite3.Connection, platform: str, guild_id: str) -> bool:
    """Enter a guild, or keep one that was about to be purged; tell whether it was not known."""
    wanted = (platform, guild_id)
    kept = connection.execute("UPDATE guilds SET purge_at = NULL WHERE platform = ? AND guild_id = ?", wanted)
    if not kept.rowcount:
        connection.execute("INSERT INTO guilds VALUES (?, ?, NULL)", wanted)
    return not kept.rowcount


def leave(connection: sqlite3.Connection, platform: str, guild_id: str, due: datetime) -> None:
    """Note when to purge a guild; of several times the first counts."""
    connection.execute(
        """INSERT INTO guilds VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
        purge_at = min(coalesce(purge_at, excluded.purge_at), excluded.purge_at)""",
        (platform, guild_id, due.timestamp()),
    )


def joined(connection: sqlite3.Connection, platform: str) -> frozenset[str]:
    """Return the guilds that the bot is in."""
    query = "SELECT guild_id FROM guilds WHERE platform = ? AND purge_at IS NULL"
    return frozenset(guild_id for (guild_id,) in connection.execute(query, (platform,)))


def due(connection: sqlite3.Connection, now: datetime) -> list[tuple[str, str]]:
    """Return the (platform, guild id) to purge by now, the longest due first."""
    query = "SELECT platform, guild_id FROM guilds WHERE purge_at <= ? ORDER BY purge_at"
    return connection.execute(query, (now.timestamp(),)).fetchall()


def purged(connection: sqlite3.Connection, platform: str, guild_id: str, hashed: bytes) -> None:
    """Drop a guild with the settings that go with it; one that was joined again meanwhile stays known.

    Args:
        hashed: what stands for the guild in settings.
    """
    wanted = (platform, guild_id)
    connection.execute("DELETE FROM guilds WHERE platform = ? AND guild_id = ? AND purge_at IS NOT NULL", wanted)
    connection.execute("DELETE FROM settings WHERE guild = ?", (hashed,))
