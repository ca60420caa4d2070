"""What every command is given and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.commands.parse import Command, Number
from bot.events import ReplyFile
from bot.memory.readable import Rule, setting_of
from bot.types import DM_GUILD, SEQUENCE_BITS, Author, Hit, Memory, Outcome, Place, PlaceKind, Scope, Status

_GUILDS = {"discord": "in this server", "slack": "in this workspace"}


@dataclass(frozen=True, slots=True)
class Call:
    """A command with who gave it, where and when. `dedupe_key` names the delivery in the inbox.

    now: when it was sent, by the platform's clock; arrived: when it came, by ours. confidential, admin: as in
    `IncomingMessage`.
    """

    command: Command
    scope: Scope
    place: Place
    author: Author
    source_id: str
    dedupe_key: str
    now: datetime
    arrived: datetime
    confidential: bool = False
    admin: bool = False

    @property
    def alone(self) -> bool:
        """Whether nobody but the person reads the answer."""
        return self.confidential or self.place.kind is PlaceKind.DM

    def may_show(self, memory: Memory) -> bool:
        """Tell whether a memory of the person may be shown to whoever reads the answer.

        One that waits for a yes is shown to nobody else: it may wait because it is a personal matter.
        """
        if self.alone:
            return True
        is_kept = memory.status is not Status.PROPOSED
        return is_kept and Rule(own=True, asked_in=self.place).permits(setting_of(memory))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says, or the file that says it; what it says is done is on disk."""

    text: str
    outcomes: tuple[Outcome, ...] = ()
    used: tuple[Hit, ...] = ()
    file: ReplyFile | None = None


def number_of(memory: Memory, asker: Scope) -> Number:
    """Return how the asker names a memory; one of another guild by the number of its scope too."""
    sequence = memory.id & ((1 << SEQUENCE_BITS) - 1)
    if memory.scope in (asker, asker.shared):
        return Number(sequence, shared=memory.scope != asker)
    return Number(sequence, uid=memory.id >> SEQUENCE_BITS)


def label(memory: Memory, asker: Scope) -> str:
    """Return a memory's number and text, as a list shows it."""
    marks = [mark for mark, holds in (("pinned", memory.pinned), (memory.status, memory.status != "current")) if holds]
    note = f" ({', '.join(marks)})" if marks else ""
    return f"{number_of(memory, asker)} {memory.text}{note}"


def here(scope: Scope) -> str:
    """Return where a person is, as wide as their scope goes, in words: "in this server"."""
    if scope.guild_id == DM_GUILD:
        return "in our direct messages"
    return _GUILDS.get(scope.platform, "here")


def counted(count: int) -> str:
    """Return a number of memories in words."""
    return "1 memory" if count == 1 else f"{count:,} memories"
