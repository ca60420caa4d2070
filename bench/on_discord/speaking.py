"""How long after somebody spoke the first words stand on Discord, without the time that the model took for them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from bench.footprint import cpu_s
from bench.measuring import Figure
from bench.on_discord.sizes import Sizes
from bench.people import fill
from bench.sentences import statements
from bench.whole_bot import FIRST_WORD, NO_LIMITS, OneAnswer, first_words
from bot.types import Scope
from tests.discord.town import Town, founded
from tests.process import running
from tests.servers.discord import Channel, Message, Person

WARM_UP = 10
KNOWN = 10
"""People with many memories, who speak by turns: each is to have the whole answer before they speak again."""

SEED = 11
_FAR_S = 3.0  # the last edit of an answer follows its first words after 1.5 s


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
    return [
        *first_words("new people", new_ms),
        Figure("a message from its arrival to its last edit", each_ms, "ms CPU"),
        *first_words(f"{sizes.memories:,} memories", known_ms),
    ]


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
    return 1000 * (_posted_at_s(town, said, asked_before) - said_at_s - answer.own_s)


def _posted_at_s(town: Town, said: Message, asked_before: int) -> float:
    """When the request came that posted the first words of the reply to a message."""
    path = f"/channels/{said.channel.id}/messages"
    return next(
        one.at_s
        for one in town.discord.requests[asked_before:]
        if one.method == "POST" and one.path == path and FIRST_WORD in str(one.body.get("content"))
    )
