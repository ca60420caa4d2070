"""The bar that long work shows on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import click

Advance: TypeAlias = Callable[[int, int], None]
"""Called with how much of the total is done more, and how many things that were."""


@contextmanager
def bar(things: str, total: int) -> Iterator[Advance]:
    """Show on standard error how far the work is and how many things a second are done; a script sees nothing.

    Args:
        total: what there is to do, in any unit; unknown when 0, then nothing is shown.
    """
    started = time.monotonic()
    done = 0
    hidden = not sys.stderr.isatty() or total == 0

    def rate(_: None) -> str:
        return f"{done / max(time.monotonic() - started, 0.001):,.0f} {things}/s"

    with click.progressbar(length=total, file=sys.stderr, hidden=hidden, item_show_func=rate) as shown:

        def advance(of_total: int, count: int) -> None:
            nonlocal done
            done += count
            shown.update(of_total)

        yield advance
