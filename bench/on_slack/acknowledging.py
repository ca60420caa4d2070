"""How fast everything that Slack sends is acknowledged while every conversation hangs in the model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import isinf
from pathlib import Path

from bench.measuring import Figure, percentile
from bench.on_slack.sizes import Sizes
from bench.on_slack.towns import Town, founded
from bench.on_slack.using import Pressable, all_commands, all_events, all_forms, all_presses, named, shown
from tests.servers.openai_server import Behaviour, reply
from tests.servers.slack import Message
from tests.servers.slack.deliveries import Delivery

SOCKET = "socket"
HTTP = "HTTP"
BAR_S = 0.5
STOP = "Stop"

_SOME_MORE_S = 2.5  # an answer gets the button that stops it with what is shown after two seconds
_PATIENCE_S = 20
_ENOUGH = 1000
"""Answers that take long."""


async def acknowledging(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure both ways to hear Slack."""
    return [*await acknowledging_by(SOCKET, folder, sizes), *await acknowledging_by(HTTP, folder, sizes)]


async def acknowledging_by(way: str, folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure one way to hear Slack."""
    async with founded(sizes.hanging, by_http=way == HTTP) as town:
        async with town.served(folder / way):
            sent = await _used(town, sizes)
        wrong = Figure(f"{way}: wrong requests", len(town.slack.violations), "requests", 0.0)
    return [*acknowledged(way, sent, sizes), wrong]


async def _used(town: Town, sizes: Sizes) -> list[Delivery]:
    """Let some people use everything, one after the other, while all hang; return what was sent to the bot then."""
    seen = [await shown(town, *town.places[number]) for number in range(sizes.rounds)]
    own = [await town.asks(*place, "I keep bees too") for place in town.places[: sizes.rounds]]
    await asyncio.gather(*map(town.answered, own))
    before = len(town.slack.deliveries.sent)
    asked = await _hang(town, sizes)
    for number in range(sizes.rounds):
        await _round(town, number, seen[number], own[number], asked[number])
    sent = town.slack.deliveries.sent
    await town.slack.until(lambda: all(one.outcomes for one in sent), _PATIENCE_S)
    assert not any(map(town.whole_reply, asked[sizes.rounds :])), "the model answered before all was used"
    return [one for one in sent[before:] if one.message is None or not one.message.by_bot]


async def _hang(town: Town, sizes: Sizes) -> list[Message]:
    """Let everybody ask, every second one in direct messages, and the model take long: there it does not even begin."""
    asked = []
    for number, (person, channel) in enumerate(town.places):
        is_direct = number % 2 == 1
        town.model.will(_slow(sizes.model_s, begins=not is_direct))
        asked.append(await town.asks(person, person.im if is_direct else channel, "And what else?"))
        await town.slack.until(lambda: not town.model.script, _PATIENCE_S)
    town.model.will(*[_slow(sizes.model_s, begins=False)] * _ENOUGH)
    await town.slack.until(lambda: all(_can_stop(town, one) for one in asked[: sizes.rounds : 2]), _PATIENCE_S)
    return asked


def _slow(model_s: float, *, begins: bool) -> Behaviour:
    """A model that takes so many seconds, to begin or to go on."""
    pauses_s = (0.0, _SOME_MORE_S, model_s) if begins else (model_s, 0.0, 0.0)
    return reply(
        pieces=["One two ", "three four ", "five."], before_piece=lambda number: asyncio.sleep(pauses_s[number])
    )


def _can_stop(town: Town, asked: Message) -> bool:
    return any(STOP in one.buttons for one in town.slack.replies_to(asked))


async def _round(town: Town, number: int, seen: Sequence[Pressable], own: Message, asked: Message) -> None:
    """Let somebody do everything while their answer hangs, and only then stop it."""
    person, channel = town.places[number]
    await all_forms(town, person, seen)
    await all_events(town, person, channel, own, asked)
    await asyncio.gather(all_commands(person, channel, own), all_presses(person, seen))
    if asked.channel is channel:
        await asyncio.gather(*(person.presses(one, STOP) for one in town.slack.replies_to(asked)))
    else:
        await person.stops(asked)


def acknowledged(way: str, sent: Sequence[Delivery], sizes: Sizes) -> list[Figure]:
    """Return how long acknowledgements took; one that did not come, or came too late, took infinitely long."""
    after_s = [float("inf") if one.after_s is None else one.after_s for delivery in sent for one in delivery.outcomes]
    names = [named(delivery) for delivery in sent for _ in delivery.outcomes]
    told = f"{len(after_s)} of {len(set(names))} sorts, while {sizes.hanging} answers hang for {sizes.model_s:g} s"
    return [
        Figure(f"{way}: acknowledged, median", percentile(after_s, 0.5), "s"),
        Figure(f"{way}: acknowledged, p99", percentile(after_s, 0.99), "s", BAR_S, note=told),
        Figure(f"{way}: acknowledged, longest", max(after_s), "s", note=names[after_s.index(max(after_s))]),
        Figure(f"{way}: not acknowledged", sum(map(isinf, after_s)), "attempts", 0.0),
    ]
