"""People, and what they do in Slack: speak, edit, delete, open tabs, join, stop, and use commands and buttons."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack import payloads
from tests.servers.slack.wire import Json, as_sent

if TYPE_CHECKING:
    from tests.servers.slack.interactions import Use
    from tests.servers.slack.nouns import Channel, File, Message, Team, View
    from tests.servers.slack.server import SlackServer


@dataclass(eq=False, repr=False)
class Person:
    """A user, human or bot. `team` is where they belong, `place` the workspace in which they meet the app."""

    server: SlackServer
    id: str
    name: str
    team: Team
    place: Team
    is_admin: bool = False
    is_owner: bool = False
    is_guest: bool = False
    is_classic: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    timezone: str = "Europe/Berlin"
    modals: list[View] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Person {self.name} {self.id}>"

    @property
    def is_bot(self) -> bool:
        """Whether this is an app's user."""
        return self.bot_id is not None

    @property
    def mention(self) -> str:
        """What notifies this person when it is written."""
        return f"<@{self.id}>"

    @property
    def home_id(self) -> str:
        """What events in shared channels name as the origin: the organisation if there is one."""
        return self.team.enterprise_id or self.team.id

    @property
    def im(self) -> Channel:
        """The direct messages with the bot."""
        return self.place.im_of(self)

    @property
    def modal(self) -> View | None:
        """The modal on top, if one is open."""
        return self.modals[-1] if self.modals else None

    # Speaking

    async def says(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        files: Iterable[tuple[str, bytes]] = (),
        broadcast: bool = False,
    ) -> Message:
        """Return a new message; the app is told of it as it is subscribed.

        Args:
            text: as typed; mentions as `server.mention` or `ann.mention` write them.
            files: names and contents.
            broadcast: whether a reply in a thread is also sent to the channel.
        """
        shared = tuple(self.shares(name, content) for name, content in files)
        message = self.server.posts.write(channel, self, as_sent(text), thread_ts=_root(thread), files=shared)
        message.subtype = self._subtype(bool(shared), broadcast)
        await self.server.events.said(message)
        return message

    async def chats(self, text: str, thread: Message | None = None) -> Message:
        """Say something in the messages tab of an agent, where even the first message carries its thread."""
        message = self.server.posts.write(self.im, self, as_sent(text), thread_ts=_root(thread))
        message.thread_ts = message.thread_ts or message.ts
        await self.server.events.said(message)
        return message

    def _subtype(self, has_files: bool, broadcast: bool) -> str | None:
        if self.is_classic:
            return "bot_message"
        return "thread_broadcast" if broadcast else "file_share" if has_files else None

    def shares(self, name: str, content: bytes) -> File:
        """Return a file that was uploaded, without a message about it."""
        return self.server.files.keep(self, name, content, mimetypes.guess_type(name)[0] or "application/octet-stream")

    async def edits(self, message: Message, text: str) -> None:
        """Change a message of one's own."""
        before = payloads.message(message)
        message.text, message.edited_ts = as_sent(text), self.server.ids.stamp()
        message.blocks = []
        message.states.append(message.shown)
        await self.server.events.edited(message, before)

    async def deletes(self, message: Message) -> None:
        """Delete a message; an admin may delete those of others."""
        before = payloads.message(message)
        message.deleted = True
        await self.server.events.deleted(message, before)

    async def reacts(self, message: Message, name: str) -> None:
        """Put an emoji under a message."""
        message.reactions.append(name)
        item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
        event = {"type": "reaction_added", "user": self.id, "reaction": name, "item": item}
        await self._happens("reaction_added", {**event, "item_user": message.author.id}, message.channel)

    # Coming and looking

    async def joins(self, channel: Channel) -> None:
        """Become a member of a channel."""
        channel.members.add(self.id)
        await self._happens("member_joined_channel", _membership("member_joined_channel", self, channel), channel)

    async def invites(self, channel: Channel, person: Person | None = None) -> None:
        """Put somebody into a channel, the bot unless another is named, and let the app know."""
        guest = person or self.place.bot
        channel.members.add(guest.id)
        event = _membership("member_joined_channel", guest, channel) | {"inviter": self.id}
        await self._happens("member_joined_channel", event, channel)

    async def opens_home(self) -> None:
        """Open the home tab; `server.home(ann)` is what they see."""
        view = self.server.home(self)
        shown = {"view": payloads.view(view, self.server.app_id)} if view is not None else {}
        await self._opens({"tab": "home", **shown})

    async def opens_messages_tab(self, beside: Channel | None = None) -> None:
        """Open the messages tab, perhaps while looking at a channel."""
        context = {"context": {"entities": [_entity(beside)]}} if beside is not None else {"context": {}}
        await self._opens({"tab": "messages", **context})

    async def _opens(self, more: Json) -> None:
        event = {"type": "app_home_opened", "user": self.id, "channel": self.im.id, **more}
        await self._happens("app_home_opened", event)

    async def looks_at(self, channel: Channel) -> None:
        """Turn to a channel while the agent stands beside it."""
        event = {"type": "app_context_changed", "user": self.id, "channel": self.im.id}
        await self._happens("app_context_changed", {**event, "context": {"entities": [_entity(channel)]}})

    async def stops(self, message: Message) -> None:
        """Press the stop button of the session in this message's thread; streams end at once."""
        channel, root = message.channel, message.root_ts
        stopped = self.server.streams.stopped_by_person(channel, root)
        event = {"type": "agent_session_stopped", "channel": channel.id, "thread_ts": root, "user": self.id}
        await self._happens("agent_session_stopped", {**event, "streaming_message_ts": stopped}, channel)

    async def _happens(self, subscription: str, event: Json, where: Channel | None = None) -> None:
        team = where.team if where is not None else self.place
        await self.server.events.announce(team, subscription, event, where=where)

    # Commands, shortcuts, buttons, forms

    async def commands(self, channel: Channel, command: str, text: str = "") -> Use:
        """Use a slash command, and wait until the app acknowledged it or ran out of time.

        Raises:
            ValueError: no such command is configured, see `server.commands`.
        """
        return await self.server.interactions.command(self, channel, command, text)

    async def shortcut(self, callback_id: str, *, message: Message | None = None) -> Use:
        """Use a shortcut: of a message if one is given, else a global one."""
        return await self.server.interactions.shortcut(self, callback_id, message)

    async def presses(self, on: Message | View, what: str, *, value: str | None = None) -> Use:
        """Press a button, choose an option or enter a text.

        Args:
            what: the action id or the label.
            value: tells buttons of one name apart; the option to choose, or the text to enter.

        Raises:
            ValueError: nothing, or more than one thing, answers to that name.
        """
        return await self.server.interactions.press(self, on, what, value)

    async def submits(self, view: View, values: Mapping[str, str | list[str] | None] | None = None) -> Use:
        """Send a form off; what the app answered happens to `modal`, errors stand in `Use.errors`.

        Args:
            values: by action id or block id; options by value, for several a list.
        """
        return await self.server.interactions.submit(self, view, values or {})

    async def closes(self, view: View) -> None:
        """Close a modal with its cross."""
        await self.server.interactions.close(self, view)


def _root(thread: Message | None) -> str | None:
    return thread.root_ts if thread is not None else None


def _entity(channel: Channel) -> Json:
    return {"type": "slack#/types/channel_id", "value": channel.id, "team_id": channel.team.id}


def _membership(kind: str, person: Person, channel: Channel) -> Json:
    letter = "C" if channel.kind == "channel" else "G"
    told = {"type": kind, "user": person.id, "channel": channel.id, "channel_type": letter}
    return {**told, "team": person.team.id}
