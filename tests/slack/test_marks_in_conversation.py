"""The marks under the replies of the whole bot: pressed in a conversation, and after a restart."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.slack.interface.commands import FORGET_FROM_THIS
from tests.adapters.scripted import ScriptedAssistant
from tests.servers.slack import Message, Use
from tests.slack.world import World, scope_of
from tests.worlds import PATIENCE_S, Bot

BUTTONS = {"marks": "buttons"}


async def _replied(world: World, said: Message, label: str) -> Message:
    """The reply to a message, once a button stands under it."""
    found = await world.server.until(
        lambda: [reply for reply in world.server.replies_to(said) if label in reply.buttons], PATIENCE_S
    )
    return found[0]


async def _told(world: World) -> tuple[Message, Message]:
    """Something worth remembering, and the reply to it, once it is whole."""
    said = await world.ann.says(world.general, f"{world.server.mention} I'm vegan and I live in Tromso.")
    return said, await _replied(world, said, "remembered · undo")


async def _seen(world: World, use: Use) -> str:
    return (await world.server.until(lambda: use.responses, PATIENCE_S))[-1].shown


async def _noted(bot: Bot, asked: Message) -> None:
    """Wait until it is noted what the reply was built from, which it is once it was delivered."""
    async with asyncio.timeout(PATIENCE_S):
        while not await bot.app.ledger.reply_to(scope_of(asked.author), f"{asked.channel.id}:{asked.ts}"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_undo_takes_back_what_a_message_taught(world: World) -> None:
    """Under a reply that kept something stands undo, which works after a restart and then is gone."""
    async with world.bot(replies=BUTTONS) as bot:
        _, reply = await _told(world)
        kept, text = await bot.app.core.list(scope_of(world.ann)), reply.shown
    async with world.bot(replies=BUTTONS) as bot:
        told = await _seen(world, await world.ann.presses(reply, "remembered · undo"))
        left = await bot.app.core.list(scope_of(world.ann))

    assert kept
    assert left == []
    assert "Taken back and erased" in told
    assert "remembered · undo" not in reply.buttons
    assert reply.shown == text.replace("remembered · undo\n", "")


async def test_why_tells_what_an_answer_was_built_from(world: World) -> None:
    """Under a reply that used memories stands why, which tells only whoever asked."""
    async with world.bot(replies=BUTTONS) as bot:
        await _told(world)
        asked = await world.ann.says(world.general, f"{world.server.mention} What do I eat, as a vegan?")
        reply = await _replied(world, asked, "why?")
        others = await _seen(world, await world.ben.presses(reply, "why?"))
        await _noted(bot, asked)
        told = await _seen(world, await world.ann.presses(reply, "why?"))

    assert others == "That is somebody else's to press."
    assert "That answer was built from:" in told
    assert "vegan" in told


async def test_again_gives_a_second_answer(world: World) -> None:
    """The message is answered anew, as a reply of its own in the same thread."""
    async with world.bot(replies=BUTTONS):
        said, reply = await _told(world)
        await world.ann.presses(reply, "↻")
        await world.server.until(lambda: len(world.server.replies_to(said)) > 1, PATIENCE_S)

    assert {one.thread_ts for one in world.server.replies_to(said)} == {said.ts}


async def test_home_and_commands_work_in_the_whole_bot(world: World) -> None:
    """What is remembered by command stands on the home tab."""
    async with world.bot(replies=BUTTONS):
        await _seen(world, await world.ann.commands(world.general, "/remember", "I keep bees"))
        await world.ann.opens_home()
        home = await world.server.until(lambda: world.server.home(world.ann), PATIENCE_S)

    assert "I keep bees" in home.shown


@pytest.mark.parametrize("marks", ["buttons", "words", "none"])
async def test_reply_leads_to_what_its_question_taught(world: World, marks: str) -> None:
    """From the menu of a reply, whatever stands under it, whoever asked forgets what that taught; nobody else does."""
    async with world.bot(replies={"marks": marks}) as bot:
        said = await world.mention("I'm vegan and I live in Tromso.")
        reply = await world.answered(said)
        await world.server.until(lambda: not world.server.sessions.unfinished, PATIENCE_S)
        others = await _seen(world, await world.ben.shortcut(FORGET_FROM_THIS.callback_id, message=reply))
        kept = await bot.app.core.list(scope_of(world.ann))
        own = await _seen(world, await world.ann.shortcut(FORGET_FROM_THIS.callback_id, message=reply))
        left = await bot.app.core.list(scope_of(world.ann))

    assert "I forget only what came from your own messages" in others
    assert "Taken back and erased" in own
    assert (bool(kept), left) == (True, [])


@pytest.mark.parametrize("may_read", [True, False])
async def test_reply_of_which_the_shortcut_tells_less_is_looked_up(world: World, may_read: bool) -> None:
    """Where the app may read; else the bot says that it cannot tell, and what to do."""
    async with world.bot() as bot:
        reply = await world.answered(await world.mention("I'm vegan and I live in Tromso."))
        await world.server.until(lambda: not world.server.sessions.unfinished, PATIENCE_S)
        if not may_read:
            assert world.server.team.grant is not None
            world.server.team.grant.scopes -= {"channels:history"}
        told_less = replace(reply, metadata=None)
        told = await _seen(world, await world.ann.shortcut(FORGET_FROM_THIS.callback_id, message=told_less))
        left = await bot.app.core.list(scope_of(world.ann))

    assert ("Taken back and erased" if may_read else "Use this on your own message instead.") in told
    assert bool(left) is not may_read


async def test_no_other_answer_where_the_message_cannot_be_read_again(world: World) -> None:
    """In the minimal profile a channel's messages cannot be; direct messages always can."""
    async with world.bot(ScriptedAssistant("done"), replies={"marks": "buttons"}, slack={"context": False}):
        in_channel = await world.answered(await world.mention("hello"), "done")
        direct = await world.answered(await world.ann.says(world.ann.im, "hello"), "done")
        await world.server.until(lambda: direct.buttons)

    assert "↻" not in in_channel.buttons
    assert "↻" in direct.buttons
