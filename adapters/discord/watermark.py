"""How far the messages of Discord were taken in, so that after a restart the missed ones are known."""

from __future__ import annotations

from collections import Counter, OrderedDict

from bot.store.notes import Notes

MOST_DIRECT = 100
"""Direct-message channels that are looked at after a restart: those used last."""

_SEEN = "seen"
_DIRECT = "direct channels"


class Watermark:
    """Ids of messages grow with time in all channels, so that one id says how far everything was taken in."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._newest = 0
        self._first = 0
        self._open: Counter[int] = Counter()
        self._direct: OrderedDict[int, None] = OrderedDict()
        self._saved: tuple[str, str] = ("", "")

    @property
    def direct(self) -> list[int]:
        """The direct-message channels used last."""
        return list(self._direct)

    @property
    def position(self) -> int:
        """The id up to which everything is in the assistant's hands; 0 before anything is known."""
        return min((message_id - 1 for message_id in self._open), default=self._newest)

    async def load(self) -> int | None:
        """Return the id up to which an earlier run took everything in; None when there was none.

        Raises:
            StoreError: it could not be read.
        """
        seen, direct = await self._notes.get(_SEEN) or "", await self._notes.get(_DIRECT) or ""
        self._direct = OrderedDict.fromkeys([*map(int, direct.split()), *self._direct])
        self._saved = (seen, direct)
        self._newest = max(self._newest, int(seen or 0))
        return int(seen) if seen else None

    def begin(self, message_id: int) -> None:
        """Begin the first run ever, to which nothing before this id was said."""
        self._first = message_id
        self.pass_to(message_id)

    def overlapped(self, position: int, overlap_ms: int) -> int:
        """Return the id that is some milliseconds before a position, but not before the first run ever."""
        return max(position - (overlap_ms << 22), self._first)

    def pass_to(self, message_id: int) -> None:
        """Count everything up to an id as taken in."""
        self._newest = max(self._newest, message_id)

    def take(self, message_id: int, direct_id: int | None = None) -> Taking:
        """Hold a message as seen and not yet in the assistant's hands, until what is returned is done.

        Args:
            direct_id: the direct-message channel that it came in, if it is one.
        """
        self.pass_to(message_id)
        if direct_id is not None:
            self._direct[direct_id] = None
            self._direct.move_to_end(direct_id)
            while len(self._direct) > MOST_DIRECT:
                self._direct.popitem(last=False)
        self._open[message_id] += 1
        return Taking(self, message_id)

    def close(self, message_id: int) -> None:
        """Count a message as taken in."""
        self._open[message_id] -= 1
        if not self._open[message_id]:
            del self._open[message_id]

    async def save(self) -> None:
        """Keep how far it is by now.

        Raises:
            StoreError: it could not be written.
        """
        now = (str(self.position) if self.position else "", " ".join(map(str, self._direct)))
        for name, text, before in zip((_SEEN, _DIRECT), now, self._saved, strict=True):
            if text != before:
                await self._notes.put(name, text)
        self._saved = now


class Taking:
    """One message between Discord and the assistant."""

    def __init__(self, watermark: Watermark, message_id: int) -> None:
        self._watermark = watermark
        self._message_id = message_id
        self._over = False

    def done(self) -> None:
        """Say that the assistant has it; a second time changes nothing."""
        if not self._over:
            self._over = True
            self._watermark.close(self._message_id)
