"""The bot as `python -m bot` runs it, but on any platform one that takes every delivery for a new one.

Run as a program of its own: `python -m tests.forgetful_bot run …`.
"""

from __future__ import annotations

import secrets
import sqlite3
import sys

from adapters.discord.spot import Spot
from bot.cli import main
from bot.store import inbox

if __name__ == "__main__":
    enter = inbox._enter

    def enter_anew(connection: sqlite3.Connection, row: dict[str, object]) -> inbox.Delivery:
        """Take a delivery in as if it had not come before."""
        connection.execute("DELETE FROM inbox WHERE hash = :hash", row)
        return enter(connection, row)

    inbox._enter = enter_anew
    Spot.nonce_of = lambda _spot, _number: secrets.token_hex(8)  # type: ignore[method-assign, assignment]  # the mutant
    sys.exit(main())
