"""How much one person and one guild may send, counted in the inbox, so that a restart changes nothing."""

from __future__ import annotations

from datetime import timedelta

from bot.config import LimitsSettings
from bot.protocols import Clock
from bot.store.inbox import Inbox
from bot.types import Scope

_MINUTE = timedelta(minutes=1)
_UNLIMITED = frozenset({"terminal"})  # whoever sits there owns the machine


class RateLimit:
    """Messages per minute of one person and of one guild, the message at hand included."""

    def __init__(self, inbox: Inbox, settings: LimitsSettings, clock: Clock) -> None:
        self._inbox = inbox
        self._per_person = settings.messages_per_minute_per_person
        self._per_guild = settings.messages_per_minute_per_guild
        self._clock = clock

    async def excess(self, scope: Scope) -> int:
        """Return by how many messages the narrower limit is passed; 0 or less while there is room."""
        if scope.platform in _UNLIMITED:
            return 0
        since = self._clock() - _MINUTE
        own = await self._inbox.received_since(scope, since)
        everybody = await self._inbox.received_since(scope, since, whole_guild=True)
        return max(own - self._per_person, everybody - self._per_guild)
