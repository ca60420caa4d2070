"""The buttons under a reply, pressed by whoever asked and by others, before and after a restart."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord.interface.installing import VERBS
from adapters.discord.interface.marks import stopping_view, view_for
from adapters.discord.interface.presses import button, view_of
from adapters.running import Ending
from bot.events import ReplyEnd
from bot.types import Action, Outcome, Policy, Status
from tests.discord.interface_world import Bot, World, bot, labels, scope_of, seen, world
from tests.servers.discord.nouns import Message

__all__ = ["bot", "world"]


async def _taught(world: World, bot: Bot) -> tuple[Message, Message]:
    """Ann's message, which taught something, and the reply with its marks."""
    said = await world.ann.says(world.channel, f"{world.server.mention} I'm vegan")
    (memory,) = await bot.learns(world.ann, world.channel, "I'm vegan", source=str(said.id))
    end = ReplyEnd((Outcome(Action.KEPT, "", memory),))
    return said, await bot.replies(said, "Noted.", view_for(end, str(world.ann.id), str(said.id), bot.services))


async def test_undo_works_after_a_restart_and_goes(world: World) -> None:
    """What a message taught is taken back, only the asker is told, and the other buttons stay under the reply."""
    async with world.bot() as bot:
        _, reply = await _taught(world, bot)
    async with world.bot() as bot:
        use = await world.ann.presses(reply, "remembered · undo")
        await use.until(lambda: len(use.messages) == 2)
        left = await bot.texts(world.ann, world.channel)

    assert left == []
    assert labels(reply) == ["↻"]
    assert reply.content == "Noted.\n-# taken back"
    assert use.messages[-1].is_ephemeral
    assert "I'm vegan" in use.messages[-1].content


@pytest.mark.parametrize(
    ("pressed", "status", "told"),
    [("Remember it", [Status.CURRENT], "Remembered."), ("Don't", [], "I have not kept it.")],
)
async def test_a_proposal_is_decided_after_a_restart(
    world: World, pressed: str, status: list[Status], told: str
) -> None:
    """A yes keeps and a no erases what waited; both buttons go, and what was decided stands in the question's place."""
    async with world.bot() as bot:
        said = await world.ann.says(world.channel, f"{world.server.mention} I have asthma")
        asked = await seen(await world.ann.runs(world.channel, "remember", {"text": "I have asthma"}))
        (memory,) = await bot.app.core.list(scope_of(world.ann, world.channel))
        end = ReplyEnd((Outcome(Action.PROPOSED, "", memory),))
        view = view_for(end, str(world.ann.id), str(said.id), bot.services)
        reply = await bot.replies(said, "I see.\n-# Shall I remember that? I ask because it is personal.", view)
    async with world.bot() as bot:
        use = await world.ann.presses(reply, pressed)
        await use.until(lambda: labels(reply) == ["↻"])
        left = [memory.status for memory in await bot.app.core.list(scope_of(world.ann, world.channel))]

    assert "Remember it" in labels(asked)
    assert left == status
    assert reply.content == f"I see.\n-# {told}"


async def test_why_is_told_to_the_asker(world: World, bot: Bot) -> None:
    """The button leads to a message of its own, and the reply stays as it is."""
    said = await world.ann.says(world.channel, "What do I eat?")
    reply = await bot.replies(said, "Plants.", view_of(button("why", str(world.ann.id), said.id, label="why?")))
    message = await seen(await world.ann.presses(reply, "why?"))

    assert message.content
    assert labels(reply) == ["why?"]


async def _running(bot: Bot, message: Message, begun: asyncio.Event) -> Ending | None:
    """Be a reply that never comes to an end by itself, and return why it was ended."""
    try:
        async with bot.services.running.begun(str(message.author.id), str(message.id)) as reply:
            begun.set()
            await asyncio.Event().wait()
    except TimeoutError:
        return reply.ending
    return None


async def test_stop_ends_the_running_reply(world: World, bot: Bot) -> None:
    """The asker's press ends the reply; it is acknowledged without a word."""
    said = await world.ann.says(world.channel, "Tell me a long story")
    shown = await bot.replies(said, "Once", stopping_view(str(world.ann.id), str(said.id)))
    begun = asyncio.Event()
    running = asyncio.create_task(_running(bot, said, begun))
    await begun.wait()
    use = await world.ann.presses(shown, "Stop")
    async with asyncio.timeout(5):
        ending = await running

    assert ending is Ending.STOPPED
    assert use.acknowledged_after_s is not None
    assert use.messages == []


async def test_stop_of_a_finished_reply_says_so(world: World, bot: Bot) -> None:
    """A press that comes too late is answered."""
    said = await world.ann.says(world.channel, "Tell me a long story")
    reply = await bot.replies(said, "Once", stopping_view(str(world.ann.id), str(said.id)))

    assert (await seen(await world.ann.presses(reply, "Stop"))).content == "That answer is finished already."


async def test_again_answers_the_message_anew(world: World, bot: Bot) -> None:
    """The message is fetched and given to be answered, under the press as its own delivery."""
    said, reply = await _taught(world, bot)
    use = await world.ann.presses(reply, "↻")
    await use.acknowledged()

    assert bot.client.answering.asked == [(said.id, str(use.id))]
    assert use.messages == []


async def test_again_of_a_deleted_message_says_so(world: World, bot: Bot) -> None:
    """What is gone cannot be answered."""
    said, reply = await _taught(world, bot)
    world.server.delete(said)

    assert "can't find that message" in (await seen(await world.ann.presses(reply, "↻"))).content
    assert bot.client.answering.asked == []


async def test_again_of_a_command_is_refused(world: World, bot: Bot) -> None:
    """Under a message that is a command nothing is done twice, whatever stands under its answer."""
    said = await world.ann.says(world.channel, f"{world.server.mention} /undo")
    reply = await bot.replies(said, "Taken back.", view_for(ReplyEnd(), str(world.ann.id), str(said.id), bot.services))

    assert "That was a command" in (await seen(await world.ann.presses(reply, "↻"))).content
    assert bot.client.answering.asked == []


async def test_again_where_the_bot_is_not_to_answer_says_so(world: World, bot: Bot) -> None:
    """After admins chose other channels, the press is answered and the message is not."""
    _, reply = await _taught(world, bot)
    await bot.app.policies.set("discord", str(world.guild.id), Policy(channels=frozenset({"1"})))

    assert "not to be used here" in (await seen(await world.ann.presses(reply, "↻"))).content
    assert bot.client.answering.asked == []


async def test_again_where_the_bot_may_not_write_says_so(world: World, bot: Bot) -> None:
    """What Discord would refuse is not begun."""
    _, reply = await _taught(world, bot)
    world.channel.forbid("send_messages")

    assert "may not write" in (await seen(await world.ann.presses(reply, "↻"))).content
    assert bot.client.answering.asked == []


async def test_again_in_a_channel_that_refused_says_so(world: World, bot: Bot) -> None:
    """While a channel is left alone, the press is answered."""
    _, reply = await _taught(world, bot)
    bot.client.answering.refused.add(world.channel.id)

    assert "leave it alone" in (await seen(await world.ann.presses(reply, "↻"))).content
    assert bot.client.answering.asked == []


async def test_no_button_is_anybody_elses(world: World, bot: Bot) -> None:
    """Whatever the button, if somebody else presses it they are told so, and nothing happens."""
    said, _ = await _taught(world, bot)
    before = dict(world.server.commands)
    verbs = sorted(VERBS)
    for chosen in (verbs[:20], verbs[20:]):
        items = [button(verb, str(world.ann.id), said.id, "all", 1, label=verb) for verb in chosen]
        reply = await bot.replies(said, "Press me.", view_of(*items))
        for verb in chosen:
            message = await seen(await world.ben.presses(reply, verb))
            assert message.content == "That is somebody else's to press.", verb
        assert labels(reply) == chosen

    assert await bot.texts(world.ann, world.channel) == ["I'm vegan"]
    assert world.server.commands == before


async def test_button_of_another_version_says_so(world: World, bot: Bot) -> None:
    """A verb that is not known any more is answered, not left to time out."""
    said = await world.ann.says(world.channel, "Hello")
    reply = await bot.replies(said, "Hi.", view_of(button("dance", str(world.ann.id), said.id, label="Dance")))

    assert "older version" in (await seen(await world.ann.presses(reply, "Dance"))).content
