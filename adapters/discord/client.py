"""One connection to Discord: hands its events to the parts that outlive it."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket

from adapters.discord.answering import Answering
from adapters.discord.catching_up import Missed, first_wanted, missed_directly, missed_in_guild
from adapters.discord.guilds import Guilds
from adapters.discord.identifying import Identifying
from adapters.discord.interface.installing import install
from adapters.discord.line import Line
from adapters.discord.reading import edited, is_direct, is_from_person
from adapters.discord.sending import ASKER_ONLY
from adapters.discord.services import PLATFORM, Services
from adapters.discord.threads import Threads
from adapters.discord.watermark import Taking, Watermark
from adapters.pulse import Pulse
from bot.events import ChannelsDeleted, MessagesDeleted
from bot.types import DM_GUILD

log = logging.getLogger(__name__)

CACHED_MESSAGES = 200
"""Messages kept in memory, where what is replied to is often found."""

LONGEST_PAUSE_S = 30.0
"""Longest wait that Discord may ask for before a request fails instead; the library takes no less."""

GUILDS_APART_S = 0.2
"""Seconds without another server after which all of a session are there. The library's 2 s are for lists of members."""

OVERLAP_MS = 60_000
"""How much of what was seen before a break is looked at again: so late a dead connection may be noticed."""


MOST_CAUGHT_UP = 50
"""Missed messages that are answered at once; the others wait to be looked at."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What outlives one connection. `begun` is called whenever all shards of a client are ready.

    catching_up: lets in so many missed messages at once, over all servers.
    """

    services: Services
    line: Line
    answering: Answering
    guilds: Guilds
    threads: Threads
    watermark: Watermark
    identifying: Identifying
    pulse: Pulse
    stopping: asyncio.Event
    begun: Callable[[discord.AutoShardedClient], None]
    catching_up: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_CAUGHT_UP))


class BotClient(discord.AutoShardedClient):
    """The bot on Discord, until its connection breaks for good.

    Args:
        message_content: "on" or "off", or "auto" to read other people's messages if the portal's switch allows it.
    """

    def __init__(self, desk: Desk, message_content: str) -> None:
        self._asked = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        self._asked.message_content = message_content == "on"
        super().__init__(
            intents=self._asked,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=CACHED_MESSAGES,
            allowed_mentions=ASKER_ONLY,
            max_ratelimit_timeout=LONGEST_PAUSE_S,
            guild_ready_timeout=GUILDS_APART_S,
            proxy=desk.services.settings.proxy.reveal() or None,
            enable_debug_events=True,  # every frame is a sign of life; events alone are none in a quiet night
        )
        self._desk = desk
        self._finds_out = message_content == "auto"
        self._missed_by_guild: dict[int, int] = {}
        self._down_at: dict[int, int] = {}

    @property
    def answering(self) -> Answering:
        """What answers; see `adapters.discord.answering.answer`."""
        return self._desk.answering

    @property
    def is_connected(self) -> bool:
        """Whether events of all servers come in."""
        return self.is_ready() and not any(shard.is_closed() for shard in self.shards.values())

    async def setup_hook(self) -> None:
        """Between login and connection: find out what may be read, and set up the interface."""
        if self._finds_out:
            flags = self.application_flags
            # The library sends this object when it identifies, which comes later; it offers no other way after login.
            self._asked.message_content = flags.gateway_message_content or flags.gateway_message_content_limited
        await install(self, self._desk.services)
        self._desk.line.connect(self)
        self._desk.pulse.is_connected = lambda: self.is_connected

    async def launch_shard(self, _: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard to the gateway of the settings, whatever the API names."""
        await super().launch_shard(DiscordWebSocket.DEFAULT_GATEWAY, shard_id, initial=initial)

    async def before_identify_hook(self, _: int | None, *, initial: bool = False) -> None:
        """Wait until a session may be opened."""
        await self._desk.identifying.turn(initial=initial)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's own
        """Note at once what cannot wait for a handler: signs of life, and which servers a new session lists."""
        match event, args:
            case "socket_raw_receive", _:
                self._desk.pulse.heard()
            case "socket_event_type", _:
                self._desk.pulse.happened()
            case "shard_connect", (int(shard_id),):
                self._session_begun(shard_id)
            case "shard_disconnect", (int(shard_id),):
                self._down_at.setdefault(shard_id, self._desk.watermark.position)
            case "shard_resumed", (int(shard_id),):
                self._down_at.pop(shard_id, None)
        super().dispatch(event, *args, **kwargs)

    def _session_begun(self, shard_id: int) -> None:
        """A new session: what happened before it is not told, so it has to be found out."""
        # As long as they are not described, servers count as unavailable; others are left from the session before.
        listed = [guild.id for guild in self.guilds if guild.unavailable and guild.shard_id == shard_id]
        application_id = self.application_id or 0  # known since the login
        self._start("servers", self._desk.guilds.listed(application_id, shard_id, self.shard_count or 1, listed))
        watermark, settings = self._desk.watermark, self._desk.services.settings
        position = self._down_at.pop(shard_id, watermark.position)
        if settings.catch_up_minutes:
            after = first_wanted(self._desk.services, watermark.overlapped(position, OVERLAP_MS))
            self._missed_by_guild |= dict.fromkeys(listed, after)
            if shard_id == 0:  # which gets all direct messages
                direct = missed_directly(self, watermark.direct, self._own_id, after, settings.catch_up_messages)
                self._start("catching up", self._catch_up(direct, after))

    async def on_ready(self) -> None:
        """All shards have a session."""
        self._desk.begun(self)

    async def on_message(self, message: discord.Message) -> None:
        """Somebody said something somewhere."""
        if self._desk.stopping.is_set():
            return
        if is_from_person(message):
            self._take(message)
        else:
            self._desk.watermark.pass_to(message.id)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A message was changed, or a link in it got its preview."""
        before = payload.cached_message
        if before is None or before.content != payload.message.content:
            self._follow(payload.message)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """A message is gone."""
        self._deleted(payload.guild_id, {payload.message_id})

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Many messages are gone."""
        self._deleted(payload.guild_id, payload.message_ids)

    def _deleted(self, guild_id: int | None, message_ids: set[int]) -> None:
        source_ids = tuple(map(str, sorted(message_ids)))
        self._desk.services.running.withdraw(source_ids)
        event = MessagesDeleted(PLATFORM, str(guild_id) if guild_id else DM_GUILD, source_ids)
        self._start("deletion", self._desk.services.assistant.deleted(event))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is gone with all that was said in it and in its threads."""
        threads = {thread.id for thread in channel.guild.threads if thread.parent_id == channel.id}
        self._channels_deleted(channel.guild.id, {channel.id, *threads})

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread is gone with all that was said in it."""
        self._channels_deleted(payload.guild_id, {payload.thread_id})

    def _channels_deleted(self, guild_id: int, channel_ids: set[int]) -> None:
        event = ChannelsDeleted(PLATFORM, str(guild_id), frozenset(map(str, channel_ids)))
        self._start("deletion", self._desk.services.assistant.channels_deleted(event))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server is described: after a new session began, or when its outage is over."""
        await self.on_guild_join(guild)
        after = self._missed_by_guild.pop(guild.id, None)
        if after is not None:
            most = self._desk.services.settings.catch_up_messages
            self._start("catching up", self._catch_up(missed_in_guild(guild, after, most), after))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot is in a server that it was not in."""
        self._start("server", self._desk.guilds.present(guild))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server removed the bot. Outages come as another event."""
        self._start("server", self._desk.guilds.left(guild.id))

    async def on_thread_remove(self, thread: discord.Thread) -> None:
        """Somebody took the bot out of a thread."""
        await self._desk.threads.left(thread)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:  # noqa: ANN401 - the library's own
        """Log a handler's failure by its type: the library would print the event, and with it what people said."""
        error = sys.exception()
        log.error("%s failed: %s", event_method, type(error).__name__)

    def _take(self, message: discord.Message, begun: int | None = None) -> asyncio.Task[None]:
        direct_id = message.channel.id if is_direct(message.channel) else None
        return self._start("message", self._answer(message, self._desk.watermark.take(message.id, direct_id), begun))

    async def _answer(self, message: discord.Message, taking: Taking, begun: int | None) -> None:
        reads_all = self._asked.message_content
        try:
            await self.answering.take(message, self._own_id, reads_all=reads_all, taken=taking.done, begun=begun)
        finally:
            taking.done()

    def _follow(self, message: discord.Message) -> None:
        event = edited(message, self._own_id, reads_all=self._asked.message_content)
        if event is not None:
            self._start("edit", self.answering.edited(event))

    async def _catch_up(self, missed: AsyncIterator[Missed], after: int) -> None:
        """Take missed messages through the same gate as others. What was answered before is known by its id."""
        holding, slots = self._desk.watermark.take(after + 1), self._desk.catching_up
        try:
            async for one in missed:
                if self._desk.stopping.is_set():
                    return
                if one.is_new and is_from_person(one.message):
                    await slots.acquire()
                    self._take(one.message, one.begun).add_done_callback(lambda _: slots.release())
                self._follow(one.message)
        finally:
            holding.done()

    @property
    def _own_id(self) -> int:
        return self.user.id if self.user else 0  # known since the login

    def _start(self, what: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        return self._desk.services.tasks.start(f"discord {what}", work)
