"""What was said while the bot was away."""

from __future__ import annotations

import pytest

from adapters.discord import identifying
from adapters.discord.watermark import MOST_DIRECT, Watermark
from bot.app import opened
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import PATIENCE_S, World


@pytest.fixture
async def away(world: World, echo: EchoAssistant) -> World:
    """A world whose bot was there for a while and went."""
    there = world.changed_to(discord={"catch_up_minutes": 15.0})
    async with there.bot(echo):
        await there.answered(await there.ann.says(there.general, f"{there.server.mention} before"), "before")
        await there.answered(await there.ann.says(there.ann.dm, "before"), "before")
    echo.heard.clear()
    return there


async def heard(world: World, echo: EchoAssistant) -> list[str]:
    """Return what a bot that comes back hears, until all is quiet."""
    async with world.bot(echo):
        await world.server.settled(quiet_s=0.3)
    return [message.text for message in echo.heard if message.text != "before"]  # an echo forgets whom it answered


async def test_missed_mentions_and_messages_are_answered(away: World, echo: EchoAssistant) -> None:
    """In channels, threads and direct messages, each as a reply; talk of others is not for the bot."""
    thread = away.general.add_thread("talk")
    asked = [
        await away.ann.says(away.general, f"{away.server.mention} one"),
        await away.ann.says(thread, f"{away.server.mention} two"),
        await away.ann.says(away.ann.dm, "three"),
    ]
    await away.ben.says(away.general, "not this")
    async with away.bot(echo):
        for message in asked:
            await away.answered(message, "You said")

    assert {message.text for message in echo.heard} >= {"one", "two", "three"}
    assert "not this" not in {message.text for message in echo.heard}


async def test_only_once(away: World) -> None:
    """What was answered before is looked at again and known: by the bot itself, whose inbox knows."""
    async with away.bot():
        asked = await away.ann.says(away.general, f"{away.server.mention} one")
        await away.answered(asked)
    missed = await away.ann.says(away.general, f"{away.server.mention} two")
    for _ in range(2):
        async with away.bot():
            await away.answered(missed)
            await away.server.settled(quiet_s=0.3)

    assert [len(away.server.replies_to(message)) for message in (asked, missed)] == [1, 1]


async def test_first_run_ever_misses_nothing(world: World, echo: EchoAssistant) -> None:
    """What was said before the bot came is none of its business."""
    await world.ann.says(world.general, f"{world.server.mention} too early")

    assert await heard(world.changed_to(discord={"catch_up_minutes": 15.0}), echo) == []


async def test_nothing_was_said_in_the_first_run(world: World, echo: EchoAssistant) -> None:
    """What is said after it is missed all the same."""
    later = world.changed_to(discord={"catch_up_minutes": 15.0})
    async with later.bot(echo):
        await later.server.settled(quiet_s=0.1)
    await later.ann.says(later.general, f"{later.server.mention} one")

    assert await heard(later, echo) == ["one"]


async def test_old_ones_are_left(away: World, echo: EchoAssistant) -> None:
    """Nobody waits for an answer any more."""
    await away.ann.says(away.general, f"{away.server.mention} old")
    short = away.changed_to(discord={"catch_up_minutes": 0.001})
    await away.server.settled(quiet_s=0.1)

    assert "old" not in await heard(short, echo)


async def test_only_the_last_of_many(away: World, echo: EchoAssistant) -> None:
    """A busy channel does not keep the bot from the others."""
    for number in range(6):
        await away.ann.says(away.general, f"{away.server.mention} {number}")

    assert await heard(away.changed_to(discord={"catch_up_messages": 3}), echo) == ["3", "4", "5"]


async def test_nothing_when_switched_off(away: World, echo: EchoAssistant) -> None:
    """Zero minutes."""
    await away.ann.says(away.general, f"{away.server.mention} one")
    await away.ann.says(away.ann.dm, "two")

    assert await heard(away.changed_to(discord={"catch_up_minutes": 0.0}), echo) == []


async def test_new_session_without_a_restart(away: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord forgot the old one, and with it what was said meanwhile."""
    monkeypatch.setattr(identifying, "APART_S", 0.1)  # five seconds otherwise
    async with away.bot(echo):
        away.server.gateway.invalidate()
        asked = await away.ann.says(away.general, f"{away.server.mention} meanwhile")
        await away.server.until(lambda: away.server.gateway.identifies == 3, PATIENCE_S)
        await away.answered(asked, "meanwhile")


class TestWatermark:
    """How far messages were taken in."""

    async def test_waits_for_what_is_not_in_safe_hands(self, world: World) -> None:
        """After a kill, what was seen and not yet handed over is looked at again."""
        async with opened(world.settings) as app:
            watermark = Watermark(app.notes("discord"))
            first, second = watermark.take(10), watermark.take(20)
            second.done()
            await watermark.save()
            early = await Watermark(app.notes("discord")).load()
            first.done()
            await watermark.save()
            late = await Watermark(app.notes("discord")).load()

        assert (early, late) == (9, 20)

    async def test_knows_the_direct_channels_used_last(self, world: World) -> None:
        """So many, the one used last at the end."""
        async with opened(world.settings) as app:
            watermark = Watermark(app.notes("discord"))
            for number in range(MOST_DIRECT + 10):
                watermark.take(number + 1, direct_id=number).done()
            watermark.take(1000, direct_id=50).done()
            await watermark.save()
            later = Watermark(app.notes("discord"))
            await later.load()

        assert len(later.direct) == MOST_DIRECT
        assert later.direct[-1] == 50

    async def test_nothing_is_known_at_first(self, world: World) -> None:
        """None is not zero: nothing was missed."""
        async with opened(world.settings) as app:
            assert await Watermark(app.notes("discord")).load() is None
