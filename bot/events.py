"""What passes between a platform's adapter and the assistant: what was said or done there, and the parts of a reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bot.types import Author, Hit, Outcome, Place, Scope, require_id


class Relation(StrEnum):
    """How quoted words stand to the message that they are given with."""

    REPLIED_TO = "replied to"
    FORWARDED = "forwarded"  # passed on by somebody who did not write it
    STARTER = "thread starter"
    EARLIER = "earlier"  # said in the same channel before
    FILE = "file"  # a text file that came with the message


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words beside a message that are not its own: data for the model, never a memory, and never stored.

    `name` is a file's name. `author` None: nobody's words in particular.
    """

    relation: Relation
    text: str
    author: Author | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside a message: words, oldest first, and addresses of images. Nothing of it is ever stored."""

    context: tuple[Quoted, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What an adapter makes of one message to the bot; the same shape on every platform.

    `dedupe_key` is what makes a delivery the same delivery; `source_id` names the message, so that
    an edit or a deletion finds what was learned from it. `text` is the author's own typed words.

    command, options: what a platform's own command says; `text` is then its argument. confidential: nobody but the
    author sees the reply. admin: the author may change the guild's settings. outsider: a guest, or somebody of another
    workspace. unidentified: the platform did not say who the author is, who is an outsider until it does. again:
    another answer is wanted to a message that was sent before.
    """

    dedupe_key: str
    scope: Scope
    place: Place
    author: Author
    text: str
    source_id: str
    sent_at: datetime
    addressed: bool = True
    command: str = ""
    options: tuple[tuple[str, str], ...] = ()
    confidential: bool = False
    admin: bool = False
    outsider: bool = False
    unidentified: bool = False
    again: bool = False

    def __post_init__(self) -> None:
        require_id("dedupe_key", self.dedupe_key)
        require_id("source_id", self.source_id)


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The person changed a message, at `sent_at`: what was learned from it follows, once for each `dedupe_key`."""

    dedupe_key: str
    scope: Scope
    place: Place
    author: Author
    text: str
    source_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class MessagesDeleted:
    """Messages of one guild are gone: what was learned from them goes too."""

    platform: str
    guild_id: str
    source_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelsDeleted:
    """Channels or threads of one guild are gone with all their messages: what those taught goes too.

    A private thread is to be named beside its channel.
    """

    platform: str
    guild_id: str
    channel_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class GuildLeft:
    """The bot was removed from a guild (an outage is not a removal). Its memories go when `grace` is over."""

    platform: str
    guild_id: str
    grace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """What a platform allows of memory, within what the operator allows; 0 is no limit of its own.

    memory_characters: most characters of one memory. memory_days: memories unused for so many days go.
    """

    memory_characters: int = 0
    memory_days: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """How a platform's connection is; times are those of the last sign of life and of the last event.

    connections: those of the same app that the platform counts, this one too; None where it does not tell.
    """

    connected: bool
    alive_at: datetime | None = None
    event_at: datetime | None = None
    connections: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyNotice:
    """Something to be shown apart from the answer, before or after it: what is remembered, what was taken out."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A piece of the answer, to be shown as it arrives.

    plain: the bot's own words, not a model's; they may repeat what a person said, so they are shown to the letter:
    nothing in them is formatting, a mention or a link, but for links to channels. Of a reply all texts are, or none.
    """

    text: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """An answer that is a file, which never comes where others read along. about: says in a line what it holds."""

    name: str
    content: str
    about: str


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The reply is whole. Asking for more after this tells the assistant that it was delivered.

    `outcomes` says what became of the message's statements; what it names as kept is on disk. `used` are the memories
    that the answer was built from. `failed`: the answer is an apology, or was cut short. `repeatable`: the message may
    be answered anew, unlike a command, which would be done twice, or what gets a line of the bot's own.
    """

    outcomes: tuple[Outcome, ...] = ()
    used: tuple[Hit, ...] = ()
    failed: bool = False
    repeatable: bool = True


ReplyPart: TypeAlias = ReplyNotice | ReplyText | ReplyFile | ReplyEnd
