"""assistant.threads.* and agents.sessions.*: what an agent shows beside its messages."""

from __future__ import annotations

from tests.servers.slack.calls import Call, Method
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json

PROMPTS = 4
LOADING_MESSAGES = 10


def set_status(call: Call) -> Json:
    """Show what the agent is doing in a thread, nothing with an empty text."""
    call.need("channel_id", "thread_ts")
    channel = call.writable("channel_id")
    root = call.thread(channel, "invalid_thread_ts")
    if "status" not in call.body or len(call.body.get("loading_messages") or []) > LOADING_MESSAGES:
        raise Refusal("invalid_arguments", [f"status is required, with up to {LOADING_MESSAGES} loading messages"])
    call.server.sessions.show(channel, str(root), str(call.body["status"]))
    return {}


def set_title(call: Call) -> Json:
    """Name a thread of the messages tab."""
    call.need("channel_id", "thread_ts", "title")
    channel = call.writable("channel_id")
    call.server.sessions.rename(channel, str(call.thread(channel, "invalid_thread_ts")), str(call.body["title"]))
    return {}


def set_suggested_prompts(call: Call) -> Json:
    """Offer things to say in the messages tab."""
    call.need("channel_id", "prompts")
    channel = call.writable("channel_id")
    prompts = call.body["prompts"]
    if channel.kind != "im":
        raise Refusal("channel_type_not_supported")
    if not 1 <= len(prompts) <= PROMPTS or not all(one.get("title") and one.get("message") for one in prompts):
        raise Refusal("invalid_arguments", [f"1 to {PROMPTS} prompts, each with title and message"])
    call.thread(channel, "invalid_thread_ts")
    call.server.prompts[channel.id] = list(prompts)
    return {}


def set_session_status(call: Call) -> Json:
    """Move the session of a thread to another state."""
    call.need("channel_id", "thread_ts", "status")
    channel = call.writable("channel_id")
    root, title = str(call.thread(channel, "invalid_thread_ts")), call.body.get("title")
    session = call.server.sessions.set_status(channel, root, str(call.body["status"]), title)
    told: Json = {"status": session.status, "title": session.title}
    if "agent_session_stopped" not in call.server.bot_events:
        told["warning"] = "missing_agent_session_stopped_event_subscription"
    return told


def rename_session(call: Call) -> Json:
    """Give a session another title."""
    call.need("channel_id", "thread_ts", "title")
    channel = call.writable("channel_id")
    root = str(call.thread(channel, "invalid_thread_ts"))
    return {"title": call.server.sessions.rename(channel, root, str(call.body["title"])).title}


METHODS = {
    "agents.sessions.rename": Method(rename_session, ("chat:write",)),
    "agents.sessions.setStatus": Method(set_session_status, ("chat:write",)),
    "assistant.threads.setStatus": Method(set_status, ("assistant:write", "chat:write")),
    "assistant.threads.setSuggestedPrompts": Method(set_suggested_prompts, ("assistant:write",)),
    "assistant.threads.setTitle": Method(set_title, ("assistant:write",)),
}
