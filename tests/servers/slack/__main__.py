"""Runs the server for a person who tries a bot: each line entered is a direct message from Ann."""

from __future__ import annotations

import asyncio
import functools
import sys

from tests.servers.by_hand import run, show
from tests.servers.slack.server import SlackServer

PATIENCE_S = 60


async def serve(port: int) -> None:
    """Say what to set, wait for the bot, then pass lines on and show what it answers."""
    async with SlackServer(port=port) as server:
        ann = server.team.add_person("Ann", admin=True)
        show(f"SLACK_API_BASE={server.api_base} SLACK_BOT_TOKEN={server.bot_token} SLACK_APP_TOKEN={server.app_token}")
        await server.sockets.until_connected(timeout_s=3600)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            message = await ann.says(ann.im, line)
            try:
                replies = await server.until(functools.partial(server.replies_to, message), PATIENCE_S)
            except TimeoutError:
                show(f"(no answer within {PATIENCE_S} s)")
            else:
                show("\n".join(f"> {reply.shown}" for reply in replies))


if __name__ == "__main__":
    run(serve, "A local server that speaks Slack's protocols.")
