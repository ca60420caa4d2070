"""A workspace with many people, each with a channel of their own, in which the whole bot is measured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import unused_port

from bench.whole_bot import NO_LIMITS
from tests.process import BotProcess, running
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import Channel, Message, Person, SlackServer
from tests.slack.town import KEY, without_model

AGAIN = "↻"
"""Stands under every reply that is whole."""


_PATIENT = "\n[openai]\nidle_s = 60\n"


@dataclass(frozen=True, slots=True)
class Town:
    """Both servers, and who lives where. http_port: where the bot hears Slack; None for a socket."""

    slack: SlackServer
    model: OpenAIServer
    places: tuple[tuple[Person, Channel], ...]
    http_port: int | None

    def served(self, folder: Path, without: str = "") -> AbstractAsyncContextManager[BotProcess]:
        """Run the bot until the end of the block.

        Args:
            folder: where it keeps its data.
            without: the guard that it lacks, see `careless`; none when empty.
        """
        # With context a reply that is whole has the button for another one everywhere, by which it is known.
        slack = "\n[slack]\ncontext = true\n"
        if self.http_port:
            slack += f'mode = "http"\nhttp_port = {self.http_port}\n'
        environment = {
            **without_model(self.slack),
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self.model.base_url,
            "WITHOUT": without,
        }
        program = "bench.on_slack.careless" if without else "bot"
        return running(folder, environment, f"{NO_LIMITS}{_PATIENT}{slack}", program)

    def whole_reply(self, asked: Message) -> Message | None:
        """Return the last message of a reply; None until that is whole."""
        return next((one for one in self.slack.replies_to(asked) if AGAIN in one.buttons), None)

    async def answered(self, asked: Message, timeout_s: float = 20) -> Message:
        """Wait for a whole reply, and return its last message."""
        return await self.slack.until(lambda: self.whole_reply(asked), timeout_s)

    async def asks(self, person: Person, channel: Channel, text: str) -> Message:
        """Let somebody say something to the bot: in a thread of its own, or mentioning it in a channel."""
        if channel is person.im:
            return await person.chats(text)
        return await person.says(channel, f"{self.slack.mention} {text}")


@asynccontextmanager
async def founded(people: int, *, by_http: bool = False) -> AsyncIterator[Town]:
    """Found a town in which everybody is an admin of the workspace."""
    async with SlackServer() as slack, OpenAIServer() as model:
        http_port = unused_port() if by_http else None
        if by_http:
            slack.http.deliver_to(f"http://127.0.0.1:{http_port}/slack/events")
        channels = [slack.team.add_channel(f"channel-{number}") for number in range(people)]
        slack.team.invite(*channels)
        residents = [slack.team.add_person(f"Person {number}", admin=True) for number in range(people)]
        yield Town(slack, model, tuple(zip(residents, channels, strict=True)), http_port)
