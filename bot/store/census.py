"""Counts what the data folder holds; never reads a text."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Census:
    """How much there is. `spent` are tokens of a chat model."""

    memories: tuple[tuple[str, str, str, int], ...]  # platform, kind, status, how many
    people: tuple[tuple[str, int], ...]  # platform, how many have memories
    vectors: tuple[tuple[str, int, int], ...]  # model, dimensions, how many
    waiting: int  # messages in the inbox that are not done with
    spent: tuple[tuple[str, str, int, int], ...]  # day, platform, prompt tokens, completion tokens


async def census(database: Database, days: int) -> Census:
    """Return the counts, and the usage of the last `days` days that have any.

    Raises:
        StoreError: they could not be read.
    """

    def work(connection: sqlite3.Connection) -> Census:
        def rows(query: str, *parameters: int) -> tuple[Any, ...]:
            return tuple(connection.execute(query, parameters).fetchall())

        return Census(
            memories=rows(_MEMORIES),
            people=rows(_PEOPLE),
            vectors=rows(_VECTORS),
            waiting=connection.execute("SELECT count(*) FROM inbox WHERE body IS NOT NULL").fetchone()[0],
            spent=rows(_SPENT, days),
        )

    return await database.read(work)


async def guild_census(database: Database, platform: str, guild_id: str) -> tuple[int, int]:
    """Return how many people have memories in a guild, and how many memories there are, shared notes included.

    Raises:
        StoreError: they could not be read.
    """

    def work(connection: sqlite3.Connection) -> tuple[int, int]:
        people, memories = connection.execute(_OF_GUILD, (platform, guild_id)).fetchone()
        return people, memories

    return await database.read(work)


_OF_GUILD = """
SELECT count(DISTINCT CASE WHEN user_id <> '@guild' THEN uid END), count(*)
FROM scopes CROSS JOIN memories ON memories.id >= uid << 32 AND memories.id < (uid + 1) << 32
WHERE platform = ? AND guild_id = ?
"""

_MEMORIES = """
SELECT platform, kind, status, count(*) FROM memories JOIN scopes ON uid = memories.id >> 32
GROUP BY platform, kind, status ORDER BY platform, kind, status
"""

_PEOPLE = """
SELECT platform, count(*) FROM scopes
WHERE user_id <> '@guild' AND EXISTS (SELECT 1 FROM memories WHERE id >= uid << 32 AND id < (uid + 1) << 32)
GROUP BY platform ORDER BY platform
"""

_VECTORS = """
SELECT model, dim, count(*) FROM vectors JOIN spaces ON spaces.id = vectors.space
GROUP BY model, dim ORDER BY model, dim
"""

_SPENT = """
SELECT day, platform, sum(prompt_tokens), sum(completion_tokens) FROM usage
WHERE day IN (SELECT DISTINCT day FROM usage ORDER BY day DESC LIMIT ?)
GROUP BY day, platform ORDER BY day DESC, platform
"""
