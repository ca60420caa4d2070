"""The threads in which the bot takes part: it was mentioned or wrote in them."""

from __future__ import annotations

from collections import OrderedDict

from bot.store.notes import Notes

MOST_THREADS = 1000
"""Threads that are remembered; the one that was quiet longest is forgotten first."""

_NOTE = "threads"


class Threads:
    """Knows the threads by channel and first message, also after a restart."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: OrderedDict[str, None] = OrderedDict()

    async def load(self) -> None:
        """Remember what an earlier run knew.

        Raises:
            StoreError: it could not be read.
        """
        self._known |= dict.fromkeys((await self._notes.get(_NOTE) or "").split())

    def takes_part(self, channel_id: str, thread_ts: str) -> bool:
        """Tell whether the bot takes part in a thread."""
        key = f"{channel_id}:{thread_ts}"
        if key in self._known:
            self._known.move_to_end(key)
        return key in self._known

    async def joins(self, channel_id: str, thread_ts: str) -> None:
        """Note that the bot takes part in a thread.

        Raises:
            StoreError: it could not be written.
        """
        if self.takes_part(channel_id, thread_ts):
            return
        self._known[f"{channel_id}:{thread_ts}"] = None
        while len(self._known) > MOST_THREADS:
            self._known.popitem(last=False)
        await self._save()

    async def move(self, old_channel_id: str, new_channel_id: str) -> None:
        """Note that the threads of a channel go on in one of another id.

        Raises:
            StoreError: it could not be written.
        """
        moved = [key for key in self._known if key.startswith(f"{old_channel_id}:")]
        for key in moved:
            del self._known[key]
            self._known[f"{new_channel_id}:{key.partition(':')[2]}"] = None
        if moved:
            await self._save()

    async def _save(self) -> None:
        await self._notes.put(_NOTE, " ".join(self._known))
