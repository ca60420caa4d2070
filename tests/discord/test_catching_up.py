"""What was said while the bot was away."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord import client, identifying
from adapters.discord.watermark import MOST_DIRECT, Watermark
from bot.app import opened
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World
from tests.worlds import PATIENCE_S


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


async def test_reply_that_was_begun_goes_on(away: World, echo: EchoAssistant) -> None:
    """In the message that is there, however long ago it was sent: a nonce does not live that long."""
    asked = await away.ann.says(away.general, f"{away.server.mention} one")
    begun = away.server.post(away.general, away.server.bot, "You s", reference=asked)
    direct = await away.ann.says(away.ann.dm, "two")
    begun_directly = away.server.post(away.ann.dm, away.server.bot, "Yo", reference=direct)
    async with away.bot(echo):
        await away.answered(asked, "You said one")
        await away.answered(direct, "You said two")

    assert away.server.replies_to(asked) == [begun]
    assert away.server.replies_to(direct) == [begun_directly]


async def test_line_of_the_adapters_own_is_not_said_twice(away: World, echo: EchoAssistant) -> None:
    """The assistant does not know of it, so what stands there tells."""
    asked = await away.ann.says(away.general, f"{away.guild.bot_role.mention} hello")
    away.server.post(away.general, away.server.bot, "I can't read that.", reference=asked)
    await heard(away, echo)

    assert len(away.server.replies_to(asked)) == 1


async def test_missed_edits_are_followed(away: World, echo: EchoAssistant) -> None:
    """Of the last messages, where something was said since; also of one that was answered long before."""
    channel = {message.content: message for message in away.general.messages.values()}
    early = channel[f"{away.server.mention} before"]
    away.server.advance(600)  # seconds
    async with away.bot(echo):
        await away.answered(await away.ann.says(away.general, f"{away.server.mention} there"), "there")
    away.server.advance(120)
    echo.edits.clear()
    await away.ann.edits(early, f"{away.server.mention} after")
    await away.ann.says(away.general, f"{away.server.mention} one")
    echo.heard.clear()
    await heard(away, echo)

    assert [(event.text, event.source_id) for event in echo.edits] == [("after", str(early.id))]
    assert str(early.id) not in {message.source_id for message in echo.heard}


async def test_missed_messages_are_taken_some_at_a_time(
    away: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over all channels: the others wait until one of them is answered."""
    monkeypatch.setattr(client, "MOST_CAUGHT_UP", 2)  # fifty otherwise
    for number in range(3):
        await away.ann.says(away.general, f"{away.server.mention} {number}")
        await away.ben.says(away.ben.dm, f"{number}")
    assistant = ScriptedAssistant(more := asyncio.Event(), "Fine.")
    async with away.bot(assistant):
        await away.server.settled(quiet_s=0.2)
        at_once = len(assistant.heard)
        more.set()
        await away.server.until(lambda: len(assistant.heard) >= 3)

    assert at_once == 2


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
