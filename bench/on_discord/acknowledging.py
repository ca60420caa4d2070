"""How fast interactions are acknowledged while every conversation hangs in the model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import Figure, percentile
from bench.on_discord.sizes import Sizes
from bench.whole_bot import NO_LIMITS
from tests.discord.town import Town, founded
from tests.discord.uses import FACT, all_commands, all_presses, named, shown
from tests.process import running
from tests.servers.discord import Message
from tests.servers.discord.interactions import Use
from tests.servers.openai_server import Behaviour, reply

BAR_S = 1.0
STOP = "Stop"

_PATIENT = f"{NO_LIMITS}\n[openai]\nidle_s = 60\n"
_SOME_MORE_S = 2.5  # an answer gets the button that stops it with what is shown after two seconds
_PATIENCE_S = 10


async def acknowledging(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure everything that people can use, all at once in each round; whoever does it hangs in the model, too."""
    async with founded(folder, people=sizes.hanging) as town, running(folder, town.environment, _PATIENT):
        seen = await asyncio.gather(*(_prepared(town, number) for number in range(sizes.rounds)))
        asked = await _hang(town, sizes)
        uses: list[Use] = []
        for number, messages in enumerate(seen):
            uses += await _used(town, number, asked[number], messages)
        assert not any(map(town.whole_reply, asked[sizes.rounds :])), "the model answered before all was used"
    return acknowledged(uses, sizes)


async def _prepared(town: Town, number: int) -> list[Message]:
    """Let somebody use the bot until they see all sorts of buttons; return what they see."""
    person, channel = town.places[number]
    told = await town.answered(await person.says(channel, f"{town.discord.mention} {FACT}"))
    buttons = await shown(person, channel)
    answered = await town.answered(await person.says(channel, f"{town.discord.mention} What do I keep?"))
    return [told, *buttons, answered]


async def _hang(town: Town, sizes: Sizes) -> list[Message]:
    """Let everybody ask, and the model take long: with those who will use the bot, after some words."""
    asked = []
    for number, (person, channel) in enumerate(town.places):
        town.model.will(_slow(sizes.model_s, begins=number < sizes.rounds))
        asked.append(await person.says(channel, f"{town.discord.mention} And what else?"))
        await town.discord.until(lambda: not town.model.script, _PATIENCE_S)
    await town.discord.until(lambda: all(_can_stop(town, one) for one in asked[: sizes.rounds]), _PATIENCE_S)
    return asked


def _slow(model_s: float, *, begins: bool) -> Behaviour:
    """A model that takes so many seconds, to begin or to go on."""
    pauses_s = (0.0, _SOME_MORE_S, model_s) if begins else (model_s, 0.0, 0.0)
    return reply(
        pieces=["One two ", "three four ", "five."], before_piece=lambda number: asyncio.sleep(pauses_s[number])
    )


def _can_stop(town: Town, asked: Message) -> bool:
    return any(STOP in one.buttons for one in town.discord.replies_to(asked))


async def _used(town: Town, number: int, asked: Message, seen: Sequence[Message]) -> list[Use]:
    """Let somebody use everything while their answer hangs, and only then stop it."""
    person, channel = town.places[number]
    used, pressed = await asyncio.gather(all_commands(person, channel, asked), all_presses(person, seen))
    return [*used, *pressed, *await all_presses(person, town.discord.replies_to(asked))]


def acknowledged(uses: Sequence[Use], sizes: Sizes) -> list[Figure]:
    """Return how long acknowledgements took; one that never came took infinitely long."""
    after_s = [float("inf") if use.acknowledged_after_s is None else use.acknowledged_after_s for use in uses]
    sorts = len({named(use) for use in uses})
    told = f"{len(uses)} uses of {sorts} sorts, while {sizes.hanging} answers hang for {sizes.model_s:g} s"
    last = f"{named(uses[after_s.index(max(after_s))])}; the bot waits up to 0.7 s for what it has to say"
    return [
        Figure("acknowledged, median", percentile(after_s, 0.5), "s"),
        Figure("acknowledged, p99", percentile(after_s, 0.99), "s", BAR_S, note=told),
        Figure("acknowledged, longest", max(after_s), "s", BAR_S, note=last),
    ]
