"""A bot that one person sends three messages at once, for a test that kills it while they wait.

Run as a program of its own: `python -m tests.assistant.waiting_driver FOLDER BASE_URL [late]`. With `late`, what waits
is entered into the inbox when its turn has come.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from bot.arrivals import Arrival
from bot.assistant import ChatAssistant
from bot.events import ReplyPart
from bot.lanes import Ticket
from tests.assistant.talking import house

TEXTS = ("My cat is called Minka.", "I live in Lisbon.", "I work as a carpenter.")

_in_time = ChatAssistant._received


async def _late(self: ChatAssistant, arrival: Arrival, ticket: Ticket) -> AsyncGenerator[ReplyPart, None]:
    await ticket.turn()
    async for part in _in_time(self, arrival, ticket):
        yield part


async def main(folder: str, base_url: str) -> None:
    """Send the messages and wait for their replies."""
    async with house(Path(folder), base_url).opened() as talk:
        await talk.meet()
        await asyncio.gather(*(talk.say(text, key=text) for text in TEXTS))


if __name__ == "__main__":
    where, address, *options = sys.argv[1:]
    if options:
        ChatAssistant._received = _late  # type: ignore[method-assign]  # the mutant
    asyncio.run(main(where, address))
