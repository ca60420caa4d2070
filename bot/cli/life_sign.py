"""Reads the sign of life that a running bot leaves in its data folder; `bot.health` writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.events import Health
from bot.findings import Finding, fine, problem, warning
from bot.health import EVERY_S, FILE
from bot.protocols import Clock

FRESH = timedelta(seconds=4 * EVERY_S)
"""Age up to which a sign of life counts; a busy machine misses some."""

ABOUT = "running bot"


@dataclass(frozen=True, slots=True)
class LifeSign:
    """What a bot wrote, and when. adapters: how each platform's connection is."""

    pid: int
    version: str
    written_at: datetime
    adapters: Mapping[str, Health]


def life_findings(folder: Path, clock: Clock) -> Iterator[Finding]:
    """Yield whether a bot runs on a data folder, and how its connections are."""
    path = folder / FILE
    try:
        sign = _read(path)
    except FileNotFoundError:
        yield fine(ABOUT, "none has left a sign of life in the data folder")
        return
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        yield warning(ABOUT, f"{path} cannot be read ({type(error).__name__})", f"remove it: rm {path}")
        return
    now = clock()
    age = now - sign.written_at
    if not _lives(sign.pid):  # however fresh: whoever is killed leaves it behind
        yield fine(ABOUT, f"none; the last one was alive {said(age)} ago")
        return
    if age > FRESH:
        text = f"process {sign.pid} has given no sign of life for {said(age)}"
        yield problem(ABOUT, text, f"if that is the bot, it hangs: kill {sign.pid}, and start it again")
        return
    who = f"process {sign.pid}, version {sign.version}, alive {said(age)} ago"
    for platform, health in sign.adapters.items():
        yield _of_platform(f"{who}: {platform}", health, now)
    if not sign.adapters:
        yield fine(ABOUT, f"{who}: no platform is being served")


def _of_platform(who: str, health: Health, now: datetime) -> Finding:
    if not health.connected:
        fix = "look at the bot's log; it tries again by itself unless the log says otherwise"
        return problem(ABOUT, f"{who} is not connected", fix)
    if health.alive_at is not None and now - health.alive_at > FRESH:
        return warning(ABOUT, f"{who} was last heard of {said(now - health.alive_at)} ago")
    if health.connections is not None and health.connections > 1:
        text = f"{who} counts {health.connections} connections of this app, and sends each message to one of them"
        fix = "stop the other bot, or give it an app of its own; if there is none, one that was cut still counts"
        return warning(ABOUT, text, fix)
    return fine(ABOUT, f"{who} is connected")


def said(span: timedelta) -> str:
    """Return a span in its largest whole unit."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        return True
    return True


def _read(path: Path) -> LifeSign:
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    found = json.loads(path.read_text("utf-8"))
    adapters = {name: _health(each) for name, each in found["adapters"].items()}
    return LifeSign(int(found["pid"]), str(found["version"]), written_at, adapters)


def _health(adapter: Mapping[str, Any]) -> Health:
    text = adapter.get("alive_at")
    alive_at = datetime.fromisoformat(text).astimezone(UTC) if text else None
    counted = adapter.get("connections")
    return Health(bool(adapter["connected"]), alive_at, connections=None if counted is None else int(counted))
