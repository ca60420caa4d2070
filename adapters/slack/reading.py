"""What a Slack message says, by whom and where, as the bot's own types; it asks nobody and remembers nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.directory import Channel, Person
from adapters.slack.workspaces import Workspace, guild_of
from bot.events import IncomingMessage, MessageEdited
from bot.types import Author, Place, PlaceKind, Scope

PLATFORM = "slack"
"""The platform's name in scopes."""

Json: TypeAlias = Mapping[str, Any]

TOMBSTONE = "tombstone"
"""The subtype of what stands where a message with a thread was deleted."""

_ANSWERED = frozenset({None, "file_share", "thread_broadcast"})
_SLACKBOT = "USLACKBOT"
_STAMP = re.compile(r"\d{1,11}\.\d{1,9}")

_TOKEN = re.compile(
    r"<(?:@(?P<user>[UW]\w+)|#(?P<channel>[CGD]\w+)|!subteam\^(?P<group>\w+)|!date\^[^|>]*"
    r"|!(?P<call>\w+)|(?P<link>[^<>|!@#][^<>|]*))(?:\|(?P<label>[^<>]*))?>"
)
"""What Slack's clients show as something else: https://docs.slack.dev/messaging/formatting-message-text"""

_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Said:
    """A message as Slack tells of it.

    text: as Slack writes it. thread_ts: None outside threads. home: the workspace or organisation that its author
    belongs to, if it says.
    """

    channel_id: str
    user_id: str
    ts: str
    text: str
    thread_ts: str | None = None
    parent_user_id: str = ""
    edited_ts: str = ""
    home: str = ""
    files: tuple[Json, ...] = ()

    @property
    def source_id(self) -> str:
        """What names the message within its guild; stamps are unique within a channel."""
        return f"{self.channel_id}:{self.ts}"


def said_in(event: Json, channel_id: str = "") -> Said | None:
    """Return what a person said; None for what bots, workflows, integrations and Slack itself write."""
    user_id, ts, thread_ts = event.get("user"), event.get("ts"), event.get("thread_ts")
    if event.get("subtype") not in _ANSWERED or event.get("bot_id") or event.get("hidden"):
        return None
    if not isinstance(user_id, str) or user_id in ("", _SLACKBOT) or not is_stamp(ts):
        return None
    edited_ts = (event.get("edited") or {}).get("ts")
    return Said(
        channel_id=channel_id or str(event.get("channel") or ""),
        user_id=user_id,
        ts=str(ts),
        text=str(event.get("text") or ""),
        thread_ts=str(thread_ts) if is_stamp(thread_ts) else None,
        parent_user_id=str(event.get("parent_user_id") or ""),
        edited_ts=str(edited_ts) if is_stamp(edited_ts) else "",
        home=str(event.get("user_team") or event.get("source_team") or event.get("team") or ""),
        files=tuple(file for file in event.get("files") or () if isinstance(file, dict)),
    )


def changed_in(event: Json) -> Said | None:
    """Return what a person made of a message of theirs; None when nobody changed what it says.

    Slack tells of link previews and of replies to a message in the same way, without a time of editing.
    """
    after, before = event.get("message") or {}, event.get("previous_message") or {}
    said = said_in(after, str(event.get("channel") or ""))
    if said is None or not said.edited_ts or after.get("text") == before.get("text"):
        return None
    return said


def deleted_in(event: Json) -> str:
    """Return the stamp of the message that is gone by an event; empty when none is.

    One that a thread hangs on is not told of as deleted: Slack puts a tombstone in its place, which is a change.
    """
    after = event.get("message") or {}
    if event.get("subtype") == "message_changed" and after.get("subtype") == TOMBSTONE:
        return str(after.get("ts") or "")
    return str(event.get("deleted_ts") or "") if event.get("subtype") == "message_deleted" else ""


def scope_of(context: AsyncBoltContext, user_id: str = "") -> Scope:
    """Return whose memory a person's is: of who acts, unless somebody else is named.

    Raises:
        ValueError: an event names no workspace or nobody.
    """
    return Scope(PLATFORM, guild_of(context), user_id or context.user_id or "")


def place_of(channel_id: str, channel: Channel, thread_ts: str | None = None) -> Place:
    """Return where something is said. What others than members of the workspace may read is not public in it."""
    is_shared = channel.is_shared and channel.kind is not PlaceKind.DM
    return Place(PlaceKind.PRIVATE if is_shared else channel.kind, channel_id, thread_ts, is_shared=is_shared)


def names_bot(text: str, bot_user_id: str) -> bool:
    """Tell whether a text mentions the bot."""
    return bool(bot_user_id) and any(found["user"] == bot_user_id for found in _TOKEN.finditer(text))


def named_in(text: str) -> tuple[list[str], list[str]]:
    """Return the ids of people and channels in a text that are to be named, as `readable` does.

    A channel's name that stands beside it is not used: it may be a private one's, which the bot's words would carry on.
    """
    people = [found["user"] for found in _TOKEN.finditer(text) if found["user"] and not found["label"]]
    channels = [found["channel"] for found in _TOKEN.finditer(text) if found["channel"]]
    return list(dict.fromkeys(people)), list(dict.fromkeys(channels))


def text_of(text: str, bot_user_id: str, names: Mapping[str, str]) -> str:
    """Return what the author typed, without mentions of the bot and with everything else readable.

    Args:
        names: of people and channels by their id.
    """
    if bot_user_id:
        called = rf"[ \t]*<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>"
        # At the start, "@bot, hello" and "@bot: hello" are an address; elsewhere punctuation belongs to the sentence.
        text = re.sub(rf"\A(?:{called})+[,:]?(?=\s|\Z)", "", text)
        text = re.sub(called, "", text)
    return readable(text, names)


def readable(text: str, names: Mapping[str, str]) -> str:
    """Return a text with mentions and links as people see them, and without Slack's escapes."""
    text = _TOKEN.sub(lambda found: _shown(found, names), text)
    for escape, letter in _ESCAPES:
        text = text.replace(escape, letter)
    return text.strip()


def _shown(found: re.Match[str], names: Mapping[str, str]) -> str:
    label = found["label"] or ""
    if user := found["user"]:
        return f"@{label or names.get(user, user)}"
    if channel := found["channel"]:
        return f"#{names.get(channel, channel)}"
    if found["group"]:
        return f"@{label.removeprefix('@') or 'group'}"
    if found["call"]:
        return f"@{found['call']}"
    if link := found["link"]:
        return link if not label or link.endswith(label) else f"{label} ({link})"
    return label


def said_at(ts: str) -> datetime:
    """Return the moment that a message's stamp is: seconds since 1970, with six digits behind the point."""
    return datetime.fromtimestamp(float(ts), UTC)


def is_stamp(ts: object) -> bool:
    """Tell whether a value is a message's stamp, or an event's."""
    return isinstance(ts, str) and _STAMP.fullmatch(ts) is not None


def incoming(
    said: Said,
    text: str,
    person: Person,
    place: Place,
    workspace: Workspace,
    *,
    addressed: bool = True,
) -> IncomingMessage:
    """Return a message as the assistant takes it, without what stands beside it.

    Args:
        text: what it says, readable.
    """
    return IncomingMessage(
        dedupe_key=f"{workspace.guild_id}:{said.source_id}",
        scope=Scope(PLATFORM, workspace.guild_id, said.user_id),
        place=place,
        author=Author(said.user_id, person.name),
        text=text,
        source_id=said.source_id,
        sent_at=said_at(said.ts),
        addressed=addressed,
        admin=person.is_admin,
        outsider=person.is_outsider,
        unidentified=not person.is_known,
    )


def edit_of(message: IncomingMessage, edited_ts: str) -> MessageEdited:
    """Return a message, as it reads now, as a change of the one that was sent."""
    return MessageEdited(
        dedupe_key=f"{message.dedupe_key}:{edited_ts}",
        scope=message.scope,
        place=message.place,
        author=message.author,
        text=message.text,
        source_id=message.source_id,
        sent_at=said_at(edited_ts),
    )
