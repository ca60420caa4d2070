"""The marks under the replies of the whole bot: pressed in a conversation, and after a restart."""

from __future__ import annotations

import asyncio

from tests.servers.slack import Message, Use
from tests.slack.world import PATIENCE_S, Bot, World, scope_of

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
