"""The nouns that every part shares: whose memory, where words are said, what is kept and what is recalled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

MemoryId: TypeAlias = int
"""`scope uid << SEQUENCE_BITS | sequence number`; a sequence number is never used twice."""

SEQUENCE_BITS = 32
"""Bits of a memory id that number it within its scope."""


def require_id(name: str, value: object) -> None:
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
        require_id("platform", self.platform)
        require_id("guild_id", self.guild_id)
        require_id("user_id", self.user_id)

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
    is_shared: others than members of the guild read there too. It counts for what is said now, and is not stored.

    Raises:
        ValueError: the channel id is absent, empty or not a string.
    """

    kind: PlaceKind
    channel_id: str
    thread_id: str | None = None
    parent_id: str | None = None
    is_shared: bool = False

    def __post_init__(self) -> None:
        require_id("channel_id", self.channel_id)
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

    def seen_from(self, place: Place) -> Place:
        """Return a place as it counts here: one shared with outsiders is like any private one, where those may come."""
        return replace(place, is_shared=place.is_shared and not self.outsiders)
