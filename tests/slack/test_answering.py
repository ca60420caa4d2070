"""Who is answered, where, in what order, and what happens when something goes wrong on the way."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.events import IncomingMessage
from bot.types import Author, Place, PlaceKind, Policy
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Message, hang
from tests.slack.world import World, scope_of, set_policy
from tests.worlds import PATIENCE_S


async def heard(world: World, assistant: EchoAssistant, count: int = 1) -> list[IncomingMessage]:
    """Return what the assistant heard, once it is so much and everything is acknowledged."""
    await world.server.until(lambda: len(assistant.heard) >= count, PATIENCE_S)
    await world.settled()
    assert len(assistant.heard) == count
    return assistant.heard


async def replies(world: World, message: Message) -> list[str]:
    """Return what the bot says to a message, once everything is acknowledged."""
    await world.answered(message)
    await world.settled()
    return [one.shown for one in world.server.replies_to(message)]


class TestAddressed:
    """Whom the bot answers."""

    async def test_mention_is_answered_once_in_its_thread(self, world: World, echo: EchoAssistant) -> None:
        """Although it comes as two events with different ids."""
        async with world.bot(echo):
            asked = await world.mention("hello")
            reply = await world.answered(asked, "You said hello")
            await world.settled()

        assert reply.thread_ts == asked.ts
        assert len(world.server.replies_to(asked)) == 1
        (message,) = echo.heard
        assert message.dedupe_key == f"{world.server.team.id}:{world.general.id}:{asked.ts}"
        assert message.source_id == f"{world.general.id}:{asked.ts}"
        assert message.place == Place(PlaceKind.PUBLIC, world.general.id, asked.ts)
        assert (message.scope, message.author) == (scope_of(world.ann), Author(world.ann.id, "Ann"))

    async def test_direct_message(self, world: World, echo: EchoAssistant) -> None:
        """Without any mention, and beside it, not in a thread."""
        async with world.bot(echo):
            asked = await world.ann.says(world.ann.im, "hello")
            reply = await world.answered(asked, "You said hello")

        assert reply.thread_ts is None
        assert echo.heard[0].place == Place(PlaceKind.DM, world.ann.im.id)
        assert echo.heard[0].scope == scope_of(world.ann)

    async def test_agents_thread(self, world: World, echo: EchoAssistant) -> None:
        """In the messages tab of an agent, each conversation is a thread."""
        async with world.bot(echo):
            asked = await world.ann.chats("hello")
            reply = await world.answered(asked, "You said hello")

        assert reply.thread_ts == asked.ts
        assert echo.heard[0].place == Place(PlaceKind.DM, world.ann.im.id, asked.ts)

    async def test_reply_in_a_thread_that_it_takes_part_in(self, world: World, echo: EchoAssistant) -> None:
        """Needs no mention, of anybody; also after a restart."""
        async with world.bot(echo):
            asked = await world.mention("hello")
            await world.answered(asked, "You said hello")
        async with world.bot(echo):
            more = await world.ben.says(world.general, "and me?", thread=asked)
            await world.answered(more, "You said and me?")

        assert echo.heard[1].place == echo.heard[0].place

    async def test_other_words_in_a_channel(self, world: World, echo: EchoAssistant) -> None:
        """Are none of its business, in a thread of others as little as outside."""
        async with world.bot(echo):
            said = await world.ann.says(world.general, "hello Ben")
            await world.ben.says(world.general, "hello Ann", thread=said)
            await world.ben.says(world.general, f"{world.ann.mention} look")
            await world.settled()

        assert echo.heard == []

    async def test_strict_channel(self, world: World, echo: EchoAssistant) -> None:
        """Where taking part in a thread is not enough, by the choice of its admins."""
        async with world.bot(echo) as bot:
            await set_policy(world, bot, Policy(strict=frozenset({world.general.id})))
            asked = await world.mention("hello")
            await world.answered(asked, "You said hello")
            await world.ann.says(world.general, "not you", thread=asked)
            await world.mention("you", thread=asked)
            messages = await heard(world, echo, 2)

        assert [message.text for message in messages] == ["hello", "you"]

    async def test_listening_channel(self, world: World, echo: EchoAssistant) -> None:
        """What is said there is handed on as not addressed, and is not answered with a sign of life."""
        async with world.bot(ScriptedAssistant()) as bot:
            await set_policy(world, bot, Policy(listening=frozenset({world.general.id})))
            await world.ann.says(world.general, "I moved to Bern")
            assert isinstance(bot.assistant, ScriptedAssistant)
            (message,) = await heard(world, bot.assistant)

        assert (message.text, message.addressed) == ("I moved to Bern", False)
        assert world.server.sessions.all == {}

    async def test_where_admins_do_not_want_it(self, world: World, echo: EchoAssistant) -> None:
        """It is silent."""
        async with world.bot(echo) as bot:
            await set_policy(world, bot, Policy(channels=frozenset({"C0ELSEWHERE"})))
            await world.mention("hello")
            direct = await world.ann.says(world.ann.im, "hi")
            await world.answered(direct, "You said hi")
            await world.settled()

        assert [message.text for message in echo.heard] == ["hi"]

    @pytest.mark.parametrize("classic", [False, True])
    async def test_other_bots(self, world: World, echo: EchoAssistant, classic: bool) -> None:
        """Are not talked to, however they speak."""
        other = world.server.team.add_bot("Other", classic=classic)
        async with world.bot(echo):
            await other.says(world.general, f"{world.server.mention} hello")
            asked = await world.mention("hi")
            await world.answered(asked)
            await other.says(world.general, "me too", thread=asked)
            await world.settled()

        assert [message.text for message in echo.heard] == ["hi"]

    async def test_mention_alone(self, world: World, echo: EchoAssistant) -> None:
        """Gets to know what the bot can do, once."""
        async with world.bot():
            asked = await world.mention("")
            await world.server.redeliver(asked, 2)

            assert "what I know about you" in "".join(await replies(world, asked))

        assert len(world.server.replies_to(asked)) == 1

    async def test_reply_that_is_also_sent_to_the_channel(self, world: World, echo: EchoAssistant) -> None:
        """Is a message like any other."""
        async with world.bot(echo):
            begun = await world.ben.says(world.general, "hm")
            asked = await world.mention("look", thread=begun, broadcast=True)
            reply = await world.answered(asked, "You said look")

        assert reply.thread_ts == begun.ts

    async def test_conversation_of_several_people(self, world: World, echo: EchoAssistant) -> None:
        """Is a private place, where a mention is needed."""
        several = world.server.team.add_mpim(world.ann, world.ben)
        async with world.bot(echo):
            await world.ann.says(several, "hello Ben")
            asked = await world.ann.says(several, f"{world.server.mention} hello")
            await world.answered(asked, "You said hello")
            (message,) = await heard(world, echo)

        assert message.place.kind is PlaceKind.PRIVATE


class TestKeywords:
    """Commands in words, in threads where Slack has no others."""

    async def test_remember_by_mention(self, world: World) -> None:
        """Keeps it, and a question gets it back."""
        async with world.bot() as bot:
            asked = await world.mention("remember that I am allergic to walnuts")
            await world.answered(asked)
            kept = await bot.app.core.list(scope_of(world.ann))

        assert [memory.text for memory in kept] == ["I am allergic to walnuts"]

    async def test_question_that_begins_like_a_command(self, world: World, echo: EchoAssistant) -> None:
        """Is a question."""
        async with world.bot(echo):
            await world.answered(await world.mention("why is the sky blue?"))

        assert [message.text for message in echo.heard] == ["why is the sky blue?"]

    async def test_export_in_a_channel(self, world: World) -> None:
        """Is refused there, with what to do."""
        async with world.bot():
            asked = await world.mention("export")

            assert "direct message" in "".join(await replies(world, asked))


class TestOrderAndFaults:
    """What goes wrong."""

    async def test_order_of_one_person(self, world: World, echo: EchoAssistant) -> None:
        """Messages are answered in the order in which they were said, wherever that was."""
        async with world.bot(echo):
            for number in range(5):
                await world.mention(str(number))
                await world.ann.says(world.ann.im, f"{number}b")
            messages = await heard(world, echo, 10)

        assert [message.text for message in messages] == [f"{n}{b}" for n in range(5) for b in ("", "b")]

    @pytest.mark.parametrize("new_event_ids", [True, False])
    async def test_retries(self, world: World, new_event_ids: bool) -> None:
        """Are not answered again, with whatever ids they come."""
        async with world.bot():
            asked = await world.mention("I like tea")
            await world.answered(asked)
            await world.server.redeliver(asked, 5, new_event_ids=new_event_ids)
            await world.settled()

        assert len(world.server.replies_to(asked)) == 1

    async def test_retry_of_what_died(self, world: World) -> None:
        """Is answered: that an event is a retry decides nothing."""
        async with world.bot(ScriptedAssistant(RuntimeError("boom"))):
            asked = await world.mention("I like tea")
            await world.answered(asked, "in the log as")
        async with world.bot():
            await world.server.redeliver(asked, 1, new_event_ids=False)
            await world.server.until(lambda: len(world.server.replies_to(asked)) == 2, PATIENCE_S)

        assert "I'll remember that" in world.server.replies_to(asked)[1].shown

    async def test_failure_is_told(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """To the person as a line with a number, to the operator as that number and a type, no more."""
        async with world.bot(ScriptedAssistant("half an", RuntimeError("secret words"))):
            asked = await world.mention("hello")
            told = await world.answered(asked, "in the log as")

        number = told.shown.rpartition(" ")[2].rstrip(".")
        assert number in caplog.text
        assert "RuntimeError" in caplog.text
        assert "secret words" not in caplog.text + told.shown

    async def test_failure_in_the_middle_is_told_below_what_is_shown(self, world: World) -> None:
        """In the same message, which has nothing in it any more that says more will come."""
        failing = ScriptedAssistant("One two ", 0.2, "three ", 2.0, "four ", 0.2, RuntimeError("boom"))
        async with world.bot(failing, replies={"marks": "buttons"}):
            asked = await world.mention("count")
            reply = await world.answered(asked, "in the log as")

        assert reply.shown.startswith("One two three four")
        assert "Stop" in "".join(reply.states)
        assert reply.buttons == ["↻"]
        assert len(world.server.replies_to(asked)) == 1

    async def test_what_is_said_in_the_thread_meanwhile_is_heard(self, world: World) -> None:
        """A thread is taken part in from the mention on, not from the end of the reply."""
        go_on = asyncio.Event()
        assistant = ScriptedAssistant("One two ", 0.1, "three ", go_on)
        async with world.bot(assistant):
            asked = await world.mention("count")
            await world.answered(asked, "One two")
            await world.ann.says(world.general, "and in French?", thread=asked)
            await world.server.until(lambda: len(assistant.heard) == 2, PATIENCE_S)
            go_on.set()

        assert [message.text for message in assistant.heard] == ["count", "and in French?"]

    async def test_channel_that_takes_nothing(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """Is noted for the operator, and the bot lives on."""
        caplog.set_level(logging.WARNING)
        world.general.read_only = True
        async with world.bot(EchoAssistant()):
            await world.mention("hello")
            direct = await world.ann.says(world.ann.im, "hi")
            await world.answered(direct, "You said hi")

        assert "was not delivered: Slack did not take a message (restricted_action)" in caplog.text


class TestUnanswered:
    """What an earlier run took in."""

    async def test_is_answered_in_its_thread(self, world: World) -> None:
        """After a restart, in the place where it was asked."""
        echo = EchoAssistant()
        asked = await world.ann.says(world.general, "hello")
        place = Place(PlaceKind.PUBLIC, world.general.id, asked.ts)
        echo.unfinished = [left_over(world, asked, place)]
        async with world.bot(echo):
            reply = await world.answered(asked, "You said hello")

        assert reply.thread_ts == asked.ts

    async def test_is_given_what_stands_beside_it(self, world: World) -> None:
        """Nothing of that is kept, so it is looked up again."""
        echo = EchoAssistant()
        asked = await world.ann.says(world.general, "hello", files=(("notes.txt", b"buy milk"),))
        echo.unfinished = [left_over(world, asked, Place(PlaceKind.PUBLIC, world.general.id, asked.ts))]
        async with world.bot(echo):
            await world.answered(asked, "You said hello")

        assert [quoted.text for quoted in echo.beside[0].context] == ["buy milk"]

    @pytest.mark.parametrize("is_streamed", [True, False])
    async def test_takes_over_what_was_shown(self, world: World, is_streamed: bool) -> None:
        """A reply that was begun before a crash is gone on with in its message, not given twice."""
        dying = ScriptedAssistant("It is a long ", 0.2, "story", asyncio.Event())
        async with world.started(dying, limits={"shutdown_s": 0.1}) as bot:
            await world.is_ready(bot)
            asked = await (world.ann.chats("tell me") if is_streamed else world.mention("tell me"))
            await world.answered(asked, "It is a")
            world.server.will("chat.stopStream", hang())  # nothing is tidied up by a bot that is killed
            bot.task.cancel()
            await asyncio.wait({bot.task})
        (message,) = dying.heard
        echo = EchoAssistant()
        echo.unfinished = [message]
        async with world.bot(echo):
            await world.answered(asked, "You said tell me")

        assert [one.shown for one in world.server.replies_to(asked)] == ["You said tell me"]


def left_over(world: World, asked: Message, place: Place) -> IncomingMessage:
    """Return a message as the inbox gives it back."""
    source = f"{world.general.id}:{asked.ts}"
    return IncomingMessage(
        dedupe_key=f"{world.server.team.id}:{source}",
        scope=scope_of(world.ann),
        place=place,
        author=Author(world.ann.id, "Ann"),
        text="hello",
        source_id=source,
        sent_at=datetime.now(UTC),
    )


async def test_commands_in_words_where_the_bot_takes_part(world: World) -> None:
    """In its thread everything is said to it, so nobody has to mention it to undo what it remembered."""
    async with world.bot(replies={"marks": "words"}) as bot:
        asked = await world.mention("remember that I keep bees")
        await world.answered(asked)
        await world.server.until(lambda: not world.server.sessions.unfinished)
        undone = await world.ann.says(world.general, "undo", thread=asked)
        await world.answered(undone, "Taken back")

        assert await bot.app.core.list(scope_of(world.ann)) == []


async def test_answer_stopped_before_its_first_word_is_given_no_more(world: World) -> None:
    """By Slack's own button, while nothing is to be seen yet: nor does the next run give it."""
    hanging = ScriptedAssistant(asyncio.Event())
    async with world.bot(hanging):
        asked = await world.ann.chats("hello")
        await world.server.until(lambda: world.server.sessions.unfinished)
        await world.ann.stops(asked)
        await world.server.until(lambda: hanging.stops)
        await world.server.until(lambda: not world.server.sessions.unfinished)

    assert hanging.stops == ["hello"]
    assert world.server.replies_to(asked) == []


async def test_title_holds_no_secret(world: World) -> None:
    """It stands in the list of threads, where nobody takes it out; a command gives none."""
    secret = "sk-proj-" + "Ab3Cd4Ef5Gh6Ij7K" * 3
    async with world.bot(ScriptedAssistant(0.4, "done")):
        await world.answered(await world.ann.chats(f"hello, {secret}"), "done")
        await world.answered(await world.ann.chats("remember that I keep bees"), "done")
        await world.server.until(lambda: not world.server.sessions.unfinished)

    titles = [call.body.get("title") for call in world.server.requests if call.body.get("status") == "processing"]
    assert len(titles) == 2
    assert str(titles[0]).startswith("hello, ")
    assert secret[:20] not in str(titles)
    assert titles[1] is None


async def test_settings_by_mention(world: World) -> None:
    """An admin chooses channels by their links, whose ids count; what is no link to one is refused."""
    ada = world.server.team.add_person("Ada", admin=True)
    async with world.bot() as bot:
        wrong = await ada.says(world.general, f"{world.server.mention} settings channels #general")
        await world.answered(wrong, "channel")
        right = await ada.says(world.general, f"{world.server.mention} settings channels <#{world.general.id}|general>")
        await world.answered(right, "I answer in")
        policy = await bot.app.policies.of("slack", world.server.team.id)

    assert policy.channels == {world.general.id}
