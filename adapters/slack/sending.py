"""The one way in which messages leave: nobody is mentioned, links get no previews, and nothing is posted twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from adapters.slack.faults import Gone, Passing, Unsure, our_errors
from adapters.slack.history import messages_of
from adapters.slack.interface.kit import sections
from adapters.slack.mrkdwn import fallback, markdown_block
from adapters.slack.spot import Spot
from bot.errors import PlatformError

METADATA = "forgetmenot_reply"
"""The type of the metadata by which a message of a reply is found again, and what it answers; it holds ids alone."""

SETTLE_S = 0.5
"""Seconds before it is looked whether a post whose answer was lost was made."""

Block = dict[str, Any]

_Result = TypeVar("_Result")

_SILENT: Mapping[str, Any] = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message shows between small blocks: Markdown, which is to be inert, or plain text."""

    text: str
    above: tuple[Block, ...] = ()
    below: tuple[Block, ...] = ()
    is_plain: bool = False

    @property
    def blocks(self) -> list[Block]:
        """All of it."""
        words = sections(self.text) if self.is_plain else [markdown_block(self.text)] if self.text else []
        return [*self.above, *words, *self.below]

    @property
    def notification(self) -> str:
        """What stands for it in a notification, in mrkdwn."""
        return fallback(self.text, is_plain=self.is_plain)


@dataclass(frozen=True, slots=True)
class Found:
    """A message of a reply that an earlier run gave, or that was posted without our being told."""

    ts: str
    key: str


@dataclass(frozen=True, slots=True)
class Question:
    """A message that was answered. source_id: what names it."""

    asker_id: str
    source_id: str


async def safe_post(spot: Spot, content: Content, key: str) -> str:
    """Post a message and return its stamp. One whose answer is lost is looked for before it is posted again.

    Args:
        key: tells it from every other message.

    Raises:
        Unsure: it may have been posted, and that cannot be found out.
        Passing: the same, but for now; or it was not posted.
        Gone, Refused, PlatformError: it was not posted.
    """

    async def found() -> str | None:
        return next((one.ts for one in await posted_before(spot) if one.key == key), None)

    return await once(partial(_post, spot, content, key), found)


async def once(do: Callable[[], Awaitable[_Result]], found: Callable[[], Awaitable[_Result | None]]) -> _Result:
    """Do what must not be done twice: when its answer is lost, it is looked for before it is done again.

    Args:
        do: does it and returns what comes of it.
        found: returns what came of it, None when it was not done.

    Raises:
        Unsure: it may have been done, and that cannot be found out.
        Passing: the same, but for now; or it was not done, twice.
        PlatformError: `do`'s own.
    """
    for _ in range(2):
        try:
            return await do()
        except Unsure as unsure:
            await asyncio.sleep(SETTLE_S)
            try:
                before = await found()
            except Passing:
                raise
            except PlatformError:
                raise unsure from None
            if before is not None:
                return before
    raise Passing("Slack confirmed nothing, twice, and did nothing")


async def tell_asker(spot: Spot, text: str) -> None:
    """Say something to the asker alone.

    Raises:
        PlatformError: it was not said, or that is not known.
    """
    content = Content(text)
    if spot.is_direct:
        await _post(spot, content, f"{spot.key}#aside")
        return
    with our_errors("a word to the asker", once=True):
        await spot.workspace.client.chat_postEphemeral(
            channel=spot.channel_id,
            user=spot.user_id,
            thread_ts=spot.thread_ts,
            text=content.notification,
            blocks=content.blocks,
        )


async def safe_change(spot: Spot, ts: str, content: Content, key: str) -> None:
    """Change what a message of the bot shows.

    Raises:
        Gone, Refused, PlatformError: it was not changed.
    """
    with our_errors("an edit"):
        await spot.workspace.client.chat_update(
            channel=spot.channel_id,
            ts=ts,
            text=content.notification,
            blocks=content.blocks,
            metadata=_metadata(spot, key),
            **_SILENT,
        )


async def safe_delete(spot: Spot, ts: str) -> None:
    """Delete a message of the bot; one that is gone already is no error.

    Raises:
        Refused, PlatformError: it was not deleted.
    """
    with suppress(Gone), our_errors("a deletion"):
        await spot.workspace.client.chat_delete(channel=spot.channel_id, ts=ts)


async def begin_stream(spot: Spot, text: str) -> str:
    """Begin a message that grows, and return its stamp.

    Raises:
        Gone, Refused, PlatformError: there is none.
    """
    with our_errors("a stream", once=True):
        answer = await spot.workspace.client.chat_startStream(
            channel=spot.channel_id,
            thread_ts=spot.thread_ts or spot.ts,
            markdown_text=text,
            recipient_team_id=spot.workspace.team_id or None,  # an organisation is none; direct messages need none
            recipient_user_id=spot.user_id,
        )
    return str(answer["ts"])


async def append_to_stream(spot: Spot, ts: str, text: str) -> None:
    """Add to a message that grows.

    Raises:
        Gone, Refused, PlatformError: it was not added.
    """
    with our_errors("a piece of a stream", once=True):
        await spot.workspace.client.chat_appendStream(channel=spot.channel_id, ts=ts, markdown_text=text)


async def end_stream(spot: Spot, ts: str, key: str, *, text: str = "", below: tuple[Block, ...] = ()) -> None:
    """Let a message grow no more, after a last piece and with blocks below it.

    Raises:
        Gone, Refused, PlatformError: it had ended before, and the last piece is not in it.
    """
    with our_errors("the end of a stream", once=True):
        await spot.workspace.client.chat_stopStream(
            channel=spot.channel_id,
            ts=ts,
            markdown_text=text or None,
            blocks=list(below) or None,
            metadata=_metadata(spot, key),
        )


async def posted_before(spot: Spot) -> list[Found]:
    """Return the bot's messages after the question that are of a reply, oldest first; without a key if it broke off.

    Raises:
        Gone, Refused, PlatformError: Slack does not tell, as where the app may read no history.
    """
    told = await messages_of(spot.workspace, spot.channel_id, spot.thread_ts, oldest=spot.ts, include_all_metadata=True)
    own = [one for one in told if one.get("bot_id") == spot.workspace.bot_id and str(one["ts"]) > spot.ts]
    return [Found(str(one["ts"]), _key_of(one)) for one in own]


async def _post(spot: Spot, content: Content, key: str) -> str:
    with our_errors("a message", once=True):
        answer = await spot.workspace.client.chat_postMessage(
            channel=spot.channel_id,
            thread_ts=spot.thread_ts,
            text=content.notification,
            blocks=content.blocks,
            metadata=_metadata(spot, key),
            **_SILENT,
        )
    return str(answer["ts"])


def question_of(told: Mapping[str, Any]) -> Question | None:
    """Return what a message of the bot answers; None when its metadata does not say."""
    noted = _noted_in(told)
    asker_id, source_id = noted.get("asker"), noted.get("question")
    return Question(str(asker_id), str(source_id)) if asker_id and source_id else None


def _metadata(spot: Spot, key: str) -> Block:
    noted = {"key": key, "asker": spot.user_id, "question": spot.source_id}
    return {"event_type": METADATA, "event_payload": noted}


def _key_of(told: Mapping[str, Any]) -> str:
    return str(_noted_in(told).get("key") or "")


def _noted_in(told: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = told.get("metadata") or {}
    return (metadata.get("event_payload") or {}) if metadata.get("event_type") == METADATA else {}
