"""Files that hang on messages: images and small texts are fetched with the bot's token, from Slack alone."""

from __future__ import annotations

import base64
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from adapters.attached import IMAGE_TYPES, TEXT_BYTES
from adapters.slack.reading import Json

HOSTS = frozenset({"files.slack.com"})
"""Where Slack keeps what people share: https://docs.slack.dev/reference/objects/file-object"""

IMAGE_BYTES = 4 * 1024 * 1024
"""Largest image that is shown to the model. As text it grows by a third."""

_CHUNK_BYTES = 16 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=3, connect=2)


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file as Slack tells of it; size in bytes."""

    filename: str
    content_type: str
    size: int
    url: str


def file_of(told: Json) -> SharedFile:
    """Return a file as an event or a history tells of it."""
    name = told.get("name") or told.get("title") or "file"
    size = told.get("size")
    return SharedFile(
        str(name),
        str(told.get("mimetype") or ""),
        size if isinstance(size, int) else 0,
        str(told.get("url_private_download") or told.get("url_private") or ""),
    )


class Files:
    """Fetches files.

    Args:
        hosts: what else may be asked than Slack's own hosts; the token goes to no other.
        proxy: what to go through; empty for none.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: Collection[str], proxy: str) -> None:
        self._session = session
        self._hosts = HOSTS | frozenset(hosts)
        self._proxy = proxy or None

    async def text(self, file: SharedFile, token: str) -> str | None:
        """Return what a text file says; None when it is elsewhere, too large after all, or not to be had.

        Raises:
            aiohttp.ClientError, TimeoutError: Slack's host could not be reached.
        """
        found = await self._fetched(file, token, TEXT_BYTES)
        if found is None or _is_page(found[1], file):
            return None
        return found[0].decode("utf-8", "replace")

    async def image(self, file: SharedFile, token: str) -> str | None:
        """Return an image as an address that holds it; None when it is elsewhere, too large or no image after all.

        Raises:
            aiohttp.ClientError, TimeoutError: Slack's host could not be reached.
        """
        found = await self._fetched(file, token, IMAGE_BYTES)
        if found is None or found[1] not in IMAGE_TYPES:
            return None
        return f"data:{found[1]};base64,{base64.b64encode(found[0]).decode()}"

    async def _fetched(self, file: SharedFile, token: str, most_bytes: int) -> tuple[bytes, str] | None:
        """The content of a file and its media type."""
        address = urlsplit(file.url)
        if address.hostname not in self._hosts or file.size > most_bytes:
            return None
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.get(
            file.url, headers=headers, proxy=self._proxy, timeout=_TIMEOUT, allow_redirects=False
        ) as response:
            if response.status != 200 or (response.content_length or 0) > most_bytes:
                return None
            found = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                found += chunk
                if len(found) > most_bytes:
                    return None
            return bytes(found), response.content_type


def _is_page(media_type: str, file: SharedFile) -> bool:
    """Tell whether a page came in place of a file: without files:read Slack answers 200 with its login page."""
    return media_type == "text/html" and not file.content_type.startswith("text/html")
