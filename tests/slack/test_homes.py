"""Whose home tabs are known, and which of them are to follow a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack.interface import homes as module
from adapters.slack.interface.homes import Homes, HomeTab
from bot.errors import PlatformError
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.notes import Notes
from bot.types import Scope
from tests.memory.folders import Clock
from tests.slack.world import World
from tests.worlds import PATIENCE_S

ANN, BEN, ZOE = (Scope("slack", *ids) for ids in (("T1", "U1"), ("T1", "U2"), ("T2", "U1")))


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    """What the adapter keeps."""
    async with Database.open(tmp_path, Clock()) as database:
        yield Notes(Ledger(database), "slack")


@pytest.fixture
async def homes(notes: Notes) -> Homes:
    """Tabs of two people in one workspace, and of one in another."""
    known = Homes("slack", notes)
    for scope in (ANN, BEN, ZOE):
        await known.sent(scope, HomeTab("{}", 1))
    return known


async def test_changes_are_gathered(homes: Homes) -> None:
    """Several of one person lead to one tab, of a person without one to none."""
    for scope in (ANN, ANN, Scope("slack", "T1", "U9"), Scope("discord", "T1", "U2"), ANN):
        homes.changed(scope)

    assert await homes.due() == {ANN}


async def test_note_for_everyone_may_be_anybodys(homes: Homes) -> None:
    """All tabs of its workspace are looked at."""
    homes.changed(ANN.shared)

    assert await homes.due() == {ANN, BEN}


async def test_change_while_tabs_follow_is_not_lost(homes: Homes) -> None:
    """It is due the next time, and nothing is due twice."""
    homes.changed(ANN)
    first = await homes.due()
    homes.changed(ZOE)
    second = await homes.due()
    third = asyncio.ensure_future(homes.due())
    await asyncio.sleep(0)
    third.cancel()

    assert (first, second, third.done()) == ({ANN}, {ZOE}, False)


async def test_what_is_known_survives_a_restart(homes: Homes, notes: Notes) -> None:
    """But for what a tab showed, so that it is sent again after the first change."""
    await homes.forget("T2")
    after = Homes("slack", notes)
    await after.load()

    assert [after.get(scope) for scope in (ANN, BEN, ZOE)] == [HomeTab(), HomeTab(), None]


async def test_so_many_are_known(homes: Homes, notes: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was quiet longest is forgotten first."""
    monkeypatch.setattr(module, "MOST_HOMES", 3)
    await homes.sent(ANN, HomeTab("{}", 2))
    await homes.sent(Scope("slack", "T3", "U3"), HomeTab("{}", 1))

    assert (homes.get(ANN), homes.get(BEN)) == (HomeTab("{}", 2), None)
    assert await notes.get("home tabs") == "T2 U1\nT1 U1\nT3 U3"


async def test_home_follows_a_conversation(world: World) -> None:
    """With what a message taught and what its deletion took, for somebody who opened theirs before a restart."""
    async with world.bot():
        await world.ann.opens_home()
        await world.server.until(lambda: world.server.home(world.ann), PATIENCE_S)
    home = world.server.home(world.ann)
    assert home is not None
    async with world.bot():
        said = await world.mention("I'm allergic to walnuts")
        await world.server.until(lambda: "walnuts" in home.shown, PATIENCE_S)
        await world.answered(said)
        await world.ann.deletes(said)
        await world.server.until(lambda: "walnuts" not in home.shown, PATIENCE_S)

    assert "I remember nothing about you yet." in home.shown


async def test_homes_of_a_workspace_that_removed_the_app_are_forgotten(world: World) -> None:
    """No note names its people."""
    async with world.started() as bot:
        await world.is_ready(bot)
        await world.ann.opens_home()
        await world.server.until(lambda: world.server.home(world.ann), PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            while not await bot.app.notes("slack").get("home tabs"):  # noqa: ASYNC110 - the notes tell nobody
                await asyncio.sleep(0.01)
        await world.server.team.uninstalls()
        with pytest.raises(PlatformError, match="removed the app"):
            await bot.ended()

        assert await bot.app.notes("slack").get("home tabs") == ""
