"""The entries of a message's menu, and the one beside the composer."""

from __future__ import annotations

import pytest

from adapters.slack.interface.commands import FORGET_FROM_THIS, MY_MEMORY, REMEMBER_THIS
from adapters.slack.interface.marks import blocks_for
from bot.events import ReplyEnd
from bot.types import Action, Outcome
from tests.servers.slack import Message, Person
from tests.slack.interface_world import Bot, World, bot, quiet_library, scope_of, world

__all__ = ["bot", "quiet_library", "world"]

REMEMBER, FORGET, PANEL = REMEMBER_THIS.callback_id, FORGET_FROM_THIS.callback_id, MY_MEMORY.callback_id


def _source(message: Message) -> str:
    return f"{message.channel.id}:{message.ts}"


async def test_own_message_is_remembered_with_its_source(world: World, bot: Bot) -> None:
    """What stands in it is kept as people read it, so that it follows when the message is changed or deleted."""
    said = await world.ann.says(world.general, f"{world.server.mention} I work with {world.ben.mention} & bees")
    message = await world.seen(await world.ann.shortcut(REMEMBER, message=said))
    (memory,) = await bot.app.core.list(scope_of(world.ann))

    assert memory.text == "I work with @Ben & bees"
    assert [source.id for source in memory.sources] == [_source(said)]
    assert abs(memory.event_time.timestamp() - float(said.ts)) < 1
    assert message.buttons == ["remembered · undo"]


async def test_message_in_a_thread_is_said_in_its_thread(world: World, bot: Bot) -> None:
    """Where something was said is the thread, and the answer stands in it."""
    root = await world.ben.says(world.general, "Who keeps what?")
    said = await world.ann.says(world.general, "I keep bees", thread=root)
    message = await world.seen(await world.ann.shortcut(REMEMBER, message=said))
    (memory,) = await bot.app.core.list(scope_of(world.ann))

    assert memory.place.thread_id == root.ts
    assert message.thread_ts == root.ts


@pytest.mark.parametrize(("author", "line"), [("ben", "Only whoever wrote a message"), ("bot", "Only whoever wrote")])
async def test_what_others_wrote_is_never_kept(world: World, bot: Bot, author: str, line: str) -> None:
    """Neither another person's message nor a bot's."""
    by: Person = world.ben if author == "ben" else world.server.team.bot
    said = await by.says(world.general, "Ann owes me money")
    message = await world.seen(await world.ann.shortcut(REMEMBER, message=said))

    assert line in message.shown
    assert await bot.texts(world.ann) == await bot.texts(world.ben) == []


async def test_message_without_words_is_not_kept(world: World, bot: Bot) -> None:
    """There is nothing to remember of a mention alone."""
    said = await world.ann.says(world.general, world.server.mention)
    message = await world.seen(await world.ann.shortcut(REMEMBER, message=said))

    assert "no words of yours" in message.shown


async def test_what_came_from_ones_own_message_is_forgotten(world: World, bot: Bot) -> None:
    """Everything that it taught, and nothing else."""
    said = await world.ann.says(world.general, "I keep bees")
    await bot.learns(world.ann, world.general, "I keep bees", source=_source(said))
    await bot.learns(world.ann, world.general, "I like tea")
    message = await world.seen(await world.ann.shortcut(FORGET, message=said))

    assert "Taken back and erased:\n#1 I keep bees" in message.shown
    assert await bot.texts(world.ann) == ["I like tea"]


async def test_what_a_replys_question_taught_is_forgotten(world: World, bot: Bot) -> None:
    """A reply of the bot leads to the message that it answers, for whoever asked alone."""
    said = await world.ann.says(world.general, "I keep bees")
    (memory,) = await bot.learns(world.ann, world.general, "I keep bees", source=_source(said))
    end = ReplyEnd((Outcome(Action.KEPT, "", memory),))
    blocks = blocks_for(end, world.ann.id, _source(said), bot.services)
    reply = world.server.posts.post(world.general, {"text": "Noted.", "blocks": blocks})
    others = await world.seen(await world.ben.shortcut(FORGET, message=reply))
    own = await world.seen(await world.ann.shortcut(FORGET, message=reply))

    assert "I forget only what came from your own messages" in others.shown
    assert "Taken back and erased" in own.shown
    assert await bot.texts(world.ann) == []


async def test_my_memory_opens_the_list(world: World, bot: Bot) -> None:
    """The modal stands before anything is looked up, and is filled then."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await world.modal(await world.ann.shortcut(PANEL))

    assert "One moment" in str(view.states[0])
    assert "#1 I keep bees" in view.shown
    assert view.content["title"]["text"] == "My memory"


async def test_my_memory_names_what_the_app_is_configured_with(world: World, bot: Bot) -> None:
    """Callback ids of another version are answered too."""
    assert (await world.ann.shortcut("dance")).acknowledged
