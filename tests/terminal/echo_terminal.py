"""A process of its own with a terminal adapter and an assistant that echoes, for tests with real standard streams."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime

from adapters.terminal import TerminalAdapter
from bot.config import LimitsSettings
from bot.events import IncomingMessage
from bot.types import Author, Place, PlaceKind, Scope
from tests.conformance.adapter import EchoAssistant

COMMANDS = ("remember", "recall", "help")


def left_over(person: str) -> IncomingMessage:
    """Give a message that an earlier run did not answer."""
    scope, place = Scope("terminal", "home", person), Place(PlaceKind.DM, "terminal")
    text = f"{person} was here"
    return IncomingMessage(f"key of {person}", scope, place, Author(person, person), text, "source", datetime.now(UTC))


async def main() -> None:
    """Serve until the input ends or SIGTERM comes; says so on standard error. Arguments name who was left over."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    limits = LimitsSettings(max_message_characters=1000, shutdown_s=0.2)
    adapter = TerminalAdapter("ana", "home", PlaceKind.DM, limits=limits, commands=COMMANDS)
    assistant = EchoAssistant()
    assistant.unfinished = [left_over(person) for person in sys.argv[1:]]
    await adapter.run(assistant, lambda: None, stopping)
    print(f"heard {len(assistant.heard)}, cut {len(assistant.cut)}", file=sys.stderr)  # noqa: T201 - what is tested


if __name__ == "__main__":
    asyncio.run(main())
