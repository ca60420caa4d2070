"""The marks under the replies of the whole bot: pressed in a conversation, and after a restart."""

from __future__ import annotations

import pytest

from bot.types import DM_GUILD, Scope
from tests.discord.interface_world import labels, seen
from tests.discord.world import World
from tests.servers.discord.nouns import Message
from tests.worlds import Bot

BUTTONS = {"marks": "buttons"}


async def _told(world: World) -> Message:
    """The reply to something worth remembering, once it is whole."""
    said = await world.ann.says(world.ann.dm, "I'm vegan and I live in Tromso.")
    reply = await world.answered(said)
    await world.server.until(lambda: "remembered · undo" in labels(reply))
    return reply


async def _texts(world: World, bot: Bot) -> list[str]:
    return [memory.text for memory in await bot.app.core.list(Scope("discord", DM_GUILD, str(world.ann.id)))]


async def test_undo_takes_back_what_a_message_taught(world: World) -> None:
    """Under a reply that kept something stands undo, which works after a restart and then is gone."""
    async with world.bot(replies=BUTTONS) as bot:
        reply = await _told(world)
        kept = await _texts(world, bot)
        before = reply.content
    async with world.bot(replies=BUTTONS) as bot:
        await (await world.ann.presses(reply, "remembered · undo")).until(
            lambda: "remembered · undo" not in labels(reply)
        )
        left = await _texts(world, bot)

    assert kept
    assert left == []
    assert reply.content == f"{before}\n-# taken back"


@pytest.mark.parametrize(("pressed", "told"), [("Remember it", "-# Remembered."), ("Don't", "-# I have not kept it.")])
async def test_question_goes_when_it_is_answered(world: World, pressed: str, told: str) -> None:
    """What was decided by a button stands where the reply asked."""
    async with world.bot(replies=BUTTONS):
        said = await world.ann.says(world.ann.dm, "I have diabetes.")
        reply = await world.answered(said)
        await world.server.until(lambda: pressed in labels(reply))
        asked = reply.content
        await (await world.ann.presses(reply, pressed)).until(lambda: pressed not in labels(reply))

    assert "Shall I remember that?" in asked
    assert "Shall I remember that?" not in reply.content
    assert reply.content.endswith(told)


async def test_no_command_is_given_again(world: World) -> None:
    """Under the answer to a command stands no button that would do it a second time."""
    async with world.bot(replies=BUTTONS):
        told = await _told(world)
        undone = await world.answered(await world.ann.says(world.ann.dm, "/undo"), "Taken back")
        await world.server.settled()

    assert "↻" in labels(told)
    assert labels(undone) == []


async def test_why_tells_what_an_answer_was_built_from(world: World) -> None:
    """Under a reply that used memories stands why, which tells only whoever asked."""
    async with world.bot(replies=BUTTONS):
        await _told(world)
        asked = await world.ann.says(world.ann.dm, "What do I eat, as a vegan?")
        reply = await world.answered(asked)
        await world.server.until(lambda: "why?" in labels(reply))
        await world.server.settled()  # what was used is noted once the reply was delivered
        told = await seen(await world.ann.presses(reply, "why?"))

    assert "vegan" in told.content
    assert "score" in told.content


async def test_again_gives_a_second_answer(world: World) -> None:
    """The message is answered anew, as a reply of its own."""
    async with world.bot(replies=BUTTONS):
        reply = await _told(world)
        asked = reply.reference
        assert asked is not None
        await world.ann.presses(reply, "↻")
        await world.server.until(lambda: len(world.server.replies_to(asked)) == 2)
