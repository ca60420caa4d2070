"""When the bot may open a new session: Discord resets the token of a bot that opens too many.

1,000 sessions may be opened a day (https://discord.com/developers/docs/events/gateway#session-start-limit). Half of
a hundred go at once, for restarts; the other half is spread over the day: one each 86,400 s / 50 = 28 min 48 s. So the
worst day, in which every session breaks at once, costs 50 + 50 = 100 of the 1,000.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.protocols import Clock
from bot.store.notes import Notes

log = logging.getLogger(__name__)

DAY_S = 86_400.0
AT_ONCE = 50
SPACING_S = DAY_S / 50

APART_S = 5.0
"""Seconds between two sessions, whatever shard they are of."""

_NOTE = "sessions"


def wait_s(opened: Sequence[float], now: float) -> float:
    """Return how many seconds to wait with the next session, given when earlier ones were opened, in seconds."""
    last_day = [at for at in opened if at > now - DAY_S]
    if len(last_day) < AT_ONCE:
        return 0.0
    return max(0.0, last_day[-1] + SPACING_S - now)


class Identifying:
    """Spaces the sessions of all runs and all clients."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock

    async def turn(self, *, initial: bool) -> None:
        """Wait until a session may be opened, and count it.

        Args:
            initial: it is the first one of a client, which nothing of this process came just before.

        Raises:
            StoreError: it could not be counted, so it must not be opened.
        """
        opened = [float(at) for at in (await self._notes.get(_NOTE) or "").split()]
        now = self._clock().timestamp()
        left_s = wait_s(opened, now)
        if left_s:
            log.warning("%d sessions were opened within a day; the next one waits %.0f s", len(opened), left_s)
        elif opened and not initial:
            left_s = max(0.0, min(APART_S, opened[-1] + APART_S - now))
        await asyncio.sleep(left_s)
        now = self._clock().timestamp()
        kept = [at for at in opened if at > now - DAY_S]
        await self._notes.put(_NOTE, " ".join(f"{at:.0f}" for at in (*kept, now)))
