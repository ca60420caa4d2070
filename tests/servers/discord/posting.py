"""How a request becomes a message or changes one: the checks, the files, and whom it pings."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.discord.component_rules import component_faults, displayed, walk
from tests.servers.discord.mentions import mentions_in
from tests.servers.discord.nouns import Attachment, Said
from tests.servers.discord.permissions import may
from tests.servers.discord.refusals import (
    EMPTY_MESSAGE,
    INVALID_FORM,
    NO_HISTORY_TO_REPLY,
    Fault,
    Refusal,
    refuse_form,
)
from tests.servers.discord.rules import (
    COMPONENTS_V2,
    EPHEMERAL,
    FILES,
    LOADING,
    SETTABLE,
    SUPPRESS_EMBEDS,
    message_faults,
)
from tests.servers.discord.wire import Json

if TYPE_CHECKING:
    from tests.servers.discord.interactions import Use
    from tests.servers.discord.nouns import Channel, Message
    from tests.servers.discord.server import DiscordServer

ANSWERABLE = (Said.DEFAULT, Said.REPLY, Said.COMMAND, Said.CONTEXT_MENU)
VISIBLE = ("content", "embeds", "components", "attachments")

Files = Mapping[int, tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Ping:
    """A notification that a message or an edit of the bot brings about; `what` is as it was written."""

    message_id: int
    channel_id: int
    what: str


def send(channel: Channel, body: Json, files: Files, use: Use | None = None, *, kind: Said | None = None) -> Message:
    """Return the bot's new message, after all of Discord's checks; `use` is the interaction that it answers."""
    server = channel.server
    flags = int(body.get("flags") or 0) & (SETTABLE | (EPHEMERAL if use else 0))
    check(body, files, flags)
    reference = _reference(server, channel, body.get("message_reference") or {})
    message = server.post(
        channel,
        server.bot,
        str(body.get("content") or "").strip(),
        kind=kind or (Said.REPLY if reference else Said.DEFAULT),
        flags=flags,
        embeds=_embeds(body),
        components=_components(body),
        attachments=_attached(server, body, files, []),
        reference=reference,
        nonce=body.get("nonce"),
        answers=use,
        webhook_id=server.bot.id if use else None,
        quiet=True,
    )
    note_pings(server, message, body)
    if not message.is_ephemeral:
        server.gateway.announce("MESSAGE_CREATE", message)
    return message


def edit(server: DiscordServer, message: Message, body: Json, files: Files) -> Message:
    """Return the bot's message as changed by a request, after all of Discord's checks."""
    wanted = int(body.get("flags") or 0) if "flags" in body else message.flags
    kept = message.flags & ~(SUPPRESS_EMBEDS | LOADING) | (wanted & (SUPPRESS_EMBEDS | COMPONENTS_V2))
    attachments = message.attachments
    if "attachments" in body or files:
        attachments = _attached(server, body, files, message.attachments)
    after: Json = {"content": message.content, "embeds": message.embeds, "components": message.components}
    after = {**after, **{name: body[name] for name in VISIBLE if name in body}, "attachments": attachments}
    check({**body, **after}, files, kept)
    message.content = str(after["content"] or "").strip()
    message.flags, message.attachments = kept, attachments
    message.embeds = _embeds(body) if "embeds" in body else message.embeds
    message.components = _components(body) if "components" in body else message.components
    message.edited_at = server.clock.now()
    message.states.append(message.text)
    server.edits.append((message.channel.id, time.monotonic()))
    if "content" in body or "components" in body:
        note_pings(server, message, body)
    if not message.is_ephemeral:
        server.gateway.announce("MESSAGE_UPDATE", message)
    server.changed()
    return message


def check(body: Json, files: Files, flags: int) -> None:
    """Raise the refusal of what cannot be a message."""
    refuse_form([*message_faults(body), *component_faults(body, flags)])
    if len(files) > FILES:
        raise Refusal(INVALID_FORM, [Fault("files", "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")])
    shown = [body.get(name) for name in VISIBLE if name != "content"]
    if not str(body.get("content") or "").strip() and not any(shown) and not files and not body.get("poll"):
        raise Refusal(EMPTY_MESSAGE)


def note_pings(server: DiscordServer, message: Message, body: Json) -> None:
    """Work out whom a message notifies, and note it."""
    replied = message.reference.author.id if message.reference else None
    text = f"{message.content}\n{displayed(message.components)}"
    message.mentions = mentions_in(text, body.get("allowed_mentions"), replied)
    server.pings += [Ping(message.id, message.channel.id, what) for what in message.mentions.pings]
    if message.mentions.replied is not None:
        server.reply_pings.append(Ping(message.id, message.channel.id, f"<@{message.mentions.replied}>"))


def _reference(server: DiscordServer, channel: Channel, asked: Json) -> Message | None:
    if not asked.get("message_id"):
        return None
    if channel.guild and not may(server.bot, channel, "read_message_history"):
        raise Refusal(NO_HISTORY_TO_REPLY)
    found = channel.messages.get(int(asked["message_id"]))
    if found is not None and not found.deleted and found.kind in ANSWERABLE:
        return found
    if asked.get("fail_if_not_exists", True):
        raise Refusal(INVALID_FORM, [Fault("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")])
    return None


def _embeds(body: Json) -> list[Json]:
    return [{"type": "rich", **embed} for embed in body.get("embeds") or []]


def _components(body: Json) -> list[Json]:
    """Return the components of a request, each with a number as Discord gives it."""
    components = list(body.get("components") or [])
    for number, part in enumerate(walk(components), 1):
        part.setdefault("id", number)
    return components


def _attached(server: DiscordServer, body: Json, files: Files, before: list[Attachment]) -> list[Attachment]:
    """Return the files of a message: those kept of before, then the new ones."""
    told = body.get("attachments")
    told = told if told is not None else [{"id": number} for number in files]
    wanted = {str(one["id"]): one for one in told}
    kept = [one for one in before if str(one.id) in wanted]
    made = []
    for number, (name, content) in files.items():
        described = wanted.get(str(number), {})
        made.append(attach(server, described.get("filename") or name, content, described.get("description")))
    return [*kept, *made]


def attach(server: DiscordServer, name: str, content: bytes, description: str | None = None) -> Attachment:
    """Return a file, reachable under the server's CDN path."""
    guessed = mimetypes.guess_type(name)[0]
    kind = f"{guessed}; charset=utf-8" if guessed and guessed.startswith("text/") else guessed
    made = Attachment(server.ids.next(), name, content, kind, description)
    server.attachments[made.id] = made
    return made
