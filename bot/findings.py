"""What a check-up finds: how something is, and what to click or type. The nouns that every check shares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeAlias

from bot.errors import BotError

CLOCK_TOLERANCE_S = 5
"""Seconds that a clock may be off: a Date header has whole seconds, and its answer was under way."""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    UNKNOWN = "unknown"  # no check can tell: somebody has to look, if something does not work
    WARNING = "warning"  # it works, and something is lost or near its end
    PROBLEM = "problem"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check-up. `fix` is what to click or type; empty when there is nothing to do."""

    level: Level
    about: str
    text: str
    fix: str = ""


Findings: TypeAlias = AsyncIterator[Finding]


def fine(about: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(Level.OK, about, text)


def unknown(about: str, text: str) -> Finding:
    """Return a finding that nothing but a look can tell how something is."""
    return Finding(Level.UNKNOWN, about, text)


def warning(about: str, text: str, fix: str = "") -> Finding:
    """Return a finding that something is lost or near its end."""
    return Finding(Level.WARNING, about, text, fix)


def problem(about: str, text: str, fix: str = "") -> Finding:
    """Return a finding that something does not work."""
    return Finding(Level.PROBLEM, about, text, fix)


async def single(finding: Finding) -> Findings:
    """Yield what is known without a check."""
    yield finding


async def failing_alone(about: str, findings: Findings) -> Findings:
    """Yield the findings of one check; an error of ours that ends it becomes its last finding."""
    try:
        async for finding in findings:
            yield finding
    except BotError as error:
        yield problem(about, str(error))


async def in_thread(find: Callable[[], Iterator[Finding]]) -> Findings:
    """Yield what a check finds that reads files, without holding up the others."""
    for finding in await asyncio.to_thread(lambda: list(find())):
        yield finding


async def within(seconds: float, about: str, findings: Findings) -> list[Finding]:
    """Return the findings that came in time; when some did not, the last one says so.

    Args:
        seconds: how long they may take together.
    """
    found: list[Finding] = []
    try:
        async with asyncio.timeout(seconds):
            async for finding in findings:
                found.append(finding)  # noqa: PERF401 - what came before the deadline is kept
    except TimeoutError:
        text = f"not checked to the end within {seconds:g} s"
        found.append(problem(about, text, "check the network, and run: forgetmenot doctor"))
    return found


def clock_finding(service: str, date: str, now: datetime) -> Finding | None:
    """Return how this machine's clock stands to a service's; None when the service does not tell its time.

    Args:
        date: the Date header of an answer that came at `now`.
    """
    try:
        ahead_s = (now - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):  # not a date; a date without a time zone
        return None
    if abs(ahead_s) <= CLOCK_TOLERANCE_S:
        return fine("clock", f"agrees with that of {service}")
    way = "ahead of" if ahead_s > 0 else "behind"
    text = f"{abs(ahead_s):.0f} s {way} that of {service}, so memories get wrong times"
    return warning("clock", text, "switch on time synchronisation, such as: timedatectl set-ntp true")
