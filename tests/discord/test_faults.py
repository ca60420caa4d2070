"""Discord at its worst: every route fails once in each way, places vanish under an answer, and the token is revoked."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
import pytest

from adapters.discord import identifying, showing, supervising, typing_sign
from adapters.discord.interface import responding
from adapters.discord.spot import Spot
from bot.app import serve
from bot.events import Health, ReplyEnd
from bot.protocols import Assistant
from bot.types import Action, Outcome
from tests.adapters.documents import in_characters, violations
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.discord.test_showing import a_hit
from tests.discord.world import World
from tests.servers.discord.faults import Behaviour, Script, lose_answer, lose_request, rate_limited, status
from tests.servers.discord.nouns import Message
from tests.worlds import PATIENCE_S

BUSY = (rate_limited(0.05), status(500), status(502))
LOST = (lose_answer(),)

ASKED_AT_START = {
    "GET /users/@me",
    "GET /oauth2/applications/@me",
    "GET /gateway/bot",
    "PUT /applications/*/commands",
    "POST /channels/*/messages",
}
ASKED_IN_TALK = {
    "GET /channels/*/messages",
    "POST /channels/*/typing",
    "POST /channels/*/messages",
    "PATCH /channels/*/messages/*",
}
ASKED_IN_INTERACTIONS = {
    "POST /interactions/*/*/callback",
    "PATCH /webhooks/*/*/messages/@original",
    "POST /webhooks/*/*",
    "GET /channels/*/messages/*",
    "POST /channels/*/messages",
}
LINES = 150
LONG = "".join(f"One, two, three: line {number}.\n" for number in range(LINES))


@dataclass
class OnEachRoute(Script):
    """Lets every route fail in the same ways, one after the other, before it answers."""

    faults: Sequence[Behaviour] = ()
    met: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, method: str, path: str) -> Behaviour | None:
        """Return the next fault of a route; None when it had them all."""
        route = f"{method} {re.sub(r'/(?:[0-9]+|[0-9a-f]{48})(?=/|$)', '/*', path)}"
        self.met[route] += 1
        return self.faults[self.met[route] - 1] if self.met[route] <= len(self.faults) else None

    @property
    def over(self) -> set[str]:
        """The routes that had all of their faults."""
        return {route for route, count in self.met.items() if count >= len(self.faults)}


class Hurried:
    """asyncio as the library's requests see it, but that a pause before another try takes next to no time."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever asyncio has
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        """Sleep for a hundredth of what is asked."""
        await asyncio.sleep(seconds / 100)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits for a better time waits less. Patched, because the library's pauses are no parameters."""
    monkeypatch.setattr(discord.http, "asyncio", Hurried())
    monkeypatch.setattr(discord.webhook.async_, "asyncio", Hurried())
    monkeypatch.setattr(supervising, "pause_s", lambda *_: 0.01)
    monkeypatch.setattr(identifying, "APART_S", 0.05)
    monkeypatch.setattr(responding, "ACKNOWLEDGE_S", 0.05)
    monkeypatch.setattr(typing_sign, "FIRST_S", 0.01)
    monkeypatch.setattr(showing, "AGAIN_S", 0.05)


def lines(messages: Iterable[Message]) -> list[int]:
    """Return which lines of the long answer stand in messages, in order."""
    return [int(number) for one in messages for number in re.findall(r"line (\d+)\.", one.content)]


def long_answer() -> ScriptedAssistant:
    """Somebody who hesitates, answers at length, and says that something was kept."""
    kept = Outcome(Action.KEPT, "", a_hit().memory)
    return ScriptedAssistant(0.1, "One, ", 0.1, LONG, 0.1, ReplyEnd((kept,)))


async def is_settled_in(world: World) -> None:
    """Wait until the bot has registered its commands and said hello."""
    await world.server.until(lambda: world.server.commands and world.server.said(world.general), PATIENCE_S)
    await world.server.settled(quiet_s=0.1)


@pytest.mark.usefixtures("hurried")
class TestEveryRoute:
    """Each request that the bot makes fails before it succeeds."""

    @pytest.mark.parametrize("faults", [BUSY, LOST], ids=["429, 500, 502", "answer lost"])
    async def test_messages_have_one_whole_reply(self, world: World, faults: Sequence[Behaviour]) -> None:
        """From the login on; where an answer was lost, what was asked for had been done."""
        world.server.intents.add("message_content")
        world.server.script = at_start = OnEachRoute(faults=faults)
        thread = world.general.add_thread("talk", owner=world.ann)
        async with world.bot(long_answer(), replies={"marks": "buttons"}):
            await is_settled_in(world)
            world.server.script = in_talk = OnEachRoute(faults=faults)
            asked = [await person.says(thread, f"{world.server.mention} hello") for person in (world.ann, world.ben)]
            await world.server.until(lambda: sum("↻" in one.buttons for one in world.server.said(thread)) == 2)
            await world.server.settled(thread, quiet_s=0.1)

        assert [len(world.server.replies_to(message)) for message in asked] == [1, 1]
        assert sorted(lines(world.server.said(thread))) == sorted([*range(LINES)] * 2)
        assert at_start.over >= ASKED_AT_START
        assert in_talk.over >= ASKED_IN_TALK

    @pytest.mark.parametrize("fault", [lose_answer(), lose_request(), status(503)], ids=["answer lost", "lost", "503"])
    async def test_short_answer_is_sent_again(self, world: World, fault: Behaviour) -> None:
        """What is said in one message has no later edit that could make up for it."""
        async with world.bot(ScriptedAssistant("Hello.")):
            await is_settled_in(world)
            world.server.will("POST", "/channels/*/messages", fault)
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.answered(asked)
            await world.server.settled(world.general, quiet_s=0.1)

        assert [one.content for one in world.server.replies_to(asked)] == ["Hello."]

    async def test_second_reply_would_be_seen(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The control: a bot that does not tell Discord that it says the same thing again."""
        monkeypatch.setattr(Spot, "nonce_of", lambda *_: None)
        async with world.bot(ScriptedAssistant("Hello.")):
            await is_settled_in(world)
            world.server.script = OnEachRoute(faults=LOST)
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.server.until(lambda: len(world.server.replies_to(asked)) == 2)

    async def test_interactions_have_their_answer(self, world: World) -> None:
        """A slow command, an undo that is told aside, and a reply that is asked for anew."""
        async with world.bot(long_answer(), replies={"marks": "buttons"}):
            await is_settled_in(world)
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.server.until(lambda: "↻" in world.general.last.buttons)
            whole = world.general.last
            world.server.script = script = OnEachRoute(faults=BUSY)
            recalled = await world.ann.runs(world.general, "recall", {"query": "what?"})
            await recalled.until(lambda: len(lines(recalled.messages)) == LINES)
            undone = await world.ann.presses(whole, "remembered · undo")
            await undone.until(lambda: "nothing to take back" in undone.text)
            await world.ann.presses(whole, "↻")
            await world.server.until(lambda: len(world.server.replies_to(asked)) == 2)

        assert script.over >= ASKED_IN_INTERACTIONS


class TestPlaces:
    """Channels and threads that change under an answer."""

    async def test_deleted_channel_ends_the_answer(self, world: World) -> None:
        """After one request in vain, without a word elsewhere; the next person is answered."""
        other, more = world.guild.add_channel("other"), asyncio.Event()
        assistant = ScriptedAssistant("One two ", more, "three.", ReplyEnd())
        async with world.bot(assistant):
            await is_settled_in(world)
            asked = await world.ann.says(other, f"{world.server.mention} count")
            await world.answered(asked)
            other.delete()
            more.set()
            await assistant.ended()
            await world.server.settled(quiet_s=0.1)
            refused = list(world.server.refusals)
            last = await world.ann.says(world.general, f"{world.server.mention} count")

            assert (await world.answered(last, "three.")).content == "One two three."

        assert len(refused) == 1
        assert assistant.lost == []

    @pytest.mark.parametrize("locked", [False, True], ids=["archived", "locked"])
    async def test_closed_thread_ends_the_answer(self, world: World, locked: bool) -> None:
        """What is shown stays as it is; it is not tried again and again, nor given anew after a restart."""
        thread, more = world.general.add_thread("talk"), asyncio.Event()
        assistant = ScriptedAssistant("One two ", more, "three.", ReplyEnd())
        async with world.bot(assistant):
            asked = await world.ann.says(thread, f"{world.server.mention} count")
            shown = await world.answered(asked)
            thread.archive(locked=locked)
            more.set()
            await assistant.ended()
            await world.server.settled(quiet_s=0.1)

        assert shown.content == "One two"
        assert len(world.server.refusals) == 1
        assert assistant.lost == []


def document(sections: int) -> str:
    """Return an answer of prose, code and tables, 1,700 characters to a section."""
    return "\n\n".join(map(section, range(sections)))


def section(number: int) -> str:
    """Return a part of it, in which no two lines are the same."""
    code = "\n".join(f"    value_{number}_{row} = {row}" for row in range(50))
    rows = "\n".join(f"| cell {number} | {row} |" for row in range(45))
    return f"Here is part {number}.\n\n```py\n{code}\n```\n\n| Head | er |\n|---|---|\n{rows}"


async def test_very_long_answer_streams_whole(world: World) -> None:
    """15,000 characters of prose, code and tables: in no state too long or with code left open, and nothing is lost."""
    text = document(9)
    steps = [step for at in range(0, len(text), 150) for step in (text[at : at + 150], 0.005)]
    assistant = ScriptedAssistant(*steps)
    async with world.bot(assistant):
        asked = await world.ann.says(world.general, f"{world.server.mention} everything, please")
        await assistant.ended()
        shown = [one for one in world.server.said(world.general) if one.id > asked.id]

    states = [state for one in shown for state in one.states]
    assert violations(in_characters(text), [one.content for one in shown], 2000) == set()
    assert [state for state in states if len(state) > 2000 or state.count("```") % 2] == []
    assert len(text) > 15_000
    assert len(shown) >= 8
    assert len(states) > len(shown) + 5


class Other:
    """The adapter of another platform."""

    platform = "other"

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.stopped: bool | None = None

    def health(self) -> Health:
        """Return that it is well."""
        return Health(connected=True)

    async def run(self, _: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Serve until the test says so; note whether it was told to stop meanwhile."""
        ready()
        await self.over.wait()
        self.stopped = stopping.is_set()


class TestConnection:
    """The gateway."""

    async def test_what_was_said_in_a_silence_is_answered(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The connection goes without a close frame; the next one finds what it did not tell."""
        monkeypatch.setattr(supervising, "LOOK_S", 0.1)  # a minute otherwise
        monkeypatch.setattr(supervising, "QUIET_S", 0.5)  # five minutes otherwise
        world.server.heartbeat_interval_s = 0.1
        async with world.bot(echo, discord={"catch_up_minutes": 15.0}):
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} before"), "before")
            world.server.gateway.falls_silent()
            asked = await world.ann.says(world.general, f"{world.server.mention} anybody there?")
            await world.answered(asked, "anybody there?")
            await world.server.settled(quiet_s=0.1)

        assert world.server.gateway.identifies == 2
        assert len(world.server.replies_to(asked)) == 1

    async def test_junk_costs_nothing(self, world: World, echo: EchoAssistant) -> None:
        """What the library does not know it passes over; what is no message at all costs one connection at most."""
        async with world.bot(echo):
            gateway = world.server.gateway
            gateway.send_raw({"op": 77, "d": None})
            gateway.send_event("SOMETHING_NEW", {"id": "1", "list": [None]})
            gateway.send_event("MESSAGE_DELETE", {"id": "1", "channel_id": "2", "more": {}})
            gateway.send_raw("{no json")
            await world.server.until(lambda: gateway.identifies + gateway.resumes > 1, PATIENCE_S)
            await gateway.connected()
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")

            await world.answered(asked, "hello")

    async def test_revoked_token_ends_this_platform_alone(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is told in one line that says what to do; the other goes on, and the exit code tells that one failed."""
        async with world.started() as bot:
            await world.is_ready(bot)
            bot.stopping.set()
            await bot.ended()
            other = Other()
            serving = asyncio.create_task(serve(bot.app, [bot.adapter, other]))
            await world.server.until(lambda: world.server.gateway.is_connected)
            world.server.token = "another"
            await world.server.gateway.drop()
            told = ""
            async with asyncio.timeout(PATIENCE_S):
                while "forgetmenot: " not in told:
                    await asyncio.sleep(0.01)
                    told += capsys.readouterr().err
            is_serving = not serving.done()
            other.over.set()
            async with asyncio.timeout(PATIENCE_S):
                code = await serving

        (line,) = [line for line in told.splitlines() if line.startswith("forgetmenot: ")]
        assert re.match(r"forgetmenot: discord: .*DISCORD_TOKEN", line)
        assert (is_serving, other.stopped, code) == (True, False, 1)
        assert 4004 in world.server.gateway.close_codes
