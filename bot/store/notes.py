"""What an adapter keeps over restarts: where it stopped reading, what it registered, its tokens; never contents."""

from __future__ import annotations

from bot.store.ledger import Ledger


class Notes:
    """Short texts by name, of one subject such as "adapter: discord"."""

    def __init__(self, ledger: Ledger, subject: str) -> None:
        self._ledger = ledger
        self._subject = subject

    async def get(self, name: str) -> str | None:
        """Return a note; None when there is none.

        Raises:
            StoreError: it could not be read.
        """
        return await self._ledger.get(self._subject, name)

    async def put(self, name: str, text: str) -> None:
        """Keep a note in place of the one before; on disk when this returns.

        Raises:
            StoreError: it could not be written.
        """
        await self._ledger.put(self._subject, name, text)

    async def clear(self, name: str) -> None:
        """Drop a note; nothing happens when there is none.

        Raises:
            StoreError: it could not be written.
        """
        await self._ledger.clear(self._subject, name)
