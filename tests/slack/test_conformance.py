"""Slack keeps the contract of every platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.app import opened
from bot.cli import platforms
from bot.protocols import Adapter
from tests.conformance.adapter import AdapterConformance
from tests.servers.slack import Message
from tests.slack.world import World
from tests.worlds import PATIENCE_S


@dataclass
class SlackWire:
    """Ann, who mentions the bot in a channel."""

    world: World
    adapter: Adapter
    asked: list[Message] = field(default_factory=list)

    async def push(self, text: str) -> None:
        """Let Ann say something to the bot."""
        self.asked.append(await self.world.mention(text))

    async def reply(self) -> str:
        """Give the next reply, once it is whole: what the echo says ends with what Ann said."""
        message = self.asked.pop(0)
        said = message.text.partition(" ")[2]
        reply = await self.world.server.until(
            lambda: [one for one in self.world.server.replies_to(message) if one.shown == f"You said {said}"],
            PATIENCE_S,
        )
        return reply[0].shown


class TestSlackBySocket(AdapterConformance):
    """The adapter on the local Slack, in Socket Mode."""

    @pytest.fixture
    async def wire(self, world: World) -> AsyncIterator[SlackWire]:
        """A channel with Ann and the bot."""
        async with opened(world.settings) as app:
            yield SlackWire(world, platforms.slack(app))
