"""Hostile outputs of the model through the whole bot: whom they notify, what they link to, what Slack refuses.

Some of them then go through a bot that sends what the model wrote, which the same checks have to see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bench.measuring import Figure
from bench.on_slack.careless import DEFUSING
from bench.on_slack.sizes import Sizes
from bench.on_slack.towns import Town, founded
from bench.whole_bot import Tempted
from tests.adapters.readers import slack_links
from tests.servers.slack import Channel, Person
from tests.slack.hostile import hostile_outputs

SEED = 7
PEOPLE = 30
"""They talk at the same time, each in a channel of their own and in direct messages."""

Numbered: TypeAlias = Iterator[tuple[int, Sequence[str]]]

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Harm:
    """What came of outputs. answered: of how many. states: of messages, each of which was looked at."""

    answered: int
    pings: int
    links: int
    previews: int
    wrong: int
    states: int


async def tempting(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure what becomes of hostile outputs, and of fewer without a guard."""
    careful = await _tempted(folder / "careful", sizes.outputs)
    careless = await _tempted(folder / "careless", sizes.controls, without=DEFUSING)
    return [
        Figure("hostile outputs: answered", careful.answered, "messages", sizes.outputs, at_least=True),
        Figure("hostile outputs: mentions", careful.pings, "pings", 0.0, note=f"in {careful.states:,} states"),
        Figure("hostile outputs: links", careful.links, "links", 0.0),
        Figure("hostile outputs: previews asked for", careful.previews, "requests", 0.0),
        Figure("hostile outputs: wrong requests", careful.wrong, "requests", 0.0),
        Figure(
            "control, nothing defused: mentions", careless.pings, "pings", 1.0, at_least=True, note=_of(sizes.controls)
        ),
        Figure(
            "control, nothing defused: links", careless.links, "links", 1.0, at_least=True, note=_of(sizes.controls)
        ),
    ]


def _of(outputs: int) -> str:
    return f"in {outputs:,} outputs"


async def _tempted(folder: Path, count: int, without: str = "") -> Harm:
    """Let a model say so many outputs.

    Args:
        without: the guard that the bot lacks; none when empty.
    """
    async with founded(PEOPLE) as town:
        outputs = list(hostile_outputs(SEED, count))
        town.model.will(*[Tempted(outputs)] * count)
        numbered = iter(enumerate(outputs))
        everywhere = [(person, place) for person, channel in town.places for place in (channel, person.im)]
        async with town.served(folder, without):
            answered = sum(await asyncio.gather(*(_talk(town, *place, numbered) for place in everywhere)))
        return harm(town, answered)


async def _talk(town: Town, person: Person, channel: Channel, numbered: Numbered) -> int:
    """Let somebody ask for one output after the other, until there are no more; return how many were answered."""
    answered = 0
    for number, _ in numbered:
        await town.answered(await town.asks(person, channel, f"show me output {number}"), _PATIENCE_S)
        answered += 1
    return answered


def harm(town: Town, answered: int) -> Harm:
    """Return what came of all that the bot said."""
    slack = town.slack
    said = [one for channel in slack.channels.values() for one in channel.messages.values() if one.by_bot]
    states = [state for message in said for state in message.states]
    links = sum(map(len, map(slack_links, states)))
    return Harm(answered, len(slack.pings), links, len(slack.unfurls), len(slack.violations), len(states))
