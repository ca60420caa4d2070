"""Dates as a person says them, seen from now."""

from __future__ import annotations

from datetime import datetime, tzinfo


def day_of(when: datetime, now: datetime, timezone: tzinfo) -> str:
    """Return "today", "yesterday", "on 3 May" or, of another year, "on 3 May 2023"."""
    local, today = when.astimezone(timezone), now.astimezone(timezone)
    days = (today.date() - local.date()).days
    if days in (0, 1):
        return ("today", "yesterday")[days]
    year = "" if local.year == today.year else f" {local.year}"
    return f"on {local.day} {local:%B}{year}"


def ago(when: datetime, now: datetime, timezone: tzinfo) -> str:
    """Return how many calendar days ago a time was, in the largest unit: "3 weeks ago"."""
    days = max((now.astimezone(timezone).date() - when.astimezone(timezone).date()).days, 0)
    for unit, length in (("year", 365), ("month", 30), ("week", 7), ("day", 1)):
        count = days // length
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "today"
