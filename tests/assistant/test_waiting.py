"""Messages that wait for their turn: on disk before it, answered as they read then, in the order of their coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.events import IncomingMessage
from bot.types import Mode
from tests.assistant.talking import ANN, BEN, Gate, House, Reply, Talk
from tests.assistant.test_changed_messages import edited
from tests.servers.openai_server import OpenAIServer, reply

BUSY = "I'm still busy"


@asynccontextmanager
async def held(talk: Talk, server: OpenAIServer) -> AsyncIterator[asyncio.Task[Reply]]:
    """Keep the model at work on a message of Ann for the block."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    running = asyncio.create_task(talk.say("Hello!"))
    await gate.reached.wait()
    try:
        yield running
    finally:
        gate.open.set()
        await running


async def waiting(talk: Talk, message: IncomingMessage) -> asyncio.Task[Reply]:
    """Let a message come and wait until it is in the inbox."""
    task = asyncio.create_task(talk.hear(message))
    async with asyncio.timeout(5):
        while not await talk.app.assistant._reception.known(message):
            pass
    return task


async def test_what_waits_is_on_disk(home: House, server: OpenAIServer) -> None:
    """A message is in a file before its turn comes, and no word of it once it is answered and taught nothing."""
    async with home.opened() as talk:
        await talk.meet()
        async with held(talk, server):
            task = await waiting(talk, talk.message("Is Minka a cat?"))
            seen = home.holds("Minka")
        await task
        bodies = await talk.app.database.read(
            lambda connection: connection.execute("SELECT body FROM inbox").fetchall()
        )

    assert seen
    assert bodies == [(None,)] * 2


async def test_waiting_message_is_answered_as_it_was_edited(online: Talk, server: OpenAIServer) -> None:
    """Edited twice while it waits, a message is answered once, by its last text; nothing else is learned."""
    async with held(online, server):
        message = online.message("My cat is called Minka.")
        task = await waiting(online, message)
        await online.app.assistant.edited(edited(message, "My cat is called Mikesch."))
        await online.app.assistant.edited(edited(message, "My cat is called Mauzi."))
    heard = await task

    assert "Mauzi" in heard.text
    assert await online.texts() == ["My cat is called Mauzi."]
    assert len(server.requests) == 2
    assert "Minka" not in str(server.requests)


async def test_secret_in_an_edit_is_taken_out(home: House, server: OpenAIServer) -> None:
    """A secret that an edit brings into a waiting message reaches neither the model nor a file."""
    secret = "sk-proj-" + "Ab3Cd4Ef5Gh6Ij7K" * 3
    async with home.opened() as talk:
        await talk.meet()
        async with held(talk, server):
            message = talk.message("I live in Lisbon.")
            task = await waiting(talk, message)
            await talk.app.assistant.edited(edited(message, f"My key is {secret}. I live in Lisbon."))
            stored = home.holds(secret)
        heard = await task

        assert any("secret" in notice for notice in heard.notices)
        assert await talk.texts() == []
    assert not stored
    assert secret not in str(server.requests)


async def test_edit_of_what_a_killed_run_left(home: House, server: OpenAIServer) -> None:
    """Edited before it is taken up again, a message that an earlier run left is answered by its new text."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.take_in(talk.message("My cat is called Minka.", key="one"))
    async with home.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")
        await talk.app.assistant.edited(edited(left, "My cat is called Mauzi."))
        heard = await talk.hear(left)

        assert "Mauzi" in heard.text
        assert await talk.texts() == ["My cat is called Mauzi."]
    assert "Minka" not in str(server.requests)


async def test_edit_of_what_was_never_taken_in(home: House, server: OpenAIServer) -> None:
    """Neither a message that nobody addressed nor one that was refused teaches anything through an edit."""
    async with home.changed(limits={"queue_per_scope": 1}).opened() as talk:
        await talk.meet()
        unknown, refused = talk.message("Hello, Ben!"), talk.message("Hello!")
        async with held(talk, server):
            task = await waiting(talk, talk.message("How are you?"))
            await talk.hear(refused)
        await task
        for message in (unknown, refused):
            await talk.app.assistant.edited(edited(message, "I live in Tromso."))

        assert await talk.texts() == []
        assert (await talk.hear(refused)).text.startswith("You said: 'Hello!'")
    assert not home.holds("Tromso")


async def test_edit_of_a_message_that_taught_nothing(online: Talk) -> None:
    """A message that was answered and told nothing teaches what its edit says."""
    message = online.message("Good morning!")
    await online.hear(message)

    await online.app.assistant.edited(edited(message, "I live in Lisbon."))

    assert await online.texts() == ["I live in Lisbon."]


async def test_opting_out_counts_for_what_waits(home: House, server: OpenAIServer) -> None:
    """A message that waited behind an opt-out is not read."""
    async with home.opened() as talk:
        await talk.meet()
        async with held(talk, server):
            tasks = [await waiting(talk, talk.message(text)) for text in ("/privacy opt-out", "I live in Tromso.")]
        heard = [await task for task in tasks]

        assert "opted out" in heard[1].text
        assert await talk.app.core.mode(ANN) is Mode.OFF
        assert await talk.texts() == []
    assert "Tromso" not in str(server.requests)


async def test_cancelled_wait_leaves_the_order_of_the_others(online: Talk, server: OpenAIServer) -> None:
    """A message whose adapter gives up is not answered then, the others are in order; handled again it is, once."""
    messages = [online.message(f"Is it {number} o'clock?") for number in range(3)]
    async with held(online, server):
        tasks = [await waiting(online, message) for message in messages]
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
    await asyncio.gather(tasks[0], tasks[2])
    again, nothing = await online.hear(messages[1]), await online.hear(messages[1])

    asked = [request["messages"][-1]["content"] for request in server.requests]
    assert asked == ["Hello!", *(messages[number].text for number in (0, 2, 1))]
    assert again.text.startswith("You said")
    assert nothing.parts == []


@pytest.mark.parametrize("command", ["/help", "/memories", "/recall tea", "/why", "/privacy", "/usage", "/export"])
async def test_what_only_shows_something_does_not_wait(online: Talk, server: OpenAIServer, command: str) -> None:
    """Beside an answer that takes its time, a command that changes nothing is answered at once."""
    async with held(online, server) as running:
        async with asyncio.timeout(5):
            heard = await online.say(command)
        still = not running.done()

    assert heard.text
    assert still


@pytest.mark.parametrize("command", ["/undo", "/remember Tea", "/privacy opt-out", "/settings persona Kind", "/new"])
async def test_what_changes_something_waits_its_turn(online: Talk, server: OpenAIServer, command: str) -> None:
    """A command that changes something is done after what its person said before it."""
    async with held(online, server) as running:
        task = await waiting(online, online.message(command))
        early = task.done()
    await task

    assert running.done()
    assert not early


async def test_what_need_not_wait_counts_all_the_same(alone: House) -> None:
    """Commands beside the queue are limited like every message, and done once each."""
    async with alone.changed(limits={"messages_per_minute_per_person": 2}).opened() as talk:
        await talk.meet()
        message = talk.message("/help")
        heard = [await talk.hear(message), await talk.hear(message)]
        more = [await talk.say("/help") for _ in range(3)]

    assert [bool(reply.parts) for reply in heard] == [True, False]
    assert [reply.end.failed if reply.parts else None for reply in more] == [False, True, None]


async def test_busy_is_said_once_a_minute(home: House, server: OpenAIServer) -> None:
    """Of many messages that find the queue full one a minute and person is told; none of them is stored."""
    async with home.changed(limits={"queue_per_scope": 1, "queue_total": 2}).opened() as talk:
        await talk.meet()
        async with held(talk, server):
            task = await waiting(talk, talk.message("How are you?"))
            told = [(await talk.say("I live in Tromso.")).text for _ in range(3)]
            other = await talk.say("I live in Tromso.", scope=BEN)
            talk.clock.advance(seconds=60)
            later = await talk.say("I live in Tromso.")
            stored = home.holds("Tromso")
        await task

    assert [text.startswith(BUSY) for text in told] == [True, False, False]
    assert "nor will be what else you send until I am done" in told[0]
    assert told[1:] == ["", ""]
    assert other.text.startswith(BUSY)
    assert later.text.startswith(BUSY)
    assert not stored


async def test_messages_that_come_at_once_are_limited_in_their_order(alone: House) -> None:
    """Of five sent at once with room for three, the first three are answered, the fourth is told, the fifth dropped."""
    async with alone.changed(limits={"messages_per_minute_per_person": 3}).opened() as talk:
        await talk.meet()
        heard = await asyncio.gather(*(talk.say("lol ok") for _ in range(5)))

    slow = [one.text.startswith("That's a lot at once") for one in heard]
    assert slow == [False, False, False, True, False]
    assert heard[4].parts == []


async def test_deleted_while_it_comes_in(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted when it is inside but not yet in the inbox, a message is not answered, and nothing of it stays open."""
    async with home.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        excess = talk.app.assistant._reception._limit.excess

        async def meanwhile(*given: object) -> int:
            talk.app.assistant._reception._withdrawn["discord", "guild", message.source_id] = None
            return await excess(*given)  # type: ignore[arg-type]  # passes on whatever it is given

        monkeypatch.setattr(talk.app.assistant._reception._limit, "excess", meanwhile)  # between two waits of one path
        heard = await talk.hear(message)
    async with home.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")
    async with home.opened() as talk:
        assert (heard.parts, left) == ([], [])
        assert await talk.texts() == []
