"""Where one reply goes."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.slack.reading import Said
from adapters.slack.workspaces import Workspace
from bot.events import IncomingMessage
from bot.types import PlaceKind


@dataclass(frozen=True, slots=True)
class Spot:
    """The thread of the message that is answered. thread_ts: None in direct messages that are not in a thread.

    key: names the reply, the same also after a restart. ts, user_id: of the message that is answered.
    """

    workspace: Workspace
    channel_id: str
    thread_ts: str | None
    ts: str
    user_id: str
    key: str
    is_direct: bool

    @classmethod
    def of(cls, message: IncomingMessage, workspace: Workspace) -> Spot:
        """Return where the reply to a message goes."""
        place = message.place
        return cls(
            workspace,
            place.channel_id,
            place.thread_id,
            message.source_id.rpartition(":")[2],
            message.author.id,
            message.dedupe_key,
            place.kind is PlaceKind.DM,
        )

    @classmethod
    def beside(cls, said: Said, workspace: Workspace) -> Spot:
        """Return where something is said about a message of which no more is known yet."""
        is_direct = said.channel_id.startswith("D")
        thread_ts = said.thread_ts or (None if is_direct else said.ts)
        return cls(workspace, said.channel_id, thread_ts, said.ts, said.user_id, said.source_id, is_direct)

    @property
    def source_id(self) -> str:
        """What names the message that is answered."""
        return f"{self.channel_id}:{self.ts}"

    @property
    def thread(self) -> str:
        """The thread's name among those of all channels."""
        return thread_name(self.channel_id, self.thread_ts or self.ts)


def thread_name(channel_id: str, thread_ts: str) -> str:
    """Return what a thread is called among running replies; no message is called so."""
    return f"thread {channel_id}:{thread_ts}"
