"""The whole bot as a process of its own on Slack: it answers once, keeps what it was told apart, and stops well."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import process
from tests.servers.openai_server import OpenAIServer, reply
from tests.servers.slack import Channel, Person, SlackServer
from tests.slack.town import Town, stopped


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Servers on which nothing forbidden was asked, when the test is over."""
    async with SlackServer() as slack, OpenAIServer() as model:
        yield Town(slack, model, tmp_path)

    assert (slack.violations, slack.pings, slack.unfurls) == ([], [], [])
    assert model.violations == []


@pytest.fixture
def general(town: Town) -> Channel:
    """A channel that everybody sees."""
    channel = town.slack.team.add_channel("general")
    town.slack.team.invite(channel)
    return channel


@pytest.fixture
def ann(town: Town) -> Person:
    """A member of the workspace."""
    return town.slack.team.add_person("Ann")


async def hold(number: int) -> None:
    """Let a model say its first piece and then nothing more."""
    if number:
        await asyncio.Event().wait()


async def test_everything_said_to_it_is_answered_once(town: Town, general: Channel, ann: Person) -> None:
    """A mention, its thread, a thread of others and an agent's get one reply each; what it was told it knows."""
    slack = town.slack
    town.model.will(*[reply("Fine, end.")] * 6)
    ben = slack.team.add_person("Ben")
    async with process.running(town.folder, town.environment) as bot:
        mention = await ann.says(general, f"{slack.mention} I'm allergic to walnuts.")
        await town.answered(mention)
        begun = await ben.says(general, "not for the bot")
        others = [
            await ann.says(general, f"{slack.mention} hello", thread=begun),
            await ann.chats("hello there"),
        ]
        for message in others:
            await town.answered(message)
        more = await ben.says(general, "and me?", thread=mention)
        await slack.until(lambda: len(slack.replies_to(mention)) == 2, 10)
        use = await ann.commands(general, "/memories")
        await slack.until(lambda: use.responses)
        last = await ann.says(general, f"{slack.mention} what am I allergic to?")
        await town.answered(last)
        await town.settled(last)
        code = await stopped(bot)

    assert [len(slack.replies_to(message)) for message in (mention, *others, more, last)] == [2, 1, 1, 1, 1]
    assert "allergic to walnuts" in use.responses[0].shown
    assert "allergic to walnuts" in town.model.requests[-1]["messages"][-1]["content"]
    assert code == 0
    assert "Traceback" not in "\n".join(bot.told)


async def test_direct_message(town: Town, ann: Person) -> None:
    """Outside threads it is answered beside it, once, and its command is known by the next run."""
    slack = town.slack
    town.model.will(reply("Fine, end."))
    async with process.running(town.folder, town.environment) as bot:
        said = await ann.commands(ann.im, "/remember", "I keep bees")
        await slack.until(lambda: said.responses)
        assert await stopped(bot) == 0
    async with process.running(town.folder, town.environment) as bot:
        asked = await ann.says(ann.im, "what do I keep?")
        shown = await town.answered(asked)
        await town.settled(asked)
        code = await stopped(bot)

    assert slack.replies_to(asked) == [shown]
    assert "keep bees" in town.model.requests[-1]["messages"][-1]["content"]
    assert code == 0


async def test_killed_before_it_answered(town: Town, general: Channel, ann: Person) -> None:
    """What it had taken in when it was killed is answered once by the next run, and its spinner ends."""
    reached = asyncio.Event()

    async def never(_: int) -> None:
        reached.set()
        await asyncio.Event().wait()

    town.model.will(reply("never", before_piece=never), reply("Fine, end."))
    async with process.running(town.folder, town.environment) as bot:
        asked = await ann.says(general, f"{town.slack.mention} I moved to Porto.")
        await asyncio.wait_for(reached.wait(), 10)
        await town.slack.until(lambda: town.slack.sessions.unfinished)
        bot.send(signal.SIGKILL)
        await bot.ended()
    async with process.running(town.folder, town.environment) as bot:
        shown = await town.answered(asked)
        await town.slack.redeliver(asked, 2, new_event_ids=False)
        await town.settled(asked)
        code = await stopped(bot)

    assert town.slack.replies_to(asked) == [shown]
    assert len(town.model.requests) == 2
    assert code == 0


async def test_killed_in_the_middle_of_a_stream(town: Town, ann: Person) -> None:
    """The next run gives the answer in the message that was begun."""
    story = reply(pieces=["A beginning. ", "never"], before_piece=hold)
    town.model.will(reply("Hello, end."), story, reply("Fine, end."))
    async with process.running(town.folder, town.environment) as bot:
        await town.answered(await ann.chats("hello there"))  # a first reply has a notice, and is not streamed
        asked = await ann.chats("tell me a story")
        await town.answered(asked, "A beginning.")
        bot.send(signal.SIGKILL)
        await bot.ended()
    async with process.running(town.folder, town.environment) as bot:
        shown = await town.answered(asked)
        code = await stopped(bot)

    assert town.slack.replies_to(asked) == [shown]
    assert shown.stream is not None
    assert "A beginning." not in shown.shown
    assert code == 0


async def test_stopped_in_the_middle_of_a_stream(town: Town, ann: Person) -> None:
    """The stream ends and says that it was cut off, within ten seconds, and nothing is answered again."""
    town.model.will(reply("Hello, end."), reply(pieces=["A beginning. ", "never"], before_piece=hold))
    async with process.running(town.folder, town.environment) as bot:
        await town.answered(await ann.chats("hello there"))  # a first reply has a notice, and is not streamed
        asked = await ann.chats("tell me a story")
        await town.answered(asked, "A beginning.")
        async with asyncio.timeout(10):
            code = await stopped(bot)
    async with process.running(town.folder, town.environment) as bot:
        await town.slack.redeliver(asked)
        await town.settled(asked)
        assert await stopped(bot) == 0

    (shown,) = town.slack.replies_to(asked)
    assert code == 0
    assert "A beginning." in shown.shown
    assert "cut off" in shown.shown
    assert shown.stream is not None
    assert town.slack.streams.open == []
    assert len(town.model.requests) == 2


async def test_secrets_of_other_places_do_not_tempt_it(town: Town, general: Channel, ann: Person) -> None:
    """Asked word for word in public, the model is not given what was said in private."""
    slack, private = town.slack, ("heron", "osprey", "bittern")
    ben = slack.team.add_person("Ben")
    staff = slack.team.add_channel("staff", private=True)
    slack.team.invite(staff)
    several = slack.team.add_mpim(ann, ben)
    town.model.will(*[reply("Fine, end.")] * 7)
    async with process.running(town.folder, town.environment) as bot:
        await town.answered(await ann.chats("My favourite bird is the heron."))
        for place, secret in ((staff, "osprey"), (several, "bittern"), (general, "robin")):
            await town.answered(await ann.says(place, f"{slack.mention} My favourite bird is the {secret}."))
        told = len(town.model.requests)
        question = f"{slack.mention} what is my favourite bird?"
        for person, place in ((ann, general), (ben, general), (ann, staff)):
            await town.answered(await person.says(place, question))
        code = await stopped(bot)

    in_public, of_ben, in_staff = (str(request["messages"]) for request in town.model.requests[told:])
    assert [word for word in private if word in in_public] == []
    assert "robin" in in_public
    assert [word for word in (*private, "robin") if word in of_ben] == []
    assert [word for word in ("heron", "bittern") if word in in_staff] == []
    assert "osprey" in in_staff
    assert code == 0
