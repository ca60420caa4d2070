"""Commands that a platform knows itself: their text is an argument and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.commands import Answer, Call, Commands
from bot.events import IncomingMessage, ReplyNotice
from bot.types import Place, Reach
from tests.assistant.talking import DM, GENERAL, House, Talk
from tests.servers.openai_server import OpenAIServer


def command(
    talk: Talk, name: str, text: str = "", *, options: tuple[tuple[str, str], ...] = (), place: Place = GENERAL
) -> IncomingMessage:
    """Return a command as a platform gives it."""
    return replace(talk.message(text, place=place), command=name, options=options)


async def test_text_of_a_command_stays_text(offline: Talk) -> None:
    """What looks like an option or another command in an argument is part of it; a true option counts."""
    text = "/forget everything here for:everyone kind:fact"
    heard = await offline.hear(command(offline, "remember", f" {text} ", options=(("for", "Anywhere"),)))
    (kept,) = await offline.memories()

    assert heard.end.outcomes[0].memory == kept
    assert (kept.text, kept.reach) == (text, Reach.ANYWHERE)


async def test_who_begins_with_a_command_is_told_what_is_kept(alone: House) -> None:
    """The notice of first contact comes with the first command too, before anything is kept, and once."""
    async with alone.opened() as talk:
        heard = [await talk.hear(command(talk, "remember", text)) for text in ("I live in Lisbon", "I like tea")]
        then = await talk.say("Hello!")

    assert [len(reply.notices) for reply in heard] == [1, 0]
    assert isinstance(heard[0].parts[0], ReplyNotice)
    assert heard[0].notices[0].startswith("I'm Forget-me-not, an AI.")
    assert then.notices == []


@pytest.mark.parametrize(("name", "outsider"), [("privacy", False), ("export", False), ("help", True)])
async def test_notice_is_not_in_the_way(alone: House, name: str, outsider: bool) -> None:
    """Not before what says the same, nor in a file, nor for a guest, of whom nothing is kept."""
    async with alone.opened() as talk:
        given = replace(command(talk, name), confidential=True, outsider=outsider)

        assert (await talk.hear(given)).notices == []


async def test_command_with_an_odd_name_is_no_text(online: Talk, server: OpenAIServer) -> None:
    """A command that nobody knows is not passed to the model."""
    heard = await online.hear(command(online, "rember", "tea"))

    assert "Did you mean /remember?" in heard.text
    assert server.requests == []


async def test_command_is_told_what_the_platform_knows(offline: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether others see the reply, and whether an admin asks, reaches the command."""
    calls: list[Call] = []

    async def run(_: Commands, call: Call) -> Answer:
        calls.append(call)
        return Answer("Done.")

    monkeypatch.setattr(Commands, "run", run)  # to see the call itself
    for confidential, admin in ((False, False), (True, False), (False, True)):
        await offline.hear(replace(command(offline, "memories"), confidential=confidential, admin=admin))

    assert [(call.confidential, call.admin) for call in calls] == [(False, False), (True, False), (False, True)]


async def test_command_without_text_survives_a_crash(alone: House) -> None:
    """Taken in and not answered, a command is answered in the next run, once."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        await talk.take_in(command(talk, "memories", options=(("kind", "fact"),)))
    async with alone.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")
        heard, nothing = await talk.hear(left), await talk.hear(left)

    assert "Minka" in heard.text
    assert nothing.parts == []


async def test_interrupted_undo_is_not_begun_again(alone: House) -> None:
    """What would take back something else when done twice is answered with what happened."""
    async with alone.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        undo = command(talk, "undo")
        await talk.take_in(undo)
        await talk.app.assistant._reception.remembered(undo)  # begun, then killed
    async with alone.opened() as talk:
        (left,) = await talk.app.assistant.unanswered("discord")
        heard = await talk.hear(left)

        assert heard.text.startswith("I was stopped in the middle of that.")
        assert await talk.texts() == ["My cat is called Minka."]


@pytest.mark.parametrize("name", ["remember", "recall"])
async def test_secret_in_an_argument_is_taken_out(alone: House, name: str) -> None:
    """A key in a command's text or options reaches no file and no reply."""
    secret = "sk-proj-" + "Ab3Cd4Ef5Gh6Ij7K" * 3
    async with alone.opened() as talk:
        await talk.meet()
        given = command(talk, name, f"my key is {secret}", options=(("kind", secret),))
        await talk.take_in(given)
        stored = alone.holds(secret)
    async with alone.opened() as talk:
        heard = await talk.hear(given)

        assert secret not in heard.text
        assert await talk.texts() == []
    assert not stored


async def test_command_of_one_who_opted_out_leaves_the_fact_only(alone: House) -> None:
    """It runs, and no file holds a word of it; after a crash it is not answered with half of itself."""
    async with alone.opened() as talk:
        await talk.say("/privacy opt-out")
        heard = await talk.hear(command(talk, "remember", "I live in Tromso."))
        await talk.take_in(command(talk, "remember", "I live in Tromso."))
        stored = alone.holds("Tromso")
    async with alone.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")

    assert "opted out" in heard.text
    assert not stored
    assert left == []


async def test_yes_as_an_argument_of_no_command_answers_the_question(online: Talk) -> None:
    """A command's text is no answer to an open question, unless the command is about it."""
    await online.say("I was diagnosed with diabetes.", place=DM)

    heard = await online.hear(command(online, "recall", "yes", place=DM))

    assert "Remembered" not in heard.text
