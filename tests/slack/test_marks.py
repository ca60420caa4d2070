"""Which marks stand under a reply, and what they do for whoever asked, before and after a restart."""

from __future__ import annotations

import asyncio

import pytest

from adapters.running import Ending
from adapters.slack.interface.feedback import feedback_line
from adapters.slack.interface.kit import Block
from adapters.slack.interface.marks import blocks_for, stopping_blocks, words_for
from bot.events import ReplyEnd
from bot.types import Action, Hit, Outcome, Policy, ScoreParts, Status
from tests.ends import MEMORY, VERBS_OF_ENDS, end_with, only_marks
from tests.servers.slack import Message
from tests.slack.interface_world import Bot, World, bot, quiet_library, scope_of, world

__all__ = ["bot", "quiet_library", "world"]

ANN, MESSAGE = "U000ANN", "C000GENERAL:1700000000.000100"


def _elements(end: ReplyEnd, *, marks: str = "buttons", feedback: bool = False) -> list[Block]:
    blocks = blocks_for(end, ANN, MESSAGE, only_marks(marks), feedback=feedback)
    return [element for block in blocks for element in block["elements"]]


@pytest.mark.parametrize(("end", "verbs"), VERBS_OF_ENDS)
def test_buttons_follow_what_became_of_the_message(end: ReplyEnd, verbs: list[str]) -> None:
    """What was kept can be undone, what waits is asked, what was used can be asked about; all can be asked anew."""
    assert [element["action_id"] for element in _elements(end)] == verbs


def test_values_hold_no_text() -> None:
    """A value is the owner and the id of a message or memory: whoever sees the message could read it."""
    values = [element["value"] for element in _elements(end_with(Action.KEPT, Action.PROPOSED, used=True))]

    assert values == [f"{ANN}/{MESSAGE}", *[f"{ANN}/{MEMORY.id}"] * 2, *[f"{ANN}/{MESSAGE}"] * 2]


@pytest.mark.parametrize("marks", ["words", "none"])
def test_no_buttons_unless_wanted(marks: str) -> None:
    """The operator can do without buttons."""
    assert _elements(end_with(Action.KEPT, used=True), marks=marks, feedback=True) == []


def test_nothing_to_press_is_no_block() -> None:
    """A command's answer that kept nothing has no buttons."""
    assert _elements(end_with(Action.MERGED, repeatable=False)) == []


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (end_with(), ""),
        (end_with(Action.PROPOSED), ""),
        (end_with(Action.KEPT), "remembered: say “undo” to me and I take it back"),
        (end_with(used=True), "say “why” and I show what I used"),
    ],
)
def test_words_in_place_of_buttons(end: ReplyEnd, words: str) -> None:
    """The same in a small line, with what to say."""
    assert words_for(end) == words


async def _taught(world: World, bot: Bot) -> tuple[Message, Message]:
    """Ann's message, which taught something, and the reply in its thread with its marks."""
    said = await world.ann.says(world.general, f"{world.server.mention} I'm vegan")
    source = f"{world.general.id}:{said.ts}"
    (memory,) = await bot.learns(world.ann, world.general, "I'm vegan", source=source)
    end = ReplyEnd((Outcome(Action.KEPT, "", memory),), (Hit(memory, 1.0, ScoreParts()),))
    marks = blocks_for(end, world.ann.id, source, bot.services, feedback=True)
    blocks = [{"type": "markdown", "text": "**Noted.**"}, *marks]
    body = {"text": "Noted. &lt;!here&gt;", "blocks": blocks, "thread_ts": said.ts}
    return said, world.server.posts.post(world.general, body)


async def test_undo_works_after_a_restart_and_goes(world: World) -> None:
    """What a message taught is taken back, only the asker is told, and text and other buttons stay."""
    async with world.bot() as bot:
        _, reply = await _taught(world, bot)
    async with world.bot() as bot:
        use = await world.ann.presses(reply, "remembered · undo")
        told = await world.seen(use)
        left = await bot.texts(world.ann)

    assert left == []
    assert "Taken back and erased:\n#1 I'm vegan" in told.shown
    assert told.thread_ts == reply.thread_ts
    assert reply.buttons == ["why?", "↻"]
    assert "**Noted.**" in reply.shown
    assert reply.text == "Noted. &lt;!here&gt;"


@pytest.mark.parametrize(("pressed", "status"), [("Remember it", [Status.CURRENT]), ("Don't", [])])
async def test_a_proposal_is_decided_after_a_restart(world: World, pressed: str, status: list[Status]) -> None:
    """A yes keeps and a no erases what waited; both buttons go."""
    async with world.bot() as bot:
        await world.seen(await world.ann.commands(world.general, "/remember", "I have asthma"))
        (memory,) = await bot.app.core.list(scope_of(world.ann))
        end = ReplyEnd((Outcome(Action.PROPOSED, "", memory),))
        blocks = blocks_for(end, world.ann.id, MESSAGE, bot.services)
        reply = world.server.posts.post(world.general, {"text": "Shall I remember that?", "blocks": blocks})
    async with world.bot() as bot:
        await world.seen(await world.ann.presses(reply, pressed))
        left = [memory.status for memory in await bot.app.core.list(scope_of(world.ann))]

    assert reply.buttons == ["↻"]
    assert left == status


async def test_why_is_told_to_the_asker(world: World, bot: Bot) -> None:
    """The answer is a message of its own, and the reply stays as it is."""
    _, reply = await _taught(world, bot)
    buttons = reply.buttons
    message = await world.seen(await world.ann.presses(reply, "why?"))

    assert "I don't know any more" in message.shown
    assert reply.buttons == buttons


async def test_again_answers_the_message_anew(world: World, bot: Bot) -> None:
    """The message is fetched and answered a second time, in its thread."""
    said, reply = await _taught(world, bot)
    await world.ann.presses(reply, "↻")
    await world.server.until(lambda: len(world.server.replies_to(said)) == 2)

    assert {one.thread_ts for one in world.server.replies_to(said)} == {said.ts}


async def test_again_of_a_deleted_message_says_so(world: World, bot: Bot) -> None:
    """What is gone cannot be answered."""
    said, reply = await _taught(world, bot)
    said.deleted = True
    message = await world.seen(await world.ann.presses(reply, "↻"))

    assert "can't find that message" in message.shown


async def test_again_where_the_bot_is_not_to_answer_says_so(world: World, bot: Bot) -> None:
    """Admins chose other channels since."""
    said, reply = await _taught(world, bot)
    policy = Policy(channels=frozenset({"C000ELSEWHERE"}))
    await bot.app.policies.set("slack", world.server.team.id, policy)
    message = await world.seen(await world.ann.presses(reply, "↻"))

    assert "am not to answer here now" in message.shown
    assert world.server.replies_to(said) == [reply]


async def _running(bot: Bot, user_id: str, begun: asyncio.Event) -> Ending | None:
    """Be a reply that never comes to an end by itself, and return why it was ended."""
    try:
        async with bot.services.running.begun(user_id, MESSAGE) as reply:
            begun.set()
            await asyncio.Event().wait()
    except TimeoutError:
        return reply.ending
    return None


async def test_stop_ends_the_running_reply(world: World, bot: Bot) -> None:
    """The asker's press ends the reply without a word; one that comes too late is answered."""
    blocks = stopping_blocks(world.ann.id, MESSAGE)
    shown = world.server.posts.post(world.general, {"text": "Once", "blocks": blocks})
    begun = asyncio.Event()
    running = asyncio.create_task(_running(bot, world.ann.id, begun))
    await begun.wait()
    use = await world.ann.presses(shown, "Stop")
    async with asyncio.timeout(5):
        ending = await running
    late = await world.seen(await world.ann.presses(shown, "Stop"))

    assert ending is Ending.STOPPED
    assert use.responses == []
    assert late.shown == "That answer is finished already."


async def test_feedback_is_counted_and_not_connected_with_anybody(world: World) -> None:
    """Counts by guild and day, over restarts, which admins see."""
    async with world.bot() as bot:
        _, reply = await _taught(world, bot)
        uses = await asyncio.gather(*(world.ann.presses(reply, "Good answer") for _ in range(3)))
        for use in uses:
            await world.seen(use)
    async with world.bot() as bot:
        await world.seen(await world.ann.presses(reply, "Bad answer"))
        line = await feedback_line(bot.services, world.server.team.id)
        usage = await world.seen(await world.ada.commands(world.general, "/forgetmenot", "usage"))

    assert line == "30 days of feedback: 3 good answers, 1 bad ones"
    assert line in usage.shown
