"""The longer statements of the row store. Each is fixed text: what varies goes in as a parameter, lists as JSON."""

from __future__ import annotations

CLAIM = """
INSERT INTO scopes (hash, platform, guild_id, user_id, next_seq) VALUES (?, ?, ?, ?, 1 + ?)
ON CONFLICT (hash) DO UPDATE SET
    platform = excluded.platform, guild_id = excluded.guild_id, user_id = excluded.user_id,
    next_seq = next_seq + ?
RETURNING uid, next_seq
"""

INSERT_MEMORY = """
INSERT INTO memories (
    id, text, kind, status, place_kind, channel_id, thread_id, reach,
    author_id, author_name, created, event_time, importance, last_used
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?11)
"""

INSERT_SOURCE = "INSERT INTO sources (memory_id, source_id, said_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"

USED = "UPDATE memories SET last_used = ? WHERE id = ?"

SUPERSEDE = """
UPDATE memories SET status = 'superseded', superseded_by = :newer WHERE id = :older AND id >> 32 = :uid
"""

MARK = """
UPDATE memories SET
    pinned = coalesce(:pinned, pinned),
    status = coalesce(:status, status),
    superseded_by = CASE WHEN :status = 'current' THEN NULL ELSE superseded_by END
WHERE id = :id
"""

INDEX_ROWS = """
SELECT id, text, kind, status, place_kind, channel_id, reach, coalesce(author_name, ''), event_time, importance, pinned
FROM memories WHERE id > ? AND id < ? AND status <> 'proposed' ORDER BY id
"""

# NOT INDEXED: by its index on the space, every vector of the scope would be a search of its own.
VECTORS = "SELECT id, vector FROM vectors NOT INDEXED WHERE id > ? AND id < ? AND space = ? ORDER BY id"

SELECT_MEMORIES = """
SELECT id, text, kind, status, superseded_by, place_kind, channel_id, thread_id, reach,
    author_id, author_name, created, event_time, importance, pinned
FROM memories
WHERE id >= :low AND id < :high
    AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))
    AND (:source IS NULL OR id IN (SELECT memory_id FROM sources WHERE source_id = :source))
    AND (:author IS NULL OR author_id = :author)
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
    AND (:since IS NULL OR event_time >= :since)
    AND (:until IS NULL OR event_time < :until)
ORDER BY id DESC LIMIT :limit
"""

SOURCES_OF = """
SELECT memory_id, source_id, said_at FROM sources
WHERE memory_id IN (SELECT value FROM json_each(?)) ORDER BY memory_id, said_at, source_id
"""

WITHOUT_VECTOR = """
SELECT platform, guild_id, user_id, memories.id, author_id, author_name, text, epoch
FROM memories JOIN scopes ON scopes.uid = memories.id >> 32
WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.space = ? AND vectors.id = memories.id)
ORDER BY memories.id LIMIT ?
"""

SET_VECTOR = """
INSERT INTO vectors (id, vector, space) SELECT ?1, ?2, ?3 WHERE EXISTS (
    SELECT 1 FROM memories JOIN scopes ON uid = memories.id >> 32 WHERE memories.id = ?1 AND epoch = ?4
)
ON CONFLICT (id) DO UPDATE SET vector = excluded.vector, space = excluded.space WHERE space <> excluded.space
"""

RAISE_EPOCHS = """
UPDATE scopes SET epoch = epoch + 1 WHERE uid IN (SELECT DISTINCT value >> 32 FROM json_each(?))
"""

SCOPES_OF = """
SELECT platform, guild_id, user_id FROM scopes
WHERE platform = :platform AND guild_id = :guild_id AND EXISTS (
    SELECT 1 FROM memories WHERE id >= uid << 32 AND id < (uid + 1) << 32
        AND (:sources IS NULL OR id IN (
            SELECT memory_id FROM sources WHERE source_id IN (SELECT value FROM json_each(:sources))))
)
ORDER BY uid
"""

SCOPES = """
SELECT platform, guild_id, user_id FROM scopes
WHERE (:platform IS NULL OR platform = :platform) AND (:user_id IS NULL OR user_id = :user_id)
    AND EXISTS (SELECT 1 FROM memories WHERE id >= uid << 32 AND id < (uid + 1) << 32)
ORDER BY uid
"""

NOTES_BY = """
SELECT DISTINCT platform, guild_id, user_id FROM memories JOIN scopes ON uid = memories.id >> 32
WHERE author_id = ? AND platform = ? AND user_id = ?
ORDER BY uid
"""

IDLE = """
WITH wanted AS (SELECT json_extract(value, '$[0]') AS uid, json_extract(value, '$[1]') AS since FROM json_each(:scopes))
SELECT id, count(*) OVER ()
FROM wanted CROSS JOIN memories ON id >= uid << 32 AND id < (uid + 1) << 32
WHERE NOT pinned AND last_used < since
ORDER BY last_used, id LIMIT :most
"""
