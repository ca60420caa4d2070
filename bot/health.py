"""Leaves a sign of life in the data folder: who runs there, and how its connections are. Never contents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.protocols import Adapter
from bot.store.folder import open_private

log = logging.getLogger(__name__)

FILE = "health.json"

EVERY_S = 15.0
"""Pause between two signs of life."""


class SignOfLife:
    """The file `health.json`, written anew each time, so that a reader never sees half of it."""

    def __init__(self, folder: Path, adapters: Sequence[Adapter]) -> None:
        self._path = folder / FILE
        self._adapters = adapters
        self._due = asyncio.Event()
        self._ended = False
        self._failed = False

    def renew(self) -> None:
        """Have it written at once, since something has changed."""
        self._due.set()

    def end(self) -> None:
        """Have it written a last time."""
        self._ended = True
        self._due.set()

    async def keep(self) -> None:
        """Write it now, every 15 seconds, whenever something has changed, and a last time when all has ended."""
        while not self._ended:
            self._due.clear()
            await self.write()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._due.wait()
        await self.write()

    async def write(self) -> None:
        """Write it. What the disk refuses is logged once: the bot does not depend on it."""
        content = json.dumps(
            {
                "pid": os.getpid(),
                "version": _version(),
                "adapters": {one.platform: _said(one) for one in self._adapters},
            }
        )
        try:
            await asyncio.to_thread(_replace, self._path, content)
        except OSError as error:
            if not self._failed:
                log.warning("no sign of life can be left: %s cannot be written: %s", self._path, error.strerror)
            self._failed = True
        else:
            self._failed = False


def _said(adapter: Adapter) -> Mapping[str, bool | str | int | None]:
    health = adapter.health()
    return {
        "connected": health.connected,
        "alive_at": _time(health.alive_at),
        "event_at": _time(health.event_at),
        "connections": health.connections,
    }


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _version() -> str:
    try:
        return version("forgetmenot-bot")
    except PackageNotFoundError:
        return "not installed"


def _replace(path: Path, content: str) -> None:
    written = path.with_suffix(".new")
    with os.fdopen(open_private(written, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as file:
        file.write(content)
    written.replace(path)
