"""What a platform allows of memory: how long one may be, and how long it stays; others are as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import InputError
from bot.events import MessageEdited
from bot.types import Action, Policy, Scope
from tests.assistant.talking import ANN, GENERAL, House, Talk

SLACK = Scope("slack", "T1", "ann")
LONG = "I'm allergic to walnuts, and that is why I never eat cake" + " or cookies" * 24 + "."
SHORT = "I'm allergic to walnuts."


@pytest.fixture
async def talk(alone: House) -> AsyncIterator[Talk]:
    """A bot with the default limits, which knows Ann already on two platforms."""
    async with alone.opened() as opened:
        await opened.meet(SLACK, ANN)
        yield opened


async def test_a_long_statement_is_let_go(talk: Talk) -> None:
    """What is too long on one platform is kept on another; nobody asked for it, so it is no refusal."""
    here = await talk.say(LONG, scope=SLACK)
    elsewhere = await talk.say(LONG, scope=ANN)

    assert here.actions == [Action.DROPPED]
    assert here.end.outcomes[0].reason == f"it has {len(LONG)} characters, a memory at most 300"
    assert elsewhere.actions == [Action.KEPT]
    assert await talk.texts(SLACK) == []


async def test_the_limit_itself_is_not_too_long(talk: Talk) -> None:
    """Three hundred characters are kept, one more is not."""
    said = [("I love tea" + " and tea" * 40)[:most] for most in (300, 301)]

    assert [(await talk.say(text, scope=SLACK)).actions for text in said] == [[Action.KEPT], [Action.DROPPED]]


@pytest.mark.parametrize("command", ["/remember ", "Please remember that "])
async def test_a_long_request_is_refused_with_the_limit(talk: Talk, command: str) -> None:
    """Who asks is told why it was not kept."""
    reply = await talk.say(command + LONG, scope=SLACK)

    assert reply.actions == [Action.REFUSED]
    assert reply.end.outcomes[0].reason.endswith("characters, a memory at most 300")
    assert await talk.texts(SLACK) == []


async def test_the_command_says_the_limit(talk: Talk) -> None:
    """The answer to /remember names what was found and what was expected."""
    reply = await talk.say(f"/remember {LONG}", scope=SLACK)

    assert reply.text == f"I have not kept that: it has {len(LONG)} characters, a memory at most 300."


async def test_an_edit_cannot_pass_the_limit(talk: Talk) -> None:
    """A memory that is made longer than the limit stays as it was."""
    await talk.say(SHORT, scope=SLACK)
    (memory,) = await talk.memories(SLACK)

    with pytest.raises(InputError, match=r"not changed: it has \d+ characters, a memory at most 300"):
        await talk.app.panel.edit(SLACK, memory.id, LONG)

    assert await talk.texts(SLACK) == [SHORT]


async def test_a_message_that_grows_too_long_teaches_nothing(talk: Talk) -> None:
    """What was learned from it goes, as it does when it says nothing worth keeping any more."""
    message = talk.message(SHORT, scope=SLACK)
    await talk.hear(message)
    event = MessageEdited("edit", SLACK, GENERAL, message.author, LONG, message.source_id, talk.clock())

    await talk.app.assistant.edited(event)

    assert await talk.texts(SLACK) == []


async def test_without_a_limit_of_its_own_it_is_like_the_others(alone: House) -> None:
    """0 takes the limit away."""
    async with alone.changed(slack={"memory_characters": 0, "memory_days": 0}).opened() as talk:
        await talk.meet(SLACK)

        assert (await talk.say(LONG, scope=SLACK)).actions == [Action.KEPT]
        assert await talk.app.policies.retention_days("slack", "T1") == 0


async def test_unused_memories_go_after_the_platforms_days(talk: Talk) -> None:
    """Ninety days after its last use a memory of Slack goes; the same on Discord stays."""
    await talk.say(SHORT, scope=SLACK)
    await talk.say(SHORT, scope=ANN)

    left = []
    for wait in (timedelta(days=89), timedelta(days=2)):
        talk.clock.now += wait
        await talk.app.expiry().once()
        left.append([await talk.texts(scope) for scope in (SLACK, ANN)])

    assert left == [[[SHORT], [SHORT]], [[], [SHORT]]]


@pytest.mark.parametrize(("operator", "holds"), [(0, 90), (365, 90), (30, 30)])
async def test_the_shorter_of_two_times_holds(alone: House, operator: int, holds: int) -> None:
    """The operator's own time, where it is shorter; /privacy names the one that holds where it is asked."""
    async with alone.changed(memory={"retention_days": operator}).opened() as talk:
        await talk.meet(SLACK)

        assert await talk.app.policies.retention_days("slack", "T1") == holds
        assert f"not used for {holds} days goes by itself" in (await talk.say("/privacy", scope=SLACK)).text


async def test_admins_choose_below_the_platforms_days(talk: Talk) -> None:
    """Less is theirs to choose, more is not; elsewhere it is."""
    await talk.app.policies.set("slack", "T1", Policy(retention_days=30))
    await talk.app.policies.set("discord", "guild", Policy(retention_days=91))

    assert await talk.app.policies.retention_days("slack", "T1") == 30
    with pytest.raises(InputError, match="retention is 91 days, expected 1 to 90, or default"):
        await talk.app.policies.set("slack", "T1", Policy(retention_days=91))
