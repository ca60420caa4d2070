"""Where people from outside the guild read along, nothing that was said elsewhere in the guild reaches them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.types import Place, PlaceKind, Policy
from tests.assistant.talking import ANN, BEN, DM, GENERAL, House, Talk
from tests.servers.openai_server import OpenAIServer

SHARED = Place(PlaceKind.PRIVATE, "partners", is_shared=True)


@pytest.mark.parametrize(
    "command", ["/recall what is my cat called?", "/memories", "/forget cat", "What is my cat called?"]
)
async def test_what_was_said_elsewhere_is_not_shown(offline: Talk, command: str) -> None:
    """Whatever the place was, and for whom it was said; what was said in the channel itself is."""
    await offline.say("My cat is called Minka.")
    await offline.say("/remember for:anywhere My cat Minka is grey", place=DM)
    await offline.say("My cat is afraid of Rex.", place=SHARED)

    heard = await offline.say(command, place=SHARED)

    assert "Minka" not in heard.text
    assert "Rex" in heard.text


async def test_notes_for_everyone_stay_inside(offline: Talk) -> None:
    """But for those that were made in the channel itself."""
    await offline.meet(BEN)
    await offline.say("/remember for:everyone The wifi is called Heron", scope=BEN)
    await offline.say("/remember for:everyone The wifi of the guests is called Stork", scope=BEN, place=SHARED)

    heard = await offline.say("/recall what is the wifi called?", place=SHARED)

    assert [hit.memory.text for hit in heard.end.used] == ["The wifi of the guests is called Stork"]


async def test_reasons_of_an_answer_from_before_are_not_shown(offline: Talk) -> None:
    """Once strangers are in the channel, /why names nothing there that was said elsewhere; alone, a person sees it."""
    await offline.say("My cat is called Minka.")
    await offline.say("What is my cat called?", place=replace(SHARED, is_shared=False))

    in_public = await offline.say("/why", place=SHARED)
    alone = await offline.hear(replace(offline.message("/why", place=SHARED), confidential=True))

    assert in_public.text == "My last answer here used no memories, or none that I can show here now."
    assert "Minka" in alone.text


async def test_use_of_memories_is_told_without_naming_them(online: Talk, server: OpenAIServer) -> None:
    """As in public: others read there."""
    await online.say("My cat is called Minka.", place=SHARED)

    heard = await online.say("What is my cat called?", place=SHARED)

    assert heard.notices == ["Used 1 of your memories."]


async def test_where_outsiders_may_be_remembered_the_channel_is_a_private_one(home: House) -> None:
    """The admins of the guild said that people from outside may know."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.app.policies.set("discord", "guild", Policy(outsiders=True))
        await talk.say("My cat is called Minka.")
        heard = await talk.say("What is my cat called?", place=SHARED)

    assert [hit.memory.text for hit in heard.end.used] == ["My cat is called Minka."]
    assert heard.notices == []


async def test_what_is_said_there_is_kept_as_in_a_private_channel(offline: Talk) -> None:
    """It is recalled there and in the person's own direct messages, and not in public."""
    await offline.say("My cat is called Minka.", place=SHARED)
    (kept,) = await offline.memories(ANN)

    heard = [await offline.say("/recall what is my cat called?", place=place) for place in (SHARED, DM, GENERAL)]

    assert kept.place == replace(SHARED, is_shared=False)
    assert ["Minka" in reply.text for reply in heard] == [True, True, False]
