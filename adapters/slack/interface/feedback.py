"""How many answers people of a guild called good or bad, by day; never which answer, and never who said so."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import TypeAlias

from adapters.slack.interface.presses import Press
from adapters.slack.interface.responding import Response, Said
from adapters.slack.services import Services

DAYS = 30
"""Days that are counted; older ones are dropped with the next press."""

_THANKS = "Thank you. I count that, without what it was about."

_Counts: TypeAlias = dict[str, list[int]]


class Feedback:
    """Counts presses of the feedback buttons. Somebody who presses twice is counted twice."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()  # two presses at once would count as one

    async def press(self, press: Press) -> Response:
        """Count one press."""
        name, today = _note(press.interaction.scope.guild_id), self._services.bot.clock().date()
        async with self._turn:
            counts = _recent(await self._services.bot.notes.get(name), today)
            good_and_bad = counts.setdefault(today.isoformat(), [0, 0])
            good_and_bad[press.about[-1] != "good"] += 1
            await self._services.bot.notes.put(name, json.dumps(counts))
        return Said(_THANKS)


async def feedback_line(services: Services, guild_id: str) -> str:
    """Return what was said of answers lately, in a line; empty when nothing was.

    Raises:
        StoreError: it could not be read.
    """
    counts = _recent(await services.bot.notes.get(_note(guild_id)), services.bot.clock().date())
    good, bad = (sum(both[half] for both in counts.values()) for half in (0, 1))
    return f"{DAYS} days of feedback: {good:,} good answers, {bad:,} bad ones" if counts else ""


def _note(guild_id: str) -> str:
    return f"feedback {guild_id}"


def _recent(note: str | None, today: date) -> _Counts:
    """The counts by day, [good, bad], without those that are too old."""
    counts: _Counts = json.loads(note or "{}")
    first = (today - timedelta(days=DAYS - 1)).isoformat()
    return {day: both for day, both in counts.items() if day >= first}
