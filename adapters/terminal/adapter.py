"""The terminal as an adapter: finds out whether a person or a script is at the other end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TextIO

from adapters.terminal.descriptors import write_all
from adapters.terminal.piped import Piped
from adapters.terminal.shown import JsonLine, Paragraphs
from adapters.terminal.speaker import PLATFORM, Speaker
from bot.config import LimitsSettings
from bot.errors import PlatformError
from bot.events import Health
from bot.protocols import Assistant, Clock
from bot.types import Place, PlaceKind, Scope


def _now() -> datetime:
    return datetime.now(UTC)


class TerminalAdapter:
    """Talks with one person on standard input and output.

    Args:
        place_kind: who else could be reading, to try out what is recalled where.
        json_lines: one JSON object a message instead of paragraphs.
        commands: names that a person can complete after a slash.
        stdin, stdout: streams with a file descriptor; the process's own when not given.
    """

    platform = PLATFORM

    def __init__(
        self,
        person: str = "me",
        guild: str = "home",
        place_kind: PlaceKind = PlaceKind.DM,
        *,
        json_lines: bool = False,
        limits: LimitsSettings | None = None,
        commands: Sequence[str] = (),
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        clock: Clock = _now,
    ) -> None:
        self._speaker = Speaker(Scope(PLATFORM, guild, person), Place(place_kind, PLATFORM), clock)
        self._json_lines = json_lines
        self._limits = limits or LimitsSettings()
        self._commands = commands
        self._stdin = stdin or sys.stdin
        self._stdout = stdout or sys.stdout
        self._clock = clock
        self._serving = False

    def health(self) -> Health:
        """Return whether it serves; a terminal that is open is alive."""
        return Health(self._serving, self._clock() if self._serving else None, self._speaker.heard_at)

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Serve until the person leaves, the input ends or `stopping` is set.

        Raises:
            PlatformError: there is no standard input or output.
        """
        if self._stdin is None or self._stdout is None:  # Python found them closed
            raise PlatformError("standard input or output is closed; the terminal needs both, /dev/null will do")
        self._serving = True
        try:
            await self._serve(self._stdin, self._stdout, assistant, ready, stopping)
        finally:
            self._serving = False

    async def _serve(
        self,
        stdin: TextIO,
        stdout: TextIO,
        assistant: Assistant,
        ready: Callable[[], None],
        stopping: asyncio.Event,
    ) -> None:
        if stdin.isatty() and stdout.isatty() and not self._json_lines:
            from adapters.terminal.prompted import Prompted  # noqa: PLC0415 - 8 MB of line editing for people alone

            prompted = Prompted(self._speaker, (stdin, stdout), self._commands, self._limits, coloured=_coloured())
            await prompted.serve(assistant, ready, stopping)
        else:
            write = partial(write_all, stdout.fileno())
            new_reply = partial(JsonLine if self._json_lines else Paragraphs, write)
            piped = Piped(self._speaker, stdin.fileno(), new_reply, self._limits)
            await piped.serve(assistant, ready, stopping)


def _coloured() -> bool:
    """Tell whether a terminal may be told to dim words; see https://no-color.org."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in {None, "", "dumb"}
