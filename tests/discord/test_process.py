"""The whole bot as a process of its own on Discord: it answers once, keeps what it was told apart, and stops well."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import process
from tests.process import BotProcess
from tests.servers.discord import Channel, DiscordServer, Guild, Message, Person
from tests.servers.openai_server import OpenAIServer, reply

KEY = "sk-local-0123456789"


@dataclass(frozen=True)
class World:
    """Both servers, and where the bot keeps its data."""

    discord: DiscordServer
    model: OpenAIServer
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the bot is told about them."""
        return {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_BASE": self.discord.api_base,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.model.base_url,
        }

    async def answered(self, message: Message, timeout_s: float = 10) -> Message:
        """Wait for the whole reply to a message: the bot has nothing more to do about it when it says so."""
        await self.discord.until(lambda: _is_whole(self.discord.replies_to(message)), timeout_s)
        return self.discord.replies_to(message)[0]


def _is_whole(replies: list[Message]) -> bool:
    return bool(replies) and "end." in replies[-1].content


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Servers on which nothing forbidden was asked, when the test is over."""
    async with DiscordServer(intents={"message_content"}) as discord, OpenAIServer() as model:
        yield World(discord, model, tmp_path)

    assert discord.violations == []
    assert model.violations == []
    assert discord.pings == []


@pytest.fixture
def garden(world: World) -> Guild:
    """A guild with the bot in it."""
    return world.discord.add_guild("Garden")


@pytest.fixture
def general(garden: Guild) -> Channel:
    """A channel that everybody sees."""
    return garden.add_channel("general")


@pytest.fixture
def ann(world: World, garden: Guild) -> Person:
    """A member of the guild."""
    person = world.discord.add_person("Ann")
    garden.add_member(person)
    return person


async def running_until_stopped(bot: BotProcess) -> int:
    """Stop the bot as a service manager does; return its exit code."""
    bot.send(signal.SIGTERM)
    return await bot.ended()


async def test_everything_said_to_it_is_answered_once(
    world: World, garden: Guild, general: Channel, ann: Person
) -> None:
    """A mention, its role, a direct message, a reply and a thread get one reply each; what it was told it knows."""
    discord = world.discord
    world.model.will(*[reply("Fine, end.")] * 6)
    thread = general.add_thread("talk")
    async with process.running(world.folder, world.environment) as bot:
        mention = await ann.says(general, f"{discord.mention} I'm allergic to walnuts.")
        first = await world.answered(mention)
        others = [
            await ann.says(general, f"<@&{garden.bot_role.id}> hello"),
            await ann.says(ann.dm, "hello there"),
            await ann.says(general, "and one more", reply_to=first),
            await ann.says(thread, f"{discord.mention} hello"),
        ]
        for message in others:
            await world.answered(message)
        await ann.says(general, "not for the bot")
        last = await ann.says(general, f"{discord.mention} what am I allergic to?")
        await world.answered(last)
        code = await running_until_stopped(bot)

    assert [len(discord.replies_to(message)) for message in (mention, *others, last)] == [1] * 6
    assert "allergic to walnuts" in world.model.requests[-1]["messages"][-1]["content"]
    assert code == 0
    assert "Traceback" not in "\n".join(bot.told)


async def test_killed_before_it_answered(world: World, general: Channel, ann: Person) -> None:
    """What it had taken in when it was killed is answered once by the next run."""
    asked = asyncio.Event()

    async def hold(_: int) -> None:
        asked.set()
        await asyncio.Event().wait()

    world.model.will(reply("never", before_piece=hold), reply("Fine, end."))
    async with process.running(world.folder, world.environment) as bot:
        message = await ann.says(general, f"{world.discord.mention} I moved to Porto.")
        await asyncio.wait_for(asked.wait(), 10)
        bot.send(signal.SIGKILL)
        await bot.ended()
    async with process.running(world.folder, world.environment) as bot:
        await world.answered(message)
        await world.discord.settled(general)

        assert len(world.discord.replies_to(message)) == 1
        assert await running_until_stopped(bot) == 0


async def test_killed_in_the_middle_of_a_reply(world: World, general: Channel, ann: Person) -> None:
    """Started again when no nonce is known any more, it gives the answer in the message that it began."""

    async def hold(number: int) -> None:
        if number:
            await asyncio.Event().wait()

    world.model.will(reply(pieces=["A beginning. ", "never"], before_piece=hold), reply("Fine, end."))
    async with process.running(world.folder, world.environment) as bot:
        message = await ann.says(general, f"{world.discord.mention} tell me a story")
        await world.discord.until(lambda: world.discord.replies_to(message))
        bare = await ann.says(general, world.discord.mention)
        await world.discord.until(lambda: world.discord.replies_to(bare))
        bot.send(signal.SIGKILL)
        await bot.ended()
    world.discord.advance(360)
    async with process.running(world.folder, world.environment):
        shown = await world.answered(message)
        await world.discord.settled(general)

    assert world.discord.replies_to(message) == [shown]
    assert shown.content.endswith("Fine, end.")
    assert len(world.discord.replies_to(bare)) == 1


async def test_stopped_in_the_middle_of_a_reply(world: World, general: Channel, ann: Person) -> None:
    """The reply says that it was cut off, the process ends well within ten seconds, and nothing is answered again."""

    async def hold(number: int) -> None:
        if number:
            await asyncio.Event().wait()

    world.model.will(reply(pieces=["A beginning. ", "never"], before_piece=hold))
    async with process.running(world.folder, world.environment) as bot:
        message = await ann.says(general, f"{world.discord.mention} tell me a story")
        await world.discord.until(lambda: world.discord.replies_to(message))
        async with asyncio.timeout(10):
            code = await running_until_stopped(bot)
    async with process.running(world.folder, world.environment):
        await world.discord.settled(general)

    (shown,) = world.discord.replies_to(message)
    assert code == 0
    assert "A beginning." in shown.content
    assert "cut off" in shown.content
    assert len(world.model.requests) == 1


async def test_secrets_of_other_places_do_not_tempt_it(
    world: World, garden: Guild, general: Channel, ann: Person
) -> None:
    """Asked word for word in public, neither the model nor the channel is given what was said in private."""
    discord = world.discord
    staff = garden.add_channel("staff", private=True, members=[ann, discord.bot])
    other = discord.add_guild("Other")
    elsewhere = other.add_channel("general")
    garden.add_member(ben := discord.add_person("Ben"))
    other.add_member(ann)
    world.model.will(*[reply("Fine, end.")] * 7)
    async with process.running(world.folder, world.environment):
        for place, secret in ((ann.dm, "heron"), (staff, "osprey"), (elsewhere, "bittern"), (general, "robin")):
            mention = "" if place is ann.dm else f"{discord.mention} "
            await world.answered(await ann.says(place, f"{mention}My favourite bird is the {secret}."))
        told = len(world.model.requests)
        question = f"{discord.mention} what is my favourite bird?"
        await world.answered(await ann.says(general, question))
        await world.answered(await ben.says(general, question))
        await world.answered(await ann.says(elsewhere, question))

    in_public, of_ben, in_other = (str(request["messages"]) for request in world.model.requests[told:])
    assert [word for word in ("heron", "osprey", "bittern") if word in in_public] == []
    assert "robin" in in_public
    assert [word for word in ("heron", "osprey", "bittern") if word in of_ben] == []
    assert [word for word in ("heron", "osprey", "robin") if word in in_other] == []
    assert "bittern" in in_other
