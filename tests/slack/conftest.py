"""A local Slack for tests, on which a bot did nothing that Slack would not have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import SlackServer
from tests.slack.world import World, settings_for


@pytest.fixture
def echo() -> EchoAssistant:
    """Somebody who says what they heard."""
    return EchoAssistant()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server with a channel and people; nothing that the bot asked of it was a violation."""
    async with SlackServer() as server:
        general = server.team.add_channel("general")
        server.team.invite(general)
        ann, ben = server.team.add_person("Ann"), server.team.add_person("Ben")

        yield World(server, settings_for(server, tmp_path), general, ann, ben)

    assert (server.violations, server.pings, server.unfurls) == ([], [], [])
