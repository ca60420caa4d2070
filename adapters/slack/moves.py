"""Channels that got another id, by which the messages in them are named from then on."""

from __future__ import annotations

from collections import deque

from bot.store.notes import Notes

MOST_MOVES = 500
"""Changes of ids that are remembered, the latest; a channel gets another one when it is first shared with a company."""

_NOTE = "moved channels"


class Moves:
    """Knows which id a channel had when something was said in it, also after a restart."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: deque[tuple[str, str, str]] = deque(maxlen=MOST_MOVES)  # id before, id after, stamp of the change

    async def load(self) -> None:
        """Remember what an earlier run knew.

        Raises:
            StoreError: it could not be read.
        """
        lines = (await self._notes.get(_NOTE) or "").splitlines()
        self._known.extend((old, new, at) for old, new, at in (line.split() for line in lines))

    def note(self, old_id: str, new_id: str, at: str) -> None:
        """Note that a channel has another id since a stamp, at once: what follows may name it. Slack may tell twice."""
        if (old_id, new_id, at) not in self._known:
            self._known.append((old_id, new_id, at))

    async def save(self) -> None:
        """Keep what is known by now.

        Raises:
            StoreError: it could not be written.
        """
        await self._notes.put(_NOTE, "\n".join(" ".join(move) for move in self._known))

    def ids_of(self, channel_id: str) -> frozenset[str]:
        """Return all ids that a channel ever had, as far as is known."""
        ids = {channel_id}
        for old, new, _ in reversed(self._known):
            if new in ids:
                ids.add(old)
        return frozenset(ids)

    def source_id(self, channel_id: str, ts: str) -> str:
        """Return what names a message, by the id that its channel had when it was said."""
        for old, new, at in reversed(self._known):
            if new == channel_id and float(ts) < float(at):
                channel_id = old
        return f"{channel_id}:{ts}"
