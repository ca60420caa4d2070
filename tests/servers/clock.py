"""The time of a server that tests talk to, which they can let pass."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """The server's time: the machine's, and what a test has added to it."""

    ahead_s: float = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        """Let that much time pass at once."""
        self.ahead_s += seconds
