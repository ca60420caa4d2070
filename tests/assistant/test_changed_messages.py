"""Edited and deleted messages, and guilds that are left: what was learned from them follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from bot.events import ChannelsDeleted, GuildLeft, IncomingMessage, MessageEdited, MessagesDeleted
from bot.store.inbox import Inbox
from bot.types import BY_COMMAND, Kind, Mode, Place, PlaceKind, Reach, Scope, Statement
from tests.assistant.talking import ANN, BEN, GENERAL, Gate, House, Talk
from tests.servers.openai_server import Exchange, OpenAIServer, embeddings, reply


def edited(message: IncomingMessage, text: str) -> MessageEdited:
    """Return the edit of a message."""
    return MessageEdited(
        f"edit of {message.dedupe_key}",
        message.scope,
        message.place,
        message.author,
        text,
        message.source_id,
        message.sent_at,
    )


def deleted(*messages: IncomingMessage) -> MessagesDeleted:
    """Return the deletion of messages."""
    return MessagesDeleted("discord", "guild", tuple(message.source_id for message in messages))


async def test_memory_follows_an_edit(alone: House) -> None:
    """After an edit the memory says the new text, and no file holds the old one."""
    async with alone.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        await talk.hear(message)
        await talk.app.assistant.edited(edited(message, "My cat is called Mauzi."))
        kept, held = await talk.texts(), alone.holds("Minka")
        found = await talk.say("What is my cat called?")

    assert kept == ["My cat is called Mauzi."]
    assert not held
    assert "Mauzi" in found.text


@pytest.mark.parametrize("text", ["lol ok", "", "/forget everything everywhere", "My password is hunter2hunter2"])
async def test_edit_to_what_is_not_worth_it_forgets(offline: Talk, text: str) -> None:
    """An edit that leaves nothing to remember forgets; a command in it is not obeyed."""
    other = await offline.say("/remember Tea is in the blue tin")
    message = offline.message("My cat is called Minka.")
    await offline.hear(message)

    await offline.app.assistant.edited(edited(message, text))

    assert other.end.outcomes
    assert await offline.texts() == ["Tea is in the blue tin"]


async def test_edited_command_changes_its_note(offline: Talk) -> None:
    """An edited /remember changes the note that it made."""
    message = offline.message("/remember Tea is in the blue tin")
    await offline.hear(message)

    await offline.app.assistant.edited(edited(message, "/remember Tea is in the red tin"))

    assert await offline.texts() == ["Tea is in the red tin"]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("", "kind:fact", (Kind.FACT, Reach.HERE)),
        ("kind:fact", "kind:fact", (Kind.FACT, Reach.HERE)),
        ("for:anywhere", "for:anywhere", (Kind.NOTE, Reach.ANYWHERE)),
        ("for:anywhere", "", (Kind.NOTE, Reach.HERE)),
    ],
)
async def test_edited_command_changes_its_note_with_its_options(
    offline: Talk, before: str, after: str, kept: tuple[Kind, Reach]
) -> None:
    """The note is of the kind, and for whom, the command says now."""
    message = offline.message(f"/remember Tea is in the blue tin {before}")
    await offline.hear(message)

    await offline.app.assistant.edited(edited(message, f"/remember Tea is in the red tin {after}"))

    (memory,) = await offline.memories()
    assert (memory.text, (memory.kind, memory.reach)) == ("Tea is in the red tin", kept)


async def test_message_that_comes_after_its_deletion_teaches_nothing(alone: House) -> None:
    """In the next run either: the deletion was told, and the message was not on disk yet when the bot was killed."""
    async with alone.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        await talk.app.assistant.deleted(deleted(message))
    async with alone.opened() as talk:
        heard = await talk.hear(message)

        assert heard.parts == []
        assert await talk.texts() == []


async def test_edit_waits_for_its_message(home: House, server: OpenAIServer) -> None:
    """An edit that comes while its message waits for its turn leaves one memory, of the new text."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        running = asyncio.create_task(talk.say("Hello!"))
        await gate.reached.wait()
        message = talk.message("My cat is called Minka.")
        waiting = asyncio.create_task(talk.hear(message))
        await asyncio.sleep(0)
        edit = asyncio.create_task(talk.app.assistant.edited(edited(message, "My cat is called Mauzi.")))
        gate.open.set()
        await asyncio.gather(running, waiting, edit)

        assert await talk.texts() == ["My cat is called Mauzi."]


async def test_edit_does_not_wait_for_another_answer(home: House, server: OpenAIServer) -> None:
    """That of a message whose answer is over is followed at once; one of the message that is being answered after it,
    and is on disk before."""
    gate, order = Gate(), list[str]()
    async with home.opened() as talk:
        await talk.meet()
        old = talk.message("My cat is called Minka.")
        await talk.hear(old)
        server.will(reply("Slow", before_piece=gate))
        asked = talk.message("I live in Lisbon.")
        running = asyncio.create_task(talk.hear(asked))
        await gate.reached.wait()
        await talk.app.assistant.edited(edited(old, "My cat is called Mauzi."))
        followed = await talk.texts()
        edit = edited(asked, "I live in Tromso.")
        changing = asyncio.create_task(talk.app.assistant.edited(edit, taken=lambda: order.append("taken")))
        async with asyncio.timeout(10):
            while not order:  # noqa: ASYNC110 - the callback tells nobody
                await asyncio.sleep(0.01)
        waits = not changing.done()
        gate.open.set()
        await asyncio.gather(running, changing)

        assert followed[0] == "My cat is called Mauzi."
        assert waits
        assert await talk.texts() == ["My cat is called Mauzi.", "I live in Tromso."]


async def test_edit_follows_a_reply_that_was_cut_off(home: House, server: OpenAIServer) -> None:
    """What the message said is still being remembered then; only its new text is kept."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        asked = talk.message("I keep bees.")
        running = asyncio.create_task(talk.hear(asked))
        await gate.reached.wait()
        changing = asyncio.create_task(talk.app.assistant.edited(edited(asked, "I keep goats.")))
        async with asyncio.timeout(10):
            while not talk.app.assistant._changes._lanes._lanes:  # noqa: ASYNC110 - the edit tells nobody that it waits
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})
        gate.open.set()
        await changing

        assert await talk.texts() == ["I keep goats."]


async def test_edit_of_one_who_opted_out_is_not_kept(alone: House) -> None:
    """The new text of a message is not kept of somebody who opted out meanwhile."""
    async with alone.opened() as talk:
        await talk.meet()
        message = talk.message("Good morning!")
        await talk.hear(message)
        await talk.app.core.set_mode(ANN, Mode.OFF)
        await talk.app.assistant.edited(edited(message, "I live in Tromso."))

        assert await talk.texts() == []
    assert not alone.holds("Tromso")


async def test_edit_is_followed_once(alone: House) -> None:
    """Told again of an edit, as with a link preview, the bot leaves what its person made of the memory since."""
    async with alone.opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        await talk.hear(message)
        edit = edited(message, "My cat is called Mauzi.")
        await talk.app.assistant.edited(edit)
        (memory,) = await talk.memories()
        await talk.app.panel.edit(ANN, memory.id, "My cat is called Momo.")
        await talk.app.assistant.edited(edit)
    async with alone.opened() as talk:
        await talk.app.assistant.edited(edit)

        assert await talk.texts() == ["My cat is called Momo."]


async def test_edit_of_long_ago_is_not_followed_again(offline: Talk) -> None:
    """When nobody knows any more that it was followed, an edit that a pin brings again is too old to follow."""
    message = offline.message("My cat is called Minka.")
    await offline.hear(message)
    edit = edited(message, "My cat is called Mauzi.")
    await offline.app.assistant.edited(edit)
    (memory,) = await offline.memories()
    await offline.app.panel.edit(ANN, memory.id, "My cat is called Momo.")
    offline.clock.advance(days=8)
    assert await Inbox(offline.app.database).prune(offline.clock()) > 0

    await offline.app.assistant.edited(edit)

    assert await offline.texts() == ["My cat is called Momo."]


async def test_edit_of_what_waited_is_followed_once(home: House, server: OpenAIServer) -> None:
    """An edit that its message said when its turn came is not followed again after it."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        running = asyncio.create_task(talk.say("Hello!"))
        await gate.reached.wait()
        message = talk.message("My cat is called Minka.")
        waiting = asyncio.create_task(talk.hear(message))
        await asyncio.sleep(0)
        edit = edited(message, "My cat is called Mauzi.")
        await talk.app.assistant.edited(edit)
        gate.open.set()
        await asyncio.gather(running, waiting)
        (memory,) = await talk.memories()
        await talk.app.panel.edit(ANN, memory.id, "My cat is called Momo.")
        await talk.app.assistant.edited(edit)

        assert await talk.texts() == ["My cat is called Momo."]


async def test_edits_count_against_no_limit(alone: House) -> None:
    """Somebody who corrects a message often may still send others."""
    async with alone.changed(limits={"messages_per_minute_per_person": 2}).opened() as talk:
        await talk.meet()
        message = talk.message("My cat is called Minka.")
        await talk.hear(message)
        for number in range(5):
            edit = replace(edited(message, f"I have {number} cats."), dedupe_key=f"edit {number}")
            await talk.app.assistant.edited(edit)
        heard = await talk.say("How are you?")

        assert not heard.end.failed
        assert await talk.texts() == ["I have 4 cats."]


async def test_edited_back_it_is_learned_again(offline: Talk) -> None:
    """What was edited to small talk and then to a statement is known as it reads at last."""
    message = offline.message("My cat is called Minka.")
    await offline.hear(message)
    for number, text in enumerate(("lol ok", "My cat is called Mauzi.")):
        await offline.app.assistant.edited(replace(edited(message, text), dedupe_key=f"edit {number}"))

    assert await offline.texts() == ["My cat is called Mauzi."]


async def test_edit_brings_nothing_back_that_was_forgotten(offline: Talk) -> None:
    """What a person had forgotten stays so, however its message is edited after it."""
    message = offline.message("My cat is called Minka.")
    await offline.hear(message)
    await offline.say("/forget #1")
    for number, text in enumerate(("lol ok", "My cat is called Mauzi.")):
        await offline.app.assistant.edited(replace(edited(message, text), dedupe_key=f"edit {number}"))

    assert await offline.texts() == []


async def test_endless_edit_does_no_harm(offline: Talk) -> None:
    """An edit to a megabyte forgets what the message taught: no memory is that long."""
    message = offline.message("My cat is called Minka.")
    await offline.hear(message)

    await offline.app.assistant.edited(edited(message, "\u0301ä" * 2**19))

    assert await offline.texts() == []


async def test_memory_goes_with_its_message(alone: House) -> None:
    """After a deletion nothing of the message is left in any file, and a new delivery of it teaches nothing."""
    async with alone.opened() as talk:
        await talk.meet()
        message, other = talk.message("My cat is called Minka."), talk.message("I live in Lisbon.")
        await talk.hear(message)
        await talk.hear(other)
        await talk.app.assistant.deleted(deleted(message))
        await talk.hear(message)
        kept, held = await talk.texts(), alone.holds("Minka")

    assert kept == ["I live in Lisbon."]
    assert not held


async def test_deletion_ends_what_is_still_to_be_done(alone: House) -> None:
    """A message that an earlier run left is not taken up again once it is deleted."""
    async with alone.opened() as talk:
        message = talk.message("My cat is called Minka.")
        await talk.take_in(message)
    async with alone.opened() as talk:
        await talk.app.assistant.deleted(deleted(message))

        assert await talk.app.assistant.unanswered("discord") == []


async def test_deleted_while_it_waits(home: House, server: OpenAIServer) -> None:
    """A message deleted while it waits for its turn is neither answered nor kept."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet()
        running = asyncio.create_task(talk.say("Hello!"))
        await gate.reached.wait()
        message = talk.message("My cat is called Minka.")
        waiting = asyncio.create_task(talk.hear(message))
        await asyncio.sleep(0)
        await talk.app.assistant.deleted(deleted(message))
        gate.open.set()
        await running
        heard = await waiting

        assert heard.parts == []
        assert await talk.texts() == []
    assert not home.holds("Minka")


async def test_deleted_while_it_is_embedded(home: House, server: OpenAIServer) -> None:
    """A message deleted while its vector is being made leaves no memory."""
    gate = Gate()

    async def held(exchange: Exchange) -> web.StreamResponse:
        await gate(0)
        return await embeddings()(exchange)

    service = {"embedder": "openai", "api_key": home.settings.openai.api_key, "base_url": server.base_url}
    async with home.changed(embeddings=service).opened() as talk:
        await talk.meet()
        server.will(held)
        message = talk.message("/remember My cat is called Minka.")
        running = asyncio.create_task(talk.hear(message))
        await gate.reached.wait()
        await talk.app.assistant.deleted(deleted(message))
        gate.open.set()
        await running

        assert await talk.texts() == []
    assert not home.holds("Minka")


async def test_turns_forget_deleted_and_edited_messages(online: Talk, server: OpenAIServer) -> None:
    """What was deleted or changed is no longer said to the model, even if it taught nothing."""
    first, second = online.message("Is Minka a cat?"), online.message("Is Rex a dog?")
    await online.hear(first)
    await online.hear(second)
    await online.app.assistant.deleted(deleted(first))
    await online.say("Hello!")
    await online.app.assistant.edited(edited(second, "Is it?"))
    await online.say("Hello again!")

    after_deletion, after_edit = (str(request["messages"]) for request in server.requests[-2:])
    assert "Minka" not in after_deletion
    assert "Rex" in after_deletion
    assert "Rex" not in after_edit


async def test_deletion_touches_one_guild_only(offline: Talk) -> None:
    """Ids of messages are one guild's; the same id in another guild is another message."""
    elsewhere = Scope("discord", "other guild", "ann")
    await offline.meet(elsewhere)
    here = offline.message("My cat is called Minka.")
    await offline.hear(here)
    await offline.app.core.remember(
        elsewhere, Statement("My cat is called Minka.", GENERAL, here.source_id, explicit=True)
    )

    await offline.app.assistant.deleted(deleted(here))

    assert await offline.memories(ANN) == []
    assert len(await offline.memories(elsewhere)) == 1


@pytest.mark.parametrize(("gone", "left"), [("c", ["b"]), ("t", ["a", "b"]), ("p", ["a", "b", "c"])])
async def test_deleted_channel_takes_what_was_learned_there(alone: House, gone: str, left: list[str]) -> None:
    """With a channel goes what its messages and those of its threads taught; a private thread is one by itself."""
    async with alone.opened() as talk:
        await talk.meet()
        places = {
            "a": Place(PlaceKind.PUBLIC, "c"),
            "b": GENERAL,
            "c": Place(PlaceKind.PUBLIC, "c", "t"),
            "d": Place(PlaceKind.PRIVATE, "p", "p", parent_id="c"),
        }
        for name, place in places.items():
            await talk.say(f"/remember for:anywhere My code name is {name}", place=place)
        await talk.say("/remember for:everyone The wifi is called Heron", place=places["d"])

        await talk.app.assistant.channels_deleted(ChannelsDeleted("discord", "guild", frozenset({gone})))

        kept = {text[-1] for text in await talk.texts()}
        notes = await talk.texts(ANN.shared)
    assert kept == {*left, *([] if gone == "p" else ["d"])}
    assert alone.holds("Heron") is bool(notes) is (gone != "p")


async def test_deleted_channel_leaves_what_a_command_said(offline: Talk) -> None:
    """What was said with a platform's own command was in no message, and other guilds' channels are not meant."""
    given = replace(offline.message("I live in Lisbon"), command="remember", source_id=f"{BY_COMMAND}1574")
    await offline.hear(given)
    for guild_id, source in (("guild", given), ("other guild", offline.message("My cat is called Minka."))):
        await offline.hear(source)
        event = ChannelsDeleted("discord", guild_id, frozenset({GENERAL.channel_id}))
        await offline.app.assistant.channels_deleted(event)

    assert await offline.texts() == ["I live in Lisbon", "My cat is called Minka."]


async def test_left_guild_is_forgotten(alone: House) -> None:
    """After the bot was removed from a guild no file holds a word of its people; another guild's are untouched."""
    elsewhere = Scope("discord", "other guild", "ann")
    async with alone.opened() as talk:
        await talk.meet(ANN, BEN, elsewhere)
        await talk.say("My cat is called Minka.")
        await talk.say("My dog is called Rex.", scope=BEN)
        await talk.say("/remember for:everyone The wifi is called Heron")
        await talk.say("I live in Lisbon.", scope=elsewhere)
        cleo = Scope("discord", "guild", "cleo")  # has no memories yet
        await talk.take_in(talk.message("My parrot is called Lora.", scope=cleo))
        seen_before = [alone.holds(word) for word in ("Minka", "Rex", "Heron", "Lora")]
        await talk.app.assistant.left(GuildLeft("discord", "guild"))
        kept = await talk.texts(elsewhere)
        open_messages = await talk.app.assistant.unanswered("discord")

    assert seen_before == [True] * 4
    assert [alone.holds(word) for word in ("Minka", "Rex", "Heron", "Lora")] == [False] * 4
    assert kept == ["I live in Lisbon."]
    assert open_messages == []


async def test_grace_period_spares_a_guild(alone: House) -> None:
    """Left with a grace period, a guild keeps its memories until it is purged; joined again it is none that was left.

    What was to be purged is due when the period is over, and an opt-out outlives it.
    """
    async with alone.opened() as talk:
        await talk.meet()
        assistant, ledger = talk.app.assistant, talk.app.ledger
        new = [await assistant.joined("discord", "guild") for _ in range(2)]
        await talk.say("My cat is called Minka.")
        await talk.app.core.set_mode(BEN, Mode.OFF)
        await assistant.left(GuildLeft("discord", "guild", timedelta(days=7)))
        during, kept = await assistant.guilds("discord"), await talk.texts()
        due = [await ledger.due_purges(talk.clock() + timedelta(days=days)) for days in (6.9, 7)]
        await assistant.purge("discord", "guild")
        purged = await ledger.due_purges(talk.clock() + timedelta(days=7))
        opted_out = await talk.app.core.mode(BEN)
        noticed = await ledger.noticed(ANN)
        again = await assistant.joined("discord", "guild")

        assert await assistant.guilds("discord") == {"guild"}
    assert new == [True, False]
    assert (during, kept) == (frozenset(), ["My cat is called Minka."])
    assert due == [[], [("discord", "guild")]]
    assert purged == []
    assert (opted_out, noticed, again) == (Mode.OFF, False, True)
    assert not alone.holds("Minka")
