"""What the assistant is given beside a message."""

from __future__ import annotations

import base64

import aiohttp
import pytest

from adapters.attached import TEXT_BYTES
from adapters.slack.files import IMAGE_BYTES, Files, SharedFile
from bot.events import Quoted, Relation, Surroundings
from bot.types import Mode
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Channel, Message, error, slow
from tests.slack.world import World, scope_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


async def given(
    world: World,
    echo: EchoAssistant,
    channel: Channel | None = None,
    *,
    thread: Message | None = None,
    files: tuple[tuple[str, bytes], ...] = (),
    text: str = "and now?",
) -> Surroundings:
    """Return a question of Ann's as the assistant is given it."""
    async with world.bot(echo):
        asked = await world.ann.says(
            channel or world.general, f"{world.server.mention} {text}", thread=thread, files=files
        )
        await world.answered(asked, "You said")
    return echo.beside[-1]


def texts(beside: Surroundings, relation: Relation) -> list[str]:
    """Return what stands in some relation to the message."""
    return [quoted.text for quoted in beside.context if quoted.relation is relation]


class TestBefore:
    """What was said before."""

    async def test_last_messages_of_the_channel(self, world: World, echo: EchoAssistant) -> None:
        """Oldest first, of people alone, not what was said to the bot, and no more than are wanted."""
        for number in range(12):
            await world.ben.says(world.general, f"number {number}, {world.ann.mention}")
        await world.server.team.add_bot("Weather").says(world.general, "It rains.")
        await world.ben.says(world.general, f"{world.server.mention} hello")
        beside = await given(world.changed_to(slack={"context_messages": 5}), echo)

        assert texts(beside, Relation.EARLIER) == ["number 9, @Ann", "number 10, @Ann", "number 11, @Ann"]
        author = beside.context[0].author
        assert author is not None
        assert (author.id, author.name) == (world.ben.id, "Ben")

    async def test_long_thread(self, world: World, echo: EchoAssistant) -> None:
        """What was said in it last, although Slack begins with the oldest."""
        begun = await world.ben.says(world.general, "Lunch?")
        for number in range(220):
            await world.ben.says(world.general, f"number {number}", thread=begun)
        beside = await given(world, echo, thread=begun)

        assert texts(beside, Relation.EARLIER)[-1] == "number 219"

    async def test_thread(self, world: World, echo: EchoAssistant) -> None:
        """How it began, and what was said in it; not what was said outside."""
        begun = await world.ben.says(world.general, "Lunch?")
        await world.ann.says(world.general, "elsewhere")
        await world.ann.says(world.general, "Pizza!", thread=begun)
        beside = await given(world, echo, thread=begun)

        assert texts(beside, Relation.STARTER) == ["Lunch?"]
        assert texts(beside, Relation.EARLIER) == ["Pizza!"]

    async def test_starter_by_a_bot(self, world: World, echo: EchoAssistant) -> None:
        """Is given, and marked as no person's."""
        begun = await world.server.team.add_bot("Weather").says(world.general, "It rains.")
        beside = await given(world, echo, thread=begun)

        assert texts(beside, Relation.STARTER) == ["It rains."]
        assert beside.context[0].author is not None
        assert beside.context[0].author.name == "Weather (a bot)"

    async def test_app_without_history(self, world: World, echo: EchoAssistant) -> None:
        """Does not ask for what it may not read."""
        await world.ben.says(world.general, "hello")
        beside = await given(world.changed_to(slack={"context": False}), echo)

        assert beside.context == ()
        assert world.server.calls("conversations.history") == []

    async def test_direct_messages(self, world: World, echo: EchoAssistant) -> None:
        """The assistant remembers what was said in them."""
        async with world.bot(echo):
            await world.ann.says(world.ann.im, "first")
            asked = await world.ann.says(world.ann.im, "second")
            await world.answered(asked, "You said second")

        assert [beside.context for beside in echo.beside] == [(), ()]

    @pytest.mark.parametrize("fault", [error("missing_scope"), slow(4)])
    async def test_slack_does_not_tell(
        self, world: World, echo: EchoAssistant, fault: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or not in time; the question is answered without."""
        monkeypatch.setattr("adapters.slack.context.DEADLINE_S", 0.3)  # a constant; three seconds would be waited for
        await world.ben.says(world.general, "hello")
        world.server.will("conversations.history", fault)  # type: ignore[arg-type] # parametrised

        assert (await given(world, echo)).context == ()

    async def test_opted_out(self, world: World) -> None:
        """Whoever wants nothing of theirs to be read is passed over, by the assistant."""
        await world.ben.says(world.general, "I owe Ann five euros.")
        async with world.bot() as bot:
            await bot.app.core.enter_mode(scope_of(world.ben), Mode.OFF)
            asked = await world.mention("what does Ben owe me?")
            reply = await world.answered(asked)

        assert "five" not in reply.shown


class TestFiles:
    """What is shared with a message."""

    async def test_text_is_read(self, world: World, echo: EchoAssistant) -> None:
        """With the bot's token."""
        beside = await given(world, echo, files=(("notes.txt", b"milk, eggs"),))

        assert beside.context == (Quoted(Relation.FILE, "milk, eggs", name="notes.txt"),)

    async def test_file_without_words(self, world: World, echo: EchoAssistant) -> None:
        """Is a message too."""
        beside = await given(world, echo, files=(("notes.txt", b"milk"),), text="")

        assert (echo.heard[-1].text, texts(beside, Relation.FILE)) == ("", ["milk"])

    async def test_others_are_named(self, world: World, echo: EchoAssistant) -> None:
        """And images, where the model sees none; nothing of them is fetched."""
        files = (("a.pdf", b"%PDF"), ("b.png", PNG), ("c.txt", b"x" * (TEXT_BYTES + 1)))
        beside = await given(world, echo, files=files)

        assert texts(beside, Relation.FILE) == [
            "(a PDF of 4 bytes, not read)",
            "(a PNG of 108 bytes, not read)",
            "(a TXT of 65.5 kB, not read)",
        ]
        assert beside.images == ()

    async def test_images(self, world: World, echo: EchoAssistant) -> None:
        """Are given as addresses that hold them, since the model has no token to fetch them."""
        files = (("b.png", PNG), ("big.png", b"x" * (IMAGE_BYTES + 1)))
        beside = await given(world.changed_to(openai={"images": True}), echo, files=files)

        assert beside.images == (f"data:image/png;base64,{base64.b64encode(PNG).decode()}",)
        assert texts(beside, Relation.FILE) == ["(a PNG of 4.2 MB, not read)"]

    async def test_login_page(self, world: World, echo: EchoAssistant) -> None:
        """Comes with status 200 in place of the file, where the app may not read files; it is none."""
        assert world.server.team.grant is not None
        world.server.team.grant.scopes -= {"files:read"}
        files = (("notes.txt", b"milk"), ("b.png", PNG))
        beside = await given(world.changed_to(openai={"images": True}), echo, files=files)

        assert texts(beside, Relation.FILE) == ["(a TXT of 4 bytes, not read)", "(a PNG of 108 bytes, not read)"]
        assert beside.images == ()


async def test_token_goes_to_slack_alone() -> None:
    """A file that lies elsewhere is not fetched."""
    async with aiohttp.ClientSession() as session:
        files = Files(session, {"127.0.0.1"}, "")
        elsewhere = SharedFile("a.txt", "text/plain", 4, "https://evil.example/a.txt")

        assert await files.text(elsewhere, "xoxb-secret") is None
