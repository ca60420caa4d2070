"""The people of a test: what they say, edit, delete, run and press. Everything reads like a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.discord import asking, payloads
from tests.servers.discord.mentions import mentions_in
from tests.servers.discord.nouns import Channel, Kind, Message, Said
from tests.servers.discord.posting import attach
from tests.servers.discord.wire import Impossible, Json

if TYPE_CHECKING:
    from tests.servers.discord.interactions import Use
    from tests.servers.discord.server import DiscordServer

File = tuple[str, bytes]


@dataclass(eq=False)
class Person:
    """A person, or another bot. `installed` says whether they added the bot to their own account."""

    server: DiscordServer = field(repr=False)
    id: int
    name: str
    bot: bool = False
    installed: bool = False
    is_closed: bool = False

    @property
    def mention(self) -> str:
        """What pings the person when it is written."""
        return f"<@{self.id}>"

    @property
    def dm(self) -> Channel:
        """The direct messages between the person and the bot."""
        return self.dm_with(self.server.bot)

    def dm_with(self, other: Person) -> Channel:
        """Return the direct messages between two people, made when they are first asked for."""
        for channel in self.server.channels.values():
            if set(channel.recipients) == {self, other}:
                return channel
        made = Channel(self.server, self.server.ids.next(), "", Kind.DM, recipients=(self, other))
        self.server.channels[made.id] = made
        return made

    def installs(self) -> None:
        """Add the bot to the person's own account."""
        self.installed = True

    def closes_dms(self) -> None:
        """Take no direct messages from now on."""
        self.is_closed = True

    # Messages

    async def says(
        self,
        channel: Channel,
        text: str = "",
        *,
        reply_to: Message | None = None,
        attachments: Sequence[File] = (),
        mention_author: bool = True,
    ) -> Message:
        """Send a message and return it; files are pairs of a name and contents."""
        if channel.guild is not None and self.id not in channel.guild.members:
            raise Impossible(f"{self.name} is no member of {channel.guild.name}")
        pinged = reply_to.author.id if reply_to and mention_author and reply_to.answers is None else None
        return self.server.post(
            channel,
            self,
            text,
            kind=Said.REPLY if reply_to else Said.DEFAULT,
            reference=reply_to,
            mentions=mentions_in(text, None if pinged else {"parse": ["users", "roles", "everyone"]}, pinged),
            attachments=[attach(self.server, *file) for file in attachments],
        )

    async def forwards(self, message: Message, channel: Channel) -> Message:
        """Forward a message without a word."""
        return self.server.post(channel, self, "", forwarded=message)

    async def edits(self, message: Message, text: str) -> None:
        """Change what a message of the person says."""
        if message.author is not self:
            raise Impossible(f"{self.name} did not write this message")
        message.content, message.edited_at = text, self.server.clock.now()
        message.mentions = mentions_in(text, None, message.mentions.replied)
        message.states.append(text)
        self.server.gateway.announce("MESSAGE_UPDATE", message)

    async def deletes(self, message: Message) -> None:
        """Delete a message of anybody, as a moderator may."""
        self.server.delete(message)

    async def reacts(self, message: Message, emoji: str) -> None:
        """React to a message."""
        data = {"user_id": str(self.id), "message_id": str(message.id), "message_author_id": str(message.author.id)}
        more = {"emoji": {"id": None, "name": emoji}, "burst": False, "type": 0}
        self.server.gateway.announce_in(message.channel, "MESSAGE_REACTION_ADD", {**data, **more})

    async def begins_typing(self, channel: Channel) -> None:
        """Begin to write something."""
        data: Json = {"user_id": str(self.id), "timestamp": int(self.server.clock.now())}
        if channel.guild is not None:
            data["member"] = payloads.whole_member(channel.guild.members[self.id])
        self.server.gateway.announce_in(channel, "TYPING_START", data)

    # Interactions

    async def runs(self, channel: Channel, command: str, options: Mapping[str, object] | None = None) -> Use:
        """Use a slash command as "/command" or "group subcommand", and return when it was acknowledged or failed.

        Raises:
            Impossible: the bot registered no such command, not for this place, or not with such options.
        """
        return await asking.run(self, channel, command.removeprefix("/"), options or {})

    async def runs_on(self, message: Message, command: str) -> Use:
        """Use a command of a message's context menu, and return when it was acknowledged or failed."""
        return await asking.run_on(self, message, command)

    async def types(
        self, channel: Channel, command: str, option: str, text: str, others: Mapping[str, object] | None = None
    ) -> list[Json]:
        """Type into an option of a slash command and return the choices that come up, each with name and value."""
        use = await asking.complete(self, channel, command.removeprefix("/"), (option, text), others or {})
        return use.choices or []

    async def presses(self, message: Message, wanted: str, values: Sequence[str] = ()) -> Use:
        """Press a button, or choose values from a select, by its label or custom_id.

        Raises:
            Impossible: the message has nothing like it, or it is disabled.
        """
        return await asking.press(self, message, wanted, values)
