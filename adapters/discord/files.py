"""Files that hang on messages: small text files are read, from Discord's own hosts alone."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import aiohttp
import discord

HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where Discord keeps what people attach."""

TEXT_BYTES = 64 * 1024
"""Largest text file that is read."""

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What models that see can read."""

_TEXT_TYPES = frozenset(
    {"application/json", "application/toml", "application/xml", "application/yaml", "application/x-yaml"}
)
# fmt: off
_TEXT_SUFFIXES = frozenset({
    ".c", ".cfg", ".conf", ".cpp", ".cs", ".css", ".csv", ".diff", ".env", ".go", ".h", ".html", ".ini", ".java", ".js",
    ".json", ".kt", ".log", ".lua", ".md", ".patch", ".php", ".py", ".rb", ".rs", ".sh", ".sql", ".svg", ".swift",
    ".tex", ".toml", ".ts", ".tsv", ".txt", ".xml", ".yaml", ".yml",
})
# fmt: on

_CHUNK_BYTES = 16 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=3, connect=2)


def is_image(file: discord.Attachment) -> bool:
    """Tell whether a file is an image that a model may be able to see."""
    return _media_type(file) in IMAGE_TYPES


def is_small_text(file: discord.Attachment) -> bool:
    """Tell whether a file is a text that is worth reading whole."""
    kind = _media_type(file)
    suffix = PurePosixPath(file.filename).suffix.lower()
    is_text = kind.startswith("text/") or kind in _TEXT_TYPES or suffix in _TEXT_SUFFIXES
    return is_text and file.size <= TEXT_BYTES


def described(file: discord.Attachment) -> str:
    """Return a file that is not read as words: "(a PDF of 2.1 MB, not read)"."""
    kind = PurePosixPath(file.filename).suffix.lstrip(".").upper() or "file"
    return f"(a {kind} of {_size(file.size)}, not read)"


def _media_type(file: discord.Attachment) -> str:
    return (file.content_type or "").partition(";")[0].strip().lower()


def _size(n_bytes: int) -> str:
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    return f"{n_bytes / 1000:.1f} kB" if n_bytes < 1_000_000 else f"{n_bytes / 1_000_000:.1f} MB"


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
