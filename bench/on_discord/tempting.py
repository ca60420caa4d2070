"""Hostile outputs of the model through the whole bot: whom they ping, what they link to, what Discord refuses.

The same outputs are then posted by a bot that takes no care, which the same checks have to see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import aiohttp

from bench.measuring import Figure
from bench.on_discord.sizes import Sizes
from bench.whole_bot import NO_LIMITS, Tempted
from tests.adapters.readers import discord_links
from tests.discord.hostile import LIMIT, Targets, hostile_outputs
from tests.discord.town import Town, founded
from tests.process import running
from tests.servers.discord import Channel, Message, Person

SEED = 7
PLACES = 60
"""People who talk at the same time, each in their own channel."""

Numbered: TypeAlias = Iterator[tuple[int, Sequence[str]]]

_PATIENCE_S = 60


async def tempting(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure what becomes of hostile outputs, and what would become of them."""
    async with founded(folder, people=PLACES) as town:
        outputs = list(hostile_outputs(SEED, sizes.outputs, _targets(town)))
        town.model.will(*[Tempted(outputs)] * len(outputs))
        numbered = iter(enumerate(outputs))
        async with running(folder, town.environment, NO_LIMITS):
            talks = await asyncio.gather(*(_talk(town, *place, numbered) for place in town.places))
        careful = harm(town, (message for _, channel in town.places for message in town.discord.said(channel)))
        once = sum(len(town.discord.replies_to(asked)) == 1 for talk in talks for asked in talk)
        violations = len(town.discord.violations)
        careless = harm(town, await _posted_bare(town, outputs))
    return [
        Figure("hostile outputs: answered once", once, "messages", len(outputs), at_least=True),
        Figure("hostile outputs: pings", careful[0], "pings", 0.0, note=f"in {careful[2]:,} states of messages"),
        Figure("hostile outputs: links", careful[1], "links", 0.0),
        Figure("hostile outputs: wrong requests", violations, "requests", 0.0),
        Figure("control, a careless bot: pings", careless[0], "pings", 1.0, at_least=True),
        Figure("control, a careless bot: links", careless[1], "links", 1.0, at_least=True),
    ]


def _targets(town: Town) -> Targets:
    people = tuple(person.id for person, _ in town.places[:5])
    return Targets(people, (town.guild.id, *(role.id for role in town.guild.roles.values())))


async def _talk(town: Town, person: Person, channel: Channel, numbered: Numbered) -> list[Message]:
    """Let somebody ask for one output after the other, until there are no more; return what they said."""
    asked = []
    for number, _ in numbered:
        asked.append(await person.says(channel, f"{town.discord.mention} show me output {number}"))
        await town.answered(asked[-1], _PATIENCE_S)
    return asked


async def _posted_bare(town: Town, outputs: Iterable[Sequence[str]]) -> list[Message]:
    """Post outputs as they are, in a new place, as the simplest bot would; return the messages."""
    place = town.guild.add_channel("careless")
    address = f"{town.discord.api_base}/channels/{place.id}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {town.discord.token}"}) as session:
        for text in map("".join, outputs):
            for start in range(0, len(text), LIMIT):
                async with session.post(address, json={"content": text[start : start + LIMIT]}) as response:
                    await response.read()
    return town.discord.said(place)


def harm(town: Town, messages: Iterable[Message]) -> tuple[int, int, int]:
    """Return how many pings and links there were in how many states of messages."""
    found = list(messages)
    ids = {message.id for message in found}
    states = [state for message in found for state in message.states]
    pings = sum(ping.message_id in ids for ping in town.discord.pings)
    return pings, sum(map(len, map(discord_links, states))), len(states)
