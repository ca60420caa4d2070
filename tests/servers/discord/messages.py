"""Messages and the files on them, as everybody sees them now."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, TypedDict

from tests.servers.discord.component_rules import BUTTON, displayed, walk
from tests.servers.discord.mentions import Mentions
from tests.servers.discord.rules import EPHEMERAL, LOADING, SUPPRESS_EMBEDS
from tests.servers.discord.wire import Json, time_of

if TYPE_CHECKING:
    from tests.servers.discord.interactions import Use
    from tests.servers.discord.nouns import Channel
    from tests.servers.discord.people import Person


class Said(IntEnum):
    """Discord's types of messages, as far as they exist here."""

    DEFAULT = 0
    JOIN = 7
    REPLY = 19
    COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU = 23


@dataclass(eq=False)
class Attachment:
    """A file that hangs on a message."""

    id: int
    name: str
    content: bytes
    content_type: str | None
    description: str | None = None


class Details(TypedDict, total=False):
    """The fields of a message that are not the same for all."""

    kind: Said
    flags: int
    embeds: list[Json]
    components: list[Json]
    attachments: list[Attachment]
    mentions: Mentions
    reference: Message | None
    forwarded: Message | None
    nonce: str | None
    webhook_id: int | None
    answers: Use | None


@dataclass(eq=False)
class Message:
    """A message, as everybody sees it now."""

    id: int
    channel: Channel = field(repr=False)
    author: Person
    content: str = ""
    kind: Said = Said.DEFAULT
    flags: int = 0
    embeds: list[Json] = field(default_factory=list, repr=False)
    components: list[Json] = field(default_factory=list, repr=False)
    attachments: list[Attachment] = field(default_factory=list, repr=False)
    mentions: Mentions = field(default_factory=Mentions, repr=False)
    reference: Message | None = field(default=None, repr=False)
    forwarded: Message | None = field(default=None, repr=False)
    nonce: str | None = None
    webhook_id: int | None = None
    answers: Use | None = field(default=None, repr=False)
    thread: Channel | None = field(default=None, repr=False)
    reactions: list[str] = field(default_factory=list, repr=False)
    states: list[str] = field(default_factory=list, repr=False)
    edited_at: float | None = None
    deleted: bool = False

    @property
    def created_at(self) -> float:
        """When it was sent, seconds since 1970."""
        return time_of(self.id)

    @property
    def text(self) -> str:
        """All that it shows as text: the content, or the texts of components v2."""
        return self.content or displayed(self.components)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only the person who asked sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether it shows "thinking" and nothing else yet."""
        return bool(self.flags & LOADING)

    @property
    def suppresses_embeds(self) -> bool:
        """Whether links in it get no preview."""
        return bool(self.flags & SUPPRESS_EMBEDS)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons that can be pressed."""
        parts = [part for part in walk(self.components) if part.get("type") == BUTTON and not part.get("disabled")]
        return [part.get("label") or (part.get("emoji") or {}).get("name") or "" for part in parts]
