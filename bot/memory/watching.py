"""Tells whoever wants to know whose memories were changed; it knows neither what was changed nor why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from bot.types import Scope

Watcher: TypeAlias = Callable[[Scope], None]
"""Is told a scope once what a list of it shows, or how much is kept of it, may be another; it has to be quick."""


class Watchers:
    """Those who are told."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []

    def tell(self, scope: Scope) -> None:
        """Tell everybody of a change that is on disk."""
        for watcher in self._watchers:
            watcher(scope)

    @contextmanager
    def told(self, watcher: Watcher) -> Iterator[None]:
        """Tell a watcher of every change until the end of the block."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)
