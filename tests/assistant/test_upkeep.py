"""What a bot that stays open removes by itself: guilds it left, idle memories, old replies, questions without a yes."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.app import opened
from bot.errors import StoreError
from bot.events import GuildLeft
from bot.types import Policy, Scope
from tests.assistant.talking import ANN, BEN, House, Talk

OTHER = Scope("discord", "other guild", "ann")
GUILD = (ANN.platform, ANN.guild_id)
WEEK = timedelta(days=7)


async def test_a_guild_that_was_left_is_forgotten_after_its_time(alone: House) -> None:
    """Not before, and no other; then nothing of it is on disk."""
    async with alone.opened() as talk:
        await _remember(talk, "My cat is called Minka", ANN, OTHER)
        await talk.app.policies.set(*GUILD, Policy(persona="Pirate 5a1c"))
        await talk.app.assistant.left(GuildLeft(*GUILD, WEEK))
        talk.clock.advance(days=6, hours=23)
        await talk.app.expiry().once()
        early = await talk.texts(ANN)
        talk.clock.advance(hours=1)
        await talk.app.expiry().once()

        assert early == ["My cat is called Minka"]
        assert await talk.memories(ANN) == []
        assert await talk.texts(OTHER) == ["My cat is called Minka"]
        assert await talk.app.policies.of(*GUILD) == Policy()
        assert await talk.app.ledger.due_purges(talk.clock()) == []


async def test_a_guild_that_came_back_is_not_forgotten(offline: Talk) -> None:
    """Joining again within the grace period keeps everything."""
    await _remember(offline, "My cat is called Minka", ANN)
    await offline.app.assistant.joined(*GUILD)
    await offline.app.assistant.left(GuildLeft(*GUILD, WEEK))

    new = await offline.app.assistant.joined(*GUILD)
    offline.clock.advance(days=30)
    await offline.app.expiry().once()

    assert not new
    assert await offline.texts() == ["My cat is called Minka"]


async def test_idle_memories_go_by_the_shorter_of_two_times(alone: House) -> None:
    """The operator's, or what the guild's admins chose below it; what an answer used stays."""
    async with alone.changed(memory={"retention_days": 90}).opened() as talk:
        await talk.meet()
        await _remember(talk, "My cat is called Minka", ANN, OTHER)
        await _remember(talk, "The bins go out on Monday", ANN, OTHER)
        await talk.app.policies.set(*GUILD, Policy(retention_days=30))
        talk.clock.advance(days=29)
        await talk.say("What is my cat called?")
        talk.clock.advance(days=2)
        await talk.app.expiry().once()
        month = [await talk.texts(scope) for scope in (ANN, OTHER)]
        talk.clock.advance(days=60)
        await talk.app.expiry().once()

        assert month == [["My cat is called Minka"], ["My cat is called Minka", "The bins go out on Monday"]]
        assert [await talk.texts(scope) for scope in (ANN, OTHER)] == [[], []]


async def test_one_sort_that_fails_leaves_the_others(offline: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """A purge that the disk refuses is told of and tried again; the rest is done."""
    await _remember(offline, "My cat is called Minka", ANN)
    await offline.app.ledger.leave("discord", "broken", offline.clock())
    await offline.say("I was diagnosed with asthma", scope=BEN)
    offline.clock.advance(minutes=6)
    expiry = offline.app.expiry()

    async def refused(platform: str, guild_id: str) -> None:
        raise StoreError("could not store: disk full")

    expiry._purge = refused
    await expiry.once()

    assert await offline.memories(BEN) == []
    assert await offline.app.ledger.due_purges(offline.clock()) == [("discord", "broken")]
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING and r.name == "bot.upkeep"] == [
        "what is over stays for now: could not store: disk full"
    ]


async def test_an_open_bot_removes_what_is_over_by_itself(alone: House) -> None:
    """At the start already, so that a bot that is restarted often keeps nothing for longer."""
    async with alone.opened() as talk:
        await _remember(talk, "My cat is called Minka", ANN)
        await talk.app.ledger.leave(*GUILD, talk.clock())
    async with opened(alone.settings, alone.clock, upkeep=True) as app:
        async with asyncio.timeout(10):
            while await app.ledger.due_purges(alone.clock()):
                pass

        assert await app.core.list(ANN) == []


async def _remember(talk: Talk, text: str, *scopes: Scope) -> None:
    for scope in scopes:
        await talk.say(f"/remember {text}", scope=scope)
