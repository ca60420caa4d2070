"""Whoever watches is told of every change that a list of memories would show, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.types import Memory, Mode, Reach, Scope, Status
from tests.memory.folders import ANNA, PUBLIC, Clock, told
from tests.memory.test_retention import days

TEA = "I love oolong tea"

Change = Callable[[MemoryCore], Awaitable[object]]


CHANGES: dict[str, Change] = {
    "remember": lambda core: core.remember(ANNA, told("My cat is called Miso")),
    "follow": lambda core: core.follow(ANNA, told("I love green tea", source_id="m1")),
    "edited to nothing": lambda core: core.follow(ANNA, told("", source_id="m1")),
    "undo": lambda core: core.undo(ANNA),
    "unlearn": lambda core: core.unlearn(ANNA, "m1"),
    "forget": lambda core: core.forget(ANNA, Selection(), words="tea"),
    "forget all": lambda core: core.forget_all(ANNA),
    "retention": lambda core: core.erase_idle(days({"guild": 1})),
    "mode": lambda core: core.set_mode(ANNA, Mode.OFF),
    "pause": lambda core: core.enter_mode(ANNA, Mode.COMMANDS),
    "resume": lambda core: core.leave_mode(ANNA, Mode.COMMANDS),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_change_is_told(core: MemoryCore, clock: Clock, change: Change) -> None:
    """Once it is on disk, whatever made it."""
    await core.remember(ANNA, told(TEA, source_id="m1"))
    clock.move(days=2)
    heard = list[Scope]()
    with core.watched(heard.append):
        await change(core)

    assert set(heard) == {ANNA}


CHANGES_OF_ONE: dict[str, Callable[[MemoryCore, Memory], Awaitable[object]]] = {
    "edit": lambda core, memory: core.edit(ANNA, memory.id, "I have asthma"),
    "pin": lambda core, memory: core.pin(ANNA, memory.id),
    "accept": lambda core, memory: core.accept(ANNA, memory.id),
    "expire": lambda core, memory: core.expire_proposals(memory.created + timedelta(days=8)),
}


@pytest.mark.parametrize("change", CHANGES_OF_ONE.values(), ids=CHANGES_OF_ONE)
async def test_change_of_one_memory_is_told(
    core: MemoryCore, change: Callable[[MemoryCore, Memory], Awaitable[object]]
) -> None:
    """Of one that waits for a yes, too."""
    proposed = (await core.remember(ANNA, told("I have diabetes"))).memory
    assert proposed is not None
    heard = list[Scope]()
    with core.watched(heard.append):
        await change(core, proposed)

    assert proposed.status is Status.PROPOSED
    assert heard == [ANNA]


async def test_note_for_everyone_is_told_as_one(core: MemoryCore) -> None:
    """By the scope that holds it."""
    heard = list[Scope]()
    with core.watched(heard.append):
        await core.remember(ANNA, told("The wifi is called Heron", reach=Reach.EVERYONE))

    assert heard == [ANNA.shared]


async def test_what_is_told_can_be_read(core: MemoryCore) -> None:
    """Nobody is told before it is so."""
    looks = list[asyncio.Task[Sequence[Memory]]]()

    def look(scope: Scope) -> None:
        looks.append(asyncio.ensure_future(core.list(scope)))

    with core.watched(look):
        await core.remember(ANNA, told(TEA))
        await looks[0]
        await core.forget_all(ANNA)
    found = await asyncio.gather(*looks)

    assert [[memory.text for memory in memories] for memories in found] == [[TEA], []]


async def test_looking_is_no_change(core: MemoryCore) -> None:
    """Nor is hearing again what is known, nor forgetting what is not; and a watcher that left hears nothing."""
    await core.remember(ANNA, told(TEA, source_id="m1"))
    heard = list[Scope]()
    with core.watched(heard.append):
        await core.recall(ANNA, "what do I drink?", place=PUBLIC)
        await core.list(ANNA)
        await core.export(ANNA)
        await core.remember(ANNA, told(TEA, source_id="m2"))
        await core.forget(ANNA, Selection(), words="coffee")
    await core.forget_all(ANNA)

    assert heard == []
