"""How long after somebody spoke the first words stand on Discord, without the time that the model took for them."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bench.footprint import cpu_s
from bench.measuring import Figure, percentile
from bench.on_discord.sizes import NO_LIMITS, Sizes
from bench.people import fill
from bench.sentences import statements
from bot.types import Scope
from tests.discord.town import Town, founded
from tests.process import running
from tests.servers.discord import Channel, Message, Person
from tests.servers.openai_server import Exchange, reply

BAR_MS = 150.0
WARM_UP = 10
KNOWN = 10
"""People with many memories, who speak by turns: each is to have the whole answer before they speak again."""

SEED = 11
WORD_S = 0.02
"""Seconds before each word of the model, which is what a fast one takes."""

ANSWER = "So I have heard, and I will gladly tell you more about it today."

_FAR_S = 3.0  # the last edit of an answer follows its first words after 1.5 s


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

    async def _pause(self, number: int) -> None:
        await asyncio.sleep(WORD_S)
        if number == 0:
            self.first_at_s = time.monotonic()


async def speaking(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure mentions one after the other: of new people, and of people with many memories."""
    new = WARM_UP + sizes.mentions
    async with founded(folder, people=new + KNOWN) as town:
        for number, (person, _) in enumerate(town.places[new:]):
            scope = Scope("discord", str(town.guild.id), str(person.id))
            await fill(folder / "data", scope, sizes.memories, seed=100 + number)
        async with running(folder, town.environment, NO_LIMITS) as bot:
            await _spoken(town, town.places[:WARM_UP])
            before_s = cpu_s(bot.process.pid)
            new_ms = await _spoken(town, town.places[WARM_UP:new])
            await town.discord.settled(quiet_s=_FAR_S)
            each_ms = 1000 * (cpu_s(bot.process.pid) - before_s) / sizes.mentions
            known_ms = await _spoken(town, town.places[new:] * (sizes.known // KNOWN))
    return [*_figures("new people", new_ms, each_ms), *_figures(f"{sizes.memories:,} memories", known_ms)]


def _figures(who: str, values: list[float], cpu_ms: float | None = None) -> list[Figure]:
    held = f"of {len(values)}; in 40 ms of it the bot waits for more words"
    figures = [
        Figure(f"first words, {who}, median", statistics.median(values), "ms"),
        Figure(f"first words, {who}, p95", percentile(values, 0.95), "ms", BAR_MS, note=held),
        Figure(f"first words, {who}, longest", max(values), "ms"),
    ]
    if cpu_ms is not None:
        figures.append(Figure("a message from its arrival to its last edit", cpu_ms, "ms CPU"))
    return figures


async def _spoken(town: Town, places: Iterable[tuple[Person, Channel]]) -> list[float]:
    """Let people speak one after the other; return for each the milliseconds until words stand there."""
    said = zip(places, statements(SEED), strict=False)  # there is no end of statements
    return [await _first_words_ms(town, *place, text) for place, text in said]


async def _first_words_ms(town: Town, person: Person, channel: Channel, text: str) -> float:
    answer = OneAnswer()
    town.model.will(answer)
    asked_before, said_at_s = len(town.discord.requests), time.monotonic()
    said = await person.says(channel, f"{town.discord.mention} {text}")
    await town.discord.until(lambda: town.discord.replies_to(said), 10)
    await answer.over.wait()
    own_s = answer.first_at_s - answer.asked_at_s
    return 1000 * (_posted_at_s(town, said, asked_before) - said_at_s - own_s)


def _posted_at_s(town: Town, said: Message, asked_before: int) -> float:
    """When the request came that posted the first words of the reply to a message."""
    path, words = f"/channels/{said.channel.id}/messages", ANSWER.split(maxsplit=1)[0]
    return next(
        one.at_s
        for one in town.discord.requests[asked_before:]
        if one.method == "POST" and one.path == path and words in str(one.body.get("content"))
    )
