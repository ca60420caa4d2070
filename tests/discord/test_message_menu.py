"""The entries of a message's menu: one's own message is remembered and forgotten, never somebody else's."""

from __future__ import annotations

from bot.events import MessagesDeleted
from tests.discord.interface_world import Bot, World, bot, labels, seen, world

__all__ = ["bot", "world"]

REMEMBER, FORGET = "Remember this", "Forget what came from this"


async def test_own_message_is_remembered_with_its_source(world: World, bot: Bot) -> None:
    """The message is where the memory came from, so that its deletion takes the memory along."""
    said = await world.ann.says(world.channel, f"{world.server.mention} I'm vegan")
    answer = await seen(await world.ann.runs_on(said, REMEMBER))
    kept = await bot.texts(world.ann, world.channel)
    await bot.app.assistant.deleted(MessagesDeleted("discord", str(world.guild.id), (str(said.id),)))

    assert answer.content.startswith("Remembered: #1 I'm vegan")
    assert labels(answer) == ["remembered · undo"]
    assert kept == ["I'm vegan"]
    assert await bot.texts(world.ann, world.channel) == []


async def test_undo_under_it_takes_it_back(world: World, bot: Bot) -> None:
    """The button under the answer is about the message."""
    said = await world.ann.says(world.channel, "I'm vegan")
    answer = await seen(await world.ann.runs_on(said, REMEMBER))
    await (await world.ann.presses(answer, "remembered · undo")).answered()

    assert await bot.texts(world.ann, world.channel) == []


async def test_message_of_somebody_else_is_not_kept(world: World, bot: Bot) -> None:
    """Ben cannot have Ann's words remembered, for himself or for her; he is told who can."""
    said = await world.ann.says(world.channel, "I'm vegan")
    answer = await seen(await world.ben.runs_on(said, REMEMBER))

    assert answer.content.startswith("Only whoever wrote a message can have me remember it")
    assert await bot.texts(world.ben, world.channel) == []
    assert await bot.texts(world.ann, world.channel) == []


async def test_message_without_words_is_said(world: World, bot: Bot) -> None:
    """A picture alone teaches nothing."""
    said = await world.ann.says(world.channel, attachments=[("cat.png", b"png")])

    assert "no words of yours" in (await seen(await world.ann.runs_on(said, REMEMBER))).content


async def test_what_came_from_an_own_message_is_forgotten(world: World, bot: Bot) -> None:
    """Everything that one message taught goes, and nothing else."""
    said = await world.ann.says(world.channel, "I'm vegan, and my car is red")
    await bot.learns(world.ann, world.channel, "I'm vegan", "My car is red", source=str(said.id))
    await bot.learns(world.ann, world.channel, "I like tea")
    answer = await seen(await world.ann.runs_on(said, FORGET))

    assert "My car is red" in answer.content
    assert await bot.texts(world.ann, world.channel) == ["I like tea"]


async def test_reply_stands_for_the_message_that_it_answers(world: World, bot: Bot) -> None:
    """On the bot's reply, whoever asked forgets what they said; anybody else finds nothing of theirs there."""
    said = await world.ann.says(world.channel, "I'm vegan")
    reply = await bot.replies(said, "Good to know.", None)
    await bot.learns(world.ann, world.channel, "I'm vegan", source=str(said.id))
    other = await seen(await world.ben.runs_on(reply, FORGET))
    between = await bot.texts(world.ann, world.channel)
    await seen(await world.ann.runs_on(reply, FORGET))

    assert "nothing" in other.content
    assert between == ["I'm vegan"]
    assert await bot.texts(world.ann, world.channel) == []


async def test_forgetting_from_a_message_of_somebody_else_is_refused(world: World, bot: Bot) -> None:
    """Somebody else's message taught the asker nothing."""
    said = await world.ann.says(world.channel, "I'm vegan")
    await bot.learns(world.ann, world.channel, "I'm vegan", source=str(said.id))

    assert "only what came from your own" in (await seen(await world.ben.runs_on(said, FORGET))).content
    assert await bot.texts(world.ann, world.channel) == ["I'm vegan"]
