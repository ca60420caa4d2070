"""Interactions are acknowledged within a second, whatever the model does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.discord.interface import responding
from tests import process
from tests.adapters.scripted import ScriptedAssistant
from tests.discord.town import founded
from tests.discord.uses import FACT, all_commands, all_presses, named, shown
from tests.discord.world import World
from tests.servers.discord.interactions import Use
from tests.servers.openai_server import stall

WITHIN_S = 1.0
HANGING = 6
PRESSED = {"why", "again", "undo", "keep", "accept", "open", "reword", "erase", "raze", "optout", "answers", "limits"}
"""Some of each sort: under replies, in lists, in questions whether to go on, in settings."""


def late(uses: Iterable[Use]) -> list[tuple[str, float | None]]:
    """Return what was not acknowledged in time, and when it was."""
    seen = [(named(use), use.acknowledged_after_s) for use in uses]
    return [(name, after_s) for name, after_s in seen if after_s is None or after_s > WITHIN_S]


async def test_everything_is_acknowledged_while_the_model_hangs(tmp_path: Path) -> None:
    """Commands, menu entries, choices, buttons, lists and forms, also of somebody whose own answer hangs."""
    async with founded(tmp_path, HANGING) as town, process.running(tmp_path, town.environment):
        person, channel = town.places[0]
        said = await person.says(channel, f"{town.discord.mention} {FACT}")
        messages = [await town.answered(said), *await shown(person, channel)]
        messages.append(await town.answered(await person.says(channel, f"{town.discord.mention} What do I keep?")))
        town.model.will(*[stall()] * HANGING)
        for somebody, place in town.places:
            await somebody.says(place, f"{town.discord.mention} are you there?")
        await town.discord.until(lambda: not town.model.script)
        used, pressed = await asyncio.gather(all_commands(person, channel, said), all_presses(person, messages))

    assert late([*used, *pressed]) == []
    assert {named(use) for use in used} == {command["name"] for command in town.discord.commands[None]}
    assert {named(use) for use in pressed} >= PRESSED
    assert town.discord.violations == []


async def test_late_acknowledgement_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a bot that waits a little longer for its answers."""
    monkeypatch.setattr(responding, "ACKNOWLEDGE_S", WITHIN_S + 0.1)
    async with world.bot(ScriptedAssistant(asyncio.Event()), limits={"shutdown_s": 0.2}):
        await world.server.until(lambda: world.server.commands)
        use = await world.ann.runs(world.general, "remember", {"text": FACT})

        assert [name for name, _ in late([use])] == ["remember"]
