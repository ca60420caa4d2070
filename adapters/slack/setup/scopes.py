"""What the app asks of a workspace: the scopes and events that one configuration needs, and for what. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """A scope or an event, and what the bot does with it. context: only where it reads what is said around it."""

    name: str
    reason: str
    context: bool = False


SCOPES = (
    Need("app_mentions:read", "hears when it is mentioned"),
    Need("assistant:write", "shows that it works on an answer, and suggests what to ask, as an agent"),
    Need("channels:read", "knows which channels are public: what is said elsewhere stays there"),
    Need("chat:write", "answers"),
    Need("commands", "has commands and shortcuts"),
    Need("files:read", "reads text files and images that come with a message to it"),
    Need("files:write", "hands out an export that is too long for a message"),
    Need("groups:read", "knows which private channels are shared with another company: of it nothing is kept"),
    Need("im:history", "reads direct messages to it"),
    Need("im:read", "tells its direct messages from other places where a command is used"),
    Need("im:write", "writes to a person who used a command elsewhere"),
    Need("users:read", "knows who is a guest, of whom nothing is kept, and who is an admin"),
    Need("channels:history", "reads public channels that it is in", context=True),
    Need("groups:history", "reads private channels that it is in", context=True),
    Need("mpim:history", "reads conversations of several people that it is in", context=True),
)
"""Bot scopes: https://docs.slack.dev/reference/scopes."""

EVENTS = (
    Need("agent_session_stopped", "an answer was stopped"),
    Need("app_home_opened", "somebody looks at the home tab or the messages tab"),
    Need("app_mention", "it was mentioned"),
    Need("app_uninstalled", "it was removed: what it knows of the workspace is erased"),
    Need("channel_deleted", "a public channel was deleted: what was learned in it is forgotten"),
    Need("channel_id_changed", "a private channel is shared with another company, and has another id"),
    Need("group_deleted", "a private channel was deleted"),
    Need("message.im", "a direct message came, was changed or deleted"),
    Need("tokens_revoked", "its token was taken away"),
    Need("message.channels", "something was said, changed or deleted in a public channel", context=True),
    Need("message.groups", "the same in a private channel", context=True),
    Need("message.mpim", "the same in a conversation of several people", context=True),
)
"""Bot events: https://docs.slack.dev/reference/events."""


def scopes_for(*, context: bool) -> list[str]:
    """Return the bot scopes that are needed with and without what is said around a mention, in order."""
    return _names(SCOPES, context)


def events_for(*, context: bool) -> list[str]:
    """Return the bot events that are needed with and without what is said around a mention, in order."""
    return _names(EVENTS, context)


def _names(needs: Sequence[Need], context: bool) -> list[str]:
    return sorted(need.name for need in needs if context or not need.context)
