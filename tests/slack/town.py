"""A local Slack and a model's server, between which the whole bot runs as a process of its own."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

from tests.process import BotProcess
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import Message, SlackServer

KEY = "sk-local-0123456789"


@dataclass(frozen=True, slots=True)
class Town:
    """Both servers, and where the bot keeps its data."""

    slack: SlackServer
    model: OpenAIServer
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the bot is told about the servers."""
        return {**without_model(self.slack), "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.model.base_url}

    async def answered(self, asked: Message, text: str = "end.", timeout_s: float = 10) -> Message:
        """Wait for a reply that says a text; those of the tests' model say this one last."""
        return await self.slack.until(lambda: self._said(asked, text), timeout_s)

    def _said(self, asked: Message, text: str) -> Message | None:
        return next((one for one in self.slack.replies_to(asked) if text in one.shown), None)

    async def settled(self, message: Message) -> None:
        """Wait until everything that the bot was sent about a message is acknowledged or given up."""
        sent = [one for one in self.slack.deliveries.sent if one.message is message]
        await self.slack.until(lambda: all(one.done.is_set() for one in sent), 10)


def without_model(server: SlackServer) -> dict[str, str]:
    """Return what a bot without a chat model is told."""
    return {"SLACK_BOT_TOKEN": server.bot_token, "SLACK_APP_TOKEN": server.app_token, "SLACK_API_BASE": server.api_base}


async def stopped(bot: BotProcess) -> int:
    """Stop the bot as a service manager does; return its exit code."""
    bot.send(signal.SIGTERM)
    return await bot.ended()
