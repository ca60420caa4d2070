"""Streamed messages: begun, appended to and stopped by the app, ended by time or by a person's stop button."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from tests.servers.slack import payloads
from tests.servers.slack.nouns import Channel, Message
from tests.servers.slack.posts import check_blocks, with_ids
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.rules import MARKDOWN_CHARACTERS
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

CHUNKS = frozenset({"markdown_text", "task_update", "plan_update", "blocks"})


class State(Enum):
    """What became of a stream."""

    OPEN = "open"
    STOPPED = "stopped by the app"
    EXPIRED = "expired"
    STOPPED_BY_PERSON = "stopped by a person"


@dataclass(eq=False)
class Stream:
    """One streamed message. `shape` is text or chunks, as its first content had it; it cannot change."""

    message: Message
    began_at: float
    state: State = State.OPEN
    shape: str | None = None
    parts: list[str] = field(default_factory=list)


@dataclass
class Streams:
    """All streams of the app."""

    server: SlackServer = field(repr=False)
    all: list[Stream] = field(default_factory=list)

    @property
    def open(self) -> list[Stream]:
        """Those that still spin in front of somebody."""
        return [stream for stream in self.all if self._state(stream) is State.OPEN]

    def expire(self) -> None:
        """End all that are open, as Slack does after a while."""
        for stream in self.open:
            stream.state = State.EXPIRED

    def stopped_by_person(self, channel: Channel, root_ts: str) -> list[str]:
        """End those of a thread and return their stamps."""
        found = [stream for stream in self.open if stream.message.root_ts == root_ts]
        found = [stream for stream in found if stream.message.channel is channel]
        for stream in found:
            stream.state = State.STOPPED_BY_PERSON
        return [stream.message.ts for stream in found]

    def start(self, channel: Channel, body: Json) -> Message:
        """Return the message that a new stream writes."""
        if body.get("thread_ts") not in channel.messages:
            raise Refusal("invalid_thread_ts")
        if channel.kind != "im":
            for name in ("recipient_team_id", "recipient_user_id"):
                if not body.get(name):
                    raise Refusal(f"missing_{name}")
        if not body.get("recipient_team_id", "T").startswith("T"):
            raise Refusal("invalid_arguments", ["recipient_team_id is no workspace"])
        bot = channel.team.bot
        message = Message(channel, bot, "", self.server.ids.stamp(), channel.messages[body["thread_ts"]].root_ts)
        stream = message.stream = Stream(message, self.server.clock.now())
        text = self._content(stream, body)
        channel.messages[message.ts] = message
        self.all.append(stream)
        self.server.sessions.clear(channel, message.root_ts)
        self._add(stream, text, body, "chat.startStream")
        self.server.posts.echo(message)
        return message

    def append(self, message: Message, body: Json) -> None:
        """Add to a stream that is open."""
        stream = self._opened(message)
        text = self._content(stream, body)
        if not body.get("markdown_text") and not body.get("chunks"):
            raise Refusal("no_text")
        self._add(stream, text, body, "chat.appendStream")

    def stop(self, message: Message, body: Json) -> None:
        """End a stream, perhaps with a last piece and blocks below it."""
        stream, before = self._opened(message), payloads.message(message)
        text, blocks = self._content(stream, body), body.get("blocks") or []
        check_blocks(blocks)
        self._add(stream, text, body, "chat.stopStream")
        below = with_ids(blocks, self.server.ids)
        message.blocks = [*with_ids([{"type": "markdown", "text": message.text}], self.server.ids), *below]
        message.metadata = body.get("metadata") or message.metadata
        message.states.append(message.shown)
        stream.state = State.STOPPED
        self.server.posts.echo(message, before)

    def _opened(self, message: Message) -> Stream:
        stream = message.stream
        state = self._state(stream) if stream else State.STOPPED
        if stream is not None and state is State.OPEN:
            return stream
        if state is State.STOPPED_BY_PERSON:
            raise Refusal("stopped_by_user")
        raise Refusal("message_not_in_streaming_state", is_fault=state is State.STOPPED)

    def _state(self, stream: Stream) -> State:
        age_s = self.server.clock.now() - stream.began_at
        if stream.state is State.OPEN and age_s > self.server.timing.stream_s:
            stream.state = State.EXPIRED
        return stream.state

    def _content(self, stream: Stream, body: Json) -> str:
        """Return the text that a call brings, after checking its size and shape."""
        chunks, text = body.get("chunks") or [], body.get("markdown_text") or ""
        if any(chunk.get("type") not in CHUNKS for chunk in chunks):
            raise Refusal("invalid_chunks")
        if chunks and text:
            raise Refusal("invalid_arguments", ["markdown_text and chunks exclude each other"])
        shape = "chunks" if chunks else "text" if text else stream.shape
        if stream.shape is not None and shape != stream.shape:
            raise Refusal("streaming_mode_mismatch")
        text = text or "".join(chunk.get("text") or "" for chunk in chunks if chunk["type"] == "markdown_text")
        if len(text) > MARKDOWN_CHARACTERS:
            raise Refusal("msg_too_long")
        stream.shape = shape
        return text

    def _add(self, stream: Stream, text: str, body: Json, method: str) -> None:
        message = stream.message
        stream.parts += [text] if text else []
        message.text += text
        if text:
            message.states.append(message.shown)
        # A mention may be cut in two by the end of a call, so the whole text is looked at each time.
        self.server.posts.note_pings(method, message, {"text": message.text, "blocks": body.get("blocks")})
