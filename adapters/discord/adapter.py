"""Discord as an adapter: one connection at a time, for as long as the bot is to run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import discord

from adapters.discord import library
from adapters.discord.answering import Answering
from adapters.discord.client import Desk
from adapters.discord.files import Files
from adapters.discord.guilds import Guilds
from adapters.discord.identifying import Identifying
from adapters.discord.line import Line
from adapters.discord.services import PLATFORM, Services
from adapters.discord.setup.inviting import server_url
from adapters.discord.supervising import Supervisor
from adapters.discord.threads import Threads
from adapters.discord.watermark import Watermark
from adapters.given import Given
from adapters.pulse import Pulse
from adapters.running import RunningReplies
from bot.config import DiscordSettings
from bot.errors import StoreError
from bot.events import Health
from bot.protocols import Assistant
from bot.tasks import TaskRunner

log = logging.getLogger(__name__)

SAVE_S = 30.0
"""Seconds between two notes of how far messages were taken in."""


class DiscordAdapter:
    """Serves Discord."""

    platform = PLATFORM

    def __init__(self, settings: DiscordSettings, bot: Given) -> None:
        self._settings = settings
        self._bot = bot
        self._pulse: Pulse | None = None

    def health(self) -> Health:
        """Return how the connection is."""
        return self._pulse.health() if self._pulse else Health(connected=False)

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set.

        Raises:
            PlatformError: Discord cannot be served as it is set up.
            StoreError: how far messages were taken in could not be read.
        """
        library.point_at(self._settings)
        library.do_without_voice()
        library.close_what_fails()
        async with (
            aiohttp.ClientSession() as session,
            TaskRunner(0) as connections,
            TaskRunner(self._bot.limits.shutdown_s) as tasks,
        ):
            services = Services(assistant, self._bot, self._settings, tasks, RunningReplies())
            desk = self._desk(services, session, ready, stopping)
            if await desk.watermark.load() is None:
                # On disk at once: a bot that is killed before its first note has missed what was said since.
                desk.watermark.begin(discord.utils.time_snowflake(self._bot.clock()))
                await desk.watermark.save()
            await desk.threads.load()
            tasks.start("discord watermark", _keep_saved(desk.watermark), endless=True)
            try:
                await Supervisor(desk, connections).serve()
            finally:
                await desk.watermark.save()

    def _desk(
        self, services: Services, session: aiohttp.ClientSession, ready: Callable[[], None], stopping: asyncio.Event
    ) -> Desk:
        line, threads = Line(), Threads(self._bot.notes)
        self._pulse = Pulse(self._bot.clock)
        own_host = urlsplit(self._settings.api_base).hostname or ""
        answering = Answering(services, line, threads, Files(session, {own_host}, self._settings.proxy.reveal()))
        return Desk(
            services=services,
            line=line,
            answering=answering,
            guilds=Guilds(services),
            threads=threads,
            watermark=Watermark(self._bot.notes),
            identifying=Identifying(self._bot.notes, self._bot.clock),
            pulse=self._pulse,
            stopping=stopping,
            begun=_First(services, answering, ready),
        )


class _First:
    """What is done when the bot is ready for the first time, and then no more."""

    def __init__(self, services: Services, answering: Answering, ready: Callable[[], None]) -> None:
        self._services = services
        self._answering = answering
        self._ready = ready
        self._done = False

    def __call__(self, client: discord.AutoShardedClient) -> None:
        if self._done:
            return
        self._done = True
        if not client.intents.message_content:
            log.info(
                "messages that do not mention the bot are not read: it follows threads and sees what was said before "
                'only where the switch "Message Content Intent" is on in the developer portal'
            )
        if not client.guilds and client.application_id:
            log.info("the bot is in no server yet; this address adds it to one: %s", server_url(client.application_id))
        self._services.tasks.start("discord unanswered", self._answer_unanswered())
        self._ready()

    async def _answer_unanswered(self) -> None:
        """Answer what an earlier run took in and did not answer."""
        for message in await self._services.assistant.unanswered(PLATFORM):
            self._services.tasks.start("discord message", self._answering.left_over(message))


async def _keep_saved(watermark: Watermark) -> None:
    while True:
        await asyncio.sleep(SAVE_S)
        try:
            await watermark.save()
        except StoreError as error:
            log.warning("how far messages were taken in was not noted: %s", error)
