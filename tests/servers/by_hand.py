"""Runs a platform's server on the command line, for a person who tries a bot on it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine


def show(*lines: str) -> None:
    """Write lines at once."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def run(serve: Callable[[int], Coroutine[object, object, None]], what: str) -> None:
    """Read the command line and serve on its port.

    Args:
        what: what kind of server it is, for the help.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--port", type=int, default=8002)
    try:
        asyncio.run(serve(parser.parse_args().port))
    except KeyboardInterrupt:
        show("stopped")
