"""How a reply is shown while it grows, and how it stays."""

from __future__ import annotations

import asyncio

import pytest

from bot.events import ReplyEnd, ReplyNotice, ReplyText
from tests.adapters.scripted import ScriptedAssistant, Step
from tests.conformance.adapter import HOLD, EchoAssistant
from tests.servers.slack import Message, error, lose_answer, rate_limited, slow, status
from tests.slack.world import World
from tests.worlds import PATIENCE_S

TABLE = "Here:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nand\n\n```python\nif a < b & c > d:\n    pass\n```\n"


def markdown(message: Message) -> str:
    """Return the Markdown of a message."""
    return "".join(block["text"] for block in message.blocks if block["type"] == "markdown")


class TestEdits:
    """In channels, where others read along."""

    async def test_grows_by_edits_of_one_message(self, world: World) -> None:
        """Each state is whole words; the last one is all of it."""
        async with world.bot(ScriptedAssistant("One two ", 0.15, "three four ", 0.15, "five.")):
            asked = await world.mention("count")
            reply = await world.answered(asked, "five.")

        assert reply.states == ["One two", "One two three four", "One two three four five."]
        assert world.server.calls("chat.startStream") == []

    async def test_answer_that_is_whole_is_posted_once(self, world: World) -> None:
        """Without an edit."""
        async with world.bot(EchoAssistant()):
            asked = await world.mention("hello")
            await world.answered(asked, "You said hello")

        assert len(world.server.calls("chat.postMessage")) == 1
        assert world.server.calls("chat.update") == []

    async def test_edits_keep_their_distance(self, world: World) -> None:
        """However fast the model is, a channel gets an edit an interval at most, and the end comes at once."""
        script: list[Step] = [step for n in range(30) for step in (f"word{n} ", 0.02)]
        async with world.bot(ScriptedAssistant(*script), slack={"edit_interval_s": 0.2}):
            asked = await world.mention("count")
            reply = await world.answered(asked, "word29")

        assert 2 <= len(reply.states) <= 6

    async def test_tables_and_code_stay_as_they_are(self, world: World) -> None:
        """In a markdown block."""
        async with world.bot(ScriptedAssistant(TABLE)):
            asked = await world.mention("show")
            reply = await world.answered(asked, "pass")

        assert markdown(reply) == TABLE.strip()

    async def test_long_answer_becomes_several_messages(self, world: World) -> None:
        """Each within Slack's limits, none of the text lost, code closed and opened again."""
        lines = [f"line {n} of a long answer that goes on" for n in range(900)]
        answer = "```\n" + "\n".join(lines) + "\n```"
        async with world.bot(ScriptedAssistant(answer[:9000], 0.1, answer[9000:])):
            asked = await world.mention("all")
            await world.answered(asked, lines[-1])

        shown = [markdown(one) for one in world.server.replies_to(asked)]
        assert len(shown) > 2
        assert all(text.startswith("```") and text.endswith("```") for text in shown)
        assert [line for text in shown for line in text.splitlines() if line != "```"] == lines

    async def test_fallback_text_is_escaped(self, world: World) -> None:
        """What notifications show is mrkdwn, in which nothing may be left unescaped."""
        async with world.bot(ScriptedAssistant("a < b & <!here> <@U1>")):
            asked = await world.mention("hm")
            reply = await world.answered(asked, "a < b")

        assert reply.text == "a &lt; b &amp; &lt;!here&gt; &lt;@U1&gt;"
        assert markdown(reply) == "a < b & &lt;!here> &lt;@U1>"

    async def test_notices_are_small_print(self, world: World) -> None:
        """In context blocks: before the answer until that has begun, then after it."""
        async with world.bot(ScriptedAssistant(ReplyNotice("I am an AI. /privacy"), "Hello.", ReplyNotice("Kept."))):
            asked = await world.mention("hi")
            reply = await world.answered(asked, "Hello.")

        kinds = [block["type"] for block in reply.blocks]
        assert kinds == ["context", "markdown", "context"]
        assert reply.blocks[0]["elements"][0]["text"] == "I am an AI. /forgetmenot privacy"

    async def test_refusals_name_commands_as_they_are_called(self, world: World) -> None:
        """As to somebody who opted out, and finds the way back in there; what a model says stays as it is."""
        refusal = ScriptedAssistant(ReplyText("Not read. /privacy opt-in brings me back.", plain=True))
        async with world.bot(refusal):
            refused = await world.answered(await world.mention("hi"), "Not read.")
        async with world.bot(ScriptedAssistant("Look into /privacy.")):
            answer = await world.answered(await world.mention("where?"), "Look into")

        assert refused.shown == "Not read. /forgetmenot privacy opt-in brings me back."
        assert answer.shown == "Look into /privacy."

    async def test_foreign_links_are_text(self, world: World) -> None:
        """Those that the person wrote stay."""
        async with world.bot(ScriptedAssistant("see https://evil.example/x and https://mine.example/y")):
            asked = await world.mention("https://mine.example/y ?")
            reply = await world.answered(asked, "mine.example")

        assert reply.shown == "see evil[.]example/x and https://mine.example/y"

    async def test_rate_limit_is_waited_for(self, world: World) -> None:
        """Slack says for how long."""
        world.server.will("chat.postMessage", rate_limited(1))
        async with world.bot(EchoAssistant()):
            asked = await world.mention("hello")
            await world.answered(asked, "You said hello")

        assert len(world.server.replies_to(asked)) == 1

    @pytest.mark.parametrize("fault", [lose_answer(), status(504)])
    async def test_lost_answer_to_a_post(self, world: World, fault: object) -> None:
        """The message is looked for before it is posted again, so that it stands there once."""
        world.server.will("chat.postMessage", fault)  # type: ignore[arg-type] # parametrised
        async with world.bot(EchoAssistant()):
            asked = await world.mention("hello")
            await world.answered(asked, "You said hello")
            await world.settled()

        assert [one.shown for one in world.server.replies_to(asked)] == ["You said hello"]

    async def test_lost_answer_where_nothing_can_be_looked_up(self, world: World) -> None:
        """Without the scope to read history, the reply counts as given: twice would be worse than not."""
        assert world.server.team.grant is not None
        world.server.team.grant.scopes -= {"channels:history"}
        world.server.will("chat.postMessage", lose_answer())
        assistant = ScriptedAssistant("Hello.")
        async with world.bot(assistant, slack={"context": False}):
            asked = await world.mention("hi")
            await assistant.ended()
            await world.settled()

        assert [one.shown for one in world.server.replies_to(asked)] == ["Hello."]
        assert assistant.lost == []


class TestStreams:
    """In the threads of an agent, which one person reads."""

    async def test_flows(self, world: World) -> None:
        """By a stream that is added to, and stopped with the last piece."""
        async with world.bot(ScriptedAssistant("One two ", 0.15, "three four ", 0.15, "five.")):
            asked = await world.ann.chats("count")
            reply = await world.answered(asked, "five.")

        assert reply.stream is not None
        assert reply.stream.parts == ["One two", " three four", " five."]
        assert world.server.calls("chat.update") == []
        (begun,) = world.server.calls("chat.startStream")
        assert begun.body["recipient_user_id"] == world.ann.id
        assert begun.body["recipient_team_id"] == world.server.team.id

    async def test_table_is_shown_whole_at_the_end(self, world: World) -> None:
        """Streams show tables broken, so the last state is a markdown block."""
        async with world.bot(ScriptedAssistant(TABLE[:20], 0.15, TABLE[20:])):
            asked = await world.ann.chats("show")
            reply = await world.answered(asked, "pass")
            await world.server.until(lambda: world.server.calls("chat.update"), PATIENCE_S)

        assert markdown(reply) == TABLE.strip()

    @pytest.mark.parametrize("when", ["append", "stop"])
    async def test_stream_that_dies(self, world: World, when: str) -> None:
        """Is gone on with by edits: the whole text stands there in the end."""
        hold = asyncio.Event()
        after: list[Step] = ["three four ", 0.15, "five."] if when == "append" else ["three."]
        async with world.bot(ScriptedAssistant("One two ", hold, *after)):
            asked = await world.ann.chats("count")
            await world.answered(asked, "One two")
            world.server.streams.expire()
            hold.set()
            reply = await world.answered(asked, "five." if when == "append" else "three.")

        assert len(world.server.replies_to(asked)) == 1
        assert reply.shown.startswith("One two three")

    async def test_no_streams_here(self, world: World) -> None:
        """Where Slack has none, edits do."""
        world.server.will("chat.startStream", error("unknown_method"))
        async with world.bot(ScriptedAssistant("One two ", 0.15, "three.")):
            asked = await world.ann.chats("count")
            reply = await world.answered(asked, "three.")

        assert reply.stream is None

    @pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
    async def test_lost_answers(self, world: World, method: str) -> None:
        """Whatever call's answer is lost, the whole text stands there once."""
        world.server.will(method, lose_answer())
        async with world.bot(ScriptedAssistant("One two ", 0.15, "three four ", 0.15, "five.")):
            asked = await world.ann.chats("count")
            await world.answered(asked, "five.")

        assert [one.shown for one in world.server.replies_to(asked)] == ["One two three four five."]

    async def test_stop_button(self, world: World) -> None:
        """Ends the answer, which says so."""
        assistant = ScriptedAssistant("One two ", 0.15, "three ", asyncio.Event())
        async with world.bot(assistant):
            asked = await world.ann.chats("count")
            await world.answered(asked, "One two")
            await world.ann.stops(asked)
            reply = await world.answered(asked, "stopped")
            await assistant.ended()

        assert assistant.cut == ["count"]
        assert reply.shown.startswith("One two")

    async def test_others_cannot_stop_it(self, world: World) -> None:
        """In a shared thread everybody has the button, but only the asker's counts."""
        hold = asyncio.Event()
        assistant = ScriptedAssistant("One two ", hold, "three.")
        async with world.bot(assistant):
            asked = await world.mention("count")
            await world.answered(asked, "One two")
            await world.ben.stops(asked)
            await world.settled()
            hold.set()
            await world.answered(asked, "three.")

        assert assistant.delivered == ["count"]

    async def test_notice_before_the_answer(self, world: World) -> None:
        """Has to be read before it, so the answer is not streamed."""
        async with world.bot(ScriptedAssistant(ReplyNotice("I am an AI."), "One two ", 0.15, "three.")):
            asked = await world.ann.chats("hi")
            reply = await world.answered(asked, "three.")

        assert reply.stream is None
        assert reply.blocks[0]["type"] == "context"

    async def test_long_answer(self, world: World) -> None:
        """Goes on in a second message when the first one is full."""
        words = [f"word{n} and so on." for n in range(1200)]
        answer = "\n\n".join(words)
        async with world.bot(ScriptedAssistant(answer[:5000], 0.15, answer[5000:11500], 0.15, answer[11500:])):
            asked = await world.ann.chats("all")
            await world.answered(asked, words[-1])

        assert "\n\n".join(one.shown for one in world.server.replies_to(asked)) == answer


class TestSession:
    """The sign that the bot is at work."""

    async def test_processing_and_active(self, world: World) -> None:
        """With the first words of the question as its title."""
        async with world.bot(ScriptedAssistant(0.4, "Hello.")):
            asked = await world.ann.chats("What is on today?")
            await world.answered(asked, "Hello.")

        session = world.server.sessions.of(world.ann.im, asked.ts)
        assert session.statuses == ["processing", "active"]
        assert session.title == "What is on today?"

    async def test_app_that_is_no_agent(self, world: World) -> None:
        """Has a status line instead, and asks for a session no more."""
        world.server.will("agents.sessions.setStatus", error("not_an_agent"))
        async with world.bot(ScriptedAssistant(0.4, "Hello.")):
            for _ in range(2):
                asked = await world.ann.chats("hi")
                await world.answered(asked, "Hello.")

        assert world.server.sessions.of(world.ann.im, asked.ts).shown[0] == "is thinking…"
        assert world.server.calls("agents.sessions.setStatus") == []  # after the one that was refused

    async def test_neither(self, world: World) -> None:
        """Nothing is shown, and after one look nothing is asked."""
        for method in ("agents.sessions.setStatus", "assistant.threads.setStatus"):
            world.server.will(method, error("missing_scope"))
        async with world.bot(ScriptedAssistant(0.3, "Hello.")):
            for _ in range(2):
                asked = await world.ann.chats("hi")
                await world.answered(asked, "Hello.")

        assert world.server.calls("agents.sessions.setStatus") == []  # after those that were refused
        assert world.server.calls("assistant.threads.setStatus") == []

    async def test_slow_status_does_not_hold_up_the_answer(self, world: World) -> None:
        """Nor is the session left as processing."""
        world.server.will("agents.sessions.setStatus", slow(0.6))
        async with world.bot(ScriptedAssistant(0.2, "Hello.")):
            asked = await world.ann.chats("hi")
            await world.answered(asked, "Hello.")
            assert world.server.sessions.of(world.ann.im, asked.ts).statuses == []

        assert world.server.sessions.of(world.ann.im, asked.ts).statuses == ["processing", "active"]


class TestShutdown:
    """A reply that runs when the bot is stopped."""

    @pytest.mark.parametrize("in_thread", [True, False])
    async def test_cut_off(self, world: World, in_thread: bool) -> None:
        """Says so; its stream is stopped and its session rests."""
        assistant = EchoAssistant()
        async with world.bot(assistant, limits={"shutdown_s": 0.5}) as bot:
            asked = await (world.ann.chats(HOLD) if in_thread else world.mention(HOLD))
            await world.answered(asked, "You said")
            bot.stopping.set()
            reply = await world.answered(asked, "cut off")
            await bot.ended()

        assert assistant.cut == [HOLD]
        assert reply.shown.startswith("You said")
        assert world.server.streams.open == []


class TestMarks:
    """What stands under a reply."""

    async def test_buttons(self, world: World) -> None:
        """And in an agent's thread what asks whether the answer was good."""
        async with world.bot(ScriptedAssistant("Hello."), replies={"marks": "buttons"}):
            asked = await world.ann.chats("hi")
            reply = await world.answered(asked, "Hello.")
            elsewhere = await world.mention("hi")
            other = await world.answered(elsewhere, "Hello.")

        assert [block["type"] for block in reply.blocks] == ["markdown", "actions", "context_actions"]
        assert [block["type"] for block in other.blocks] == ["markdown", "actions"]

    async def test_stop_button_of_a_long_answer(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """In channels, which have none of Slack's."""
        monkeypatch.setattr("adapters.growing.STOPPABLE_S", 0.2)  # a constant; two seconds would be waited for
        assistant = ScriptedAssistant("One two ", 0.3, "three four ", asyncio.Event())
        async with world.bot(assistant, replies={"marks": "buttons"}):
            asked = await world.mention("hi")
            reply = await world.answered(asked, "three")
            await world.ann.presses(reply, "Stop")
            await world.answered(asked, "stopped")

        assert "Stop" not in reply.buttons

    async def test_failed_end(self, world: World) -> None:
        """Is shown like any other."""
        async with world.bot(ScriptedAssistant("Sorry.", ReplyEnd(failed=True)), replies={"marks": "buttons"}):
            asked = await world.ann.chats("hi")
            reply = await world.answered(asked, "Sorry.")

        assert [block["type"] for block in reply.blocks] == ["markdown", "actions"]
