"""Runs the server for a person to try a bot with: what is typed, Ann says in #general; what the bot says is shown."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from functools import partial

from tests.servers.by_hand import run, show
from tests.servers.discord.nouns import Channel
from tests.servers.discord.server import DiscordServer

FOREVER_S = 10**9


async def serve(port: int) -> None:
    """Run until the input ends."""
    async with DiscordServer(port=port) as server:
        guild = server.add_guild("Garden")
        general = guild.add_channel("general")
        ann = server.add_person("Ann")
        guild.add_member(ann)
        show(f"DISCORD_TOKEN={server.token}", f"DISCORD_API_BASE={server.api_base}")
        show(f"DISCORD_GATEWAY_URL={server.gateway_url}", f"The bot is {server.mention}.")
        watcher = asyncio.create_task(watch(server, general))
        while line := await asyncio.to_thread(sys.stdin.readline):
            await ann.says(general, line.strip())
        watcher.cancel()


async def watch(server: DiscordServer, channel: Channel) -> None:
    """Show every state of the bot's messages, and what it does wrong."""
    seen: set[str] = set()
    while True:
        states = [f"{message.id} {text}" for message in server.said(channel) for text in message.states]
        new = [line for line in [*states, *server.refusals] if line not in seen]
        show(*new)
        seen.update(new)
        await server.until(partial(has_grown, server.requests, len(server.requests)), FOREVER_S)


def has_grown(things: Sequence[object], before: int) -> bool:
    """Whether there are more things than before."""
    return len(things) > before


if __name__ == "__main__":
    run(serve, "A local server that speaks Discord's REST and gateway.")
