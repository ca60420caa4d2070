"""Keyed hashes: what stands in the file, and in file names, where no id of a person or message may stand."""

from __future__ import annotations

import hmac

from bot.types import Place, Scope


class KeyedHashes:
    """Hashes that only the holder of the folder's secret can reproduce; 32 bytes each (HMAC-SHA256, RFC 2104).

    Args:
        secret: 32 random bytes, the same for the life of the data folder.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, purpose: str, *parts: str) -> bytes:
        """Return the hash of some words for one purpose; lengths go in, so that moved borders differ."""
        message = "".join(f"{len(part)}:{part}" for part in (purpose, *parts))
        return hmac.digest(self._secret, message.encode(), "sha256")

    def scope(self, scope: Scope) -> bytes:
        """Stand for a scope."""
        return self.of("scope", scope.platform, scope.guild_id, scope.user_id)

    def guild(self, platform: str, guild_id: str) -> bytes:
        """Stand for a guild."""
        return self.of("guild", platform, guild_id)

    def source(self, platform: str, guild_id: str, source_id: str) -> bytes:
        """Stand for a message of a guild."""
        return self.of("source", platform, guild_id, source_id)

    def forgotten(self, scope: Scope, source_id: str) -> bytes:
        """Stand for a source that one scope forgot."""
        return self.of("forgotten", scope.platform, scope.guild_id, scope.user_id, source_id)

    def delivery(self, platform: str, dedupe_key: str) -> bytes:
        """Stand for one delivery by a platform."""
        return self.of("delivery", platform, dedupe_key)

    def withdrawn(self, platform: str, guild_id: str, source_id: str) -> bytes:
        """Stand for a message of a guild that is gone."""
        return self.of("withdrawn", platform, guild_id, source_id)

    def place(self, scope: Scope, place: Place) -> bytes:
        """Stand for a scope's conversation in one place."""
        return self.of("place", scope.platform, scope.guild_id, scope.user_id, place.channel_id, place.thread_id or "")

    def reply(self, scope: Scope, source_id: str) -> bytes:
        """Stand for the reply to one message of a person."""
        return self.of("reply", scope.platform, scope.guild_id, scope.user_id, source_id)

    def subject(self, subject: str) -> bytes:
        """Stand for whom or what a setting is about."""
        return self.of("subject", subject)
