"""Whatever a model is talked into writing, nobody is pinged but the asker, and no link leads anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import discord
import pytest

from adapters.discord import draft, sending
from bot.events import IncomingMessage, ReplyEnd, ReplyPart, ReplyText
from tests.adapters.readers import discord_links
from tests.conformance.adapter import EchoAssistant
from tests.discord.hostile import LIMIT, Targets, hostile_outputs
from tests.discord.world import World
from tests.worlds import PATIENCE_S

OUTPUTS = 300
CHANNELS = 25


class HostileAssistant(EchoAssistant):
    """Answers a number with that output, now and then with a pause between its pieces."""

    def __init__(self, outputs: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._outputs = outputs
        self.done = asyncio.Event()

    async def parts(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """Stream the output."""
        number = int(message.text)
        for piece in self._outputs[number]:
            yield ReplyText(piece)
            await asyncio.sleep(0.02 if number % 5 == 0 else 0)
        yield ReplyEnd()
        if len(self.delivered) + 1 == len(self._outputs):
            self.done.set()


@pytest.fixture
def outputs(world: World) -> list[tuple[str, ...]]:
    """Outputs that name the people and roles of the guild."""
    admins = world.guild.add_role("admins")
    targets = Targets((world.ann.id, world.ben.id), (world.guild.id, admins.id))
    return list(hostile_outputs(1, OUTPUTS, targets))


async def answered(world: World, outputs: Sequence[Sequence[str]]) -> list[str]:
    """Let the bot answer with all outputs, several at once; return every state of every message that it showed."""
    channels = [world.guild.add_channel(f"channel-{number}") for number in range(CHANNELS)]
    assistant = HostileAssistant(outputs)
    async with world.bot(assistant, limits={"queue_total": OUTPUTS}):
        for number in range(len(outputs)):
            await world.ann.says(channels[number % CHANNELS], f"{world.server.mention} {number}")
        async with asyncio.timeout(PATIENCE_S):
            await assistant.done.wait()
    return [state for channel in channels for one in world.server.said(channel) for state in one.states]


async def test_no_output_pings_or_links(world: World, outputs: list[tuple[str, ...]]) -> None:
    """In no state of any message, however the mention is written, cut or wrapped; only the asker learns of it."""
    states = await answered(world, outputs)

    assert world.server.pings == []
    assert {ping.what for ping in world.server.reply_pings} == {world.ann.mention}
    assert [link for state in states for link in discord_links(state)] == []
    assert len(states) > OUTPUTS
    assert sum("@everyone" in state for state in states) > OUTPUTS / 10


async def test_pings_and_links_would_be_seen(
    world: World, outputs: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a bot that lets mentions through, and leaves links as they are."""
    monkeypatch.setattr(sending, "ASKER_ONLY", discord.AllowedMentions.all())
    monkeypatch.setattr(draft, "defuse", lambda text, **_: text)
    states = await answered(world, outputs[:60])

    named = {ping.what for ping in world.server.pings}
    assert named >= {"@everyone", "@here", world.ben.mention, f"<@&{world.guild.id}>"}
    assert [link for state in states for link in discord_links(state)] != []


def test_outputs_are_of_every_sort() -> None:
    """Mentions of all kinds, plain, disguised, in code, in links, cut between two pieces or two messages."""
    targets = Targets((11, 12), (21,))
    outputs = list(hostile_outputs(1, 1000, targets))
    texts = ["".join(pieces) for pieces in outputs]
    sorts = ["@everyone", "@here", "<@11>", "<@!12>", "<@&21>", "@\u200beveryone", "`@everyone`", "[@everyone](https"]
    in_two = [one for one in outputs if "@everyone" in "".join(one) and "@everyone" not in " ".join(one)]

    assert outputs == list(hostile_outputs(1, 1000, targets))
    assert [sort for sort in sorts if sum(sort in text for text in texts) < 5] == []
    assert len(in_two) > 20
    assert sum("@everyone" in text[LIMIT - 20 : LIMIT + 20] for text in texts) > 5
    assert "" in texts
