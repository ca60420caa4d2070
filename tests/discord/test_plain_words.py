"""Answers in the bot's own words, which repeat a person's: shown to the letter, or handed over as a file."""

from __future__ import annotations

import pytest

from adapters.discord import attaching, showing
from bot.events import ReplyFile, ReplyText
from bot.exchange.record import record_line
from bot.types import DM_GUILD, Policy
from tests.adapters.scripted import ScriptedAssistant
from tests.discord.world import World, scope_of, set_policy
from tests.servers.discord.faults import status

MARKED = "I like *green* tea of https://tea.example & `mugs`"
SHOWN = r"I like \*green\* tea of https\://tea.example & \`mugs\`"
FILE = ReplyFile("memories.jsonl", '{"text": "I like <@5>\u2028& /help"}\n' * 3, "Everything I keep about you.")


class TestShownToTheLetter:
    """Nothing in them is formatting, a mention or a link."""

    @pytest.mark.parametrize("words", ["/memories", "/recall tea", "What do I like?"])
    async def test_memories_by_mention(self, world: World, words: str) -> None:
        """Whether they are listed, recalled or quoted."""
        async with world.bot() as bot:
            kept = await world.ann.says(world.general, f"{world.server.mention} /remember {MARKED}")
            remembered = await world.answered(kept, "Remembered")
            asked = await world.ann.says(world.general, f"{world.server.mention} {words}")
            reply = await world.answered(asked, "tea")
            (memory,) = await bot.app.core.list(scope_of(world.ann, world.guild))

        assert memory.text == MARKED
        assert SHOWN in remembered.content
        assert SHOWN in reply.content

    async def test_long_text(self, world: World) -> None:
        """Goes on in further messages, without a fence that nobody wrote."""
        lines = [f"#{number} I like ``` number {number}" for number in range(200)]
        async with world.bot(ScriptedAssistant(ReplyText("```\n" + "\n".join(lines), plain=True))):
            asked = await world.ann.says(world.general, f"{world.server.mention} /memories")
            await world.answered(asked)
            await world.server.until(lambda: "#199" in world.general.last.content)
            said = [one.content for one in world.server.said(world.general) if one.id > asked.id]

        shown = "\n".join(said).replace("\\", "")
        assert shown == "```\n" + "\n".join(lines)
        assert len(said) > 1

    async def test_links_to_channels(self, world: World) -> None:
        """Stay links; a model's answer is Markdown."""
        async with world.bot(ScriptedAssistant(ReplyText(f"*in* {world.general.mention}", plain=True))):
            asked = await world.ann.says(world.general, f"{world.server.mention} /settings")
            plain = await world.answered(asked)
        async with world.bot(ScriptedAssistant(f"*in* {world.general.mention}")):
            model = await world.answered(await world.ann.says(world.general, f"{world.server.mention} where?"))

        assert plain.content == rf"\*in\* {world.general.mention}"
        assert model.content == f"*in* {world.general.mention}"


class TestExport:
    """Everything of a person, by a message."""

    async def test_in_direct_messages(self, world: World) -> None:
        """A file under the reply, each memory to the letter."""
        async with world.bot() as bot:
            await world.answered(await world.ann.says(world.ann.dm, f"/remember {MARKED}"), "Remembered")
            reply = await world.answered(await world.ann.says(world.ann.dm, "/export"))
            (memory,) = await bot.app.core.list(scope_of(world.ann, None))

        (file,) = reply.attachments
        assert memory.scope.guild_id == DM_GUILD
        assert (file.name, file.content.decode()) == ("memories.jsonl", f"{record_line(memory)}\n")
        assert reply.content == "Everything I keep about you, one memory a line."

    async def test_in_a_channel(self, world: World) -> None:
        """Nothing of it is shown where others read along, but where to ask for it."""
        async with world.bot():
            mention = world.server.mention
            await world.answered(await world.ann.says(world.general, f"{mention} /remember I like tea"))
            reply = await world.answered(await world.ann.says(world.general, f"{mention} /export"))

        assert reply.attachments == []
        assert reply.content == "I export only in a direct message, where nobody else reads along."

    async def test_sent_again(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A call that failed is made again with all of the file."""
        monkeypatch.setattr(showing, "AGAIN_S", 0)  # a second otherwise
        async with world.bot(ScriptedAssistant(FILE)):
            world.server.will("POST", "/channels/*/messages", status(503))
            reply = await world.answered(await world.ann.says(world.ann.dm, "/export"), FILE.about)

        assert [file.content.decode() for file in reply.attachments] == [FILE.content]

    async def test_after_a_restart(self, world: World) -> None:
        """The reply that was begun before it is gone on with, and has the file once."""
        killed = ScriptedAssistant(FILE)
        async with world.bot(killed):
            asked = await world.ann.says(world.ann.dm, "/export")
            await world.answered(asked, FILE.about)
        left = ScriptedAssistant(FILE)
        left.unfinished = killed.heard
        async with world.bot(left):
            await left.ended()

        (reply,) = world.server.replies_to(asked)
        assert [file.content.decode() for file in reply.attachments] == [FILE.content]


def test_file_that_is_too_large_becomes_several() -> None:
    """In whole lines: nothing but the end of a line ends one."""
    files = attaching.files_of(FILE, most_bytes=60)

    assert [name for name, _ in files] == ["memories.jsonl", "memories-2.jsonl", "memories-3.jsonl"]
    assert b"".join(content for _, content in files).decode() == FILE.content
    assert len(attaching.files_of(FILE)) == 1


async def test_rights_hold_where_admins_do_not_want_the_bot(world: World) -> None:
    """They are answered, as is the yes that they ask for; other words, and the bot's name alone, are not."""
    async with world.bot() as bot:
        mention = world.server.mention
        await world.answered(await world.ann.says(world.general, f"{mention} /remember I like tea"))
        other = world.guild.add_channel("other")
        await set_policy(bot, world.guild, Policy(channels=frozenset({str(other.id)})))
        await world.answered(await world.ann.says(world.general, f"{mention} /privacy"), "I am an AI")
        await world.answered(await world.ann.says(world.general, f"{mention} /forget tea"), "Answer yes or no")
        passed_over = [await world.ann.says(world.general, f"{mention} {words}".strip()) for words in ("hello", "")]
        yes = await world.ann.says(world.general, f"{mention} yes")
        await world.answered(yes, "Forgotten: 1 memory")

    assert [world.server.replies_to(one) for one in passed_over] == [[], []]
