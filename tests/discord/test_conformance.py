"""Discord keeps the contract of every platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.app import opened
from bot.cli import platforms
from bot.protocols import Adapter
from tests.conformance.adapter import AdapterConformance
from tests.discord.world import World
from tests.servers.discord.nouns import Message
from tests.worlds import PATIENCE_S


@dataclass
class DiscordWire:
    """Ann, who mentions the bot in a channel."""

    world: World
    adapter: Adapter
    asked: list[Message] = field(default_factory=list)
    read: int = 0

    async def push(self, text: str) -> None:
        """Let Ann say something to the bot."""
        self.asked.append(await self.world.ann.says(self.world.general, f"{self.world.server.mention} {text}"))

    async def reply(self) -> str:
        """Give the next reply, once it is whole: what the echo says ends with what Ann said."""
        said = self.world.server.said

        def whole() -> list[str]:
            replies = [one for one in said(self.world.general) if one.reference is not None]
            return [one.content for one in replies if one.content == f"You said {_said_in(one.reference)}"]

        await self.world.server.until(lambda: len(whole()) > self.read, PATIENCE_S)
        self.read += 1
        return whole()[self.read - 1]


def _said_in(message: Message | None) -> str:
    return message.content.partition(" ")[2] if message is not None else ""


class TestDiscord(AdapterConformance):
    """The adapter on the local Discord."""

    @pytest.fixture
    async def wire(self, world: World) -> AsyncIterator[DiscordWire]:
        """A channel with Ann and the bot."""
        async with opened(world.settings) as app:
            yield DiscordWire(world, platforms.discord(app))
