"""How long after somebody spoke the first words stand on Slack, without the time that the model took for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path

from bench.measuring import Figure
from bench.on_slack.sizes import Sizes
from bench.on_slack.towns import Town, founded
from bench.people import fill
from bench.sentences import statements
from bench.whole_bot import FIRST_WORD, OneAnswer, first_words
from bot.types import Scope
from tests.servers.slack import Channel, Person

PEOPLE = 12
"""They speak by turns: each is to have the whole answer before they speak again."""

SEED = 11


async def speaking(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure direct messages, whose answers are streamed, and then mentions, whose answers are edited."""
    async with founded(PEOPLE) as town:
        for number, (person, _) in enumerate(town.places):
            scope = Scope("slack", town.slack.team.id, person.id)
            await fill(folder / "data", scope, sizes.memories, seed=100 + number)
        async with town.served(folder):
            await _greeted(town)
            direct = [(person, person.im) for person, _ in town.places]
            direct_ms = await _spoken(town, islice(cycle(direct), sizes.said))
            channel_ms = await _spoken(town, islice(cycle(town.places), sizes.said))
    return [*first_words("direct messages", direct_ms), *first_words("channels", channel_ms)]


async def _greeted(town: Town) -> None:
    """Let everybody meet the bot: an answer with the notice of first contact is not streamed."""
    for person, channel in town.places:
        asked = [await town.asks(person, place, "hello there") for place in (person.im, channel)]
        await asyncio.gather(*map(town.answered, asked))


async def _spoken(town: Town, places: Iterable[tuple[Person, Channel]]) -> list[float]:
    """Let people speak one after the other; return for each the milliseconds until words stand there."""
    said = zip(places, statements(SEED), strict=False)  # there is no end of statements
    return [await _first_words_ms(town, *place, text) for place, text in said]


async def _first_words_ms(town: Town, person: Person, channel: Channel, text: str) -> float:
    answer = OneAnswer()
    town.model.will(answer)
    asked_before, said_at_s = len(town.slack.requests), town.slack.clock.now()
    asked = await town.asks(person, channel, text)
    await town.slack.until(lambda: town.slack.replies_to(asked), 10)
    await answer.over.wait()
    method = "chat.startStream" if channel is person.im else "chat.postMessage"
    return 1000 * (_posted_at_s(town, method, channel, asked_before) - said_at_s - answer.own_s)


def _posted_at_s(town: Town, method: str, channel: Channel, asked_before: int) -> float:
    """When the request came that showed the first words."""
    return next(
        one.at
        for one in town.slack.requests[asked_before:]
        if one.method == method
        and one.body.get("channel") == channel.id
        and FIRST_WORD in str(one.body.get("text") or one.body.get("markdown_text"))
    )
