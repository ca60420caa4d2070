"""Discord's rate limits: so many requests per route, channel and window, and the headers that tell of it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field


@dataclass
class Window:
    """The current window of one bucket."""

    began: float
    taken: int = 0


@dataclass
class Buckets:
    """Counts requests. Discord publishes no figures; five in five seconds is what bots have long seen."""

    limit: int = 5
    per_s: float = 5.0
    windows: dict[str, Window] = field(default_factory=dict)

    def take(self, key: str) -> tuple[float, dict[str, str]]:
        """Count one request; return how long it would have to wait, 0 if it need not, and the headers to answer."""
        now = time.monotonic()
        window = self.windows.get(key)
        if window is None or now - window.began >= self.per_s:
            window = self.windows[key] = Window(now)
        window.taken += 1
        reset_after = self.per_s - (now - window.began)
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - window.taken)),
            "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": hashlib.blake2b(key.encode(), digest_size=16).hexdigest(),
        }
        return (reset_after if window.taken > self.limit else 0.0), headers
