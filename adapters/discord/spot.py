"""Where one reply goes, in ids alone: the library's objects belong to one connection, which may break meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.events import IncomingMessage
from bot.types import DM_GUILD


@dataclass(frozen=True, slots=True)
class Spot:
    """The message that is answered, and the channel or thread it stands in.

    nonce: what the nonces of the reply's messages begin with; the same for the same reply, also after a restart.
    """

    channel_id: int
    guild_id: int | None
    message_id: int
    nonce: str

    @classmethod
    def of(cls, message: IncomingMessage) -> Spot:
        """Return where the reply to a message goes."""
        guild_id = message.scope.guild_id
        return cls(
            channel_id=int(message.place.thread_id or message.place.channel_id),
            guild_id=None if guild_id == DM_GUILD else int(guild_id),
            message_id=int(message.source_id),
            nonce=message.dedupe_key.rpartition(":")[2],
        )

    def channel(self, client: discord.Client) -> discord.PartialMessageable:
        """Return the channel as a client reaches it."""
        return client.get_partial_messageable(self.channel_id, guild_id=self.guild_id)

    def message(self, client: discord.Client, message_id: int) -> discord.PartialMessage:
        """Return a message of the channel as a client reaches it."""
        return self.channel(client).get_partial_message(message_id)

    @property
    def reference(self) -> discord.MessageReference:
        """What makes a message the reply."""
        return discord.MessageReference(
            message_id=self.message_id, channel_id=self.channel_id, guild_id=self.guild_id, fail_if_not_exists=False
        )

    def nonce_of(self, number: int) -> str:
        """Return the nonce of one of the messages of the reply: an id of up to 20 digits and a number, within 25."""
        return f"{self.nonce}-{number}"
