"""A local Discord and, for the tests that need one, a small bot on the real discord.py or a bare HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.discord.server.practice_bot import PracticeBot, connected, points_at
from tests.discord.server.rest_client import RestClient, named_places
from tests.servers.discord import Channel, DiscordServer, Guild, Person


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    """A server, at which discord.py is pointed."""
    async with DiscordServer() as server:
        points_at(server, monkeypatch)
        yield server


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    """A guild with the bot in it."""
    return server.add_guild("Garden")


@pytest.fixture
def general(guild: Guild) -> Channel:
    """A channel that everybody sees."""
    return guild.add_channel("general")


@pytest.fixture
def ann(server: DiscordServer, guild: Guild) -> Person:
    """A member of the guild."""
    person = server.add_person("Ann")
    guild.add_member(person)
    return person


@pytest.fixture
async def bot(server: DiscordServer, guild: Guild) -> AsyncIterator[PracticeBot]:
    """A connected bot without privileged intents; it asks for nothing that is forbidden."""
    async with connected(server) as bot:
        yield bot

    assert server.violations == []


@pytest.fixture
async def rest(server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> AsyncIterator[RestClient]:
    """An HTTP client that knows names for all places and messages."""
    async with aiohttp.ClientSession() as http:
        yield RestClient(server, http, general, ann, await named_places(guild, general, ann))
