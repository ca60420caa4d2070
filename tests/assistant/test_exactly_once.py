"""However often a message is delivered: one delivered reply and one memory."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import replace

import pytest
from aiohttp import web

from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyText
from bot.store import inbox
from bot.store.inbox import Delivered, Delivery
from bot.types import Action, Mode
from tests.assistant.talking import BEN, Gate, House, Soon, Talk
from tests.servers.openai_server import Behaviour, Exchange, OpenAIServer, embeddings, reply, stall

STATEMENTS = ("My cat is called Minka.", "I live in Lisbon.", "I work as a carpenter.", "My brother owns a bakery.")


async def deliver(talk: Talk, message: IncomingMessage, most_parts: int | None) -> int:
    """Take at most so many parts of a reply, all of them with None; return how many ends were delivered."""
    ends = taken = 0
    async with aclosing(talk.app.assistant.handle(message)) as parts:
        while most_parts is None or taken < most_parts:
            part = await anext(parts, None)
            if part is None:
                return ends
            taken += 1
            ends += isinstance(part, ReplyEnd)
    return ends


async def storm(house: House, *, abandoned: bool = False, deliveries: int = 1000) -> tuple[list[int], list[str]]:
    """Deliver four messages so many times in all, in any order, ten at once, over four runs of the bot.

    Returns:
        Ends delivered, of each message; texts kept.
    """
    choose = random.Random(4)
    ends = [0] * len(STATEMENTS)
    for run in range(4):
        async with house.opened() as talk:
            await talk.meet()
            messages = [talk.message(text, key=f"key {number}") for number, text in enumerate(STATEMENTS)]
            await talk.app.assistant.unanswered("discord")
            for _ in range(deliveries // 40):
                numbers = choose.choices(range(run + 1), k=10)  # one more message with each run
                most = [choose.choice((1, None)) if abandoned else None for _ in numbers]
                came = [deliver(talk, messages[number], most[at]) for at, number in enumerate(numbers)]
                for number, delivered in zip(numbers, await asyncio.gather(*came), strict=True):
                    ends[number] += delivered
    async with house.opened() as talk:
        await talk.app.assistant.unanswered("discord")
    async with house.opened() as talk:
        return ends, await talk.texts()


async def test_a_thousand_deliveries_are_four_replies(alone: House) -> None:
    """Delivered 1,000 times, concurrently and across restarts, each message has one reply and one memory."""
    ends, kept = await storm(alone)

    assert ends == [1, 1, 1, 1]
    assert sorted(kept) == sorted(STATEMENTS)


async def test_abandoned_deliveries_are_one_memory_each(alone: House) -> None:
    """With half of the deliveries abandoned early, none has two replies, and each message is kept once."""
    ends, kept = await storm(alone, abandoned=True)

    assert max(ends) <= 1
    assert sorted(kept) == sorted(STATEMENTS)


async def test_the_check_notices_a_missing_dedupe(alone: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: with an inbox that takes every delivery for a new one, a smaller storm gives more replies."""
    enter = inbox._enter

    def forgetful(*row: object) -> Delivery:
        enter(*row)  # type: ignore[arg-type]  # passes on whatever it is given
        return Delivery(Delivered.NEW)

    monkeypatch.setattr(inbox, "_enter", forgetful)  # the mutant

    ends, _ = await storm(alone, deliveries=80)

    assert max(ends) > 1


async def test_repeats_of_a_waiting_message_are_silent(home: House, server: OpenAIServer) -> None:
    """Delivered again while it is answered, or while it waits in a full queue, a message is not called refused."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.changed(limits={"queue_per_scope": 1}).opened() as talk:
        await talk.meet()
        running, waiting = talk.message("Hello!"), talk.message("How are you?")
        both = [asyncio.create_task(talk.hear(message)) for message in (running, waiting)]
        await gate.reached.wait()
        repeats = [await talk.hear(waiting), await talk.hear(running)]
        gate.open.set()
        first, second = await asyncio.gather(*both)

    assert [repeat.parts for repeat in repeats] == [[], []]
    assert first.text == "Slow"
    assert second.text.startswith("You said")


async def test_repeat_of_an_answered_message_is_silent_in_a_full_queue(home: House, server: OpenAIServer) -> None:
    """Delivered again while others fill the queue, a message that was answered gets no busy line."""
    gate = Gate()
    async with home.changed(limits={"queue_per_scope": 1}).opened() as talk:
        await talk.meet()
        answered = talk.message("Good morning!")
        await talk.hear(answered)
        server.will(reply("Slow", before_piece=gate))
        others = [asyncio.create_task(talk.say(text)) for text in ("Hello!", "How are you?")]
        await gate.reached.wait()
        repeat = await talk.hear(answered)
        gate.open.set()
        await asyncio.gather(*others)

    assert repeat.parts == []


@pytest.mark.parametrize("taken", [1, 2, 3, 4])
async def test_abandoned_after_any_part(home: House, server: OpenAIServer, taken: int) -> None:
    """Closed after any part of the answer, a reply is not given again, and its message is kept once."""
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.", key="one")
        await deliver(talk, message, taken)
        again = await talk.hear(message)
    async with home.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")
        redelivered = await talk.hear(message)
    async with home.opened() as talk:
        assert again.parts == redelivered.parts == []
        assert left == []
        assert await talk.texts() == ["My cat is called Minka."]
        assert len(server.requests) == 1


async def test_answer_that_was_stopped_is_not_given_again(home: House, server: OpenAIServer) -> None:
    """Before its first word; what the message said is kept all the same."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        running = asyncio.create_task(talk.hear(message))
        await gate.reached.wait()
        running.cancel()
        await asyncio.wait({running})
        await talk.app.assistant.stopped(message)
        gate.open.set()
    async with home.opened() as talk:
        assert await talk.app.assistant.unanswered("discord") == []
        assert await talk.texts() == ["My cat is called Minka."]


async def test_message_without_words_is_not_lost(home: House) -> None:
    """One that is nothing but its files is answered after a crash too; of one of which nothing may be kept, nobody can
    say what it was."""
    async with home.opened() as talk:
        await talk.app.core.set_mode(BEN, Mode.OFF)
        await talk.take_in(talk.message("", key="files alone"))
        await talk.take_in(talk.message("What about it?", scope=BEN))
    async with home.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")

    assert [message.dedupe_key for message in left] == ["files alone"]


async def test_reply_that_was_not_delivered_is_given_again(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that the end of the process cut before it was taken is given in the next run, memory and all, once."""
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.", key="one")
        monkeypatch.setattr(talk.app.assistant._reception, "replied", _never)  # killed before that
        await talk.hear(message)
    async with home.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")
        heard = await talk.hear(left)
        nothing = await talk.hear(message)

        assert heard.text
        assert nothing.parts == []
        assert await talk.texts() == ["My cat is called Minka."]


async def test_replied_but_not_remembered(home: House) -> None:
    """A message whose reply was delivered and that was not remembered is remembered in the next run, silently."""
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.", key="one")
        await talk.take_in(message)
        await talk.app.assistant._reception.replied(message)
    async with home.opened() as talk:
        heard = await talk.hear(message)
    async with home.opened() as talk:
        assert heard.parts == []
        assert await talk.texts() == ["My cat is called Minka."]


async def test_messages_are_taken_up_again_in_their_order(alone: House) -> None:
    """What an earlier run left comes oldest first."""
    async with alone.opened() as talk:
        for text in STATEMENTS:
            await talk.take_in(talk.message(text))
            talk.clock.advance(seconds=1)
    async with alone.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")
        elsewhere = await talk.app.assistant.unanswered("slack")

    assert [message.text for message in left] == list(STATEMENTS)
    assert elsewhere == []


async def test_who_asked_days_ago_is_not_answered_any_more(alone: House) -> None:
    """What the message says is remembered all the same, and a command is done."""
    async with alone.opened() as talk:
        await talk.meet()
        for text in ("My cat is called Minka.", "What is my cat called?", "/remember I live in Lisbon"):
            await talk.take_in(talk.message(text))
        talk.clock.advance(days=1)
        await talk.take_in(talk.message("Is it a dog?"))
        talk.clock.advance(seconds=1)
    async with alone.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")
    async with alone.opened() as talk:
        again = await talk.app.assistant.unanswered("discord")
        kept = await talk.texts()

    assert [message.text for message in left] == ["/remember I live in Lisbon", "Is it a dog?"]
    assert again == left
    assert kept == ["My cat is called Minka."]


def telling(asked: asyncio.Event, behaviour: Behaviour) -> Behaviour:
    """Let an event know when the service is asked."""

    async def answer(exchange: Exchange) -> web.StreamResponse:
        asked.set()
        return await behaviour(exchange)

    return answer


@pytest.mark.parametrize(("pieces", "again"), [((), True), (("Half an answer",), False)])
async def test_cancelled_reply(home: House, server: OpenAIServer, pieces: tuple[str, ...], again: bool) -> None:
    """Cancelled before its first word a reply is given again, in the same run; cancelled after it, it is not."""
    asked, shown = Soon(), Soon()
    server.will(telling(asked, stall(*pieces)))
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")

        async def show() -> None:
            async with aclosing(talk.app.assistant.handle(message)) as parts:
                async for _ in parts:
                    shown.set()

        running = asyncio.create_task(show())
        await (shown if pieces else asked).wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        heard = await talk.hear(message)
    async with home.opened() as talk:
        assert bool(heard.text) is again
        assert await talk.texts() == ["My cat is called Minka."]


async def test_cancelled_while_it_is_remembered(home: House, server: OpenAIServer) -> None:
    """Given again while the first remembering still runs, a message is remembered once, without any merging."""
    gate = Gate()

    async def held(exchange: Exchange) -> web.StreamResponse:
        await gate(0)
        return await embeddings()(exchange)

    service = {"embedder": "openai", "api_key": home.settings.openai.api_key, "base_url": server.base_url}
    async with home.changed(embeddings=service, memory={"merge": False}).opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        first, second = Soon(), Soon()
        server.will(telling(first, stall()), held, telling(second, reply("Hello!")))
        running = asyncio.create_task(talk.hear(message))
        await first.wait()
        running.cancel()
        await gate.reached.wait()
        with pytest.raises(asyncio.CancelledError):
            await running  # until it has let go of the message, the same delivery is one that is being answered
        again = asyncio.create_task(talk.hear(message))
        await second.wait()
        gate.open.set()
        heard = await again

        assert heard.actions == [Action.KEPT]
        assert await talk.texts() == ["My cat is called Minka."]


@pytest.mark.parametrize("taken", [1, 2])
async def test_reply_that_could_not_be_shown_is_given_again(online: Talk, taken: int) -> None:
    """An adapter that throws its error into a reply gets it back, and the reply once more, in the same run."""
    message = online.message("My cat is called Minka.")
    async with aclosing(online.app.assistant.handle(message)) as parts:
        for _ in range(taken):
            await anext(parts)
        with pytest.raises(PlatformError, match="no answer"):
            await parts.athrow(PlatformError("no answer"))
    heard, nothing = await online.hear(message), await online.hear(message)

    assert heard.text.startswith("You said")
    assert nothing.parts == []
    assert await online.texts() == ["My cat is called Minka."]


async def test_asked_anew(online: Talk, server: OpenAIServer) -> None:
    """Asked again, the model does not see its first answer; the new one takes its place, and nothing is kept twice."""
    message = online.message("My cat is called Minka.")
    server.will(reply("First answer."), reply("Between."), reply("Second answer."))
    first = await online.hear(message)
    await online.say("Is it late?")
    second = await online.hear(replace(message, dedupe_key="anew"))
    await online.say("And now?")

    anew, after = (str(request["messages"]) for request in server.requests[-2:])
    assert (first.actions, second.actions) == ([Action.KEPT], [Action.MERGED])
    assert await online.texts() == ["My cat is called Minka."]
    assert "First answer." not in anew + after
    assert anew.count("Minka") == 1
    assert after.index("Second answer.") < after.index("Between.")


@pytest.mark.parametrize("text", ["/undo", "/forget everything everywhere", "/remember I live in Lisbon.", "/nothing"])
async def test_command_is_not_done_anew(offline: Talk, text: str) -> None:
    """A command that is asked for another answer gets one line, and nothing is done."""
    await offline.say("My cat is called Minka.")

    heard = await offline.hear(replace(offline.message(text), again=True))

    assert heard.text.startswith("That was a command")
    assert await offline.texts() == ["My cat is called Minka."]


@pytest.mark.parametrize(
    ("text", "repeatable"),
    [("Hello!", True), ("/help", False), ("/undo", False), ("/nothing", False), ("x" * 100_000, False)],
    ids=["message", "command", "undo", "unknown command", "refusal"],
)
async def test_reply_tells_whether_it_can_be_given_anew(online: Talk, text: str, repeatable: bool) -> None:
    """An answer can be, a command or a line of the bot's own cannot; nor can what an opted-out person is told."""
    heard = await online.say(text)
    await online.say("/privacy opt-out")
    out = await online.say("Hello!")

    assert heard.end.repeatable is repeatable
    assert out.end.repeatable is False


async def test_question_of_what_is_asked_anew_stays_one(online: Talk) -> None:
    """A sensitive statement that is asked anew is proposed once, and asked about again."""
    message = online.message("I was diagnosed with diabetes.")
    await online.hear(message)
    heard = await online.hear(replace(message, dedupe_key="anew"))

    assert heard.actions == [Action.PROPOSED]
    assert any("without a yes" in notice and "health" in notice for notice in heard.notices)
    assert len(await online.memories()) == 1


async def test_nothing_follows_the_end(alone: House) -> None:
    """When the rows of replies cannot be written, the reply is whole all the same and has one end."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.app.database.write(lambda connection: connection.execute("DROP TABLE reply_hits").fetchall())
        await talk.say("My cat is called Minka.")

        heard = await talk.say("What is my cat called?")

    assert "Minka" in heard.text
    assert not heard.end.failed


async def test_rows_that_cannot_be_read_make_one_honest_line(home: House, server: OpenAIServer) -> None:
    """When memories cannot be read, the person is told in one line, and the service is not asked."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.app.database.write(lambda connection: connection.execute("DROP TABLE settings").fetchall())

        heard = await talk.say("What is my cat called?")

    assert heard.text.startswith("I can't reach my memory")
    assert heard.end.failed
    assert server.requests == []


async def test_failing_store_while_a_reply_is_cut(home: House, server: OpenAIServer) -> None:
    """An adapter that closes a reply while nothing can be written meets no error."""
    async with home.opened() as talk:
        await talk.meet()
        parts = talk.app.assistant.handle(talk.message("Hello!"))
        first = await anext(parts)
        await talk.app.database.write(lambda connection: connection.execute("DROP TABLE reservations").fetchall())

        await parts.aclose()

    assert isinstance(first, ReplyText)
    assert len(server.requests) == 1


async def _never(_: IncomingMessage) -> None:
    """Note nothing, as a process that was killed meanwhile."""
