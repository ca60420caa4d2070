"""conversations.*: what channels there are, who is in them and what was said."""

from __future__ import annotations

from tests.servers.slack import payloads
from tests.servers.slack.calls import Call, Method, is_on, page
from tests.servers.slack.nouns import Channel, Message
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def info(call: Call) -> Json:
    """Describe a channel."""
    channel = call.channel(scope="read")
    return {"channel": payloads.channel(channel, channel.has_bot)}


def open_conversation(call: Call) -> Json:
    """Open the direct messages with one person, or a group conversation with several."""
    call.need("users")
    people = [call.known(user_id) for user_id in str(call.body["users"]).split(",")]
    known = [person for person in people if person is not None]
    if len(known) < len(people):
        raise Refusal("user_not_found")
    channel = call.team.im_of(known[0]) if len(known) == 1 else call.team.add_mpim(*known)
    return {"channel": {"id": channel.id}}


def history(call: Call) -> Json:
    """Return what was said in a channel, newest first, replies left out."""
    channel = call.channel(scope="history")
    _belong(channel)
    said = [message for message in channel.visible if message.thread_ts in (None, message.ts)]
    return _page(call, list(reversed(said)))


def replies(call: Call) -> Json:
    """Return a thread, oldest first."""
    channel = call.channel(scope="history")
    _belong(channel)
    found = channel.thread(str(call.body.get("ts")))
    if not found:
        raise Refusal("thread_not_found")
    return _page(call, found)


def members(call: Call) -> Json:
    """Return who is in a channel."""
    channel = call.channel(scope="read")
    ids, more = page([{"id": user_id} for user_id in sorted(channel.members)], call.body)
    return {"members": [member["id"] for member in ids], **more}


def of_the_bot(call: Call) -> Json:
    """Return the channels that the bot is in."""
    kinds = {"public_channel": "channel", "private_channel": "group"}
    types = {kinds.get(kind, kind) for kind in str(call.body.get("types") or "public_channel").split(",")}
    mine = [channel for channel in call.server.channels.values() if channel.team is call.team and channel.has_bot]
    listed = [payloads.channel(channel, member=True) for channel in mine if channel.kind in types]
    shown, more = page(listed, call.body)
    return {"channels": shown, **more}


def _belong(channel: Channel) -> None:
    if not channel.has_bot:
        raise Refusal("not_in_channel")


def _page(call: Call, messages: list[Message]) -> Json:
    oldest, latest = str(call.body.get("oldest") or "0"), str(call.body.get("latest") or "9")
    same = is_on(call.body.get("inclusive"))
    within = [
        message for message in messages if oldest < message.ts < latest or (same and message.ts in (oldest, latest))
    ]
    shown, more = page([payloads.message(message) for message in within], call.body)
    return {"messages": shown, "has_more": bool(more["response_metadata"]["next_cursor"]), **more}


METHODS = {
    "conversations.history": Method(history, HISTORY, takes_json=False),
    "conversations.info": Method(info, READ, takes_json=False),
    "conversations.members": Method(members, READ, takes_json=False),
    "conversations.open": Method(open_conversation, ("im:write", "mpim:write")),
    "conversations.replies": Method(replies, HISTORY, takes_json=False),
    "users.conversations": Method(of_the_bot, READ, takes_json=False),
}
