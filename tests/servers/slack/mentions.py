"""Whom a message notifies, by all the ways in which Slack lets a text do so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.slack.wire import Json

TOKEN = re.compile(r"<(?:!(?:channel|here|everyone)|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>")
PLAIN = re.compile(r"(?<![\w.])@[\w.-]+")


@dataclass(frozen=True, slots=True)
class Ping:
    """Somebody was notified: by which method, where, and the mention as it was written."""

    method: str
    channel: str
    ts: str
    who: str


def pings_in(body: Json) -> Iterator[str]:
    """Yield the effective mentions of a message as it was sent.

    `link_names` and `parse=full` turn a plain @name into one.
    """
    names = body.get("parse") == "full" or str(body.get("link_names", "")).lower() in ("1", "true")
    for text in mrkdwn_in(body):
        yield from (found.group() for found in TOKEN.finditer(text))
        if names:
            yield from (found.group() for found in PLAIN.finditer(text))
    yield from _rich_pings(body.get("blocks"))


def mrkdwn_in(body: Json) -> Iterator[str]:
    """Yield every text of a message in which a mention would work."""
    for name in ("text", "markdown_text"):
        if isinstance(body.get(name), str):
            yield body[name]
    yield from _in_blocks(body.get("blocks"))
    yield from _in_blocks(body.get("chunks"))
    for attachment in body.get("attachments") or []:
        yield from (attachment[name] for name in ("text", "pretext") if isinstance(attachment.get(name), str))
        yield from _in_blocks(attachment.get("blocks"))


def _in_blocks(thing: object) -> Iterator[str]:
    if isinstance(thing, list):
        for part in thing:
            yield from _in_blocks(part)
    elif isinstance(thing, dict):
        if thing.get("type") in ("mrkdwn", "markdown", "markdown_text") and isinstance(thing.get("text"), str):
            yield thing["text"]
        for part in thing.values():
            yield from _in_blocks(part)


def _rich_pings(thing: object) -> Iterator[str]:
    if isinstance(thing, list):
        for part in thing:
            yield from _rich_pings(part)
    elif isinstance(thing, dict):
        if thing.get("type") == "user" and "user_id" in thing:
            yield f"<@{thing['user_id']}>"
        elif thing.get("type") == "usergroup" and "usergroup_id" in thing:
            yield f"<!subteam^{thing['usergroup_id']}>"
        elif thing.get("type") == "broadcast" and "range" in thing:
            yield f"<!{thing['range']}>"
        for part in thing.values():
            yield from _rich_pings(part)
