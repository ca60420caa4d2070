"""No memory is seen where it may not be: thousands of recalls by made-up people, against an oracle of their own.

The oracle and the story are in town.py. Everything is replayed by its seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import MemorySettings
from bot.memory import core, keeper
from bot.memory.readable import Rule, Setting
from bot.types import Place, Scope
from tests.memory.folders import Clock, core_on
from tests.memory.town import GUILDS, PEOPLE, Spot, Tally, Town, same_topic_updates

RECALLS = 2000
SHOW_ALL = MemorySettings(relevance_floor=0, recall_limit=100, recall_tokens=100_000)
"""Whatever may be read is shown, so that one memory too few is noticed as well as one too many."""


async def story(
    folder: Path, clock: Clock, seed: int, settings: MemorySettings = SHOW_ALL, recalls: int = RECALLS
) -> Tally:
    """Return what came of one seed."""
    async with core_on(folder, clock, settings=settings) as core:
        return await Town(core, seed).live(memories=40, recalls=recalls)


@pytest.fixture(autouse=True)
def updates_by_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the judgement of what updates what: here it shall happen often, in all mixtures of places."""
    monkeypatch.setattr(keeper, "compare", same_topic_updates)


@pytest.mark.parametrize("seed", range(5))
async def test_everybody_sees_what_they_may_and_nothing_else(folder: Path, clock: Clock, seed: int) -> None:
    """2,000 recalls, half in the very words of a hidden memory: the prompt holds all that it may, and no more."""
    tally = await story(folder, clock, seed)

    assert tally.leaked == []
    assert tally.missing == []
    assert tally.recalls == RECALLS
    assert tally.tempted > RECALLS / 3
    assert tally.shown > RECALLS


@pytest.mark.parametrize("seed", [100])
async def test_nothing_leaks_with_the_settings_of_every_day(folder: Path, clock: Clock, seed: int) -> None:
    """With floor, limit and budget as shipped, what is shown is some of what may be."""
    tally = await story(folder, clock, seed, MemorySettings(), recalls=300)

    assert tally.leaked == []
    assert tally.shown > 0


def every_scope(
    asker: Scope, place: Place, others: Sequence[Scope] = (), *, notes: bool = True
) -> list[tuple[Scope, Rule]]:
    """Search everybody, as if the filter on scopes had been forgotten."""
    everybody = [
        Scope(platform, guild, one) for platform, guilds in GUILDS.items() for guild in guilds for one in PEOPLE
    ]
    return [(scope, Rule(own=True, asked_in=place)) for scope in everybody]


permits = Rule.permits


def anything(rule: Rule, setting: Setting) -> bool:
    """Permit whatever was said anywhere."""
    return True


def any_channel(rule: Rule, setting: Setting) -> bool:
    """Permit by the kind of place alone, as if all channels were one."""
    return permits(rule, replace(setting, channel_id=rule.asked_in.channel_id))


def no_strangers(rule: Rule, setting: Setting) -> bool:
    """Permit as if nobody from outside the guild were anywhere."""
    return permits(replace(rule, asked_in=replace(rule.asked_in, is_shared=False)), setting)


async def test_the_check_notices_a_search_of_all_scopes(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the filter on scopes, other people's memories are reported."""
    monkeypatch.setattr(core, "readable", every_scope)

    tally = await story(folder, clock, seed=0, recalls=40)

    assert len(tally.leaked) > 30


@pytest.mark.parametrize("broken", [anything, any_channel, no_strangers])
async def test_the_check_notices_a_broken_rule(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, broken: object
) -> None:
    """Control: a rule that permits everything, or forgets to look at the channel or at who is in it, is found out."""
    monkeypatch.setattr(Rule, "permits", broken)

    tally = await story(folder, clock, seed=0, recalls=120)

    assert len(tally.leaked) > 5


async def test_the_check_notices_threads_that_are_taken_for_their_channel(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a private thread that has the kind of its own but the channel of its parent is found out."""
    monkeypatch.setattr(
        Spot, "place", property(lambda spot: Place(spot.kind, spot.channel, spot.thread or spot.huddle))
    )

    tally = await story(folder, clock, seed=0, recalls=400)

    assert len(tally.leaked) > 5


async def test_the_check_notices_a_rule_that_is_too_strict(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a rule that permits nothing leaks nothing, and is found out by what is missing."""
    monkeypatch.setattr(Rule, "permits", lambda rule, setting: False)

    tally = await story(folder, clock, seed=0, recalls=40)

    assert tally.leaked == []
    assert len(tally.missing) > 30
