"""The bot as `python -m bot` runs it, but one that tells Slack that it has an event before that is so.

Run as a program of its own: `python -m tests.hasty_bot run …`.
"""

from __future__ import annotations

import sys

from adapters.slack import listening
from adapters.slack.listening import _Ears, _Work
from bot.cli import main

if __name__ == "__main__":

    async def begun(ears: _Ears, what: str, work: _Work) -> None:
        """Start a work, and have the event acknowledged at once."""
        ears._services.tasks.start(f"slack {what}", work(lambda: None))

    listening._Ears._safe = begun  # type: ignore[assignment, method-assign]  # the mutant
    sys.exit(main())
