"""Replies while Slack does not do what it is asked: each is whole in the end, or one line says that it may not be."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pytest

from adapters.slack.setup.scopes import events_for, scopes_for
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Message, error, hang, lose_answer, rate_limited, status
from tests.servers.slack.faults import Behaviour
from tests.slack.world import World, scope_of
from tests.worlds import PATIENCE_S

SHORT = ("One two ", "three four ", "five.")
LONG = tuple(f"{word} " * 2400 for word in ("first", "second", "third"))
"""Each a message of its own."""

FAULTS: tuple[Sequence[Behaviour], ...] = (
    [status(503)],
    [error("internal_error")],
    [rate_limited(0)],  # the last of those that the library lives through
    [lose_answer()],
)
FIRST, MIDDLE, LAST = range(3)
"""Before which piece of the answer the next call fails."""


@dataclass(frozen=True)
class Use:
    """A method that fails while an answer is given: before which of its pieces.

    is_direct: asked in an agent's thread, else in a channel. may_read: whether the bot may look for what it posted.
    """

    method: str
    pieces: Sequence[str]
    moments: Sequence[int]
    is_direct: bool
    may_read: bool = True


USES = {
    "start": Use("chat.startStream", SHORT, [FIRST], is_direct=True),
    "start, minimal": Use("chat.startStream", SHORT, [FIRST], is_direct=True, may_read=False),
    "append": Use("chat.appendStream", SHORT, [MIDDLE], is_direct=True),
    "stop": Use("chat.stopStream", SHORT, [LAST], is_direct=True),
    "session": Use("agents.sessions.setStatus", SHORT, [FIRST, LAST], is_direct=True),
    "post": Use("chat.postMessage", LONG, [FIRST, MIDDLE, LAST], is_direct=False),
    "post, minimal": Use("chat.postMessage", LONG, [FIRST, MIDDLE, LAST], is_direct=False, may_read=False),
    "edit": Use("chat.update", SHORT, [MIDDLE, LAST], is_direct=False),
    "channel's session": Use("agents.sessions.setStatus", SHORT, [FIRST, LAST], is_direct=False),
}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are constants, and seconds; here nothing has to recover in them, nor in those of the library."""
    monkeypatch.setattr("adapters.slack.apps.RETRIES", 0)
    monkeypatch.setattr("adapters.slack.faults.PAUSES_S", (0.02, 0.02))
    monkeypatch.setattr("adapters.slack.replying.AGAIN_S", (0.05, 0.05, 0.05))
    monkeypatch.setattr("adapters.slack.sending.SETTLE_S", 0.02)
    monkeypatch.setattr("adapters.slack.status.FIRST_S", 0.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again at once, so that one fault is enough to lose a reply."""
    monkeypatch.setattr("adapters.slack.faults.PAUSES_S", ())


def minimal(world: World) -> World:
    """Return the world for a bot that may not read what is said in channels."""
    assert world.server.team.grant is not None
    world.server.team.grant.scopes = set(scopes_for(context=False))
    world.server.bot_events = set(events_for(context=False))
    return world.changed_to(slack={"context": False})


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the operator is warned of."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Wait until the log says something."""
    caplog.set_level(logging.INFO, "adapters.slack.replying")
    async with asyncio.timeout(PATIENCE_S):
        while text not in caplog.text:  # noqa: ASYNC110 - the log has no event
            await asyncio.sleep(0.01)


class TestEachCall:
    """Every call of a growing reply, with every way in which it can fail."""

    @pytest.mark.parametrize("use", [pytest.param(use, id=name) for name, use in USES.items()])
    async def test_ends_well(self, world: World, use: Use) -> None:
        """The reply is whole and stands there once, or one line asks to ask again; no session goes on."""
        world = world if use.may_read else minimal(world)
        ends: list[tuple[bool, int]] = []
        assistant = ScriptedAssistant()
        async with world.bot(assistant):
            for moment in use.moments:
                for faults in FAULTS:
                    asked = await self.asked(world, assistant, use, moment, faults)
                    ends.append(await self.end_of(world, asked, "".join(use.pieces)))
        # Whether a stream ended whose end was not confirmed is found out by an edit, which may come too early.
        world.server.violations = [one for one in world.server.violations if "streaming_state_conflict" not in one]

        cannot_look = use.method == "chat.postMessage" and not use.may_read
        unconfirmed = {(False, 1), (True, 1)} if cannot_look else set()
        assert set(ends) <= {(True, 0), *unconfirmed}
        assert (True, 0) in ends
        assert world.server.sessions.unfinished == []

    async def end_of(self, world: World, asked: Message, answer: str) -> tuple[bool, int]:
        """Return whether a reply is whole, and how many lines its asker alone got, once it is over."""
        told = world.server.posts.ephemerals

        def is_whole() -> bool:
            return " ".join(one.shown for one in world.server.replies_to(asked)).split() == answer.split()

        await world.server.until(lambda: is_whole() or told, PATIENCE_S)
        end = (is_whole(), len(told))
        told.clear()
        return end

    async def asked(
        self, world: World, assistant: ScriptedAssistant, use: Use, moment: int, faults: Sequence[Behaviour]
    ) -> Message:
        """Ask something, let a method fail at a moment of the answer, and return the question once that is over."""
        server, failing = world.server, world.server.web_api.scripts[use.method]
        holds = [asyncio.Event() for _ in use.pieces]
        assistant.script = [step for pair in zip(holds, use.pieces, strict=True) for step in pair]
        assistant.over = asyncio.Event()
        asked = await (world.ann.chats("count") if use.is_direct else world.mention("count"))

        def is_seen(number: int) -> bool:
            """Whether a piece is shown, or will not be before the next."""
            word = use.pieces[number].split()[0]
            is_shown = any(word in one.shown for one in server.replies_to(asked))
            return is_shown or (number >= moment and not failing) or assistant.over.is_set()

        for number, hold in enumerate(holds):
            if number == moment:
                server.will(use.method, *faults)
            hold.set()
            await server.until(partial(is_seen, number), PATIENCE_S)
        await assistant.ended()
        await server.until(lambda: not (server.sessions.unfinished or failing), PATIENCE_S)
        return asked


class TestTakenUpAgain:
    """A reply that Slack could not take is given again by the same run."""

    @pytest.mark.parametrize("is_direct", [True, False])
    async def test_is_given_a_little_later(
        self, world: World, impatient: None, caplog: pytest.LogCaptureFixture, is_direct: bool
    ) -> None:
        """Once, and the operator need not know."""
        world.server.will("chat.postMessage", error("internal_error"))
        async with world.bot():
            asked = await (world.ann.chats("help") if is_direct else world.mention("help"))
            await world.answered(asked, "what I know about you")
            await world.settled()

        assert len(world.server.replies_to(asked)) == 1
        assert warnings_in(caplog) == []

    @pytest.mark.parametrize("context", [True, False])
    async def test_goes_on_in_its_message(self, world: World, impatient: None, context: bool) -> None:
        """What stands there of the first try is made whole, also where it cannot be looked up."""
        hold = asyncio.Event()
        assistant = ScriptedAssistant("One two ", hold, "three.")
        world = world if context else minimal(world)
        async with world.bot(assistant):
            asked = await world.mention("count")
            await world.answered(asked, "One two")
            world.server.will("chat.update", error("service_unavailable"))
            hold.set()
            await world.answered(asked, "three.")

        assert [one.shown for one in world.server.replies_to(asked)] == ["One two three."]
        assert assistant.lost == ["count"]

    async def test_command_is_not_done_twice(self, world: World, impatient: None) -> None:
        """Its answer is what is given later, not another one, which would not be true."""
        async with world.bot() as bot:
            await world.answered(await world.mention("remember that I keep bees"))
            await world.server.until(lambda: not world.server.sessions.unfinished, PATIENCE_S)
            world.server.will("chat.postMessage", error("internal_error"))
            asked = await world.mention("undo")
            await world.answered(asked, "Taken back")
            left = await bot.app.core.list(scope_of(world.ann))

        assert left == []
        assert len(world.server.replies_to(asked)) == 1

    async def test_shutdown_before_anything_stands_there(self, world: World) -> None:
        """The next run gives the reply, and with it the notice, which nobody saw."""
        world.server.will("chat.postMessage", hang())
        async with world.bot(limits={"shutdown_s": 0.5}):
            asked = await world.mention("I keep bees")
            async with asyncio.timeout(PATIENCE_S):
                while world.server.web_api.scripts["chat.postMessage"]:  # noqa: ASYNC110 - what hangs tells nobody
                    await asyncio.sleep(0.01)
        async with world.bot():
            reply = await world.answered(asked, "what you tell me about yourself")

        assert world.server.replies_to(asked) == [reply]

    async def test_outage(self, world: World) -> None:
        """Whether it was posted cannot be looked up while Slack is down, and is later: it stands there once."""
        world.server.will("chat.postMessage", lose_answer())
        world.server.will("conversations.replies", *[status(503)] * 4)
        async with world.bot(ScriptedAssistant("Hello.")):
            asked = await world.mention("hi")
            await world.server.until(lambda: not world.server.web_api.scripts["conversations.replies"], PATIENCE_S)
            await world.server.until(lambda: not world.server.sessions.unfinished, PATIENCE_S)

        assert [one.shown for one in world.server.replies_to(asked)] == ["Hello."]

    async def test_last_try(self, world: World, impatient: None, caplog: pytest.LogCaptureFixture) -> None:
        """Is told to the operator, once."""
        world.server.will("chat.postMessage", *[error("internal_error")] * 4)
        async with world.bot():
            asked = await world.mention("help")
            await logged(caplog, "was not delivered")

        (line,) = warnings_in(caplog)
        assert "was not delivered: Slack did not take a message (internal_error)" in line
        assert world.server.replies_to(asked) == []

    async def test_deleted_meanwhile(
        self, world: World, impatient: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Then what stands there of the first try goes too."""
        monkeypatch.setattr("adapters.slack.replying.AGAIN_S", (60.0,))
        hold = asyncio.Event()
        assistant = ScriptedAssistant("One two ", hold, "three.")
        async with world.bot(assistant):
            asked = await world.mention("count")
            await world.answered(asked, "One two")
            world.server.will("chat.update", error("internal_error"))
            hold.set()
            await logged(caplog, "waits: Slack did not take an edit")
            await world.ann.deletes(asked)
            await world.server.until(lambda: not world.server.replies_to(asked), PATIENCE_S)

        assert len(assistant.heard) == 1

    async def test_shutdown(
        self, world: World, impatient: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Ends the wait at once; the next run answers."""
        monkeypatch.setattr("adapters.slack.replying.AGAIN_S", (60.0,))
        world.server.will("chat.postMessage", error("internal_error"))
        async with world.bot(limits={"shutdown_s": 30}):
            asked = await world.mention("help")
            await logged(caplog, "waits")
        before = world.server.replies_to(asked)
        async with world.bot():
            await world.answered(asked, "what I know about you")

        assert before == []


async def test_edit_is_tried_again_before_the_reply_is(world: World) -> None:
    """Slack fails twice where the answer is to stay: the model is not asked a second time."""
    hold = asyncio.Event()
    assistant = ScriptedAssistant("One two ", hold, "three.")
    async with world.bot(assistant):
        asked = await world.mention("count")
        await world.answered(asked, "One two")
        world.server.will("chat.update", status(503), error("fatal_error"))
        hold.set()
        await world.answered(asked, "three.")

    assert len(assistant.heard) == 1


@pytest.mark.parametrize("fault", [status(503), lose_answer()])
async def test_unconfirmed_answer(world: World, fault: Behaviour) -> None:
    """Where nothing can be looked up, the asker alone is told what to do."""
    world = minimal(world)
    world.server.will("chat.postMessage", fault)
    async with world.bot(EchoAssistant()):
        await world.mention("hello")
        (told,) = await world.server.until(lambda: world.server.ephemerals(world.ann), PATIENCE_S)
        others = world.server.ephemerals(world.ben)

    assert told.shown == ("Slack did not confirm my answer. If you see none, or only a part of it, please ask again.")
    assert others == []


async def test_direct_answer_that_is_unconfirmed(world: World) -> None:
    """Is told of in a plain message, since nobody else reads along."""
    assert world.server.team.grant is not None
    assistant = ScriptedAssistant(hold := asyncio.Event(), "Hello.")
    async with world.bot(assistant):
        asked = await world.ann.says(world.ann.im, "hello")
        await world.server.until(assistant.begun.is_set, PATIENCE_S)
        world.server.team.grant.scopes -= {"im:history"}
        world.server.will("chat.postMessage", status(503))
        hold.set()
        told = await world.answered(asked, "please ask again")

    assert [one.shown for one in world.server.replies_to(asked)] == [told.shown]


class TestSign:
    """The session of a thread while others are refused theirs."""

    async def test_refusal_in_one_thread(self, world: World) -> None:
        """Says nothing about the workspace: a session that runs elsewhere is ended as such, and others still begin."""
        hold = asyncio.Event()
        async with world.bot(ScriptedAssistant(hold, "Hello.")):
            first = await world.ann.chats("hi")
            await world.server.until(lambda: world.server.sessions.unfinished, PATIENCE_S)
            world.server.will("agents.sessions.setStatus", error("restricted_action"))
            second = await world.ben.chats("hi")
            await world.server.until(lambda: world.server.calls("assistant.threads.setStatus"), PATIENCE_S)
            hold.set()
            await world.answered(first, "Hello.")
            await world.answered(second, "Hello.")
            third = await world.ben.chats("hi")
            await world.answered(third, "Hello.")

        statuses = [world.server.sessions.of(one.channel, one.ts).statuses for one in (first, second, third)]
        assert statuses == [["processing", "active"], [], ["processing", "active"]]
        shown = world.server.sessions.of(second.channel, second.ts).shown
        assert (shown[0], shown[-1]) == ("is thinking…", "")

    async def test_way_that_a_workspace_forgoes_meanwhile(self, world: World) -> None:
        """A session that is up is ended as such."""
        hold = asyncio.Event()
        async with world.bot(ScriptedAssistant(hold, "Hello.")):
            first = await world.ann.chats("hi")
            await world.server.until(lambda: world.server.sessions.unfinished, PATIENCE_S)
            world.server.will("agents.sessions.setStatus", error("missing_scope"))
            await world.ben.chats("hi")
            await world.server.until(lambda: world.server.calls("assistant.threads.setStatus"), PATIENCE_S)
            hold.set()
            await world.answered(first, "Hello.")

        assert world.server.sessions.of(first.channel, first.ts).statuses == ["processing", "active"]
