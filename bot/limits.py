"""How much one person and one guild may send, counted in the inbox, so that a restart changes nothing."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.config import LimitsSettings
from bot.protocols import Clock
from bot.store.inbox import Inbox
from bot.types import Scope

_MINUTE = timedelta(minutes=1)
_UNLIMITED = frozenset({"terminal"})  # whoever sits there owns the machine
_MOST_TOLD = 10_000


class RateLimit:
    """Messages per minute of one person and of one guild, the message at hand included."""

    def __init__(self, inbox: Inbox, settings: LimitsSettings, clock: Clock) -> None:
        self._inbox = inbox
        self._per_person = settings.messages_per_minute_per_person
        self._per_guild = settings.messages_per_minute_per_guild
        self._clock = clock

    async def excess(self, scope: Scope, number: int | None = None) -> int:
        """Return by how many messages the narrower limit is passed; 0 or less while there is room.

        Args:
            number: the delivery's, so that those entered after it do not count against it.
        """
        if scope.platform in _UNLIMITED:
            return 0
        own, everybody = await self._sent(scope, number)
        return max(own - self._per_person, everybody - self._per_guild)

    async def half_used(self, scope: Scope) -> bool:
        """Tell whether half of a limit is used: what is merely overheard leaves the rest to what is addressed."""
        own, everybody = await self._sent(scope, None)
        return 2 * own >= self._per_person or 2 * everybody >= self._per_guild

    async def _sent(self, scope: Scope, number: int | None) -> tuple[int, int]:
        since = self._clock() - _MINUTE
        own = await self._inbox.received_since(scope, since, up_to=number)
        return own, await self._inbox.received_since(scope, since, up_to=number, whole_guild=True)


class OnceAMinute:
    """Whether a person may be told once more what bears telling once a minute; knows the last 10,000 people told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[Scope, datetime] = OrderedDict()

    def may_tell(self, scope: Scope) -> bool:
        """Tell whether a minute has passed since this was last true of the person."""
        now = self._clock()
        last = self._told.get(scope)
        if last is not None and now - last < _MINUTE:
            return False
        self._told[scope] = now
        self._told.move_to_end(scope)
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return True
