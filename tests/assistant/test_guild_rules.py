"""What admins of a guild chose decides: where the bot answers and listens, for whom, by which model and budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.calling import may_be_answered
from bot.events import IncomingMessage
from bot.types import Mode, Place, PlaceKind, Policy
from tests.assistant.talking import ANN, BACKROOM, DM, GENERAL, House, Reply, Talk
from tests.assistant.test_changed_messages import deleted, edited
from tests.servers.openai_server import OpenAIServer

LISTENING = Policy(listening=frozenset({GENERAL.channel_id}))


async def choose(talk: Talk, policy: Policy) -> None:
    """Let the admins of the guild choose."""
    await talk.app.policies.set("discord", "guild", policy)


async def overheard(talk: Talk, text: str) -> Reply:
    """Say something that is not addressed to the bot."""
    return await talk.hear(replace(talk.message(text), addressed=False))


def guest(talk: Talk, text: str, command: str = "") -> IncomingMessage:
    """Return a message of somebody of another workspace."""
    return replace(talk.message(text), outsider=True, command=command)


# Where it answers


async def test_where_it_may_not_be_used_nothing_happens(home: House, server: OpenAIServer) -> None:
    """In a channel that admins did not choose a message leaves nothing and gets nothing, a thread of it neither."""
    async with home.opened() as talk:
        await talk.meet()
        await choose(talk, Policy(channels=frozenset({"elsewhere"})))
        heard = [
            await talk.say("I live in Tromso.", place=place) for place in (GENERAL, replace(GENERAL, thread_id="t"))
        ]
        typed = await talk.say("/remember I live in Tromso.")

    assert [reply.parts for reply in (*heard, typed)] == [[], [], []]
    assert server.requests == []
    assert not home.holds("Tromso")


async def test_command_is_told_where_the_bot_may_be_used(alone: House) -> None:
    """A platform's command gets one line with the channels, and is not run; /settings is, or nobody could go back."""
    async with alone.opened() as talk:
        await choose(talk, Policy(channels=frozenset({"12", "34"})))
        given = replace(talk.message("I live in Tromso."), command="remember")
        heard = await talk.hear(given)
        settings = await talk.hear(replace(talk.message(""), command="settings", admin=True))

        assert "<#12>, <#34>" in heard.text
        assert heard.end.failed
        assert await talk.texts() == []
    assert not settings.end.failed
    assert not alone.holds("Tromso")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("privacy", "I am an AI"),
        ("pause", "Paused"),
        ("resume", "Now: "),
        ("memories", "#1 "),
        ("undo", "Taken back"),
        ("why", "My last answer here"),
        ("help", "Talk to me"),
    ],
)
async def test_no_choice_of_channels_takes_a_persons_rights(offline: Talk, command: str, said: str) -> None:
    """What a person decides about their own memories works in every channel."""
    await offline.say("My cat is called Minka.")
    await choose(offline, Policy(channels=frozenset({"elsewhere"})))

    heard = await offline.hear(replace(offline.message(""), command=command, confidential=True))
    in_words = await offline.say(f"/{command}")

    assert heard.text.startswith(said)
    assert in_words.text.startswith(said) or command == "undo"  # which has nothing left to take back


async def test_export_is_handed_over_in_every_channel(offline: Talk) -> None:
    """To whoever asks for it where nobody else reads along."""
    await offline.say("My cat is called Minka.")
    await choose(offline, Policy(channels=frozenset({"elsewhere"})))

    heard = await offline.hear(replace(offline.message(""), command="export", confidential=True))
    aloud = await offline.say("/export")

    assert heard.file is not None
    assert "only in a direct message" in aloud.text


async def test_forgetting_can_be_confirmed_in_every_channel(offline: Talk) -> None:
    """A yes counts where its question was put; without one it gets no more of an answer than other words there."""
    await offline.say("My cat is called Minka.")
    await choose(offline, Policy(channels=frozenset({"elsewhere"})))

    too_early = await offline.say("yes")
    asked = await offline.say("/forget cat")
    forgot = await offline.say("yes")

    assert too_early.parts == []
    assert asked.text.startswith("Forget this memory?")
    assert forgot.text.startswith("Forgotten: 1 memory.")
    assert await offline.texts() == []


@pytest.mark.parametrize(
    ("text", "chosen", "answered"),
    [
        ("hello", False, True),
        ("hello", True, False),
        ("/remember tea", True, False),
        ("/privacy", True, True),
        ("/forget everything here", True, True),
        ("yes", True, True),
        ("", True, False),
    ],
)
async def test_what_adapters_need_not_hand_over(offline: Talk, text: str, chosen: bool, answered: bool) -> None:
    """Words in a channel that admins did not choose, unless they are, or may be part of, what nobody is kept from."""
    policy = Policy(channels=frozenset({"elsewhere"} if chosen else ()))

    assert may_be_answered(offline.message(text), policy) is answered


async def test_right_is_not_lost_by_a_crash(alone: House) -> None:
    """What a killed run took in of it is done in the next run, wherever it was said."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        await choose(talk, Policy(channels=frozenset({"elsewhere"})))
        given = replace(talk.message("everything here"), command="forget", confidential=True)
        await talk.take_in(given)
    async with alone.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")
        await talk.hear(left)

        assert await talk.texts() == []


@pytest.mark.parametrize("parent", ["chosen", "elsewhere"])
async def test_private_thread_follows_its_channel(online: Talk, parent: str) -> None:
    """What admins chose for a channel holds in its private threads, whose readers are others."""
    await choose(online, Policy(channels=frozenset({"chosen"}), listening=frozenset({"chosen"})))
    thread = Place(PlaceKind.PRIVATE, "thread", "thread", parent_id=parent)

    heard = await online.say("Hello!", place=thread)
    await online.hear(replace(online.message("I live in Lisbon.", place=thread), addressed=False))

    assert bool(heard.parts) is (parent == "chosen")
    assert len(await online.texts()) == (parent == "chosen")


@pytest.mark.parametrize("place", [DM, Place(PlaceKind.PUBLIC, "chosen"), Place(PlaceKind.PRIVATE, "chosen", "thread")])
async def test_where_it_may_be_used_it_answers(online: Talk, place: Place) -> None:
    """In the chosen channels, their threads and in direct messages nothing changes."""
    await choose(online, Policy(channels=frozenset({"chosen"})))

    assert (await online.say("Hello!", place=place)).text.startswith("You said")


async def test_what_was_taken_in_before_admins_chose_is_not_answered(alone: House) -> None:
    """A message that a killed run left in a channel that is none of the chosen ones any more is given up."""
    async with alone.opened() as talk:
        await talk.take_in(talk.message("Hello!"))
        await choose(talk, Policy(channels=frozenset({"elsewhere"})))
    async with alone.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")
    async with alone.opened() as talk:
        await choose(talk, Policy())

        assert left == []
        assert await talk.app.assistant.unanswered("discord") == []


# Where it listens


async def test_listening_keeps_statements_in_silence(home: House, server: OpenAIServer) -> None:
    """In a channel that admins chose for it, a statement is kept without a word; small talk is not."""
    async with home.opened() as talk:
        await talk.meet()
        await choose(talk, LISTENING)
        heard = [await overheard(talk, text) for text in ("I live in Lisbon.", "lol ok")]

        assert [reply.parts for reply in heard] == [[], []]
        assert await talk.texts() == ["I live in Lisbon."]
    assert server.requests == []


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("I live in Tromso.", {"place": BACKROOM}),
        ("I live in Tromso.", {"place": replace(DM, channel_id=GENERAL.channel_id)}),
        ("I live in Tromso.", {"outsider": True}),
        ("/remember I live in Tromso.", {}),
        ("I live in Tromso.", {"command": "remember"}),
        ("I was diagnosed with diabetes in Tromso.", {}),
        ("My password is hunter2hunter2, I live in Tromso.", {}),
        ("I live in Tromso. " * 2000, {}),
    ],
    ids=["another channel", "direct message", "guest", "text command", "command", "sensitive", "secret", "too long"],
)
async def test_listening_leaves_the_rest_alone(alone: House, text: str, changes: dict[str, Any]) -> None:
    """Nothing is kept, asked or said of what is no plain statement of a member in that channel."""
    async with alone.opened() as talk:
        await talk.meet()
        await choose(talk, LISTENING)
        heard = await talk.hear(replace(talk.message(text), addressed=False, **changes))

        assert heard.parts == []
        assert await talk.memories() == []
        assert await talk.app.assistant.unanswered("discord") == []


@pytest.mark.parametrize("mode", [None, Mode.ASK, Mode.COMMANDS, Mode.OFF])
async def test_listening_needs_notice_and_consent(alone: House, mode: Mode | None) -> None:
    """Of somebody who had no notice yet, or chose another mode, no file holds a word."""
    async with alone.opened() as talk:
        await choose(talk, LISTENING)
        if mode is not None:
            await talk.meet()
            await talk.app.core.set_mode(ANN, mode)
        await overheard(talk, "I live in Tromso.")

        assert await talk.memories() == []
    assert not alone.holds("Tromso")


async def test_overheard_message_is_kept_after_a_crash(alone: House) -> None:
    """What was taken in and not remembered yet is remembered in the next run, and is nothing to be answered."""
    async with alone.opened() as talk:
        await talk.meet()
        await choose(talk, LISTENING)
        await talk.take_in(replace(talk.message("I live in Lisbon."), addressed=False))
    async with alone.opened() as talk:
        assert await talk.app.assistant.unanswered("discord") == []
    async with alone.opened() as talk:
        assert await talk.texts() == ["I live in Lisbon."]


async def test_overheard_message_follows_edits_and_deletions(offline: Talk) -> None:
    """What was learned from it changes and goes with it."""
    await choose(offline, LISTENING)
    message = replace(offline.message("My cat is called Minka."), addressed=False)
    await offline.hear(message)
    await offline.app.assistant.edited(edited(message, "My cat is called Mauzi."))
    changed = await offline.texts()
    await offline.app.assistant.deleted(deleted(message))

    assert changed == ["My cat is called Mauzi."]
    assert await offline.texts() == []


async def test_chatter_leaves_room_for_what_is_addressed(alone: House) -> None:
    """A channel that is listened to uses half of the limits at most; a question in it is still answered."""
    async with alone.changed(limits={"messages_per_minute_per_person": 6}).opened() as talk:
        await talk.meet()
        await choose(talk, LISTENING)
        for number in range(10):
            await overheard(talk, f"My locker has number {number}.")
        heard = await talk.say("What is my locker's number?")

        assert len(await talk.memories()) == 3
    assert "number 2" in heard.text


# Guests


async def test_guest_is_answered_without_memory(home: House, server: OpenAIServer) -> None:
    """A guest hears the model, no notice; nothing is recalled for them, and no file holds a word of theirs."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("/remember for:everyone The wifi is called Heron")
        message = guest(talk, "I live in Tromso. What is the wifi called?")
        heard = await talk.hear(message)
        await talk.app.assistant.edited(edited(message, "I live in Tromso."))
        await talk.take_in(guest(talk, "I live in Tromso."))
        texts, stored = await talk.texts(), home.holds("Tromso")
    async with home.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")

    assert heard.text.startswith("You said")
    assert heard.notices == []
    assert (heard.end.used, heard.end.outcomes) == ((), ())
    assert "Heron" not in str(server.requests)
    assert (texts, left) == ([], [])
    assert not stored


async def test_guest_without_a_model_gets_one_line(offline: Talk) -> None:
    """What the asker told as a member is not quoted to them as a guest."""
    await offline.say("My cat is called Minka.")

    heard = await offline.hear(guest(offline, "What is my cat called?"))

    assert heard.text.startswith("You are a guest here")
    assert heard.text.count("\n") == 0


@pytest.mark.parametrize("name", ["remember", "recall"])
async def test_nothing_is_kept_of_a_guest_or_recalled_for_one(offline: Talk, name: str) -> None:
    """One line says why."""
    await offline.say("My cat is called Minka.")

    heard = await offline.hear(guest(offline, "My cat is called Mauzi.", command=name))

    assert heard.text.startswith("You are a guest here: I keep nothing new of guests")
    assert await offline.texts() == ["My cat is called Minka."]


@pytest.mark.parametrize(
    ("text", "shows", "stays"),
    [
        ("/memories", "#1 My cat is called Minka.", True),
        ("/export", "Minka", True),
        ("/forget #1", "Forgotten: 1 memory", False),
        ("/undo", "Taken back and erased:\n#1", False),
        ("/why", "My last answer here used no memories", True),
        ("/pause", "Paused", True),
        ("/resume", "Now: I remember what you tell me.\nYou are a guest here", True),
        ("/privacy", "1 memory of you.\nOpt out of all of it in this server", True),
        ("/privacy opt-out", "You are opted out in this server", True),
        ("/help", "/forget", True),
    ],
)
async def test_who_becomes_a_guest_keeps_their_say(offline: Talk, text: str, shows: str, stays: bool) -> None:
    """What is kept of them they see, take with them, erase and opt out of, as before."""
    await offline.meet()
    await offline.say("My cat is called Minka.")

    heard = await offline.hear(replace(guest(offline, text), confidential=True))

    assert shows in (heard.file.content if heard.file else heard.text)
    assert (await offline.texts() == ["My cat is called Minka."]) is stays


async def test_admins_may_let_guests_in(online: Talk) -> None:
    """Then a guest is a person like all."""
    await choose(online, Policy(outsiders=True))

    await online.hear(guest(online, "My cat is called Minka."))
    heard = await online.hear(guest(online, "What is my cat called?"))

    assert [hit.memory.text for hit in heard.end.used] == ["My cat is called Minka."]


# Model, persona, budget


async def test_model_and_persona_of_a_guild(home: House, server: OpenAIServer) -> None:
    """They replace the operator's in this guild alone; a model that is not offered any more does not."""
    async with home.changed(openai={"more_models": ("larger",)}).opened() as talk:
        await choose(talk, Policy(model="larger", persona="You speak like a pirate."))
        await talk.say("Hello!")
        await talk.say("Hello!", scope=replace(ANN, guild_id="other guild"))
    async with home.opened() as talk:
        await talk.say("Hello!")

    assert [request["model"] for request in server.requests] == ["larger", "local", "local"]
    assert ["pirate" in request["messages"][0]["content"] for request in server.requests] == [True, False, True]
    assert home.settings.bot.persona.strip() not in server.requests[0]["messages"][0]["content"]


async def test_budget_of_a_guild(home: House) -> None:
    """Admins can lower the day's budget of their guild, and no other's."""
    async with home.opened() as talk:
        await choose(talk, Policy(tokens_per_day=10))
        lowered = await talk.say("Hello!")
        other = await talk.say("Hello!", scope=replace(ANN, guild_id="other guild"))

    assert "budget" in lowered.text
    assert other.text.startswith("You said")


async def test_somebody_the_platform_does_not_know_just_now(home: House, server: OpenAIServer) -> None:
    """Is answered without memory, told why, and nothing of theirs is kept; the next message may be."""
    async with home.opened() as talk:
        await talk.meet()
        unknown = replace(guest(talk, "I live in Tromso."), unidentified=True)
        heard = await talk.hear(unknown)
        told = await talk.hear(replace(guest(talk, "I live in Oslo.", command="remember"), unidentified=True))

        assert "I can't find out who you are" in "".join(heard.notices)
        assert "I can't find out who you are" in told.text
        assert await talk.memories() == []
    assert not home.holds("Tromso")
    assert server.requests
