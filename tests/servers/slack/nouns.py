"""Workspaces, channels, messages, files and views. They hold no payloads of events: payloads.py makes those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack.looks import label_of, pressable, texts_of
from tests.servers.slack.people import Person
from tests.servers.slack.wire import Json, unescaped

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer
    from tests.servers.slack.streams import Stream


@dataclass(eq=False)
class Grant:
    """What one installation of the app may do, and by which token; an org's grant covers several workspaces."""

    token: str
    teams: tuple[Team, ...]
    scopes: set[str]
    enterprise_id: str | None = None
    is_org: bool = False
    revoked: bool = False
    expires_at: float | None = None
    refresh_token: str | None = None

    @property
    def bot(self) -> Person:
        """The bot user that acts by this token."""
        return self.teams[0].bot


@dataclass(eq=False)
class Team:
    """A workspace. Its grant is None until the app is installed and after it was removed."""

    server: SlackServer = field(repr=False)
    id: str
    name: str
    enterprise_id: str | None = None
    bot: Person = field(init=False, repr=False)
    grant: Grant | None = field(default=None, repr=False)

    @property
    def mention(self) -> str:
        """What addresses the bot when it is written."""
        return self.bot.mention

    @property
    def domain(self) -> str:
        """The workspace's part of its address."""
        return self.name.lower().replace(" ", "-")

    def add_person(
        self,
        name: str,
        *,
        admin: bool = False,
        owner: bool = False,
        guest: bool = False,
        stranger_of: Team | None = None,
        user_id: str | None = None,
    ) -> Person:
        """Return a new person.

        Args:
            stranger_of: the workspace that is theirs, if it is not this one.
            user_id: that of somebody elsewhere: the same human being in one organisation, by chance outside of it.
        """
        person = Person(self.server, user_id or self.server.ids.next("U"), name, stranger_of or self, self)
        person.is_admin, person.is_owner, person.is_guest = admin or owner, owner, guest
        self.server.people.append(person)
        return person

    def add_bot(self, name: str, *, classic: bool = False) -> Person:
        """Return another app's bot; the messages of a classic one have the subtype `bot_message` and no user."""
        bot = self.add_person(name)
        bot.bot_id, bot.app_id, bot.is_classic = self.server.ids.next("B"), self.server.ids.next("A"), classic
        return bot

    def add_channel(
        self, name: str, *, private: bool = False, ext_shared: bool = False, pending_shared: bool = False
    ) -> Channel:
        """Return a new channel without members; see `invite` for the bot, people join when they speak."""
        kind, letter = ("group", "G") if private else ("channel", "C")
        channel = Channel(self.server, self.server.ids.next(letter), name, self, kind, ext_shared=ext_shared)
        channel.pending_shared = pending_shared
        return self._add(channel)

    def add_mpim(self, *people: Person) -> Channel:
        """Return a new group conversation of these people and the bot."""
        name = "mpdm-" + "--".join(person.name.lower() for person in people) + "-1"
        mpim = self._add(Channel(self.server, self.server.ids.next("G"), name, self, "mpim"))
        mpim.members = {person.id for person in (*people, self.bot)}
        return mpim

    def im_of(self, person: Person) -> Channel:
        """Return the direct messages between a person and the bot."""
        for channel in self.server.channels.values():
            if channel.kind == "im" and channel.team is self and person.id in channel.members:
                return channel
        im = self._add(Channel(self.server, self.server.ids.next("D"), "", self, "im"))
        im.members = {person.id, self.bot.id}
        return im

    def _add(self, channel: Channel) -> Channel:
        self.server.channels[channel.id] = channel
        return channel

    def invite(self, *channels: Channel) -> None:
        """Put the bot into channels without telling it; `Person.invites` tells it."""
        for channel in channels:
            channel.members.add(self.bot.id)

    def kick(self, *channels: Channel) -> None:
        """Take the bot out of channels."""
        for channel in channels:
            channel.members.discard(self.bot.id)

    async def revokes_tokens(self) -> None:
        """Make the bot's token invalid and send `tokens_revoked`, which still arrives."""
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}}
        await self._loses(event)

    async def uninstalls(self) -> None:
        """Remove the app: the token dies, `tokens_revoked` and `app_uninstalled` arrive in either order."""
        await self.revokes_tokens()
        await self._loses({"type": "app_uninstalled"})

    async def _loses(self, event: Json) -> None:
        if self.grant is not None:
            for grant in self.server.oauth.grants:  # earlier tokens, which were renewed and have not run out, too
                grant.revoked = grant.revoked or set(grant.teams) <= set(self.grant.teams)
        await self.server.events.announce(self, event["type"], event)


@dataclass(eq=False)
class Channel:
    """A channel, private channel (group), group conversation (mpim) or direct messages (im).

    ext_shared: with another organisation. pending_shared: that one was invited, and is not there yet. org_shared: with
    other workspaces of the own organisation.
    """

    server: SlackServer = field(repr=False)
    id: str
    name: str
    team: Team = field(repr=False)
    kind: str
    ext_shared: bool = False
    pending_shared: bool = False
    org_shared: bool = False
    archived: bool = False
    read_only: bool = False
    members: set[str] = field(default_factory=set)
    messages: dict[str, Message] = field(default_factory=dict, repr=False)

    async def vanishes(self) -> None:
        """Delete the channel with everything in it."""
        del self.server.channels[self.id]
        kind = "group_deleted" if self.kind == "group" else "channel_deleted"
        await self.server.events.announce(self.team, kind, {"type": kind, "channel": self.id}, where=self)

    async def opens_up(self) -> None:
        """Share a private channel with another organisation, which gives it another id."""
        old_id, self.id = self.id, self.server.ids.next("C")
        self.ext_shared = True
        self.server.channels[self.id] = self.server.channels.pop(old_id)
        event = {"type": "channel_id_changed", "old_channel_id": old_id, "new_channel_id": self.id}
        await self.server.events.announce(self.team, event["type"], event, where=self)

    @property
    def is_private(self) -> bool:
        """Whether only its members see it."""
        return self.kind != "channel"

    @property
    def has_bot(self) -> bool:
        """Whether the bot is a member."""
        return self.team.bot.id in self.members

    @property
    def mention(self) -> str:
        """What links to the channel when it is written."""
        return f"<#{self.id}|{self.name}>"

    def thread(self, root_ts: str) -> list[Message]:
        """Return a thread, its first message included, oldest first."""
        return [said for said in self.visible if said.root_ts == root_ts]

    @property
    def visible(self) -> Iterator[Message]:
        """All messages that are there for everybody, oldest first."""
        return (said for said in self.messages.values() if not said.deleted and said.only_for is None)


@dataclass(eq=False)
class File:
    """A file that somebody shared."""

    id: str
    name: str
    content: bytes = field(repr=False)
    mimetype: str
    owner: Person = field(repr=False)
    title: str = ""


@dataclass(eq=False)
class Message:
    """A message; `states` are the texts that it showed over time, `only_for` the one person who sees it."""

    channel: Channel = field(repr=False)
    author: Person
    text: str
    ts: str
    thread_ts: str | None = None
    blocks: list[Json] = field(default_factory=list, repr=False)
    files: tuple[File, ...] = field(default=(), repr=False)
    subtype: str | None = None
    edited_ts: str | None = None
    deleted: bool = False
    only_for: Person | None = None
    stream: Stream | None = field(default=None, repr=False)
    metadata: Json | None = None
    reactions: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list, repr=False)

    @property
    def root_ts(self) -> str:
        """The stamp of the thread that it is in or would begin."""
        return self.thread_ts or self.ts

    @property
    def by_bot(self) -> bool:
        """Whether the app under test wrote it."""
        return self.author is self.channel.team.bot

    @property
    def shown(self) -> str:
        """What a person reads: the texts of the blocks or, without blocks, the text; escapes undone."""
        return unescaped("\n".join(texts_of(self.blocks)) if self.blocks else self.text)

    @property
    def buttons(self) -> list[str]:
        """The labels of everything that can be pressed."""
        return [label for _, element in pressable(self.blocks) if (label := label_of(element))]


@dataclass(eq=False)
class View:
    """A modal or a home tab that an app shows to one person."""

    id: str
    team: Team = field(repr=False)
    owner: Person
    content: Json = field(repr=False)
    hash: str = ""
    root_id: str = ""
    previous_id: str | None = None
    closed: bool = False
    state: dict[tuple[str, str], Json] = field(default_factory=dict, repr=False)
    states: list[Json] = field(default_factory=list, repr=False)

    @property
    def blocks(self) -> list[Json]:
        """What it is made of."""
        return list(self.content.get("blocks") or [])

    @property
    def shown(self) -> str:
        """What a person reads: the title and all texts, escapes undone."""
        title = (self.content.get("title") or {}).get("text")
        return unescaped("\n".join([*([title] if title else []), *texts_of(self.blocks)]))

    @property
    def buttons(self) -> list[str]:
        """The labels of everything that can be pressed."""
        return [label for _, element in pressable(self.blocks) if (label := label_of(element))]
