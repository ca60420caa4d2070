"""Memories that nothing used for too long go, a few at a time, and nothing else does."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.memory.core import MemoryCore
from bot.memory.upkeep import MOST_AT_ONCE, RetentionDays
from bot.types import Action, Place, PlaceKind, Reach, Scope, Statement
from tests.memory.folders import ANNA, BEN, PUBLIC, Clock, told
from tests.store.remains import contents

ELSEWHERE = Scope("slack", "other guild", "anna")


def days(by_guild: Mapping[str, int]) -> RetentionDays:
    """Return retention times by guild id; 0 for a guild that is not named."""

    async def of(_: str, guild_id: str) -> int:
        return by_guild.get(guild_id, 0)

    return of


async def test_what_lies_idle_goes_from_disk(core: MemoryCore, clock: Clock, folder: Path) -> None:
    """After its days a memory is erased, shared notes too; a newer one, a pinned one and another guild's stay."""
    await core.remember(ANNA, told("My cat is called Miso"))
    await core.remember(ANNA, told("The wifi is called Heron", reach=Reach.EVERYONE))
    pinned = (await core.remember(BEN, told("I love oolong tea"))).memory
    assert pinned
    await core.pin(BEN, pinned.id)
    await core.remember(ELSEWHERE, told("I work as a baker"))
    clock.move(days=60)
    await core.remember(ANNA, told("I live in Lisbon"))
    clock.move(days=30, seconds=1)

    gone = await core.erase_idle(days({"guild": 90}))

    assert gone == 2
    assert [memory.text for memory in await core.list(ANNA)] == ["I live in Lisbon"]
    assert await core.list(ANNA.shared) == []
    assert len(await core.list(BEN)) == len(await core.list(ELSEWHERE)) == 1
    assert not any(word in content for content in contents(folder) for word in (b"Miso", b"Heron"))
    assert (await core.recall(ANNA, "what is my cat called?", place=PUBLIC)).hits == ()


async def test_nothing_goes_before_its_time(core: MemoryCore, clock: Clock) -> None:
    """To the second; and where no time is set, never."""
    await core.remember(ANNA, told("My cat is called Miso"))
    clock.move(days=90)

    assert await core.erase_idle(days({"guild": 90})) == 0
    clock.move(days=9000)
    assert await core.erase_idle(days({})) == 0
    assert len(await core.list(ANNA)) == 1


async def test_a_clock_that_jumps_does_not_empty_the_folder(
    core: MemoryCore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten years ahead, a run takes the oldest few, says how many were due, and the others stay."""
    await _fill(core, clock, 50)
    clock.move(days=3650)

    gone = await core.erase_idle(days({"guild": 90}))

    left = [memory.text for memory in await core.list(ANNA)]
    assert gone == MOST_AT_ONCE
    assert left == [f"number {number} of 50" for number in range(49, MOST_AT_ONCE - 1, -1)]
    assert [record.getMessage()[:25] for record in caplog.records if record.levelno == logging.WARNING] == [
        "50 memories are to go afte"[:25]
    ]


async def test_without_the_bound_a_jump_would_empty_it(
    core: MemoryCore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: it is the bound that keeps the others."""
    monkeypatch.setattr("bot.memory.upkeep.MOST_AT_ONCE", 1000)
    await _fill(core, clock, 50)
    clock.move(days=3650)

    await core.erase_idle(days({"guild": 90}))

    assert await core.list(ANNA) == []


async def test_a_clock_that_jumps_back_erases_nothing(core: MemoryCore, clock: Clock) -> None:
    """Years before they were made, memories are no older."""
    await _fill(core, clock, 30)
    clock.move(days=-3650)

    assert await core.erase_idle(days({"guild": 1})) == 0
    assert len(await core.list(ANNA)) == 30


async def test_few_go_without_a_word(core: MemoryCore, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Up to the bound there is nothing to warn of."""
    await _fill(core, clock, MOST_AT_ONCE)
    clock.move(days=91)

    assert await core.erase_idle(days({"guild": 90})) == MOST_AT_ONCE
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_went_by_itself_can_be_learned_again(core: MemoryCore, clock: Clock) -> None:
    """Nobody asked to forget it: the same line of an import teaches it anew, which a forgotten one does not."""
    for text, source_id in (("My cat is called Miso", "m1"), ("I love oolong tea", "m2")):
        await core.remember(ANNA, told(text, source_id=source_id))
    (tea, _) = await core.list(ANNA)
    await core.unlearn(ANNA, tea.sources[0].id)
    clock.move(days=91)
    await core.erase_idle(days({"guild": 90}))

    again = [
        (await core.remember(ANNA, told(text, source_id=source_id))).action
        for text, source_id in (("My cat is called Miso", "m1"), ("I love oolong tea", "m2"))
    ]

    assert again == [Action.KEPT, Action.DROPPED]


async def _fill(core: MemoryCore, clock: Clock, count: int) -> None:
    """Remember numbered texts, each a second after the one before."""
    place = Place(PlaceKind.PUBLIC, "square")
    for number in range(count):
        clock.move(seconds=1)
        await core.remember(ANNA, Statement(f"number {number} of {count}", place, as_given=True))
