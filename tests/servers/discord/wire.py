"""What every part of the server shares: JSON, time, and ids that tell their time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from aiohttp import web

from tests.servers.clock import Clock

Json: TypeAlias = dict[str, Any]

EPOCH_MS = 1_420_070_400_000  # Discord's ids count from the first second of 2015
FIRST_NUMBERED = 1 << 22


class Impossible(AssertionError):
    """A test wants what Discord's clients would not let a person do."""


@dataclass
class Snowflakes:
    """Gives out ids that grow, and that hold the time of their making as Discord's do."""

    clock: Clock
    last: int = field(default=0)

    def next(self) -> int:
        """Return an id greater than all before."""
        made = (int(self.clock.now() * 1000) - EPOCH_MS) * FIRST_NUMBERED
        self.last = max(made, self.last + 1)
        return self.last


def time_of(snowflake: int) -> float:
    """Return the moment that an id was made, seconds since 1970."""
    return (snowflake // FIRST_NUMBERED + EPOCH_MS) / 1000


def iso(seconds: float) -> str:
    """Return a moment as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a JSON answer; without a charset, since discord.py takes any other content type for text."""
    given = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=given)
