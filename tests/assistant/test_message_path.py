"""One message from its arrival to the end of its reply: notice, recall, answer, remembering."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from bot.config import Secret
from bot.events import ReplyEnd, ReplyNotice, ReplyText
from bot.types import Action, Mode, Status
from tests.assistant.talking import ANN, BEN, DM, GENERAL, Gate, House, Talk
from tests.servers.openai_server import OpenAIServer, reply


async def test_notice_comes_before_anything_is_kept(home: House, server: OpenAIServer) -> None:
    """While the person reads the notice of first contact there is no memory, and the model knows nothing yet."""
    async with home.opened() as talk, aclosing(talk.app.assistant.handle(talk.message("I live in Lisbon."))) as parts:
        first = await anext(parts)
        kept_by_then, asked_by_then = await talk.texts(), list(server.requests)
        rest = [part async for part in parts]

        assert isinstance(first, ReplyNotice)
        assert "/privacy" in first.text
        assert (kept_by_then, asked_by_then) == ([], [])
        assert isinstance(rest[-1], ReplyEnd)
        assert await talk.texts() == ["I live in Lisbon."]


async def test_notice_comes_once(home: House) -> None:
    """A second message brings no notice, after a restart neither."""
    async with home.opened() as talk:
        first, second = await talk.say("Hello!"), await talk.say("How are you?")
    async with home.opened() as talk:
        third = await talk.say("And now?")

    assert [len(heard.notices) for heard in (first, second, third)] == [1, 0, 0]


async def test_notice_that_was_not_shown_is_given_again(home: House) -> None:
    """A reply that ends at the notice teaches nothing, and the next run begins with the notice again."""
    async with home.opened() as talk:
        async with aclosing(talk.app.assistant.handle(talk.message("I live in Lisbon.", key="one"))) as parts:
            await anext(parts)
        kept_by_then = await talk.texts()
    async with home.opened() as talk:
        (message,) = await talk.app.assistant.unanswered("discord")
        heard = await talk.hear(message)

        assert kept_by_then == []
        assert len(heard.notices) == 1
        assert await talk.texts() == ["I live in Lisbon."]


async def test_what_the_end_names_is_on_disk(online: Talk) -> None:
    """When the end of the reply says that a statement was kept, its row can be read."""
    async with aclosing(online.app.assistant.handle(online.message("My cat is called Minka."))) as parts:
        async for part in parts:
            if isinstance(part, ReplyEnd):
                named = [outcome.memory for outcome in part.outcomes]
                on_disk = await online.memories()

    assert [memory.text for memory in named if memory] == ["My cat is called Minka."]
    assert named == on_disk


async def test_answer_is_built_from_what_was_recalled(online: Talk, server: OpenAIServer) -> None:
    """The memories in the prompt are the ones that the end of the reply names, quoted in the last message."""
    await online.say("My cat is called Minka.")
    await online.say("/new")

    heard = await online.say("What is my cat called?")

    assert [hit.memory.text for hit in heard.end.used] == ["My cat is called Minka."]
    assert '"My cat is called Minka."' in server.requests[-1]["messages"][-1]["content"]
    assert heard.text.startswith("You said:")


async def test_message_does_not_recall_itself(online: Talk, server: OpenAIServer) -> None:
    """What a message says is remembered beside the answer, not quoted to the model as a memory."""
    heard = await online.say("My cat is called Minka.")

    assert heard.end.used == ()
    assert server.requests[-1]["messages"][-1]["content"] == "My cat is called Minka."


async def test_nothing_of_small_talk_is_kept(online: Talk) -> None:
    """A message that tells nothing is answered and not kept."""
    heard = await online.say("lol ok")

    assert heard.actions == [Action.DROPPED]
    assert await online.memories() == []


async def test_what_is_not_for_the_bot_is_left_alone(home: House, server: OpenAIServer) -> None:
    """A message that is not addressed to the bot gets no reply and leaves nothing on disk."""
    async with home.opened() as talk:
        heard = await talk.hear(replace(talk.message("I live in Lisbon."), addressed=False))

    assert heard.parts == []
    assert server.requests == []
    assert not home.holds("Lisbon")


async def test_turns_go_with_the_message(online: Talk, server: OpenAIServer) -> None:
    """The model sees what was said before in this place, and not what was said elsewhere."""
    await online.say("Good morning!", place=DM)
    await online.say("Good evening!", place=GENERAL)

    await online.say("Hello again!", place=DM)

    asked = server.requests[-1]["messages"]
    assert [message["content"] for message in asked if message["role"] == "user"] == ["Good morning!", "Hello again!"]


async def test_use_of_memories_in_public_is_said(online: Talk) -> None:
    """A reply in a public place says how many personal memories it used; in a direct message it does not."""
    await online.say("My cat is called Minka.")

    public = await online.say("What is my cat called?", place=GENERAL)
    direct = await online.say("What is my cat called?", place=DM)

    assert any("Used 1 of your memories" in notice for notice in public.notices)
    assert direct.notices == []


async def test_sensitive_statement_waits_for_a_yes(online: Talk) -> None:
    """What is sensitive is asked about, never recalled before the yes, and kept after it."""
    asked = await online.say("I was diagnosed with diabetes.", place=DM)
    waiting = [memory.status for memory in await online.memories()]
    early = await online.say("What was I diagnosed with?", place=DM)
    said = await online.say("yes", place=DM)
    late = await online.say("What was I diagnosed with?", place=DM)

    assert asked.actions == [Action.PROPOSED]
    assert any("without a yes" in notice for notice in asked.notices)
    assert waiting == [Status.PROPOSED]
    assert early.end.used == ()
    assert said.actions == [Action.KEPT]
    assert [hit.memory.text for hit in late.end.used] == ["I was diagnosed with diabetes."]


async def test_sensitive_statement_goes_with_a_no(alone: House) -> None:
    """After a no nothing of a sensitive statement is left in any file."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("I was diagnosed with diabetes.", place=DM)
        said = await talk.say("no", place=DM)
        left = await talk.memories()

    assert "not kept" in said.text
    assert left == []
    assert not alone.holds("diabetes")


async def test_yes_to_nothing_is_an_ordinary_message(online: Talk, server: OpenAIServer) -> None:
    """Without an open question a yes goes to the model."""
    heard = await online.say("yes")

    assert len(server.requests) == 1
    assert heard.text.startswith("You said: 'yes'")


async def test_yes_counts_only_after_the_question(home: House, server: OpenAIServer) -> None:
    """A yes that waited while the question came up was not meant for it: it is an ordinary message."""
    gate = Gate()
    server.will(reply("Well.", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        telling = asyncio.create_task(talk.say("I was diagnosed with diabetes."))
        await gate.reached.wait()
        early = asyncio.create_task(talk.say("yes"))
        await asyncio.sleep(0)
        talk.clock.advance(seconds=1)
        gate.open.set()
        asked, heard = await telling, await early
        by_then = [memory.status for memory in await talk.memories()]
        late = await talk.say("yes")

    assert asked.actions == [Action.PROPOSED]
    assert heard.text.startswith("You said")
    assert by_then == [Status.PROPOSED]
    assert late.actions == [Action.KEPT]


@pytest.mark.parametrize(("minutes", "kept"), [(4.9, True), (5.1, False)])
async def test_yes_counts_for_five_minutes(online: Talk, minutes: float, kept: bool) -> None:
    """A yes that comes later than five minutes after the question is an ordinary message."""
    await online.say("I was diagnosed with diabetes.", place=DM)
    online.clock.advance(minutes=minutes)

    heard = await online.say("yes", place=DM)

    assert (Action.KEPT in heard.actions) is kept
    assert heard.text.startswith("You said") is not kept


async def test_yes_counts_where_and_for_whom_it_was_asked(online: Talk) -> None:
    """Neither somebody else's yes nor one in another place answers a question."""
    await online.meet(BEN)
    await online.say("I was diagnosed with diabetes.")

    await online.say("yes", scope=BEN, name="Ben")
    await online.say("yes", place=DM)

    assert [memory.status for memory in await online.memories()] == [Status.PROPOSED]


async def test_restart_closes_questions(home: House) -> None:
    """After a restart a yes answers nothing: nobody can know which question it meant."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("I was diagnosed with diabetes.")
    async with home.opened() as talk:
        heard = await talk.say("yes")

        assert heard.text.startswith("You said")
        assert [memory.status for memory in await talk.memories()] == [Status.PROPOSED]


async def test_opting_out_leaves_the_fact_only(home: House, server: OpenAIServer) -> None:
    """Of somebody who opted out no file holds a word, no model hears one; the same words are found before it."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        seen_before = home.holds("Minka")
        await talk.say("/privacy opt-out")
        asked = len(server.requests)
        heard = [await talk.say("I live in Tromso."), await talk.say("/remember I live in Tromso.")]
        await talk.say("What is my cat called in Tromso?")
        by_then = home.holds("Tromso")
    async with home.opened() as talk:
        after_restart = await talk.say("I still live in Tromso.")
        mode = await talk.app.core.mode(ANN)

    assert seen_before
    assert "opted out" in heard[0].text
    assert heard[1].actions == [Action.DROPPED]
    assert "opted out" in after_restart.text
    assert len(server.requests) == asked
    assert mode is Mode.OFF
    assert not by_then
    assert not home.holds("Tromso")


async def test_secret_is_taken_out_before_anything(home: House, server: OpenAIServer) -> None:
    """A key in a message reaches neither a file nor the model; the person is told, and nothing is kept."""
    secret = "sk-proj-" + "Ab3Cd4Ef5Gh6Ij7K" * 3
    async with home.opened() as talk:
        await talk.meet()
        heard = await talk.say(f"My key is {secret} and I live in Lisbon.")
        kept = await talk.texts()

    assert any("secret" in notice for notice in heard.notices)
    assert kept == []
    assert not home.holds(secret)
    assert secret not in str(server.requests)


async def test_secret_stays_unkept_after_a_crash(home: House) -> None:
    """Taken up again in the next run, a message from which a secret was taken still teaches nothing."""
    secret = "sk-proj-" + "Ab3Cd4Ef5Gh6Ij7K" * 3
    async with home.opened() as talk:
        await talk.meet()
        await talk.take_in(talk.message(f"My key is {secret}. I live in Lisbon."))
    async with home.opened() as talk:
        (message,) = await talk.app.assistant.unanswered("discord")
        heard = await talk.hear(message)

        assert heard.text
        assert await talk.texts() == []


async def test_without_a_model_memories_answer(offline: Talk) -> None:
    """Without a model the reply quotes what is remembered and says why it is so bare."""
    await offline.say("My cat is called Minka.")

    heard = await offline.say("What is my cat called?")

    assert "“My cat is called Minka.”" in heard.text
    assert "No chat model is configured" in heard.text
    assert not heard.end.failed


async def test_pieces_come_as_they_arrive(online: Talk, server: OpenAIServer) -> None:
    """The answer is passed on piece by piece."""
    server.will(reply(pieces=["One", " two", " three"]))

    heard = await online.say("Count!")

    assert [part.text for part in heard.parts if isinstance(part, ReplyText)] == ["One", " two", " three"]


async def test_key_is_for_the_service_alone(home: House, server: OpenAIServer) -> None:
    """The service is given the key; no file of the folder holds it."""
    async with home.opened() as talk:
        await talk.say("I live in Lisbon.")
    key = home.settings.openai.api_key
    assert isinstance(key, Secret)

    assert server.headers[0]["Authorization"] == f"Bearer {key.reveal()}"
    assert not home.holds(key.reveal())
