"""The daily ceiling of a guild: reserved before a call, never passed, and gone with the day."""

from __future__ import annotations

import asyncio

import pytest

from bot.protocols import Usage
from bot.types import Scope
from tests.assistant.talking import ANN, House
from tests.servers.openai_server import OpenAIServer

USED_UP = "Today's budget for the chat model is used up"
REPLY_TOKENS = 100
CEILING = 1000
ANN_GUILD = (ANN.platform, ANN.guild_id)


@pytest.fixture
def home(home: House) -> House:
    """A bot whose guilds may use 1,000 tokens a day."""
    return home.changed(openai={"max_reply_tokens": REPLY_TOKENS}, limits={"tokens_per_day_per_guild": CEILING})


async def test_over_the_ceiling_memories_answer(home: House, server: OpenAIServer) -> None:
    """Without budget the reply comes from memory alone and says why; the message is remembered, nothing is sent."""
    async with home.changed(limits={"tokens_per_day_per_guild": 1}).opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        heard = await talk.say("What is my cat called?")

        assert "“My cat is called Minka.”" in heard.text
        assert USED_UP in heard.text
        assert await talk.texts() == ["My cat is called Minka."]
        assert server.requests == []


async def test_ceiling_holds_under_200_attempts_at_once(home: House, server: OpenAIServer) -> None:
    """Of 200 people who ask at once, as many are answered by the model as the ceiling has room for, and no more."""
    heard, spent = await _ask_at_once(home)

    answered = sum(USED_UP not in text for text in heard)
    assert answered == len(server.requests)
    assert 0 < answered < 20
    assert spent <= CEILING


async def test_the_check_notices_a_ceiling_without_reservations(
    home: House, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a ledger that looks at settled calls alone lets the same attempts pass the ceiling."""
    monkeypatch.setattr("bot.store.ledger._reserved", lambda *_: 0)  # the mutant

    _, spent = await _ask_at_once(home)

    assert spent > CEILING


async def test_ceiling_survives_a_restart_and_ends_with_the_day(home: House) -> None:
    """The next run finds the budget spent; another guild has its own, and the next day begins a new one."""
    async with home.opened() as talk:
        await talk.meet()
        before = await talk.say("Hello!")
        reserved = await talk.app.ledger.reserve(*ANN_GUILD, talk.clock().date(), 1, CEILING)
        assert reserved is not None
        await talk.app.ledger.settle(reserved, Usage(CEILING - 200, 0))  # what other members used
    async with home.opened() as talk:
        after = await talk.say("Hello!")
        elsewhere = await talk.say("Hello!", scope=Scope("discord", "other guild", "ann"))
        talk.clock.advance(hours=12)
        tomorrow = await talk.say("Hello!")

    used_up = [USED_UP in heard.text for heard in (before, after, elsewhere, tomorrow)]
    assert used_up == [False, True, False, False]


async def test_reservation_of_a_killed_call_counts_as_spent(home: House) -> None:
    """Tokens that a call set aside before its process died are not given out again that day."""
    async with home.opened() as talk:
        await talk.app.ledger.reserve(*ANN_GUILD, talk.clock().date(), CEILING, CEILING)
    async with home.opened() as talk:
        heard = await talk.say("Hello!")

    assert USED_UP in heard.text


async def _ask_at_once(house: House) -> tuple[list[str], int]:
    """Let 200 people ask at once; return what they heard, and the tokens that were spent."""
    async with house.opened() as talk:
        people = [Scope("discord", "guild", f"person {number}") for number in range(200)]
        await talk.meet(*people)
        heard = await asyncio.gather(*(talk.say("Hello!", scope=person) for person in people))
        used, reserved = await talk.app.ledger.usage(ANN.platform, ANN.guild_id, talk.clock().date())
        return [one.text for one in heard], used.prompt_tokens + used.completion_tokens + reserved
