"""The one way in which messages leave: nobody is pinged but whoever is answered, and links get no previews."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import aiohttp
import discord
from discord.utils import MISSING

from bot.errors import PlatformError

MESSAGE_CHARACTERS = 2000
"""Most characters of a message: https://discord.com/developers/docs/resources/message#create-message"""

ASKER_ONLY = discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True)
"""Whoever is replied to is told so, as after any reply on Discord; nothing that stands in a text pings."""

FAULTS = (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError)
"""What a call of the library may raise: its own, the network's, and RuntimeError once its session is closed."""

_NO_HISTORY_TO_REPLY = 160002
"""JSON error code of a reply where the bot may write, but not read what was said before."""

_CLOSED_THREAD = (50083, 160005)
"""JSON error codes of a thread that was archived or locked:
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""


class Gone(PlatformError):
    """A message, or the channel it is in, is no longer there; or it is a thread that was closed."""


class Refused(PlatformError):
    """The bot may not do this here; asking again changes nothing."""


@contextmanager
def our_errors(what: str) -> Iterator[None]:
    """Turn the library's errors into ours; `what` was done says it for the log, without contents.

    Raises:
        Gone, Refused, PlatformError: instead of what the block raised.
    """
    try:
        yield
    except discord.Forbidden as error:
        raise Refused(f"Discord refused {what} (HTTP 403, code {error.code})") from error
    except discord.NotFound as error:
        raise Gone(f"Discord does not know where {what} is to go (HTTP 404, code {error.code})") from error
    except discord.HTTPException as error:
        kind = Gone if error.code in _CLOSED_THREAD else PlatformError
        raise kind(f"Discord did not take {what} (HTTP {error.status}, code {error.code})") from error
    except FAULTS as error:
        raise PlatformError(f"Discord could not be reached for {what} ({type(error).__name__})") from error


async def safe_send(
    channel: discord.abc.Messageable,
    text: str,
    *,
    nonce: str | None = None,
    reply_to: discord.MessageReference | None = None,
    view: discord.ui.View | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> discord.Message:
    """Send a message and return it as Discord has it.

    Args:
        nonce: up to 25 characters; for some minutes, sending with the same one again gives back the first message.
        reply_to: the message that it answers, whose author is pinged. One that is gone is no hindrance.
        files: the name and content of each.

    Raises:
        Gone, Refused, PlatformError: it was not sent.
    """
    with our_errors("a message"):
        try:
            return await _send(channel, text, files, nonce=nonce, reference=reply_to, view=view)
        except discord.HTTPException as error:
            if reply_to is None or error.code != _NO_HISTORY_TO_REPLY:
                raise
        return await _send(channel, text, files, nonce=nonce, view=view)


async def _send(
    channel: discord.abc.Messageable,
    text: str,
    files: Sequence[tuple[str, bytes]],
    **options: Any,  # noqa: ANN401 - of several kinds
) -> discord.Message:
    """Options that are None are left out: the library's overloads do not take them."""
    given = {name: value for name, value in options.items() if value is not None}
    if files:
        given["files"] = _uploads(files)
    return await channel.send(text, allowed_mentions=ASKER_ONLY, suppress_embeds=True, **given)


async def safe_edit(
    message: discord.PartialMessage,
    text: str,
    *,
    view: discord.ui.View | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> None:
    """Change what a message of the bot says, and its buttons; an edit pings nobody.

    Args:
        files: in place of those it has; without any they stay.

    Raises:
        Gone, Refused, PlatformError: it was not changed.
    """
    with our_errors("an edit"):
        attachments = _uploads(files) or MISSING
        await message.edit(content=text, view=view, attachments=attachments, allowed_mentions=ASKER_ONLY)


def _uploads(files: Sequence[tuple[str, bytes]]) -> list[discord.File]:
    """New ones for each call, which reads them to their end."""
    return [discord.File(io.BytesIO(content), name) for name, content in files]


async def safe_delete(message: discord.PartialMessage) -> None:
    """Delete a message of the bot; one that is gone already is no error.

    Raises:
        Refused, PlatformError: it was not deleted.
    """
    with suppress(Gone), our_errors("a deletion"):
        await message.delete()
