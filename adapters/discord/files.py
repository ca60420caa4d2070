"""Files that hang on messages: small text files are read, from Discord's own hosts alone."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp
import discord

from adapters.attached import TEXT_BYTES

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps what people attach."""

_CHUNK_BYTES = 16 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=3, connect=2)


class Files:
    """Reads text files.

    Args:
        hosts: what else may be asked than Discord's own hosts.
        proxy: what to go through; empty for none.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: Collection[str], proxy: str) -> None:
        self._session = session
        self._hosts = HOSTS | frozenset(hosts)
        self._proxy = proxy or None

    def is_known(self, url: str) -> bool:
        """Tell whether an address is one of Discord's."""
        return urlsplit(url).hostname in self._hosts

    async def text(self, file: discord.Attachment) -> str | None:
        """Return what a text file says; None when it is elsewhere, too large after all, or not to be had.

        Raises:
            aiohttp.ClientError, TimeoutError: Discord's host could not be reached.
        """
        if not self.is_known(file.url):
            return None
        async with self._session.get(file.url, proxy=self._proxy, timeout=_TIMEOUT, allow_redirects=False) as response:
            if response.status != 200 or (response.content_length or 0) > TEXT_BYTES:
                return None
            found = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                found += chunk
                if len(found) > TEXT_BYTES:
                    return None
        # Windows' editors mark what they write, and some of them still write UTF-16.
        is_utf16 = found.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return found.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")
