"""A local Discord for every test, on which a bot did nothing that Discord would not have."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from tests.conformance.adapter import EchoAssistant
from tests.discord.world import World, settings_for
from tests.servers.discord.server import DiscordServer


@pytest.fixture(autouse=True)
def quiet_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold the library's own log at WARNING, as the bot's log does, and give back the addresses it had."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    log = logging.getLogger("discord")
    level = log.level
    log.setLevel(logging.WARNING)

    yield

    log.setLevel(level)


@pytest.fixture(autouse=True)
def no_heartbeat_left() -> Iterator[None]:
    """Look that no connection is kept alive after its test; a heartbeat is a thread, and would outlast the loop."""
    yield

    left = [thread for thread in threading.enumerate() if isinstance(thread, KeepAliveHandler)]
    beating = [thread.name for thread in left if not thread._stop_ev.is_set()]
    for thread in left:
        thread.stop()
    assert beating == []


@pytest.fixture
def echo() -> EchoAssistant:
    """Somebody who says what they heard."""
    return EchoAssistant()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server with a guild and people; nothing that the bot asked of it was a violation."""
    async with DiscordServer() as server:
        guild = server.add_guild("Home")
        ann, ben = server.add_person("Ann"), server.add_person("Ben")
        for person in (ann, ben):
            guild.add_member(person)

        yield World(server, settings_for(server, tmp_path), guild, guild.add_channel("general"), ann, ben)

    assert server.violations == []
