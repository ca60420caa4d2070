"""Routes of channels: messages, typing, reactions and threads."""

from __future__ import annotations

import time
from collections.abc import Iterable

from tests.servers.discord import payloads, posting
from tests.servers.discord.nouns import Channel, Kind, Message
from tests.servers.discord.permissions import may, permissions_of, require_open
from tests.servers.discord.refusals import (
    CLOSED_DM,
    INVALID_FORM,
    LOCKED_THREAD,
    MISSING_PERMISSIONS,
    NOT_A_TEXT_CHANNEL,
    OTHERS_MESSAGE,
    THREAD_EXISTS,
    Fault,
    Refusal,
    refuse_form,
)
from tests.servers.discord.rest import Call, Reply, Routes, existing
from tests.servers.discord.rules import THREAD, broken
from tests.servers.discord.wire import Json

NONCE_LIVES_S = 300  # "the past few minutes"

routes = Routes()


def shown(call: Call, message: Message) -> Json:
    """Return a message as REST shows it: by the switch in the portal, not by what the bot identified with."""
    return payloads.message(message, content="message_content" in call.server.intents)


@routes.on("GET", "/channels/{channel}")
async def get_channel(call: Call) -> Reply:
    """A channel."""
    return payloads.channel(call.channel())


@routes.on("GET", "/channels/{channel}/messages")
async def history(call: Call) -> Reply:
    """A page of messages, newest first."""
    channel = call.channel()
    if channel.guild and not may(call.server.bot, channel, "read_message_history"):
        return []
    asked = {name: int(call.http.query[name]) for name in ("after", "before", "around") if name in call.http.query}
    limit = int(call.http.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Refusal(INVALID_FORM, [Fault("limit", "NUMBER_TYPE_RANGE", "Must be between 1 and 100.")])
    present = sorted((one for one in channel.messages.values() if not one.deleted), key=lambda one: one.id)
    return [shown(call, message) for message in reversed(page(present, asked, limit))]


def page(messages: list[Message], asked: dict[str, int], limit: int) -> list[Message]:
    """Return the part of a history, oldest first, that a request asks for."""
    if "around" in asked:
        before = [one for one in messages if one.id < asked["around"]]
        near = before[max(0, len(before) - limit // 2) :]
        return [*near, *[one for one in messages if one.id >= asked["around"]][: limit - len(near)]]
    if "after" in asked:
        return [one for one in messages if one.id > asked["after"]][:limit]
    return [one for one in messages if one.id < asked.get("before", 2**64)][-limit:]


@routes.on("GET", "/channels/{channel}/messages/{message}")
async def get_message(call: Call) -> Reply:
    """One message."""
    return shown(call, call.message(call.channel("read_message_history")))


@routes.on("POST", "/channels/{channel}/messages")
async def send(call: Call) -> Reply:
    """Send a message, or give the one that this nonce has already sent."""
    channel = call.channel("send_messages", *(["attach_files"] if call.files else []))
    require_postable(channel)
    nonce = call.body.get("nonce")
    if nonce is not None and call.body.get("enforce_nonce"):
        since = call.server.clock.now() - NONCE_LIVES_S
        own = [one for one in channel.messages.values() if one.author is call.server.bot and one.created_at > since]
        for message in own:
            if str(message.nonce) == str(nonce):
                return shown(call, message)
    return shown(call, posting.send(channel, call.body, call.files))


def require_postable(channel: Channel) -> None:
    """Raise the refusal of a channel that takes no message; an archived thread wakes up instead."""
    if channel.kind is Kind.FORUM:
        raise Refusal(NOT_A_TEXT_CHANNEL)
    if channel.locked:
        raise Refusal(LOCKED_THREAD)
    if any(person.is_closed for person in channel.recipients):
        raise Refusal(CLOSED_DM)
    channel.archived = False


@routes.on("PATCH", "/channels/{channel}/messages/{message}")
async def edit(call: Call) -> Reply:
    """Edit one of the bot's messages."""
    channel = call.channel()
    message = call.message(channel)
    if message.author is not call.server.bot:
        raise Refusal(OTHERS_MESSAGE)
    require_open(channel)
    return shown(call, posting.edit(call.server, message, call.body, call.files))


@routes.on("DELETE", "/channels/{channel}/messages/{message}")
async def delete(call: Call) -> Reply:
    """Delete a message; another's needs a permission."""
    channel = call.channel()
    message = call.message(channel)
    bot = call.server.bot
    if message.author is not bot and not (channel.guild and may(bot, channel, "manage_messages")):
        raise Refusal(MISSING_PERMISSIONS, to_blame=True)
    require_open(channel)
    call.server.delete(message)
    return None


@routes.on("POST", "/channels/{channel}/typing")
async def typing(call: Call) -> Reply:
    """Show that the bot is writing."""
    channel = call.channel("send_messages")
    call.server.typings.append((channel.id, time.monotonic()))
    return None


@routes.on("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def react(call: Call) -> Reply:
    """React to a message."""
    message = call.message(call.channel("read_message_history", "add_reactions"))
    if call.text("emoji") not in message.reactions:
        message.reactions.append(call.text("emoji"))
    return None


@routes.on("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def take_reaction_back(call: Call) -> Reply:
    """Take a reaction back."""
    message = call.message(call.channel("read_message_history"))
    message.reactions = [one for one in message.reactions if one != call.text("emoji")]
    return None


@routes.on("POST", "/channels/{channel}/messages/{message}/threads")
async def thread_of_message(call: Call) -> Reply:
    """Start a thread from a message."""
    channel = call.channel("create_public_threads")
    message = existing(channel.messages.get(call.number("message")))
    refuse_form(broken(call.body, THREAD))
    if message.thread is not None:
        raise Refusal(THREAD_EXISTS)
    thread = channel.add_thread(call.body["name"], starter=message, owner=call.server.bot)
    return payloads.channel(thread)


@routes.on("POST", "/channels/{channel}/threads")
async def thread_alone(call: Call) -> Reply:
    """Start a thread without a message, or a post in a forum."""
    private = call.body.get("type", Kind.PRIVATE_THREAD) == Kind.PRIVATE_THREAD
    channel = call.channel()
    is_forum = channel.kind is Kind.FORUM
    need = "send_messages" if is_forum else f"create_{'private' if private else 'public'}_threads"
    call.channel(need)
    refuse_form(broken(call.body, THREAD))
    if is_forum:
        posting.check(call.body.get("message") or {}, call.files, 0)
    thread = channel.add_thread(call.body["name"], private=private and not is_forum, owner=call.server.bot)
    if is_forum:
        first = posting.send(thread, call.body["message"], call.files)
        return {**payloads.channel(thread), "message": shown(call, first)}
    return payloads.channel(thread)


@routes.on("PUT", "/channels/{channel}/thread-members/@me")
async def join_thread(call: Call) -> Reply:
    """Join a thread."""
    thread = call.channel()
    require_open(thread)
    thread.thread_members.add(call.server.bot.id)
    return None


@routes.on("DELETE", "/channels/{channel}/thread-members/@me")
async def leave_thread(call: Call) -> Reply:
    """Leave a thread."""
    thread = call.channel()
    require_open(thread)
    thread.thread_members.discard(call.server.bot.id)
    return None


@routes.on("GET", "/channels/{channel}/thread-members")
async def members_of_thread(call: Call) -> Reply:
    """Who is in a thread."""
    thread = call.channel()
    return [payloads.thread_member(thread, one) for one in sorted(thread.thread_members)]


@routes.on("GET", "/guilds/{guild}/threads/active")
async def active_threads(call: Call) -> Reply:
    """The threads of a guild that the bot sees and nobody has archived."""
    bot = call.server.bot
    threads = [one for one in call.guild().threads if permissions_of(bot, one)]
    return {"threads": list(map(payloads.channel, threads)), "members": list(_own_memberships(threads, bot.id))}


def _own_memberships(threads: list[Channel], bot_id: int) -> Iterable[Json]:
    return (payloads.thread_member(thread, bot_id) for thread in threads if bot_id in thread.thread_members)
