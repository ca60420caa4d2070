"""What is written into channels: by people as they like, by the app as Slack's rules allow."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack import payloads
from tests.servers.slack.mentions import Ping, pings_in
from tests.servers.slack.nouns import Channel, File, Message
from tests.servers.slack.people import Person
from tests.servers.slack.refusals import Refusal, refuse
from tests.servers.slack.rules import (
    MARKDOWN_CHARACTERS,
    MESSAGE_BLOCKS,
    TEXT_CHARACTERS,
    Limit,
    block_faults,
    broken,
    markdown_characters,
)
from tests.servers.slack.wire import Ids, Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer


@dataclass
class Posts:
    """Keeps messages and watches whom they notify."""

    server: SlackServer = field(repr=False)
    ephemerals: list[Message] = field(default_factory=list)

    def write(
        self,
        channel: Channel,
        author: Person,
        text: str,
        *,
        thread_ts: str | None = None,
        files: tuple[File, ...] = (),
    ) -> Message:
        """Return a new message of anybody; nobody is told yet."""
        message = Message(channel, author, text, self.server.ids.stamp(), thread_ts, files=files)
        message.states.append(message.shown)
        channel.members.add(author.id)
        channel.messages[message.ts] = message
        return message

    def post(
        self, channel: Channel, body: Json, *, only_for: Person | None = None, method: str = "chat.postMessage"
    ) -> Message:
        """Return a new message of the app, after checking it.

        Args:
            body: the arguments of the method.
            only_for: makes it ephemeral.

        Raises:
            Refusal: Slack would not take it.
        """
        check_content(body, TEXT_CHARACTERS)
        root = body.get("thread_ts")
        message = Message(channel, channel.team.bot, "", self.server.ids.stamp(), root, only_for=only_for)
        self._fill(message, body)
        if only_for is not None:
            self.ephemerals.append(message)
            return message
        channel.messages[message.ts] = message
        self.server.sessions.clear(channel, message.root_ts)
        self.note_pings(method, message, body)
        self.echo(message)
        return message

    def rewrite(self, message: Message, body: Json, most: int = TEXT_CHARACTERS, method: str = "chat.update") -> None:
        """Replace what a message of the app says, after checking it.

        Raises:
            Refusal: Slack would not take it.
        """
        check_content(body, most)
        before = payloads.message(message)
        message.edited_ts = self.server.ids.stamp()
        self._fill(message, body)
        if message.only_for is None:
            self.note_pings(method, message, body)
            self.echo(message, before)

    def _fill(self, message: Message, body: Json) -> None:
        markdown = body.get("markdown_text")
        message.text = str(body.get("text") or markdown or "")
        message.blocks = with_ids(body.get("blocks") or [], self.server.ids)
        if markdown:
            message.blocks = with_ids([{"type": "markdown", "text": markdown}], self.server.ids)
        message.metadata = body.get("metadata") or message.metadata
        message.states.append(message.shown)

    def note_pings(self, method: str, message: Message, body: Json) -> None:
        """Remember whom a message notified; the same mention in a later state of it notifies nobody again."""
        known = {ping.who for ping in self.server.pings if ping.ts == message.ts}
        new = [who for who in dict.fromkeys(pings_in(body)) if who not in known]
        self.server.pings += [Ping(method, message.channel.id, message.ts, who) for who in new]

    def echo(self, message: Message, before: Json | None = None) -> None:
        """Tell the app of its own message or, with `before`, of a change to it, as Slack does."""
        if self.server.echoes and before is None:
            self.server.deliveries.start(self.server.events.said(message))
        elif self.server.echoes and before is not None:
            self.server.deliveries.start(self.server.events.edited(message, before))


def check_content(body: Json, most: int) -> None:
    """Refuse what Slack would not take as a message of up to `most` characters of text.

    Raises:
        Refusal: with the code of chat.postMessage or chat.update.
    """
    if not all(isinstance(body.get(name, ""), str | None) for name in ("text", "markdown_text")):
        raise Refusal("invalid_arguments", ["text must be a string"])
    text, markdown, blocks = body.get("text") or "", body.get("markdown_text"), body.get("blocks") or []
    if markdown is not None and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if not any((str(text).strip(), str(markdown or "").strip(), blocks, body.get("attachments"))):
        raise Refusal("no_text")
    if len(text) > most or len(markdown or "") > MARKDOWN_CHARACTERS:
        raise Refusal("msg_too_long")
    check_blocks(blocks)


def check_blocks(blocks: list[Json]) -> None:
    """Refuse blocks that Slack would not take in a message.

    Raises:
        Refusal: invalid_blocks, or msg_blocks_too_long for too much Markdown.
    """
    refuse("invalid_blocks", broken({"blocks": blocks}, (Limit("blocks", MESSAGE_BLOCKS),), ""))
    refuse("invalid_blocks", block_faults(blocks, "message"))
    if markdown_characters(blocks) > MARKDOWN_CHARACTERS:
        raise Refusal("msg_blocks_too_long")


def with_ids(blocks: list[Json], ids: Ids) -> list[Json]:
    """Return blocks in which those without ids have got some, as Slack gives them."""
    named = deepcopy(blocks)
    for block in named:
        block.setdefault("block_id", ids.next("b"))
        if block["type"] in ("actions", "context_actions", "section", "input"):
            parts = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
            for part in filter(None, parts):
                if part.get("type") != "image":
                    part.setdefault("action_id", ids.next("a"))
    return named
