"""Which words of a reply are shown to the letter: the bot's own, which may repeat what a person said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.events import ReplyText
from bot.types import Policy
from tests.assistant.talking import ANN, House, Reply, Talk


def plain(reply: Reply) -> set[bool]:
    """Return whether a reply's texts are plain: one thing for all of them."""
    return {part.plain for part in reply.parts if isinstance(part, ReplyText)}


@pytest.mark.parametrize("text", ["/memories", "/recall tea", "/why", "/undo", "/forget tea", "/privacy", "/dance"])
async def test_answers_to_commands(offline: Talk, text: str) -> None:
    """Memories stand in them as they were said."""
    await offline.say("I like *green* tea.")

    assert plain(await offline.say(text)) == {True}


async def test_answers_from_memory(offline: Talk) -> None:
    """Without a model, memories are quoted."""
    await offline.say("I like *green* tea.")

    assert plain(await offline.say("What do I like?")) == {True}


async def test_a_models_answer(online: Talk) -> None:
    """Is Markdown."""
    assert plain(await online.say("Good morning!")) == {False}


async def test_answer_beyond_the_budget(home: House) -> None:
    """Is one from memory, whoever could have given it."""
    async with home.changed(limits={"tokens_per_day_per_guild": 1}).opened() as talk:
        assert plain(await talk.say("I like *green* tea.")) == {True}


async def test_lines_that_name_commands(offline: Talk) -> None:
    """Where the bot is not to be used, and to somebody who opted out."""
    await offline.say("/privacy opt-out")
    opted_out = await offline.say("hello")
    elsewhere = Policy(channels=frozenset({"elsewhere"}))
    await offline.app.policies.set(ANN.platform, ANN.guild_id, elsewhere)
    refused = await offline.hear(replace(offline.message("tea"), command="remember"))

    assert "/privacy opt-in" in opted_out.text
    assert (plain(opted_out), plain(refused)) == ({True}, {True})
