"""A file of the assistant on Slack: sent as one or, where the app may send none, what fits of it into messages."""

from __future__ import annotations

import io
from contextlib import suppress

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import Refused, our_errors
from adapters.slack.history import messages_of
from adapters.slack.sending import once
from adapters.slack.spot import Spot
from bot.events import ReplyFile

SHOWN_CHARACTERS = 32_000
"""Most characters of a file that stand in messages in its place; an answer that only its asker sees takes them all."""

NO_FILES = "I may not send files here: the app lacks the permission files:write, which whoever runs me can add."
_FITS = f"{NO_FILES} This is everything, one memory a line:"
_BEGINNING = f"{NO_FILES} This is the beginning, {{shown:,}} of {{total:,}} memories:"


async def upload(
    client: AsyncWebClient, channel_id: str, file: ReplyFile, *, thread_ts: str | None = None, comment: str = ""
) -> None:
    """Send a file.

    Args:
        comment: said with it, in mrkdwn.

    Raises:
        Refused: the app may send none.
        Gone, PlatformError: it was not sent.
        Unsure: it may have been sent.
    """
    with our_errors("a file", once=True):
        await client.files_upload_v2(
            channel=channel_id,
            thread_ts=thread_ts,
            filename=file.name,
            content=file.content,
            initial_comment=comment or None,
        )


async def safe_upload(spot: Spot, file: ReplyFile, *, resumes: bool) -> None:
    """Send a file beside a reply, once: it is looked for when an earlier run, or a call whose answer was lost, sent it.

    Args:
        resumes: an earlier run may have sent it.

    Raises:
        Gone, Refused, Unsure, PlatformError: as for `upload`.
    """

    async def send() -> bool:
        await upload(spot.workspace.client, spot.channel_id, file, thread_ts=spot.thread_ts)
        return True

    async def found() -> bool | None:
        return await _is_sent(spot, file) or None

    if resumes:
        with suppress(Refused):  # where nothing can be looked up, twice is better than never
            if await _is_sent(spot, file):
                return
    await once(send, found)


def beginning_of(file: ReplyFile, most_characters: int) -> str:
    """Return as many of a file's lines as may be shown, and why they are."""
    lines, shown, room = list(io.StringIO(file.content)), list[str](), most_characters
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        shown.append(line)
    first = _FITS if len(shown) == len(lines) else _BEGINNING.format(shown=len(shown), total=len(lines))
    return f"{first}\n{''.join(shown)}".rstrip("\n")


async def _is_sent(spot: Spot, file: ReplyFile) -> bool:
    """Whether the bot sent a file of this name after the question."""
    workspace = spot.workspace
    told = await messages_of(workspace, spot.channel_id, spot.thread_ts, oldest=spot.ts)
    own = (one for one in told if workspace.user_id == one.get("user") and str(one["ts"]) > spot.ts)
    return any(one.get("name") == file.name for message in own for one in message.get("files") or ())
