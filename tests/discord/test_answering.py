"""Who is answered, in what order, and what happens when something goes wrong on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from adapters.discord import refusals, typing_sign
from bot.events import IncomingMessage, ReplyEnd, ReplyPart, ReplyText
from bot.types import Author, Place, PlaceKind, Policy
from tests.adapters.scripted import ScriptedAssistant
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World, scope_of, set_policy
from tests.servers.discord.faults import forbidden, slow
from tests.servers.discord.nouns import Channel, Message
from tests.servers.discord.refusals import NO_HISTORY_TO_REPLY
from tests.worlds import PATIENCE_S

MESSAGES = "/channels/*/messages"


@pytest.fixture
def reads_all(world: World) -> None:
    """The portal's switch for other people's messages is on."""
    world.server.intents.add("message_content")


def hellos(world: World, channel: Channel) -> list[Message]:
    """Return what the bot said in a channel without being asked."""
    return [one for one in world.server.said(channel) if one.reference is None]


class TestAddressed:
    """Whom the bot answers."""

    async def test_mention(self, world: World, echo: EchoAssistant) -> None:
        """Of the bot itself."""
        async with world.bot(echo):
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")

            assert (await world.answered(asked, "hello")).content == "You said hello"

    @pytest.mark.usefixtures("reads_all")
    async def test_role_mention(self, world: World, echo: EchoAssistant) -> None:
        """Of the role that came with it."""
        async with world.bot(echo):
            asked = await world.ann.says(world.general, f"{world.guild.bot_role.mention} hello")

            assert (await world.answered(asked, "hello")).content == "You said hello"

    async def test_direct_message(self, world: World, echo: EchoAssistant) -> None:
        """Without any mention."""
        async with world.bot(echo):
            asked = await world.ann.says(world.ann.dm, "hello")

            assert (await world.answered(asked, "hello")).content == "You said hello"

    @pytest.mark.usefixtures("reads_all")
    async def test_reply_to_the_bot(self, world: World, echo: EchoAssistant) -> None:
        """Also one that does not ping it."""
        async with world.bot(echo):
            first = await world.answered(await world.ann.says(world.general, f"{world.server.mention} hello"), "hello")
            asked = await world.ann.says(world.general, "and more", reply_to=first, mention_author=False)

            assert (await world.answered(asked, "more")).content == "You said and more"

    @pytest.mark.usefixtures("reads_all")
    async def test_thread_in_which_it_spoke(self, world: World, echo: EchoAssistant) -> None:
        """Once it takes part, the thread is a conversation with it."""
        thread = world.general.add_thread("talk", owner=world.ann)
        async with world.bot(echo):
            await world.answered(await world.ann.says(thread, f"{world.server.mention} hello"), "hello")
            await world.answered(await world.ann.says(thread, "and more"), "more")
        async with world.bot(echo):  # after a restart too
            asked = await world.ann.says(thread, "and still more")

            assert (await world.answered(asked, "still more")).channel is thread

    @pytest.mark.usefixtures("reads_all")
    async def test_thread_that_its_message_began(self, world: World, echo: EchoAssistant) -> None:
        """Though somebody else opened it."""
        async with world.bot(echo):
            first = await world.answered(await world.ann.says(world.general, f"{world.server.mention} hello"), "hello")
            thread = world.general.add_thread("more", starter=first, owner=world.ann)
            asked = await world.ann.says(thread, "and more")

            await world.answered(asked, "more")

    @pytest.mark.usefixtures("reads_all")
    async def test_thread_whose_beginning_could_not_be_read_at_first(self, world: World, echo: EchoAssistant) -> None:
        """It is looked at again with the next message."""
        async with world.bot(echo):
            first = await world.answered(await world.ann.says(world.general, f"{world.server.mention} hello"), "hello")
            thread = world.general.add_thread("more", starter=first, owner=world.ann)
            world.server.will("GET", f"/channels/{thread.id}/messages", forbidden())
            lost = await world.ann.says(thread, "not this")
            await world.server.until(lambda: any(one.channel_id == thread.id for one in world.server.requests))
            await world.answered(await world.ann.says(thread, "and more"), "more")

        assert world.server.replies_to(lost) == []

    @pytest.mark.usefixtures("reads_all")
    async def test_thread_in_which_it_is_speaking(self, world: World) -> None:
        """From its first words on: people do not wait for the end."""
        thread = world.general.add_thread("talk", owner=world.ann)
        assistant = ScriptedAssistant("One two ", more := asyncio.Event(), "three.")
        async with world.bot(assistant):
            await world.answered(await world.ann.says(thread, f"{world.server.mention} count"))
            asked = await world.ben.says(thread, "faster")
            await world.answered(asked)
            more.set()

        assert [message.text for message in assistant.heard] == ["count", "faster"]

    @pytest.mark.usefixtures("reads_all")
    async def test_thread_that_it_was_taken_out_of(self, world: World, echo: EchoAssistant) -> None:
        """Somebody wants it to take part no more."""
        thread = world.general.add_thread("talk", owner=world.ann, members=[world.server.bot])
        gone = {
            "id": str(thread.id),
            "guild_id": str(world.guild.id),
            "member_count": 1,
            "removed_member_ids": [str(world.server.bot.id)],
        }
        async with world.bot(echo):
            await world.answered(await world.ann.says(thread, "one"), "one")
            world.server.gateway.send_event("THREAD_MEMBERS_UPDATE", gone)
            await world.ann.says(thread, "two")
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")

        assert [message.text for message in echo.heard] == ["one", "last"]

    @pytest.mark.usefixtures("reads_all")
    @pytest.mark.parametrize("private", [False, True], ids=["open", "private"])
    async def test_strict_thread_takes_a_mention(self, world: World, echo: EchoAssistant, *, private: bool) -> None:
        """Where the admins want it so, taking part is not enough; a private thread has the settings of its parent."""
        thread = world.general.add_thread("talk", owner=world.ann, private=private, members=[world.server.bot])
        async with world.bot(echo) as bot:
            await set_policy(bot, world.guild, Policy(strict=frozenset({str(world.general.id)})))
            await world.answered(await world.ann.says(thread, f"{world.server.mention} one"), "one")
            await world.ann.says(thread, "two")
            await world.answered(await world.ann.says(thread, f"{world.server.mention} three"), "three")

        assert [message.text for message in echo.heard] == ["one", "three"]

    @pytest.mark.usefixtures("reads_all")
    async def test_nobody_else(self, world: World, echo: EchoAssistant) -> None:
        """Neither talk of others, mentions of everybody, other threads, bots, webhooks, nor what Discord writes."""
        other = world.server.add_person("Other", bot=True)
        thread = world.general.add_thread("talk", owner=world.ann)
        async with world.bot(echo):
            said = await world.ann.says(world.general, "hello Ben")
            await world.ben.says(world.general, "hello", reply_to=said)
            await world.ann.says(world.general, f"@everyone {world.ben.mention} hello")
            await world.ann.says(thread, "among us")
            world.server.post(world.general, other, f"{world.server.mention} beep")
            world.server.webhook_says(world.general, f"{world.server.mention} news")
            world.server.system_says(world.general, world.ann)
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")

        assert [message.text for message in echo.heard] == ["last"]

    @pytest.mark.usefixtures("reads_all")
    async def test_channel_that_is_listened_to(self, world: World, echo: EchoAssistant) -> None:
        """What is not for the bot reaches the assistant as overheard, where admins chose so and only there."""
        other = world.guild.add_channel("other")
        async with world.bot(echo) as bot:
            await set_policy(bot, world.guild, Policy(listening=frozenset({str(world.general.id)})))
            await world.ann.says(other, "not this")
            await world.ann.says(world.general, "this")
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")

        assert {(message.text, message.addressed) for message in echo.heard} == {("this", False), ("last", True)}

    async def test_channel_in_which_it_is_not_to_answer(self, world: World, echo: EchoAssistant) -> None:
        """It does not even type there."""
        other = world.guild.add_channel("other")
        async with world.bot(echo) as bot:
            await set_policy(bot, world.guild, Policy(channels=frozenset({str(other.id)})))
            await world.ann.says(world.general, f"{world.server.mention} here?")
            await world.answered(await world.ann.says(other, f"{world.server.mention} there?"), "there?")

        assert [message.text for message in echo.heard] == ["there?"]
        assert world.server.typing_times(world.general) == []


class TestNothingSaid:
    """Messages without a word."""

    async def test_bare_mention_asks_for_help(self, world: World, echo: EchoAssistant) -> None:
        """The person wants to know who is there, and the assistant says it, as to anybody who asks."""
        async with world.bot(echo):
            await world.answered(await world.ann.says(world.general, world.server.mention))

        assert [(message.text, message.command) for message in echo.heard] == [("", "help")]

    async def test_bare_mentions_are_limited_like_others(self, world: World) -> None:
        """Whoever presses them in a row hears so once, then nothing."""
        async with world.bot(limits={"messages_per_minute_per_person": 2}):
            asked = [await world.ann.says(world.general, world.server.mention) for _ in range(4)]
            await world.server.until(lambda: sum(bool(world.server.replies_to(message)) for message in asked) == 3)
            await world.server.settled(world.general)
        said = [reply.content for message in asked for reply in world.server.replies_to(message)]

        assert sum("/memories" in text for text in said) == 2
        assert sum("a lot at once" in text for text in said) == 1
        assert len(said) == 3

    async def test_mention_under_somebody_elses_words_is_a_question_about_them(
        self, world: World, echo: EchoAssistant
    ) -> None:
        """As people do: they reply to a message and mention the bot, without a word."""
        said = await world.ben.says(world.general, "The moon is made of cheese.")
        async with world.bot(echo):
            await world.ann.says(world.general, world.server.mention, reply_to=said)
            await world.server.until(lambda: echo.heard)

        assert echo.heard[0].text == ""

    async def test_role_mention_that_cannot_be_read_says_so(self, world: World, echo: EchoAssistant) -> None:
        """Without the portal's switch, Discord shows the bot that its role was mentioned and not a word more."""
        async with world.bot(echo):
            asked = await world.ann.says(world.general, f"{world.guild.bot_role.mention} hello")
            shown = await world.answered(asked)

        assert "role" in shown.content
        assert echo.heard == []

    async def test_reply_that_cannot_be_read_says_so(self, world: World, echo: EchoAssistant) -> None:
        """Without the portal's switch, one that does not ping the bot comes without a word; said once a minute."""
        async with world.bot(echo):
            first = await world.answered(await world.ann.says(world.general, f"{world.server.mention} hello"), "hello")
            asked = [
                await world.ann.says(world.general, "and more", reply_to=first, mention_author=False) for _ in range(2)
            ]
            shown = await world.answered(asked[0])
            await world.answered(await world.ann.says(world.general, "that?", reply_to=first), "that?")

        assert "pings me" in shown.content
        assert world.server.replies_to(asked[1]) == []
        assert [message.text for message in echo.heard] == ["hello", "that?"]


class TestOrder:
    """Several messages at once."""

    async def test_one_person_is_answered_in_order(self, world: World, echo: EchoAssistant) -> None:
        """However long it takes to look around the first message."""
        world.server.intents.add("message_content")
        world.server.will("GET", MESSAGES, slow(0.3))
        async with world.bot(echo):
            for number in range(5):
                last = await world.ann.says(world.general, f"{world.server.mention} {number}")
            await world.answered(last, "4")

        assert [message.text for message in echo.heard] == list("01234")

    async def test_others_do_not_wait(self, world: World) -> None:
        """One person's long answer holds up nobody else."""
        hold = asyncio.Event()

        class SlowForAnn(EchoAssistant):
            """Answers everybody else at once."""

            async def parts(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
                """Keep Ann waiting."""
                if message.author.name == "Ann":
                    await hold.wait()
                yield ReplyText(message.text)
                yield ReplyEnd()

        async with world.bot(SlowForAnn()):
            first = await world.ann.says(world.general, f"{world.server.mention} one")
            await world.answered(await world.ben.says(world.general, f"{world.server.mention} two"), "two")
            before = world.server.replies_to(first)
            hold.set()
            await world.answered(first, "one")

        assert before == []


class TestTyping:
    """The sign that the bot is at work."""

    async def test_shown_while_it_works(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Again and again, and never after the answer began."""
        monkeypatch.setattr(typing_sign, "REPEAT_S", 0.1)  # eight seconds otherwise
        begin, more = asyncio.Event(), asyncio.Event()
        async with world.bot(ScriptedAssistant(begin, "One two ", more, "three.")):
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.server.until(lambda: len(world.server.typing_times(world.general)) >= 3)
            begin.set()
            await world.answered(asked)
            shown = len(world.server.typing_times(world.general))
            await world.server.settled(world.general, quiet_s=0.3)
            more.set()
            await world.answered(asked, "three.")

        assert len(world.server.typing_times(world.general)) == shown

    @pytest.mark.usefixtures("reads_all")
    async def test_not_shown_for_what_is_overheard(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """However long it takes: nothing will be said."""
        monkeypatch.setattr(typing_sign, "FIRST_S", 0)  # a fifth of a second otherwise
        assistant = ScriptedAssistant(asyncio.Event())
        async with world.bot(assistant, limits={"shutdown_s": 0}) as bot:
            await set_policy(bot, world.guild, Policy(listening=frozenset({str(world.general.id)})))
            await world.ann.says(world.general, "I play the harp.")
            async with asyncio.timeout(PATIENCE_S):
                await assistant.begun.wait()
            await world.server.settled(world.general, quiet_s=0.1)

        assert world.server.typing_times(world.general) == []

    async def test_not_shown_for_an_answer_that_is_there(self, world: World, echo: EchoAssistant) -> None:
        """It would outlast it."""
        async with world.bot(echo):
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} hello"), "hello")

        assert world.server.typing_times(world.general) == []

    async def test_failure_is_nobodys_business(self, world: World) -> None:
        """The answer comes without it."""
        begin = asyncio.Event()
        world.server.will("POST", "/channels/*/typing", forbidden())
        async with world.bot(ScriptedAssistant(begin, "Hello.")):
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.server.until(lambda: world.server.refusals or world.server.requests[-1].path.endswith("typing"))
            begin.set()

            assert (await world.answered(asked)).content == "Hello."


class TestFaults:
    """What goes wrong on the way to a reply."""

    async def test_fault_of_the_assistant_is_owned_up_to(
        self, world: World, caplog: pytest.LogCaptureFixture, canary: str
    ) -> None:
        """The person gets one honest line with the id that the log has, which tells nothing else."""
        async with world.bot(ScriptedAssistant(ValueError(canary))):
            asked = await world.ann.says(world.general, f"{world.server.mention} {canary}")
            shown = await world.answered(asked, "mistake is mine")

        (record,) = [one for one in caplog.records if one.levelno == logging.ERROR and one.name.startswith("adapters")]
        reference = shown.content.removesuffix(".").rpartition(" ")[2]
        assert f"({reference}): ValueError" in record.getMessage()

    async def test_fault_in_the_middle_is_owned_up_to_under_what_is_shown(self, world: World) -> None:
        """The words stay, without the button that stops them; nothing is left as if more would come."""
        more = asyncio.Event()
        async with world.bot(ScriptedAssistant("One two ", more, ValueError("no"))):
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            await world.answered(asked, "One two")
            more.set()
            shown = await world.answered(asked, "mistake is mine")
            await world.server.settled(world.general)

        assert shown.content.startswith("One two\n")
        assert shown.buttons == []
        assert len(world.server.replies_to(asked)) == 1

    async def test_fault_does_not_end_the_bot(self, world: World) -> None:
        """The next message is answered."""
        assistant = ScriptedAssistant(ValueError("no"))
        async with world.bot(assistant):
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} one"))
            assistant.script = ["Fine."]
            asked = await world.ann.says(world.general, f"{world.server.mention} two")

            assert (await world.answered(asked)).content == "Fine."

    async def test_channel_that_refuses_is_left_alone(self, world: World, echo: EchoAssistant) -> None:
        """One refused request, not one for each message; nothing is asked of the model in vain."""
        locked = world.guild.add_channel("locked")
        locked.forbid("send_messages")
        async with world.bot(echo):
            await world.ann.says(locked, f"{world.server.mention} one")
            await world.server.until(lambda: world.server.said(world.server.owner.dm))
            for _ in range(3):
                await world.ann.says(locked, f"{world.server.mention} again")
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")

        assert [message.text for message in echo.heard] == ["one", "last"]
        assert len([refusal for refusal in world.server.refusals if "/messages" in refusal]) == 1

    async def test_owner_is_told_of_each_refusal_once_a_day(self, world: World, echo: EchoAssistant) -> None:
        """By direct message and nowhere else, with the channel and what is missing; also after a restart."""
        world.guild.system_channel = world.general
        locked = [world.guild.add_channel(name, private=True, members=[world.ann, world.server.bot]) for name in "ab"]
        for channel in locked:
            channel.forbid("send_messages")
        for number in (1, 2):
            async with world.bot(echo):
                for channel in locked:
                    await world.ann.says(channel, f"{world.server.mention} hello")
                await world.server.until(lambda: len(world.server.refusals) == 2 * number)  # noqa: B023 - at once
                await world.server.settled()
        told = [one.content for one in world.server.said(world.server.owner.dm)]

        assert [sum(channel.mention in text for text in told) for channel in locked] == [1, 1]
        assert all("Send Messages" in text for text in told)
        assert [one for one in world.server.said(world.general) if "not allowed" in one.content] == []

    async def test_owner_is_told_of_so_many_channels_a_day(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A server that lets the bot write nowhere is no reason to flood its owner."""
        monkeypatch.setattr(refusals, "MOST_TOLD", 2)  # five otherwise
        async with world.bot(echo):
            for number in range(3):
                (locked := world.guild.add_channel(f"locked-{number}")).forbid("send_messages")
                await world.ann.says(locked, f"{world.server.mention} hello")
            await world.server.until(lambda: len(world.server.refusals) == 3)
            await world.server.settled()

        assert len(world.server.said(world.server.owner.dm)) == 2

    @pytest.mark.parametrize(("private", "told"), [(False, 1), (True, 0)], ids=["open", "private"])
    async def test_system_channel_is_told_when_the_owner_cannot_be(
        self, world: World, echo: EchoAssistant, *, private: bool, told: int
    ) -> None:
        """Of a channel that everybody sees; of others nobody there has to know."""
        world.guild.system_channel = world.general
        world.server.owner.closes_dms()
        locked = world.guild.add_channel("locked", private=private, members=[world.ann, world.server.bot])
        locked.forbid("send_messages")
        async with world.bot(echo):
            await world.ann.says(locked, f"{world.server.mention} hello")
            await world.server.until(lambda: len(world.server.refusals) == 2)
            await world.server.settled()

        assert sum(locked.mention in one.content for one in world.server.said(world.general)) == told

    async def test_owner_with_closed_messages_is_not_told(
        self, world: World, echo: EchoAssistant, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Then whoever runs the bot finds it in the log."""
        world.server.owner.closes_dms()
        locked = world.guild.add_channel("locked")
        locked.forbid("send_messages")
        async with world.bot(echo):
            await world.ann.says(locked, f"{world.server.mention} hello")
            await world.server.until(lambda: len(world.server.refusals) >= 2)
            await world.server.settled()

        assert "nobody in guild" in caplog.text

    async def test_channel_without_history_gets_no_reply_but_an_answer(self, world: World, echo: EchoAssistant) -> None:
        """Discord refuses replies where the bot may write and not read back."""
        async with world.bot(echo):
            await world.server.until(lambda: hellos(world, world.general))
            world.server.will("POST", MESSAGES, forbidden(NO_HISTORY_TO_REPLY))
            await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.server.until(lambda: len(hellos(world, world.general)) == 2)

        assert hellos(world, world.general)[1].content.startswith("You said")

    async def test_half_an_answer_goes_with_its_question(self, world: World) -> None:
        """Whoever deletes a question wants none of it."""
        assistant = ScriptedAssistant("One two ", asyncio.Event())
        async with world.bot(assistant):
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            shown = await world.answered(asked)
            world.server.delete(asked)
            await assistant.ended()
            await world.server.until(lambda: shown.deleted)

        assert assistant.cut == ["count"]
        assert world.server.replies_to(asked) == []

    async def test_question_that_is_deleted_before_the_answer_gets_none(self, world: World) -> None:
        """Nobody sees that there was one."""
        assistant = ScriptedAssistant(asyncio.Event())
        async with world.bot(assistant):
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            async with asyncio.timeout(PATIENCE_S):
                await assistant.begun.wait()
            world.server.delete(asked)
            await assistant.ended()
            await world.server.settled(world.general)

        assert world.server.replies_to(asked) == []

    async def test_answer_to_a_message_that_just_went_is_sent_all_the_same(self, world: World) -> None:
        """Discord is told that replying to nothing is no hindrance: the event of the deletion is still under way."""
        begin = asyncio.Event()
        async with world.bot(ScriptedAssistant(begin, "Hello.")):
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            asked.deleted = True
            begin.set()
            await world.server.until(lambda: len(hellos(world, world.general)) == 2)

        assert hellos(world, world.general)[1].content == "Hello."


class TestStopping:
    """The end of the process."""

    async def test_answer_that_began_says_that_it_was_cut_off(self, world: World) -> None:
        """Within the time that is given."""
        assistant = ScriptedAssistant("One two ", asyncio.Event())
        async with world.bot(assistant, limits={"shutdown_s": 0.5}) as bot:
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            await world.answered(asked)
            bot.stopping.set()
            await bot.ended()

        assert world.server.replies_to(asked)[0].content == "One two\n-# cut off: I am restarting"
        assert assistant.cut == ["count"]

    async def test_answer_that_did_not_begin_shows_nothing(self, world: World) -> None:
        """It is given after the restart."""
        assistant = ScriptedAssistant(asyncio.Event())
        async with world.bot(assistant, limits={"shutdown_s": 0.2}) as bot:
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            async with asyncio.timeout(PATIENCE_S):
                await assistant.begun.wait()
            bot.stopping.set()
            await bot.ended()

        assert world.server.replies_to(asked) == []

    async def test_answer_that_ends_in_time_is_whole(self, world: World) -> None:
        """Nothing is cut that needs no cutting."""
        more = asyncio.Event()
        assistant = ScriptedAssistant("One two ", more, "three.")
        async with world.bot(assistant) as bot:
            asked = await world.ann.says(world.general, f"{world.server.mention} count")
            await world.answered(asked)
            bot.stopping.set()
            more.set()
            await bot.ended()

        assert world.server.replies_to(asked)[0].content == "One two three."
        assert assistant.delivered == ["count"]


class TestLeftOver:
    """What an earlier run took in and did not answer."""

    def left_over(
        self, world: World, channel: Channel, source: Message, *, confidential: bool = False
    ) -> IncomingMessage:
        """Return a message of Ann's that was not answered."""
        kind = PlaceKind.PUBLIC if channel.guild else PlaceKind.DM
        place = Place(kind, str((channel.parent or channel).id), str(channel.id) if channel.is_thread else None)
        return IncomingMessage(
            dedupe_key=str(source.id),
            scope=scope_of(world.ann, channel.guild),
            place=place,
            author=Author(str(world.ann.id), "Ann"),
            text="left over",
            source_id=str(source.id),
            sent_at=datetime.now(UTC),
            confidential=confidential,
        )

    @pytest.mark.parametrize("where", ["channel", "thread", "dm"])
    async def test_answered_where_it_was_asked(self, world: World, echo: EchoAssistant, where: str) -> None:
        """As a reply, though nothing but ids is left of the message."""
        thread = world.general.add_thread("talk")
        channel = {"channel": world.general, "thread": thread, "dm": world.ann.dm}[where]
        asked = await world.ann.says(channel, "left over")
        echo.unfinished = [self.left_over(world, channel, asked)]
        async with world.bot(echo):
            shown = await world.answered(asked, "left over")

        assert shown.channel is channel

    @pytest.mark.parametrize("where", ["channel", "dm"])
    async def test_is_given_what_stands_beside_it(self, world: World, echo: EchoAssistant, where: str) -> None:
        """Nothing of that is kept, so it is looked up again."""
        channel = world.general if where == "channel" else world.ann.dm
        asked = await world.ann.says(
            channel, f"{world.server.mention} left over", attachments=[("notes.txt", b"buy milk")]
        )
        echo.unfinished = [self.left_over(world, channel, asked)]
        async with world.bot(echo):
            await world.answered(asked, "left over")

        assert [quoted.text for quoted in echo.beside[0].context] == ["buy milk"]

    async def test_goes_on_in_what_was_begun(self, world: World, echo: EchoAssistant) -> None:
        """The message that an earlier run began is the reply, however long ago that was."""
        asked = await world.ann.says(world.general, "left over")
        begun = world.server.post(world.general, world.server.bot, "You s", reference=asked)
        world.server.post(world.general, world.server.bot, "Other", reference=await world.ben.says(world.general, "b"))
        echo.unfinished = [self.left_over(world, world.general, asked)]
        async with world.bot(echo):
            await world.answered(asked, "left over")
            await world.server.settled(world.general)

        assert world.server.replies_to(asked) == [begun]

    async def test_command_is_carried_out_and_shown_to_nobody(self, world: World, echo: EchoAssistant) -> None:
        """Only its author was to see the answer, and that moment is over."""
        asked = await world.ann.says(world.general, "left over")
        echo.unfinished = [self.left_over(world, world.general, asked, confidential=True)]
        async with world.bot(echo):
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"), "last")

        assert "left over" in echo.delivered
        assert world.server.replies_to(asked) == []


class TestWholeBot:
    """With the bot itself behind the adapter."""

    async def test_remembers_what_it_is_told(self, world: World) -> None:
        """Also in another channel, and after a restart."""
        other = world.guild.add_channel("other")
        async with world.bot():
            told = await world.ann.says(world.general, f"{world.server.mention} I'm allergic to walnuts.")
            await world.answered(told)
        async with world.bot():
            asked = await world.ann.says(other, f"{world.server.mention} what am I allergic to?")
            shown = await world.answered(asked)

        assert "walnuts" in shown.content

    async def test_asked_anew_it_answers_anew(self, world: World) -> None:
        """In a reply of its own to the same message, for its author alone."""
        async with world.bot(replies={"marks": "buttons"}):
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            shown = await world.answered(asked)
            await world.server.until(lambda: "↻" in shown.buttons)
            await world.ben.presses(shown, "↻")
            await world.ann.presses(shown, "↻")
            await world.server.until(lambda: len(world.server.replies_to(asked)) == 2)
            await world.server.settled(world.general)

        assert len(world.server.replies_to(asked)) == 2

    async def test_repeated_delivery_is_answered_once(self, world: World) -> None:
        """Discord delivers again what a client may have missed."""
        async with world.bot():
            asked = await world.ann.says(world.general, f"{world.server.mention} hello")
            await world.answered(asked)
            world.server.gateway.repeat_last(3)
            await world.answered(await world.ann.says(world.general, f"{world.server.mention} last"))
            await world.server.settled(world.general)

        assert len(world.server.replies_to(asked)) == 1

    async def test_message_with_nothing_but_a_file_is_answered(self, world: World) -> None:
        """Its contents are what it is about."""
        async with world.bot():
            asked = await world.ann.says(world.ann.dm, attachments=[("notes.txt", b"buy milk")])

            await world.answered(asked)
