"""Guilds, channels, threads and members, and what people do to them. They hold no JSON: payloads.py makes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tests.servers.discord import payloads
from tests.servers.discord.messages import Attachment, Message, Said
from tests.servers.discord.permissions import bits
from tests.servers.discord.rules import HAS_THREAD

if TYPE_CHECKING:
    from tests.servers.discord.people import Person
    from tests.servers.discord.server import DiscordServer


__all__ = ["Attachment", "Channel", "Guild", "Kind", "Member", "Message", "Role", "Said"]


class Kind(IntEnum):
    """Discord's types of channels, as far as they exist here."""

    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


@dataclass(eq=False)
class Role:
    """A role of a guild."""

    id: int
    name: str
    permissions: int = 0
    mentionable: bool = True
    bot: Person | None = None

    @property
    def mention(self) -> str:
        """What pings the role when it is written."""
        return f"<@&{self.id}>"


@dataclass(eq=False)
class Member:
    """A person in a guild."""

    person: Person
    guild: Guild
    roles: tuple[Role, ...] = ()
    nick: str | None = None


@dataclass(eq=False)
class Channel:
    """A text channel, forum, thread or DM."""

    server: DiscordServer = field(repr=False)
    id: int
    name: str
    kind: Kind
    guild: Guild | None = field(default=None, repr=False)
    parent: Channel | None = field(default=None, repr=False)
    owner: Person | None = field(default=None, repr=False)
    recipients: tuple[Person, ...] = ()
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    thread_members: set[int] = field(default_factory=set)
    archived: bool = False
    locked: bool = False
    deleted: bool = False
    topic: str | None = None

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread, public or private."""
        return self.kind in (Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD)

    @property
    def is_private_thread(self) -> bool:
        """Whether only its members see this thread."""
        return self.kind is Kind.PRIVATE_THREAD

    @property
    def mention(self) -> str:
        """What links to the channel when it is written."""
        return f"<#{self.id}>"

    @property
    def last(self) -> Message:
        """The newest message."""
        return self.messages[max(self.messages)]

    def add_thread(
        self,
        name: str,
        *,
        starter: Message | None = None,
        private: bool = False,
        owner: Person | None = None,
        members: Iterable[Person] = (),
    ) -> Channel:
        """Return a new thread, from a message if one is given; a private one is seen by these members only."""
        kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
        made = starter.id if starter else self.server.ids.next()
        owner = owner or (starter.author if starter else self.guild.owner if self.guild else None)
        thread = Channel(self.server, made, name, kind, guild=self.guild, parent=self, owner=owner)
        thread.thread_members = {person.id for person in [*members, *([owner] if owner else [])]}
        self.server.channels[made] = thread
        if starter is not None:
            starter.thread, starter.flags = thread, starter.flags | HAS_THREAD
            self.server.gateway.announce("MESSAGE_UPDATE", starter)
            self.server.post(thread, starter.author, "", kind=Said.THREAD_STARTER, reference=starter, quiet=True)
        self.server.gateway.announce_channel("THREAD_CREATE", thread)
        return thread

    def adds(self, person: Person) -> None:
        """Take a person into this thread, the bot for instance."""
        self.thread_members.add(person.id)
        if person is self.server.bot:
            self.server.gateway.announce_channel("THREAD_CREATE", self)
        self.server.gateway.dispatch("THREAD_MEMBERS_UPDATE", payloads.thread_members(self, person), self.guild)

    def forbid(self, *names: str, to: Person | None = None) -> None:
        """Take permissions away in this channel, from the bot unless another is named."""
        self._overwrite(to or self.server.bot, bits(names), 0)

    def allow(self, *names: str, to: Person | None = None) -> None:
        """Give permissions in this channel, to the bot unless another is named."""
        self._overwrite(to or self.server.bot, 0, bits(names))

    def _overwrite(self, person: Person, deny: int, allow: int) -> None:
        denied, allowed = self.overwrites.get(person.id, (0, 0))
        self.overwrites[person.id] = (denied & ~allow | deny, allowed & ~deny | allow)
        self.server.gateway.announce_channel("CHANNEL_UPDATE", self)

    def renamed(self, name: str) -> None:
        """Give the channel another name."""
        self.name = name
        self.server.gateway.announce_channel("THREAD_UPDATE" if self.is_thread else "CHANNEL_UPDATE", self)

    def archive(self, *, locked: bool = False) -> None:
        """Put this thread away; a locked one takes no message any more."""
        self.archived, self.locked = True, locked
        self.server.gateway.announce_channel("THREAD_UPDATE", self)

    def delete(self) -> None:
        """Delete the channel with everything in it."""
        self.server.gateway.announce_channel("THREAD_DELETE" if self.is_thread else "CHANNEL_DELETE", self)
        self.deleted = True
        for other in self.server.channels.values():
            other.deleted = other.deleted or other.parent is self


@dataclass(eq=False)
class Guild:
    """A server in the sense of Discord's users."""

    server: DiscordServer = field(repr=False)
    id: int
    name: str
    owner: Person = field(repr=False)
    everyone: Role = field(repr=False)
    roles: dict[int, Role] = field(default_factory=dict, repr=False)
    members: dict[int, Member] = field(default_factory=dict, repr=False)
    system_channel: Channel | None = field(default=None, repr=False)
    is_down: bool = False

    @property
    def has_bot(self) -> bool:
        """Whether the bot is a member."""
        return self.server.bot.id in self.members

    @property
    def bot_role(self) -> Role:
        """The role that came with the bot."""
        return next(role for role in self.roles.values() if role.bot is self.server.bot)

    @property
    def channels(self) -> list[Channel]:
        """All channels that are no threads."""
        return [channel for channel in self._places if not channel.is_thread]

    @property
    def threads(self) -> list[Channel]:
        """All threads that are not archived."""
        return [channel for channel in self._places if channel.is_thread and not channel.archived]

    @property
    def _places(self) -> list[Channel]:
        return [place for place in self.server.channels.values() if place.guild is self and not place.deleted]

    def add_channel(
        self, name: str, *, private: bool = False, members: Iterable[Person] = (), forum: bool = False
    ) -> Channel:
        """Return a new channel; a private one is seen by these members only, who may include the bot."""
        kind = Kind.FORUM if forum else Kind.TEXT
        channel = Channel(self.server, self.server.ids.next(), name, kind, guild=self)
        if private:
            channel.overwrites[self.id] = (bits(["view_channel"]), 0)
        for person in members:
            channel.overwrites[person.id] = (0, bits(["view_channel"]))
        self.server.channels[channel.id] = channel
        self.server.gateway.announce_channel("CHANNEL_CREATE", channel)
        return channel

    def add_role(self, name: str, *permissions: str, mentionable: bool = True) -> Role:
        """Return a new role."""
        role = Role(self.server.ids.next(), name, bits(permissions), mentionable)
        self.roles[role.id] = role
        self.server.gateway.dispatch("GUILD_ROLE_CREATE", payloads.role_event(self, role), self)
        return role

    def add_member(
        self, person: Person, *, admin: bool = False, roles: Iterable[Role] = (), nick: str | None = None
    ) -> Member:
        """Let a person join."""
        given = (*roles, *([self.add_role("Admin", "administrator")] if admin else []))
        member = self.members[person.id] = Member(person, self, given, nick)
        self.server.gateway.dispatch("GUILD_MEMBER_ADD", payloads.member_event(member), self)
        return member

    def remove_member(self, person: Person) -> None:
        """Let a person leave."""
        member = self.members.pop(person.id)
        self.server.gateway.dispatch("GUILD_MEMBER_REMOVE", payloads.member_event(member), self)

    def adds_bot(self, *permissions: str) -> None:
        """Invite the bot, with what @everyone may do and these permissions."""
        bot = self.server.bot
        role = Role(self.server.ids.next(), bot.name, bits(permissions), mentionable=False, bot=bot)
        self.roles[role.id] = role
        self.members[bot.id] = Member(bot, self, (role,))
        self.server.gateway.announce_guild(self)

    def removes_bot(self) -> None:
        """Throw the bot out."""
        self.server.gateway.dispatch("GUILD_DELETE", {"id": str(self.id)}, self)
        self.roles.pop(self.bot_role.id)
        self.members.pop(self.server.bot.id)

    def goes_down(self) -> None:
        """Begin an outage of this guild, which is no removal."""
        self.is_down = True
        self.server.gateway.dispatch("GUILD_DELETE", {"id": str(self.id), "unavailable": True}, self)

    def comes_back(self) -> None:
        """End the outage."""
        self.is_down = False
        self.server.gateway.announce_guild(self, unavailable=False)

    def forbid(self, *names: str) -> None:
        """Take permissions from the bot and from @everyone, so that no role gives them."""
        for role in (self.everyone, self.bot_role):
            role.permissions &= ~bits(names)
            self.server.gateway.dispatch("GUILD_ROLE_UPDATE", payloads.role_event(self, role), self)
