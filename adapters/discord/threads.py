"""The threads in which the bot takes part: it wrote in them, was added, opened them, or began them with a message."""

from __future__ import annotations

from collections import OrderedDict

import discord

from adapters.discord.referring import starter_of
from adapters.discord.sending import FAULTS
from bot.store.notes import Notes

MOST_THREADS = 1000
"""Threads that are remembered; the one that was quiet longest is forgotten first."""

_NOTE = "threads"


class Threads:
    """Knows by id whether the bot takes part; where it wrote, also after a restart."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: OrderedDict[int, bool] = OrderedDict()

    async def load(self) -> None:
        """Remember what an earlier run knew.

        Raises:
            StoreError: it could not be read.
        """
        for thread_id in map(int, (await self._notes.get(_NOTE) or "").split()):
            self._know(thread_id, takes_part=True)

    async def takes_part(self, thread: discord.Thread, own_id: int) -> bool:
        """Tell whether the bot takes part in a thread; who began it is asked for until Discord says it."""
        if thread.me is not None or thread.owner_id == own_id:
            return True
        known = self._known.get(thread.id)
        if known is None:
            try:
                starter = await starter_of(thread)
            except FAULTS:
                return False
            known = starter is not None and starter.author.id == own_id
        self._know(thread.id, takes_part=known)
        return known

    def wrote_in(self, thread_id: int) -> bool:
        """Note that the bot wrote in a thread; tell whether that is new, and to be saved."""
        is_new = not self._known.get(thread_id)
        self._know(thread_id, takes_part=True)
        return is_new

    async def left(self, thread: discord.Thread) -> None:
        """Note that somebody took the bot out of a thread.

        Raises:
            StoreError: it could not be written.
        """
        thread.me = None  # the library leaves it as it was
        self._know(thread.id, takes_part=False)
        await self.save()

    async def save(self) -> None:
        """Keep where the bot takes part over a restart.

        Raises:
            StoreError: it could not be written.
        """
        await self._notes.put(_NOTE, " ".join(str(thread_id) for thread_id, known in self._known.items() if known))

    def _know(self, thread_id: int, *, takes_part: bool) -> None:
        self._known[thread_id] = takes_part
        self._known.move_to_end(thread_id)
        while len(self._known) > MOST_THREADS:
            self._known.popitem(last=False)
