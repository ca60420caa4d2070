"""What is measured in the same way on every platform: how soon words stand there, and what a tempted model says."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bench.measuring import Figure, percentile
from tests.servers.openai_server import Exchange, reply, text_of

NO_LIMITS = """
[limits]
messages_per_minute_per_person = 1000000
messages_per_minute_per_guild = 1000000
tokens_per_day_per_guild = 1000000000
queue_per_scope = 1000
queue_total = 10000
"""
"""Everything else is as it comes."""

BAR_MS = 150.0
WORD_S = 0.02
"""Seconds before each word of the model, which is what a fast one takes."""

ANSWER = "So I have heard, and I will gladly tell you more about it today."
FIRST_WORD = ANSWER.split(maxsplit=1)[0]

_SLOW_ONES = 10  # every tenth output takes its time, so that unfinished states of it are shown
_PIECE_S = 0.1


@dataclass
class OneAnswer:
    """The model's part in one reply: one word after the other, and when the first one went."""

    asked_at_s: float = 0.0
    first_at_s: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, exchange: Exchange) -> web.StreamResponse:
        """Answer a request."""
        self.asked_at_s = time.monotonic()
        pieces = [f"{word} " for word in ANSWER.split()]
        try:
            return await reply(pieces=pieces, before_piece=self._pause)(exchange)
        finally:
            self.over.set()

    @property
    def own_s(self) -> float:
        """The time that it took by itself: from the request to the first word."""
        return self.first_at_s - self.asked_at_s

    async def _pause(self, number: int) -> None:
        await asyncio.sleep(WORD_S)
        if number == 0:
            self.first_at_s = time.monotonic()


def first_words(who: str, values: Sequence[float]) -> list[Figure]:
    """Return how long people waited for words, in milliseconds, the model's own time left out."""
    held = f"of {len(values)}; in 40 ms of it the bot waits for more words"
    return [
        Figure(f"first words, {who}, median", statistics.median(values), "ms"),
        Figure(f"first words, {who}, p95", percentile(values, 0.95), "ms", BAR_MS, note=held),
        Figure(f"first words, {who}, longest", max(values), "ms"),
    ]


class Tempted:
    """A model that says the output that its prompt asks for last: "show me output 17"."""

    def __init__(self, outputs: Sequence[Sequence[str]]) -> None:
        self._outputs = outputs

    async def __call__(self, exchange: Exchange) -> web.StreamResponse:
        """Answer a request."""
        number = int(re.findall(r"output (\d+)", text_of(exchange.body["messages"][-1]))[-1])
        pause_s = 0 if number % _SLOW_ONES else _PIECE_S
        answer = reply(pieces=self._outputs[number], before_piece=lambda _: asyncio.sleep(pause_s))
        return await answer(exchange)
