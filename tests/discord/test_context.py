"""What the assistant is given beside a message."""

from __future__ import annotations

import codecs

import pytest

from adapters import surroundings
from adapters.attached import TEXT_BYTES
from adapters.discord import context
from bot.events import Quoted, Relation
from bot.types import Mode
from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World, scope_of
from tests.servers.discord.faults import forbidden, slow
from tests.servers.discord.nouns import Channel, Message
from tests.servers.discord.people import File
from tests.servers.discord.server import DiscordServer

HISTORY = "/channels/*/messages"


@pytest.fixture(autouse=True)
def reads_all(world: World) -> None:
    """The portal's switch for other people's messages is on."""
    world.server.intents.add("message_content")


async def given(
    world: World, echo: EchoAssistant, channel: Channel, reply_to: Message | None = None, files: tuple[File, ...] = ()
) -> tuple[Quoted, ...]:
    """Return what the assistant is given beside a question of Ann's."""
    async with world.bot(echo):
        asked = await world.ann.says(
            channel, f"{world.server.mention} and now?", reply_to=reply_to, attachments=list(files)
        )
        await world.answered(asked, "and now?")
    return echo.beside[0].context


def texts(found: tuple[Quoted, ...], relation: Relation) -> list[str]:
    """Return what stands in some relation to the message."""
    return [quoted.text for quoted in found if quoted.relation is relation]


class TestRepliedTo:
    """The message that is replied to."""

    async def test_given_with_its_author(self, world: World, echo: EchoAssistant) -> None:
        """Somebody else's words, and whose."""
        said = await world.ben.says(world.general, f"I owe {world.ann.mention} five euros.")
        (quoted,) = await given(world, echo, world.general, reply_to=said)

        assert quoted.relation is Relation.REPLIED_TO
        assert quoted.author is not None
        assert (quoted.author.id, quoted.author.name) == (str(world.ben.id), "Ben")
        assert quoted.text.endswith("five euros.")

    async def test_words_of_a_bot_are_marked(self, world: World, echo: EchoAssistant) -> None:
        """Nobody is to take them for a person's."""
        said = world.server.post(world.general, world.server.add_person("Weather", bot=True), "It rains.")
        (quoted,) = await given(world, echo, world.general, reply_to=said)

        assert quoted.author is not None
        assert quoted.author.name == "weather (a bot)"

    async def test_deleted_one_is_left_out(self, world: World, echo: EchoAssistant) -> None:
        """And the question is answered."""
        said = await world.ben.says(world.general, "I owe you five euros.")
        said.deleted = True

        assert texts(await given(world, echo, world.general, reply_to=said), Relation.REPLIED_TO) == []

    async def test_long_one_is_cut(self, world: World, echo: EchoAssistant) -> None:
        """There is no end to what can be quoted."""
        said = world.server.post(world.general, world.ben, "word " * 1000)
        (quoted,) = await given(world, echo, world.general, reply_to=said)

        assert len(quoted.text) <= surroundings.QUOTED_CHARACTERS + 2


class TestBefore:
    """What was said before."""

    async def test_last_messages_of_the_channel(self, world: World, echo: EchoAssistant) -> None:
        """The last ones, oldest first; of people alone, and not what was said to the bot."""
        for number in range(5):
            await world.ben.says(world.general, f"number {number}")
        world.server.post(world.general, world.server.add_person("Weather", bot=True), "It rains.")
        world.server.webhook_says(world.general, "News.")
        await world.ben.says(world.general, f"{world.server.mention} hello")
        found = await given(world.changed_to(discord={"context_messages": 7}), echo, world.general)

        assert texts(found, Relation.EARLIER) == ["number 2", "number 3", "number 4"]

    async def test_none_when_none_are_wanted(self, world: World, echo: EchoAssistant) -> None:
        """Not asked for either."""
        await world.ben.says(world.general, "hello")
        found = await given(world.changed_to(discord={"context_messages": 0}), echo, world.general)

        assert found == ()
        assert [one for one in world.server.requests if one.method == "GET" and one.path.endswith("/messages")] == []

    async def test_none_without_the_switch(self, world: World, echo: EchoAssistant) -> None:
        """What cannot be read is not asked for."""
        world.server.intents.clear()
        await world.ben.says(world.general, "hello")

        assert await given(world, echo, world.general) == ()
        assert [one for one in world.server.requests if one.method == "GET" and one.path.endswith("/messages")] == []

    async def test_none_where_history_is_not_to_be_read(self, world: World, echo: EchoAssistant) -> None:
        """Known from the permissions, without asking in vain."""
        await world.ben.says(world.general, "hello")
        world.general.forbid("read_message_history")
        async with world.bot(echo):
            await world.ann.says(world.general, f"{world.server.mention} and now?")
            await world.server.until(lambda: echo.heard)

        assert echo.beside[0].context == ()
        assert [one for one in world.server.requests if one.method == "GET" and one.path.endswith("/messages")] == []

    async def test_who_opted_out_is_not_read(self, world: World, echo: EchoAssistant) -> None:
        """Their words go to no model, not even as somebody else's context."""
        said = await world.ben.says(world.general, "I owe you five euros.")
        async with world.bot(echo) as bot:
            await bot.app.core.set_mode(scope_of(world.ben, world.guild), Mode.OFF)
            asked = await world.ann.says(world.general, f"{world.server.mention} and now?", reply_to=said)
            await world.answered(asked, "and now?")

        assert echo.beside[0].context == ()

    async def test_how_the_thread_began(self, world: World, echo: EchoAssistant) -> None:
        """The message around which a thread was made."""
        said = await world.ben.says(world.general, "Who brings the cake?")
        thread = world.general.add_thread("cake", starter=said)

        assert texts(await given(world, echo, thread), Relation.STARTER) == ["Who brings the cake?"]

    async def test_how_the_forum_post_began(self, world: World, echo: EchoAssistant) -> None:
        """Its first message stands in the thread itself, and is not given twice."""
        post = world.guild.add_channel("ideas", forum=True).add_thread("cake", owner=world.ben)
        starter = world.server.post(post, world.ben, "Let us have cake.")
        post.messages.pop(starter.id)
        starter.id = post.id  # as Discord numbers it
        post.messages[post.id] = starter
        found = await given(world, echo, post)

        assert [quoted.text for quoted in found] == ["Let us have cake."]

    async def test_failure_is_no_hindrance(self, world: World, echo: EchoAssistant) -> None:
        """The answer comes without it."""
        await world.ben.says(world.general, "hello")
        world.server.will("GET", HISTORY, forbidden())

        assert await given(world, echo, world.general) == ()

    async def test_nobody_waits_long(self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is not there in time is left out."""
        monkeypatch.setattr(context, "DEADLINE_S", 0.1)  # three seconds otherwise
        await world.ben.says(world.general, "hello")
        world.server.will("GET", HISTORY, slow(5))

        assert await given(world, echo, world.general) == ()


class TestFiles:
    """What is attached."""

    async def test_small_text_is_read(self, world: World, echo: EchoAssistant) -> None:
        """With its name; bytes that are no UTF-8 become U+FFFD."""
        (quoted,) = await given(world, echo, world.general, files=(("notes.txt", b"buy milk \xff"),))

        assert quoted == Quoted(Relation.FILE, "buy milk \ufffd", name="notes.txt")

    async def test_others_are_named(self, world: World, echo: EchoAssistant) -> None:
        """By kind and size."""
        files = (("paper.pdf", b"%PDF" * 600), ("big.txt", b"x" * (TEXT_BYTES + 1)))
        found = await given(world, echo, world.general, files=files)

        assert [(quoted.name, quoted.text) for quoted in found] == [
            ("paper.pdf", "(a PDF of 2.4 kB, not read)"),
            ("big.txt", "(a TXT of 65.5 kB, not read)"),
        ]

    @pytest.mark.parametrize(
        ("name", "contents"),
        [
            ("MAIN.RS", "fn main() { café }".encode()),
            ("notes.txt", "fn main() { café }".encode("utf-8-sig")),
            ("notes.txt", "fn main() { café }".encode("utf-16")),
            ("notes.txt", codecs.BOM_UTF16_BE + "fn main() { café }".encode("utf-16-be")),
        ],
        ids=["capitals", "marked", "utf-16", "big-endian"],
    )
    async def test_text_is_read_as_people_save_it(
        self, world: World, echo: EchoAssistant, name: str, contents: bytes
    ) -> None:
        """Whatever case its suffix has, and in the encodings that Windows' editors mark."""
        (quoted,) = await given(world, echo, world.general, files=((name, contents),))

        assert quoted.text == "fn main() { café }"

    async def test_only_some_are_read(self, world: World, echo: EchoAssistant) -> None:
        """The first three, each up to a length."""
        files = tuple((f"{number}.txt", b"y" * 10_000) for number in range(4))
        found = await given(world, echo, world.general, files=files)

        lengths = [len(quoted.text) for quoted in found]
        assert lengths[:3] == [surroundings.FILE_CHARACTERS + 2] * 3
        assert found[3].text == "(a TXT of 10.0 kB, not read)"

    async def test_file_that_cannot_be_had_is_named(self, world: World, echo: EchoAssistant) -> None:
        """As if it were too large."""
        world.server.attachments.clear()
        async with world.bot(echo):
            asked = await world.ann.says(
                world.general, f"{world.server.mention} look", attachments=[("notes.txt", b"buy milk")]
            )
            world.server.attachments.clear()
            await world.answered(asked, "look")

        assert echo.beside[0].context[0].text == "(a TXT of 8 bytes, not read)"

    async def test_file_elsewhere_is_not_fetched(
        self, world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only Discord's own hosts are asked, whatever an address says."""
        elsewhere = f"http://localhost:{world.server.port}/cdn"  # the same machine by another name
        monkeypatch.setattr(DiscordServer, "cdn_base", elsewhere)
        (quoted,) = await given(world, echo, world.general, files=(("notes.txt", b"buy milk"),))

        assert quoted.text == "(a TXT of 8 bytes, not read)"

    async def test_image_goes_to_a_model_that_sees(self, world: World, echo: EchoAssistant) -> None:
        """Of the message, and of the one that it replies to."""
        said = await world.ben.says(world.general, "look", attachments=[("cat.png", b"PNG")])
        found = await given(
            world.changed_to(openai={"images": True}),
            echo,
            world.general,
            reply_to=said,
            files=(("dog.jpg", b"JPG"),),
        )

        assert texts(found, Relation.FILE) == []
        assert [image.rpartition("/")[2] for image in echo.beside[0].images] == ["dog.jpg", "cat.png"]

    async def test_image_is_named_to_a_model_that_does_not(self, world: World, echo: EchoAssistant) -> None:
        """As any other file."""
        (quoted,) = await given(world, echo, world.general, files=(("cat.png", b"PNG"),))

        assert (quoted.name, echo.beside[0].images) == ("cat.png", ())

    async def test_forwarded_words_are_nobodys(self, world: World, echo: EchoAssistant) -> None:
        """They are given beside the message, not as what its author says."""
        said = await world.ben.says(world.general, "I am vegan.")
        async with world.bot(echo):
            await world.ann.forwards(said, world.ann.dm)
            await world.server.until(lambda: echo.heard)

        (message,) = echo.heard
        assert message.text == ""
        assert echo.beside[0].context == (Quoted(Relation.FORWARDED, "I am vegan."),)
