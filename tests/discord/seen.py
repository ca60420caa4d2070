"""Messages of the local Discord as the library sees them, without a connection."""

from __future__ import annotations

from typing import Any

import discord

from tests.servers.discord import payloads
from tests.servers.discord.nouns import Channel, Guild, Kind, Message
from tests.servers.discord.server import DiscordServer


class Seen:
    """What a client knows that was told of some guilds."""

    def __init__(self, server: DiscordServer, *guilds: Guild, content: bool = True) -> None:
        self._content = content
        self.state = discord.Client(intents=discord.Intents(guilds=True))._connection
        self.state.user = discord.ClientUser(state=self.state, data=_any(payloads.me(server.bot)))
        for guild in guilds:
            self.state._add_guild_from_data(_any(payloads.whole_guild(guild, all_members=False)))
        self.own_id = server.bot.id

    def guild(self, guild: Guild) -> discord.Guild:
        """Return a guild as the client knows it."""
        found = self.state._get_guild(guild.id)
        assert found is not None
        return found

    def channel(self, channel: Channel) -> Any:  # noqa: ANN401 - of any kind
        """Return a channel as the client knows it."""
        return self.state.get_channel(channel.id)

    def message(self, message: Message, **changes: object) -> discord.Message:
        """Return a message as the gateway tells of it, with fields changed by the test."""
        data = _any({**payloads.message(message, content=self._content, gateway=True), **changes})
        channel: Any = self.state._get_guild_channel(data)[0]
        return discord.Message(state=self.state, channel=channel, data=data)


def voice(channel: Channel) -> dict[str, Any]:
    """Return a channel's payload as that of a voice channel, a kind that the local Discord does not have."""
    assert channel.kind is Kind.TEXT
    return {**payloads.channel(channel), "type": 2, "bitrate": 64000, "user_limit": 0}


def _any(data: dict[str, Any]) -> Any:  # noqa: ANN401 - see below
    """The library's types name every field of a payload; the local Discord's are plain JSON."""
    return data
