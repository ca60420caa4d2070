"""Agent sessions: the status and title of each thread that an agent works in."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.servers.slack.nouns import Channel
from tests.servers.slack.refusals import Refusal

STATUSES = ("active", "processing", "suspended", "closed")
TITLE_CHARACTERS = 200


@dataclass(eq=False)
class Session:
    """One thread. `statuses` are the session's states in order, `shown` the texts beside the agent's name.

    An empty text shows nothing; a message of the agent in the thread has that effect too.
    """

    statuses: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    title: str | None = None

    @property
    def status(self) -> str | None:
        """The state now, None before the first."""
        return self.statuses[-1] if self.statuses else None


@dataclass
class Sessions:
    """All sessions, by channel and thread."""

    all: dict[tuple[str, str], Session] = field(default_factory=dict)

    def of(self, channel: Channel, root_ts: str) -> Session:
        """Return the session of a thread."""
        return self.all.setdefault((channel.id, root_ts), Session())

    @property
    def unfinished(self) -> list[Session]:
        """Those that still show a spinner; only the app can end that."""
        return [session for session in self.all.values() if session.status == "processing"]

    def set_status(self, channel: Channel, root_ts: str, status: str, title: str | None) -> Session:
        """Return a session in a new state; a title counts only for a new one."""
        if status not in STATUSES:
            raise Refusal("invalid_arguments", [f"status must be one of {', '.join(STATUSES)}"])
        session = self.of(channel, root_ts)
        session.statuses.append(status)
        if title is not None and session.title is None:
            self.rename(channel, root_ts, title)
        return session

    def rename(self, channel: Channel, root_ts: str, title: str) -> Session:
        """Return a session with a new title."""
        if len(title) > TITLE_CHARACTERS:
            raise Refusal("invalid_arguments", [f"title must be at most {TITLE_CHARACTERS} long"])
        session = self.of(channel, root_ts)
        session.title = title
        return session

    def show(self, channel: Channel, root_ts: str, text: str) -> None:
        """Show a text beside the agent's name."""
        self.of(channel, root_ts).shown.append(text)

    def clear(self, channel: Channel, root_ts: str) -> None:
        """Take the text away."""
        session = self.all.get((channel.id, root_ts))
        if session is not None and session.shown and session.shown[-1]:
            session.shown.append("")
