"""Messages that are changed or deleted after they were said."""

from __future__ import annotations

import asyncio

import pytest

from bot.types import DM_GUILD
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World, scope_of
from tests.servers.discord.faults import held
from tests.worlds import Bot


async def quiet(world: World, echo: EchoAssistant) -> None:
    """Wait until everything that happened before was heard."""
    await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")
    assert echo.heard[-1].text == "last"


class TestEvents:
    """What the assistant hears of it."""

    async def test_edit(self, world: World, echo: EchoAssistant) -> None:
        """The new text, of the same message."""
        async with world.bot(echo):
            message = await world.ann.says(world.general, f"{world.server.mention} I like tea")
            await world.answered(message, "tea")
            await world.ann.edits(message, f"{world.server.mention} I like coffee")
            await quiet(world, echo)

        (event,) = echo.edits
        assert (event.text, event.source_id) == ("I like coffee", str(message.id))
        assert event.scope == scope_of(world.ann, world.guild)

    async def test_edit_of_a_message_from_before(self, world: World, echo: EchoAssistant) -> None:
        """Which the library does not remember."""
        message = await world.ann.says(world.ann.dm, "I like tea")
        async with world.bot(echo):
            await world.ann.edits(message, "I like coffee")
            await quiet(world, echo)

        assert [event.text for event in echo.edits] == ["I like coffee"]

    async def test_preview_is_no_edit(self, world: World, echo: EchoAssistant) -> None:
        """Discord adds it to the message, and tells of it as of a change."""
        async with world.bot(echo):
            message = await world.ann.says(world.general, f"{world.server.mention} https://example.org")
            await world.answered(message, "example.org")
            world.server.unfurls(message)
            await quiet(world, echo)

        assert echo.edits == []

    async def test_preview_of_an_edited_message_is_no_second_edit(self, world: World, echo: EchoAssistant) -> None:
        """Its time of editing is there, its text the same."""
        async with world.bot(echo):
            message = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.answered(message, "hello")
            await world.ann.edits(message, f"{world.server.mention} https://example.org")
            world.server.unfurls(message)
            await quiet(world, echo)

        assert len(echo.edits) == 1

    async def test_preview_of_a_message_edited_earlier_is_no_second_edit(
        self, world: World, echo: EchoAssistant
    ) -> None:
        """Which the library does not remember: the time of editing tells that this edit was followed."""
        message = await world.ann.says(world.general, f"{world.server.mention} hello")
        async with world.bot(echo):
            await world.ann.edits(message, f"{world.server.mention} https://example.org")
            world.server.unfurls(message)
            await quiet(world, echo)
            world.server.advance(1)
            await world.ann.edits(message, f"{world.server.mention} https://example.org/2")
            world.server.unfurls(message)
            await quiet(world, echo)

        assert [event.text for event in echo.edits] == ["https://example.org", "https://example.org/2"]

    async def test_edit_that_takes_the_words_away(self, world: World, echo: EchoAssistant) -> None:
        """The message says nothing any more, which is something else than that it cannot be read."""
        async with world.bot(echo):
            message = await world.ann.says(world.general, f"{world.server.mention} My sister is Zoe.")
            await world.answered(message, "Zoe")
            await world.ann.edits(message, world.server.mention)
            await quiet(world, echo)

        assert [event.text for event in echo.edits] == [""]

    async def test_edit_that_cannot_be_read(self, world: World, echo: EchoAssistant) -> None:
        """Without the portal's switch, what no longer mentions the bot is hidden, so nothing is known of it."""
        async with world.bot(echo):
            message = await world.ann.says(world.general, f"{world.server.mention} My sister is Zoe.")
            await world.answered(message, "Zoe")
            await world.ann.edits(message, "My sister is Ida.")
            await quiet(world, echo)

        assert echo.edits == []

    async def test_own_edits_are_not_heard(self, world: World, echo: EchoAssistant) -> None:
        """A growing answer is edited all the time."""
        async with world.bot(echo):
            await quiet(world, echo)
            await world.server.settled()

        assert echo.edits == []

    async def test_deletion(self, world: World, echo: EchoAssistant) -> None:
        """In its guild, or in direct messages; known to the library or not."""
        old = await world.ann.says(world.general, "from before")
        async with world.bot(echo):
            direct = await world.ann.says(world.ann.dm, "hello")
            await world.answered(direct, "hello")
            for message in (old, direct):
                world.server.delete(message)
            await quiet(world, echo)

        assert [(event.guild_id, event.source_ids) for event in echo.deletions] == [
            (str(world.guild.id), (str(old.id),)),
            (DM_GUILD, (str(direct.id),)),
        ]

    async def test_many_deletions_at_once(self, world: World, echo: EchoAssistant) -> None:
        """As moderators' bots do it."""
        async with world.bot(echo):
            messages = [await world.ann.says(world.general, f"number {number}") for number in range(3)]
            await world.server.delete_many(world.general, messages)
            await quiet(world, echo)

        (event,) = echo.deletions
        assert event.source_ids == tuple(str(message.id) for message in messages)


class TestMemories:
    """What becomes of what was learned."""

    async def learned(self, world: World, bot: Bot) -> list[str]:
        """Return what is known of Ann once everything under way is done."""
        bot.stopping.set()
        await bot.ended()
        return [memory.text for memory in await bot.app.core.list(scope_of(world.ann, world.guild))]

    async def test_follow_the_edit(self, world: World) -> None:
        """The old text is known no more."""
        async with world.bot() as bot:
            message = await world.ann.says(world.general, f"{world.server.mention} I'm allergic to walnuts.")
            await world.answered(message)
            await world.ann.edits(message, f"{world.server.mention} I'm allergic to peanuts.")
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} ok?"))

            assert await self.learned(world, bot) == ["I'm allergic to peanuts."]

    @pytest.mark.parametrize("in_thread", [False, True])
    async def test_go_with_the_channel(self, world: World, in_thread: bool) -> None:
        """Nothing of a channel or thread that is deleted is known any more, and what was said elsewhere is."""
        channel = world.guild.add_channel("short-lived")
        place = channel.add_thread("talk") if in_thread else channel
        async with world.bot() as bot:
            for where, text in ((place, "I'm allergic to walnuts."), (world.general, "I live in Porto.")):
                await world.answered(await world.ann.says(where, f"{world.server.mention} {text}"))
            place.delete()
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} ok?"))

            assert await self.learned(world, bot) == ["I live in Porto."]

    async def test_go_with_the_words(self, world: World) -> None:
        """An edit that leaves nothing but the bot's name leaves nothing to know."""
        async with world.bot() as bot:
            message = await world.ann.says(world.general, f"{world.server.mention} I'm allergic to walnuts.")
            await world.answered(message)
            await world.ann.edits(message, world.server.mention)
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} ok?"))

            assert await self.learned(world, bot) == []

    async def test_follow_an_edit_that_came_before_they_were_learned(self, world: World) -> None:
        """While the bot still looked around the message."""
        world.server.intents.add("message_content")
        looking = asyncio.Event()
        world.server.will("GET", "/channels/*/messages", held(looking))
        async with world.bot() as bot:
            asked = len(world.server.requests)
            message = await world.ann.says(world.general, f"{world.server.mention} I'm allergic to walnuts.")
            await world.ann.edits(message, f"{world.server.mention} I'm allergic to peanuts.")
            await world.server.settled(quiet_s=0.1)
            looking.set()
            await world.answered(message)

            assert len(world.server.requests) > asked
            assert await self.learned(world, bot) == ["I'm allergic to peanuts."]

    async def test_go_with_the_message(self, world: World) -> None:
        """Deleted means forgotten."""
        async with world.bot() as bot:
            message = await world.ann.says(world.general, f"{world.server.mention} I'm allergic to walnuts.")
            await world.answered(message)
            world.server.delete(message)
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} ok?"))

            assert await self.learned(world, bot) == []
