"""Messages that are changed or deleted: memory follows."""

from __future__ import annotations

import asyncio

import pytest

from bot.events import MessagesDeleted
from bot.types import Policy
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.slack.world import World, scope_of, set_policy
from tests.worlds import PATIENCE_S, Bot


async def texts(world: World, bot: Bot) -> list[str]:
    """Return what is kept of Ann."""
    return [memory.text for memory in await bot.app.core.list(scope_of(world.ann))]


async def until_kept(world: World, bot: Bot, *wanted: str) -> None:
    """Wait until exactly this is kept of Ann."""
    async with asyncio.timeout(PATIENCE_S):
        while await texts(world, bot) != list(wanted):  # noqa: ASYNC110 - the store tells nobody when it is done
            await asyncio.sleep(0.01)


async def test_memory_follows_an_edit(world: World) -> None:
    """What the message taught is replaced by what it says now."""
    async with world.bot() as bot:
        asked = await world.mention("I'm allergic to walnuts")
        await world.answered(asked)
        await until_kept(world, bot, "I'm allergic to walnuts")
        await world.ann.edits(asked, f"{world.server.mention} I'm allergic to hazelnuts")
        await until_kept(world, bot, "I'm allergic to hazelnuts")

    assert len(world.server.replies_to(asked)) == 1


async def test_memory_of_a_keyword_follows_too(world: World) -> None:
    """What was to be remembered by a command in words."""
    async with world.bot() as bot:
        asked = await world.mention("remember that the door code is blue")
        await world.answered(asked)
        await world.ann.edits(asked, f"{world.server.mention} remember that the door code is green")
        await until_kept(world, bot, "the door code is green")


async def test_memory_goes_with_a_deleted_message(world: World) -> None:
    """In a DM as in a channel."""
    async with world.bot() as bot:
        asked = await world.ann.says(world.ann.im, "I'm allergic to walnuts")
        await world.answered(asked)
        await until_kept(world, bot, "I'm allergic to walnuts")
        await world.ann.deletes(asked)
        await until_kept(world, bot)


async def test_preview_is_no_edit(world: World, echo: EchoAssistant) -> None:
    """Nor is what the bot does to its own messages, which Slack tells of in the same way."""
    async with world.bot(echo):
        asked = await world.mention("see https://example.org")
        await world.answered(asked, "You said")
        await world.server.previews(asked)
        other = await world.ann.says(world.ann.im, "hello")
        await world.answered(other, "You said hello")
        await world.ann.edits(other, "hello")
        await world.settled()

    assert echo.edits == []
    assert len(echo.heard) == 2


async def test_edit_says_what_whose_and_when(world: World, echo: EchoAssistant) -> None:
    """With a key of its own, and the source of the message."""
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")
        await world.ann.edits(asked, f"{world.server.mention} good-bye &amp; thanks")
        await world.settled()

    (edit,) = echo.edits
    (message,) = echo.heard
    assert edit.source_id == message.source_id
    assert edit.dedupe_key == f"{message.dedupe_key}:{asked.edited_ts}"
    assert (edit.scope, edit.place, edit.author) == (message.scope, message.place, message.author)


async def test_deletion_names_the_message(world: World, echo: EchoAssistant) -> None:
    """By the source that everything learned from it has."""
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked, "You said hello")
        await world.ann.deletes(asked)
        await world.settled()

    assert echo.deletions == [MessagesDeleted("slack", world.server.team.id, (echo.heard[0].source_id,))]


async def test_deletion_below_which_a_thread_hangs(world: World) -> None:
    """Slack tells of a change into a tombstone, since the bot's reply is in the thread."""
    async with world.bot() as bot:
        asked = await world.mention("I'm allergic to walnuts")
        await world.answered(asked)
        await until_kept(world, bot, "I'm allergic to walnuts")
        await world.ann.deletes(asked)
        await until_kept(world, bot)


async def test_edit_to_a_bare_mention_forgets(world: World) -> None:
    """What a message does not say any more is not kept, and what it says again is."""
    async with world.bot() as bot:
        asked = await world.mention("I'm allergic to walnuts")
        await world.answered(asked)
        await until_kept(world, bot, "I'm allergic to walnuts")
        await world.ann.edits(asked, world.server.mention)
        await until_kept(world, bot)
        await world.ann.edits(asked, f"{world.server.mention} I'm allergic to walnuts")
        await until_kept(world, bot, "I'm allergic to walnuts")


async def test_home_tab_follows_what_is_said(world: World) -> None:
    """A statement, its edit and its deletion show within a second on the tab that was opened before."""
    async with world.bot():
        await world.ann.opens_home()
        await world.server.until(lambda: world.server.home(world.ann), PATIENCE_S)
        view = world.server.home(world.ann)
        assert view is not None
        asked = await world.mention("I'm allergic to walnuts")
        await world.answered(asked)
        await world.server.until(lambda: "walnuts" in view.shown, PATIENCE_S)
        await world.ann.edits(asked, f"{world.server.mention} I'm allergic to hazelnuts")
        await world.server.until(lambda: "hazelnuts" in view.shown, PATIENCE_S)
        await world.ann.deletes(asked)
        await world.server.until(lambda: "I remember nothing about you yet." in view.shown, PATIENCE_S)

    assert "nuts" not in view.shown


async def test_reply_to_a_deleted_question_ends(world: World) -> None:
    """What was shown of it goes too."""
    assistant = ScriptedAssistant("One two ", 0.1, "three ", asyncio.Event())
    async with world.bot(assistant):
        asked = await world.mention("count")
        reply = await world.answered(asked, "One two")
        await world.ann.deletes(asked)
        await assistant.ended()
        await world.server.until(lambda: reply.deleted, PATIENCE_S)

    assert assistant.cut == ["count"]
    assert world.server.replies_to(asked) == []


@pytest.mark.parametrize("private", [False, True])
async def test_memory_goes_with_a_deleted_channel(world: World, *, private: bool) -> None:
    """Slack tells of the channel alone, not of the messages in it; what was said elsewhere stays."""
    lobby = world.server.team.add_channel("lobby", private=private)
    world.server.team.invite(lobby)
    async with world.bot() as bot:
        await world.answered(await world.ann.says(lobby, f"{world.server.mention} I'm allergic to walnuts"))
        await world.answered(await world.mention("I live in Lisbon"))
        await until_kept(world, bot, "I live in Lisbon", "I'm allergic to walnuts")
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await lobby.vanishes()
        await until_kept(world, bot, "I live in Lisbon")


async def test_messages_are_known_by_a_channels_earlier_id(world: World) -> None:
    """A private channel gets another id when it is shared; edits and deletions name old messages by it, also later."""
    lobby = world.server.team.add_channel("lobby", private=True)
    world.server.team.invite(lobby)
    async with world.bot() as bot:
        first = await world.ann.says(lobby, f"{world.server.mention} I'm allergic to walnuts")
        second = await world.ann.says(lobby, f"{world.server.mention} I live in Lisbon")
        await world.answered(first)
        await world.answered(second)
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await lobby.opens_up()
        await world.ann.deletes(first)
        await until_kept(world, bot, "I live in Lisbon")
    async with world.bot() as bot:
        await world.ann.edits(second, f"{world.server.mention} I live in Tromso")
        await until_kept(world, bot, "I live in Tromso")


async def test_choices_and_threads_follow_a_channels_new_id(world: World, echo: EchoAssistant) -> None:
    """The bot answers where admins want it to, and goes on in its threads."""
    lobby = world.server.team.add_channel("lobby", private=True)
    world.server.team.invite(lobby)
    async with world.bot(echo) as bot:
        await set_policy(world, bot, Policy(channels=frozenset({lobby.id})))
        begun = await world.ann.says(lobby, f"{world.server.mention} hello")
        await world.answered(begun)
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await lobby.opens_up()
        await world.settled()
        await world.answered(await world.ann.says(lobby, "and now?", thread=begun), "You said and now?")
        policy = await bot.app.policies.of("slack", world.server.team.id)

    assert policy.channels == {lobby.id}


async def test_deleted_channel_goes_with_what_was_learned_under_its_earlier_id(world: World) -> None:
    """It is the same channel."""
    lobby = world.server.team.add_channel("lobby", private=True)
    world.server.team.invite(lobby)
    async with world.bot() as bot:
        await world.answered(await world.ann.says(lobby, f"{world.server.mention} I'm allergic to walnuts"))
        await until_kept(world, bot, "I'm allergic to walnuts")
        await world.server.until(lambda: not world.server.sessions.unfinished)
        await lobby.opens_up()
        await lobby.vanishes()
        await until_kept(world, bot)


async def test_edit_of_what_was_never_for_the_bot_is_not_looked_up(world: World) -> None:
    """Nobody is asked about who changed their own words to others."""
    async with world.bot():
        said = await world.ben.says(world.general, "Lunch?")
        await world.ben.edits(said, "Dinner?")
        await world.settled()

    assert [call.method for call in world.server.requests if call.method.endswith(".info")] == []
