"""A private thread is read by its members alone: what is said in one is shown in no other, nor in their channel."""

from __future__ import annotations

import pytest

from bot.types import Place, PlaceKind
from tests.assistant.talking import BEN, DM, GENERAL, House, Talk
from tests.servers.openai_server import OpenAIServer

STAFF = Place(PlaceKind.PRIVATE, "staff")
HERE, NEXT_DOOR = (Place(PlaceKind.PRIVATE, thread, thread, parent_id="staff") for thread in ("one", "two"))
OPEN_THREAD = Place(PlaceKind.PRIVATE, "staff", "three")
"""A thread of the private channel that all its members read."""


@pytest.mark.parametrize(("place", "known"), [(HERE, True), (DM, True), (NEXT_DOOR, False), (STAFF, False)])
async def test_own_words_are_recalled_where_they_were_said(offline: Talk, place: Place, known: bool) -> None:
    """By recall and in lists; in a direct message everything of the person is."""
    await offline.say("My cat is called Minka.", place=HERE)

    recalled = await offline.say("/recall what is my cat called?", place=place)
    listed = await offline.say("/memories", place=place)

    assert [("Minka" in reply.text) for reply in (recalled, listed)] == [known, known]


@pytest.mark.parametrize(("place", "known"), [(HERE, True), (NEXT_DOOR, False), (STAFF, False), (GENERAL, False)])
async def test_note_for_everyone_is_for_those_who_were_there(offline: Talk, place: Place, known: bool) -> None:
    """A shared note made in a private thread is read by others in that thread alone."""
    await offline.meet(BEN)
    await offline.say("/remember for:everyone The wifi is called Heron", place=HERE)

    heard = await offline.say("/recall what is the wifi called?", scope=BEN, place=place)

    assert ("Heron" in heard.text) is known


@pytest.mark.parametrize("said_in", [STAFF, OPEN_THREAD])
@pytest.mark.parametrize("asked_in", [STAFF, OPEN_THREAD])
async def test_open_threads_share_with_their_channel(offline: Talk, said_in: Place, asked_in: Place) -> None:
    """A private channel and its threads that are not private have the same readers."""
    await offline.say("My cat is called Minka.", place=said_in)

    assert "Minka" in (await offline.say("/recall what is my cat called?", place=asked_in)).text


async def test_turns_and_reasons_stay_in_the_thread(online: Talk, server: OpenAIServer) -> None:
    """Neither what was said just now nor what an answer was built from is shown next door."""
    await online.say("My cat is called Minka.", place=HERE)
    await online.say("What is my cat called?", place=HERE)
    why = [(await online.say("/why", place=place)).text for place in (HERE, NEXT_DOOR, STAFF)]
    for place in (NEXT_DOOR, STAFF):
        await online.say("Hello!", place=place)

    assert ["Minka" in text for text in why] == [True, False, False]
    assert not any("Minka" in str(request["messages"]) for request in server.requests[-2:])


async def test_place_survives_a_restart(alone: House) -> None:
    """A message that a killed run left in a private thread still knows whose settings hold there."""
    async with alone.opened() as talk:
        await talk.take_in(talk.message("Hello!", place=HERE))
    async with alone.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")

    assert left.place == HERE
