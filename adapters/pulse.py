"""The signs of life of a connection: when the platform was last heard, and when something last happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.events import Health
from bot.protocols import Clock


class Pulse:
    """Notes when the platform was heard. The answer to a ping is a sign of life, not an event."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alive_at: datetime | None = None
        self._event_at: datetime | None = None
        self._heard_at = 0.0
        self.is_connected: Callable[[], bool] = lambda: False
        self.connections: int | None = None

    def listen(self) -> None:
        """Count the seconds of silence from now on, for a connection that is yet to be made."""
        self._heard_at = asyncio.get_running_loop().time()

    def heard(self) -> None:
        """Note that anything at all came."""
        self._alive_at = self._clock()
        self.listen()

    def happened(self) -> None:
        """Note that an event came."""
        self._event_at = self._clock()

    @property
    def quiet_s(self) -> float:
        """Seconds since anything came."""
        return asyncio.get_running_loop().time() - self._heard_at

    def health(self) -> Health:
        """Return how the connection is."""
        return Health(self.is_connected(), self._alive_at, self._event_at, self.connections)
