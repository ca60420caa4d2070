"""chat.* and reactions.*: posting, changing, deleting, streaming."""

from __future__ import annotations

from tests.servers.slack import payloads
from tests.servers.slack.calls import Call, Method
from tests.servers.slack.nouns import Channel, Message
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.rules import UPDATE_CHARACTERS
from tests.servers.slack.streams import State
from tests.servers.slack.wire import Json


def post_message(call: Call) -> Json:
    """Post to a channel, a thread or a person's direct messages."""
    channel = call.writable()
    _keep_pace(call, channel)
    message = call.server.posts.post(channel, {**call.body, "thread_ts": call.thread(channel)})
    if call.body.get("unfurl_links") is not False or call.body.get("unfurl_media") is not False:
        call.server.unfurls.append(call.request)
    return {"channel": channel.id, "ts": message.ts, "message": payloads.message(message)}


def _keep_pace(call: Call, channel: Channel) -> None:
    """Refuse the second message within a second, if the server counts."""
    server, now = call.server, call.server.clock.now()
    wait_s = server.last_posts.get(channel.id, 0.0) + 1 - now
    if server.one_post_a_second and wait_s > 0:
        raise Refusal("ratelimited", status=429, retry_after_s=1)
    server.last_posts[channel.id] = now


def post_ephemeral(call: Call) -> Json:
    """Post for the eyes of one member of a channel."""
    channel, person = call.writable(), call.person()
    if person.id not in channel.members:
        raise Refusal("user_not_in_channel")
    told = {**call.body, "thread_ts": call.thread(channel)}
    return {"message_ts": call.server.posts.post(channel, told, only_for=person).ts}


def update(call: Call) -> Json:
    """Change a message of the bot."""
    channel = call.writable()
    message = _own(call, channel, "cant_update_message")
    if message.stream is not None and message.stream in call.server.streams.open:
        raise Refusal("streaming_state_conflict")
    call.server.posts.rewrite(message, call.body, UPDATE_CHARACTERS)
    told = {"channel": channel.id, "ts": message.ts, "text": message.text}
    return {**told, "message": payloads.message(message)}


def delete(call: Call) -> Json:
    """Delete a message of the bot."""
    channel = call.writable()
    message = _own(call, channel, "cant_delete_message")
    before, message.deleted = payloads.message(message), True
    if call.server.echoes:
        call.server.deliveries.start(call.server.events.deleted(message, before))
    return {"channel": channel.id, "ts": message.ts}


def _own(call: Call, channel: Channel, code: str) -> Message:
    message = call.message(channel)
    if not message.by_bot:
        raise Refusal(code)
    return message


def get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    place = f"https://{channel.team.domain}.slack.com/archives/{channel.id}"
    return {"channel": channel.id, "permalink": f"{place}/p{message.ts.replace('.', '')}"}


def start_stream(call: Call) -> Json:
    """Begin a streamed message in a thread."""
    call.need("channel", "thread_ts")
    channel = call.writable()
    call.thread(channel, "invalid_thread_ts")
    return {"channel": channel.id, "ts": call.server.streams.start(channel, call.body).ts}


def append_stream(call: Call) -> Json:
    """Add to a streamed message."""
    channel, message = _streamed(call)
    call.server.streams.append(message, call.body)
    return {"channel": channel.id, "ts": message.ts}


def stop_stream(call: Call) -> Json:
    """End a streamed message, perhaps with a status for the session of its thread."""
    channel, message = _streamed(call)
    call.server.streams.stop(message, call.body)
    if call.body.get("session_status"):
        call.server.sessions.set_status(channel, message.root_ts, call.body["session_status"], None)
    assert message.stream is not None
    assert message.stream.state is State.STOPPED
    return {"channel": channel.id, "ts": message.ts, "message": payloads.message(message)}


def _streamed(call: Call) -> tuple[Channel, Message]:
    call.need("channel", "ts")
    channel = call.writable()
    message = call.message(channel)
    if not message.by_bot:
        raise Refusal("message_not_owned_by_app")
    return channel, message


def add_reaction(call: Call) -> Json:
    """Put an emoji under a message."""
    call.need("name", "timestamp")
    message = call.message(call.channel(), "timestamp")
    if call.body["name"] in message.reactions:
        raise Refusal("already_reacted")
    message.reactions.append(call.body["name"])
    return {}


METHODS = {
    "chat.appendStream": Method(append_stream, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink, takes_json=False),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.startStream": Method(start_stream, ("chat:write",)),
    "chat.stopStream": Method(stop_stream, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "reactions.add": Method(add_reaction, ("reactions:write",)),
}
