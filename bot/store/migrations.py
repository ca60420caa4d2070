"""Every version of the schema, as the statements that lead to it from the one before. Past ones never change.

People appear by their platform ids in `scopes`, by names in `memories`, and inside sealed inbox bodies; guilds by their
ids in `scopes`, `usage` and `guilds`. Everywhere else stands a keyed hash, so that what has to outlive "forget
everything" (delivered messages, forgotten sources, an opt-out) names nobody. Deleting a memory deletes what hangs on it
through the foreign keys.
"""

from __future__ import annotations

from typing import TypeAlias

APPLICATION_ID = 0x464D4E31
"""Marks the file as ours ("FMN1"); https://www.sqlite.org/pragma.html#pragma_application_id."""

Migrations: TypeAlias = tuple[tuple[str, ...], ...]

MIGRATIONS: Migrations = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        # The ids are absent while a scope is wholly forgotten; epoch and next_seq outlive that under the hash.
        """CREATE TABLE scopes (
            uid INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            platform TEXT, guild_id TEXT, user_id TEXT,
            epoch INTEGER NOT NULL DEFAULT 0,
            next_seq INTEGER NOT NULL DEFAULT 1
        )""",
        # id = uid << 32 | seq: the memories of a scope lie side by side.
        """CREATE TABLE memories (
            id INTEGER PRIMARY KEY,
            text BLOB NOT NULL,
            kind TEXT NOT NULL,
            status TEXT NOT NULL,
            superseded_by INTEGER REFERENCES memories (id) ON DELETE SET NULL,
            place_kind TEXT NOT NULL, channel_id TEXT NOT NULL, thread_id TEXT,
            reach TEXT NOT NULL,
            author_id TEXT, author_name TEXT,
            created REAL NOT NULL, event_time REAL NOT NULL, last_used REAL NOT NULL,
            importance REAL NOT NULL,
            pinned INTEGER NOT NULL DEFAULT 0,
            key_id INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX memories_superseded ON memories (superseded_by) WHERE superseded_by IS NOT NULL",
        "CREATE TABLE spaces (id INTEGER PRIMARY KEY, model TEXT NOT NULL, dim INTEGER NOT NULL, UNIQUE (model, dim))",
        """CREATE TABLE vectors (
            id INTEGER PRIMARY KEY REFERENCES memories (id) ON DELETE CASCADE,
            space INTEGER NOT NULL REFERENCES spaces (id),
            vector BLOB NOT NULL
        )""",
        "CREATE INDEX vectors_space ON vectors (space)",
        """CREATE TABLE sources (
            memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
            source_id TEXT NOT NULL,
            said_at REAL NOT NULL,
            PRIMARY KEY (memory_id, source_id)
        ) WITHOUT ROWID""",
        "CREATE INDEX sources_source ON sources (source_id)",
        "CREATE TABLE forgotten (hash BLOB PRIMARY KEY) WITHOUT ROWID",
        """CREATE TABLE erasures (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            uid INTEGER NOT NULL REFERENCES scopes (uid),
            whole INTEGER NOT NULL,
            ids TEXT NOT NULL
        )""",
        # body is NULL once the message is replied to and remembered, or dropped.
        """CREATE TABLE inbox (
            hash BLOB NOT NULL UNIQUE,
            platform TEXT NOT NULL,
            guild BLOB NOT NULL, scope BLOB NOT NULL, source BLOB NOT NULL,
            received REAL NOT NULL,
            owner BLOB NOT NULL, until REAL NOT NULL,
            replied INTEGER NOT NULL DEFAULT 0,
            remembered INTEGER NOT NULL DEFAULT 0,
            body BLOB
        )""",
        "CREATE INDEX inbox_recent ON inbox (guild, received, scope)",
        "CREATE INDEX inbox_open ON inbox (platform, source) WHERE body IS NOT NULL",
        """CREATE TABLE settings (
            subject BLOB NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (subject, name)
        ) WITHOUT ROWID""",
        """CREATE TABLE usage (
            platform TEXT NOT NULL, guild_id TEXT NOT NULL, day TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
            PRIMARY KEY (platform, guild_id, day)
        ) WITHOUT ROWID""",
        # One that a crash left behind stays, and so counts as spent in full on its day.
        """CREATE TABLE reservations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            platform TEXT NOT NULL, guild_id TEXT NOT NULL, day TEXT NOT NULL,
            tokens INTEGER NOT NULL
        )""",
        "CREATE INDEX reservations_day ON reservations (platform, guild_id, day)",
        """CREATE TABLE replies (
            id INTEGER PRIMARY KEY,
            place BLOB NOT NULL UNIQUE,
            scope BLOB NOT NULL,
            at REAL NOT NULL
        )""",
        "CREATE INDEX replies_scope ON replies (scope)",
        """CREATE TABLE reply_hits (
            reply_id INTEGER NOT NULL REFERENCES replies (id) ON DELETE CASCADE,
            rank INTEGER NOT NULL,
            memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
            parts TEXT NOT NULL,
            PRIMARY KEY (reply_id, rank)
        ) WITHOUT ROWID""",
        "CREATE INDEX reply_hits_memory ON reply_hits (memory_id)",
        f"PRAGMA application_id = {APPLICATION_ID}",
    ),
    (
        # purge_at is when what is known of a guild that removed the bot goes; NULL while the bot is in it.
        """CREATE TABLE guilds (
            platform TEXT NOT NULL, guild_id TEXT NOT NULL, purge_at REAL, PRIMARY KEY (platform, guild_id)
        ) WITHOUT ROWID""",
        # guild: what goes with its guild, whoever it is about.
        "ALTER TABLE settings ADD COLUMN guild BLOB",
        "CREATE INDEX settings_guild ON settings (guild) WHERE guild IS NOT NULL",
        "ALTER TABLE usage ADD COLUMN answers INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX memories_author ON memories (author_id) WHERE author_id IS NOT NULL",
        # Several replies a place. Made anew beside the old ones: dropping a table deletes what refers to its rows.
        """CREATE TABLE new_replies (
            id INTEGER PRIMARY KEY,
            place BLOB NOT NULL,
            source BLOB UNIQUE,
            scope BLOB NOT NULL,
            at REAL NOT NULL
        )""",
        """CREATE TABLE new_reply_hits (
            reply_id INTEGER NOT NULL REFERENCES new_replies (id) ON DELETE CASCADE,
            rank INTEGER NOT NULL,
            memory_id INTEGER NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
            parts TEXT NOT NULL,
            PRIMARY KEY (reply_id, rank)
        ) WITHOUT ROWID""",
        "INSERT INTO new_replies (id, place, scope, at) SELECT id, place, scope, at FROM replies",
        "INSERT INTO new_reply_hits SELECT reply_id, rank, memory_id, parts FROM reply_hits",
        "DROP TABLE reply_hits",
        "DROP TABLE replies",
        "ALTER TABLE new_replies RENAME TO replies",
        "ALTER TABLE new_reply_hits RENAME TO reply_hits",
        "CREATE INDEX replies_place ON replies (place)",
        "CREATE INDEX replies_scope ON replies (scope)",
        "CREATE INDEX replies_at ON replies (at)",
        "CREATE INDEX reply_hits_memory ON reply_hits (memory_id)",
    ),
)
