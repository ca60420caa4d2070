"""The nouns that every part shares: whose memory, where words are said, what is kept, and the common event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

MemoryId: TypeAlias = int
"""`scope uid << SEQUENCE_BITS | sequence number`; a sequence number is never used twice."""

SEQUENCE_BITS = 32
"""Bits of a memory id that number it within its scope."""


def _require(name: str, value: object) -> None:
    """Refuse an absent id: a missing id must never widen what may be read."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a non-empty string, found {value!r}")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose memory: one person in one guild of one platform.

    Raises:
        ValueError: an id is absent, empty or not a string.
    """

    platform: str
    guild_id: str
    user_id: str

    def __post_init__(self) -> None:
        _require("platform", self.platform)
        _require("guild_id", self.guild_id)
        _require("user_id", self.user_id)

    @property
    def shared(self) -> Scope:
        """The scope of this guild's shared notes."""
        return Scope(self.platform, self.guild_id, SHARED_USER)

    @property
    def everywhere(self) -> Scope:
        """What a person opts out of who opts out of the whole platform; it holds no memories."""
        return Scope(self.platform, EVERYWHERE, self.user_id)


SHARED_USER = "@guild"
"""User id of the scope that holds a guild's shared notes."""

EVERYWHERE = "@everywhere"
"""Guild id that stands for all guilds and direct messages of a platform."""

DM_GUILD = "@dm"
"""Guild id of direct messages on platforms where they belong to no guild."""

WORKSPACES = frozenset({"slack"})
"""Platforms whose guilds have guests, and whose user ids mean the same person within one guild only."""

BY_COMMAND = "interaction:"
"""Begins the source id of what was said in no message, but with a platform's own command or form."""


class PlaceKind(StrEnum):
    """Who else may be reading. What is unknown is private."""

    DM = "dm"
    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Place:
    """Where words are said. A thread has the kind and channel of its parent, whose readers are its own.

    A private thread has readers of its own, so it is a channel by itself; `parent_id` is what its settings follow.

    Raises:
        ValueError: the channel id is absent, empty or not a string.
    """

    kind: PlaceKind
    channel_id: str
    thread_id: str | None = None
    parent_id: str | None = None

    def __post_init__(self) -> None:
        _require("channel_id", self.channel_id)
        object.__setattr__(self, "kind", PlaceKind(self.kind))

    @property
    def settings_id(self) -> str:
        """The id by which the admins of a guild choose this place, or what it is a thread of."""
        return self.parent_id or self.channel_id


class Kind(StrEnum):
    """What sort of memory it is."""

    PREFERENCE = "preference"
    FACT = "fact"
    DECISION = "decision"
    EVENT = "event"
    NOTE = "note"  # an explicit /remember
    MESSAGE = "message"  # kept word for word, not yet distilled


class Status(StrEnum):
    """Whether a memory counts now."""

    CURRENT = "current"
    SUPERSEDED = "superseded"  # kept as history, linked to the newer one
    PROPOSED = "proposed"  # waits for the person's yes; never recalled


class Reach(StrEnum):
    """For whom and where a memory may be recalled, as the person chose."""

    HERE = "here"  # what the place it was said in allows
    ANYWHERE = "anywhere"  # the same person, everywhere in the guild
    EVERYONE = "everyone"  # a shared note of the guild


class Mode(StrEnum):
    """What is kept of what a person says."""

    AUTO = "auto"  # statements worth keeping
    ASK = "ask"  # every memory is proposed
    COMMANDS = "commands"  # explicit /remember only
    OFF = "off"  # opted out: nothing is kept or recalled


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it. The id decides identity; the name is for showing and for names in questions."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """The message, or import line, that a memory came from."""

    id: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing worth knowing, in the person's words."""

    id: MemoryId
    scope: Scope
    text: str
    kind: Kind
    status: Status
    place: Place
    reach: Reach
    author: Author | None  # None: the scope's own person
    created: datetime
    event_time: datetime  # when it was said; `created` is when it was stored
    importance: float  # 0 to 1, how much it says about the person
    pinned: bool
    superseded_by: MemoryId | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What each signal added to a hit's score; their sum is the score."""

    lexical: float = 0.0
    semantic: float = 0.0
    author: float = 0.0
    session: float = 0.0
    neighbours: float = 0.0
    importance: float = 0.0
    question: float = 0.0
    time: float = 0.0
    kind: float = 0.0
    pinned: float = 0.0
    age: float = 0.0
    history: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return float(sum(self.named().values()))

    def named(self) -> dict[str, float]:
        """Return the parts that are not 0, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Hit:
    """A recalled memory, its score and the parts of that score."""

    memory: Memory
    score: float
    parts: ScoreParts


@dataclass(frozen=True, slots=True)
class Statement:
    """Something to remember.

    `place` is where it was said and `said_at` when (None: now). `kind` None: guessed. `explicit` marks a command of the
    person: kept even if it does not look worth it. `as_given` keeps a text whatever it is, as an import does.
    """

    text: str
    place: Place
    source_id: str | None = None
    said_at: datetime | None = None
    author: Author | None = None
    kind: Kind | None = None
    reach: Reach = Reach.HERE
    explicit: bool = False
    as_given: bool = False


class Action(StrEnum):
    """What became of a statement."""

    KEPT = "kept"
    UPDATED = "updated"  # kept, and an older memory became history
    MERGED = "merged"  # known already; the source was added
    PROPOSED = "proposed"  # waits for the person's yes
    DROPPED = "dropped"  # not worth a memory, or not wanted
    REFUSED = "refused"  # a secret, or no room


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a statement and why; `memory` is on disk when this is returned."""

    action: Action
    reason: str
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """A text and its vector, (dim,) float32; None when no vector could be made."""

    text: str
    vector: npt.NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Recollection:
    """What was recalled, best first. `embedded` lets the same text be remembered without a second embedding."""

    hits: tuple[Hit, ...]
    embedded: Embedded


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
    workspace. again: another answer is wanted to a message that was sent before.
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
    again: bool = False

    def __post_init__(self) -> None:
        _require("dedupe_key", self.dedupe_key)
        _require("source_id", self.source_id)


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
class Policy:
    """What the admins of a guild chose. Ids are those of channels.

    channels: where the bot answers; empty means everywhere. listening: where statements are kept that are not
    addressed to the bot. strict: in whose threads it answers only when it is mentioned. model, persona: in place of the
    operator's; empty means those. retention_days: memories unused for so long go; 0 leaves it to the operator.
    tokens_per_day: 0 leaves it to the operator, more than the operator allows counts as that.
    """

    channels: frozenset[str] = frozenset()
    listening: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    shared_notes: bool = True
    outsiders: bool = False
    model: str = ""
    persona: str = ""
    retention_days: int = 0
    tokens_per_day: int = 0

    def answers_in(self, place: Place) -> bool:
        """Tell whether the bot answers in a place."""
        return place.kind is PlaceKind.DM or not self.channels or place.settings_id in self.channels


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """What a platform allows of memory, within what the operator allows; 0 is no limit of its own.

    memory_characters: most characters of one memory. memory_days: memories unused for so many days go.
    """

    memory_characters: int = 0
    memory_days: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """How a platform's connection is; times are those of the last sign of life and of the last event."""

    connected: bool
    alive_at: datetime | None = None
    event_at: datetime | None = None


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
