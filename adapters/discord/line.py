"""The connection to Discord as it is now: one that broke for good is replaced while replies are being given."""

from __future__ import annotations

import asyncio

import discord

from bot.errors import PlatformError

WAIT_S = 30.0
"""Seconds that something to be sent waits for a connection."""


class Line:
    """Holds the client that is connected."""

    def __init__(self) -> None:
        self._client: discord.Client | None = None
        self._connected = asyncio.Event()

    def connect(self, client: discord.Client) -> None:
        """Have everything go through a client from now on."""
        self._client = client
        self._connected.set()

    def disconnect(self) -> None:
        """Have everything wait for the next client."""
        self._client = None
        self._connected.clear()

    async def client(self) -> discord.Client:
        """Return the client, once there is one.

        Raises:
            PlatformError: there was none for too long.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                while self._client is None or self._client.is_closed():  # closed by the library, before we are told
                    self.disconnect()
                    await self._connected.wait()
        except TimeoutError as error:
            raise PlatformError(f"there was no connection to Discord for {WAIT_S:g} s") from error
        return self._client
