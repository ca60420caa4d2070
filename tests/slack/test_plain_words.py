"""Answers in the bot's own words, which repeat a person's: shown to the letter, or handed over as a file."""

from __future__ import annotations

import pytest

from adapters.slack.draft import Draft
from bot.events import ReplyFile, ReplyText
from bot.exchange.record import record_line
from bot.types import Kind, Policy
from tests.adapters.scripted import ScriptedAssistant
from tests.servers.slack import Message, lose_answer, status
from tests.servers.slack.mentions import pings_in
from tests.servers.slack.rules import block_faults
from tests.slack.hostile import hostile_outputs
from tests.slack.world import World, scope_of, set_policy

MARKED = "I like *green* tea & <@U1> of https://tea.example, `mugs`\n```\nas\n| a | b |\n|---|---|"
FILE = ReplyFile("memories.jsonl", '{"text": "I like <!here> & /help"}\n', "Everything I keep about you.")


def formatted(message: Message) -> list[object]:
    """Return the texts of a message that Slack formats, or makes links in."""
    texts = [block["text"] for block in message.blocks if block["type"] == "section"]
    return [block for block in message.blocks if block["type"] == "markdown"] + [
        text for text in texts if text["type"] != "plain_text" and not text.get("verbatim")
    ]


class TestShownToTheLetter:
    """Nothing in them is formatting, a mention or a link."""

    @pytest.mark.parametrize("in_thread", [True, False])
    async def test_text(self, world: World, in_thread: bool) -> None:
        """As it was said, in channels and in an agent's thread, however much like Markdown it looks."""
        async with world.bot(ScriptedAssistant(ReplyText(MARKED, plain=True), 0.15, ReplyText("!", plain=True))):
            asked = await (world.ann.chats("memories") if in_thread else world.mention("memories"))
            reply = await world.answered(asked, "|!")

        assert reply.shown == f"{MARKED}!"
        assert formatted(reply) == []
        assert reply.stream is None

    async def test_markdown_would_be_seen(self, world: World) -> None:
        """The control: a model's words."""
        async with world.bot(ScriptedAssistant(MARKED)):
            reply = await world.answered(await world.mention("memories"), "tea")

        assert formatted(reply) != []

    async def test_links_to_channels(self, world: World) -> None:
        """Are links: their names are shown to those who may know them."""
        line = ReplyText(f"channels: I answer in <#{world.general.id}> & <b>", plain=True)
        async with world.bot(ScriptedAssistant(line)):
            reply = await world.answered(await world.mention("settings"), "I answer in")

        (block,) = reply.blocks
        assert block["text"]["text"] == f"channels: I answer in <#{world.general.id}> &amp; &lt;b&gt;"
        assert reply.text == f"channels: I answer in &lt;#{world.general.id}&gt; &amp; &lt;b&gt;"

    async def test_links_to_channels_beside_formatting(self, world: World) -> None:
        """Are shown as they are written: in mrkdwn, what looks like formatting could not be."""
        line = f"I *never* read <#{world.general.id}>"
        async with world.bot(ScriptedAssistant(ReplyText(line, plain=True))):
            reply = await world.answered(await world.mention("memories"), "read")

        assert reply.shown == line
        assert [block["text"]["type"] for block in reply.blocks] == ["plain_text"]

    def test_whatever_is_said(self) -> None:
        """Nobody is notified, nothing is a link, and Slack takes all of it."""
        for output in hostile_outputs(3, 500):
            growing = Draft((), "")
            growing.answer.grow("".join(output), plain=True)
            for content in growing.whole():
                assert list(pings_in({"text": content.notification, "blocks": content.blocks})) == []
                assert list(block_faults(content.blocks, "message")) == []
                assert {block["text"]["type"] for block in content.blocks} == {"plain_text"}

    async def test_long_text(self, world: World) -> None:
        """Goes on in further messages, without a fence that nobody wrote."""
        lines = [f"#{number} I like ``` number {number}" for number in range(1000)]
        async with world.bot(ScriptedAssistant(ReplyText("```\n" + "\n".join(lines), plain=True))):
            asked = await world.mention("memories")
            await world.answered(asked, lines[-1])

        shown = [word for one in world.server.replies_to(asked) for word in one.shown.split()]
        assert shown == ["```", *(word for line in lines for word in line.split())]
        assert len(world.server.replies_to(asked)) > 1

    @pytest.mark.parametrize("words", ["memories", "recall tea", "What do I like?"])
    async def test_memories_by_mention(self, world: World, words: str) -> None:
        """Whether they are listed, recalled or quoted."""
        text = "I like *green* tea of https://tea.example"
        async with world.bot() as bot:
            await world.answered(await world.mention(f"remember {text}"))
            reply = await world.answered(await world.mention(words), "tea")
            (kept,) = await bot.app.core.list(scope_of(world.ann))

        assert (kept.text, kept.kind) == (text, Kind.NOTE)
        assert text in reply.shown
        assert formatted(reply) == []


class TestExport:
    """Everything of a person, by a message."""

    @pytest.mark.parametrize("in_thread", [True, False])
    async def test_in_direct_messages(self, world: World, in_thread: bool) -> None:
        """A file where it was asked for, each memory to the letter, with a line that says what it is."""
        async with world.bot() as bot:
            told = await world.ann.says(world.ann.im, f"remember {MARKED} see /help")
            await world.answered(told)
            asked = await (world.ann.chats("export") if in_thread else world.ann.says(world.ann.im, "export"))
            reply = await world.answered(asked, "Everything I keep about you")
            (kept,) = await bot.app.core.list(scope_of(world.ann))

        (file,) = files_after(world, asked)
        assert file.files[0].name == "memories.jsonl"
        assert file.files[0].content.decode() == f"{record_line(kept)}\n"
        assert reply.thread_ts == file.thread_ts == (asked.ts if in_thread else None)
        assert world.server.replies_to(asked)[-1] is reply

    async def test_content(self, world: World) -> None:
        """Is not touched."""
        async with world.bot(ScriptedAssistant(FILE)):
            asked = await world.ann.says(world.ann.im, "export")
            await world.answered(asked, FILE.about)

        (sent,) = files_after(world, asked)
        assert sent.files[0].content.decode() == FILE.content

    async def test_in_a_channel(self, world: World) -> None:
        """Nothing of it is shown where others read along, but where to ask for it."""
        async with world.bot():
            await world.answered(await world.mention("remember I like tea"))
            reply = await world.answered(await world.mention("export"), "only in a direct message")

        assert world.server.calls("files.completeUploadExternal") == []
        assert "tea" not in reply.shown

    async def test_without_the_permission_for_files(self, world: World) -> None:
        """What fits is shown instead, to the letter."""
        assert world.server.team.grant is not None
        world.server.team.grant.scopes -= {"files:write"}
        async with world.bot(ScriptedAssistant(FILE)):
            reply = await world.answered(await world.ann.says(world.ann.im, "export"), "files:write")

        assert reply.shown.endswith(f"one memory a line:\n{FILE.content.strip()}")

    @pytest.mark.parametrize("fault", [lose_answer(), status(504)])
    async def test_lost_answer(self, world: World, fault: object) -> None:
        """The file is looked for before it is sent again."""
        world.server.will("files.completeUploadExternal", fault)  # type: ignore[arg-type] # parametrised
        async with world.bot(ScriptedAssistant(FILE)):
            asked = await world.ann.says(world.ann.im, "export")
            await world.answered(asked, FILE.about)

        assert len(files_after(world, asked)) == 1

    async def test_file_that_an_earlier_run_sent(self, world: World) -> None:
        """Is not sent again when that run was killed before it said so; one that somebody else sent is none."""
        killed = ScriptedAssistant(FILE)
        async with world.bot(killed):
            asked = await world.ann.says(world.ann.im, "export")
            await world.answered(asked, FILE.about)
        left, again = ScriptedAssistant(FILE), ScriptedAssistant(FILE)
        left.unfinished = again.unfinished = killed.heard
        async with world.bot(left):
            await left.ended()
        first = len(files_after(world, asked))
        for message in files_after(world, asked):
            message.author = world.ann
        async with world.bot(again):
            await again.ended()

        assert first == 1
        assert len(files_after(world, asked)) == 2


class TestWhereAdminsDoNotWantIt:
    """A person's say over what is kept of them holds in every channel."""

    async def test_rights_by_mention(self, world: World) -> None:
        """They are answered, as is the yes that they ask for; other words are not."""
        async with world.bot() as bot:
            await world.answered(await world.mention("remember I like tea"))
            await set_policy(world, bot, Policy(channels=frozenset({"C0ELSEWHERE"})))
            privacy = await world.answered(await world.mention("privacy"), "I am an AI")
            asked = await world.mention("forget tea")
            await world.answered(asked, "Answer yes or no")
            said = [await world.mention(words, thread=asked) for words in ("hello", "")]
            await world.answered(await world.mention("yes", thread=asked), "Forgotten: 1 memory")
            await world.settled()
            left = await bot.app.core.list(scope_of(world.ann))

        assert privacy.thread_ts is not None
        assert left == []
        answers = [one.shown for one in world.server.replies_to(asked) if one.by_bot]
        assert len(answers) == 2
        assert said != []


def files_after(world: World, asked: Message) -> list[Message]:
    """Return the messages with files that came after one."""
    return [said for said in asked.channel.visible if said.files and said.ts > asked.ts]
