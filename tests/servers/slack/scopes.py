"""Which scopes an event needs to be delivered, and which a channel of each kind needs to be read."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS: Mapping[str, tuple[str, ...]] = {
    "agent_session_stopped": ("chat:write",),
    "app_context_changed": (),
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "file_shared": ("files:read",),
    "group_deleted": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "reaction_added": ("reactions:read",),
    "team_join": ("users:read",),
    "tokens_revoked": (),
}
"""Bot events with the scopes of which one suffices; every page of Slack's event reference lists them."""

MESSAGE_EVENTS: Mapping[str, str] = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
"""The subscription that brings the messages of each kind of channel."""

FAMILIES: Mapping[str, str] = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""What scopes call each kind of channel, as in `groups:history`."""

ALL_SCOPES = frozenset(
    {
        *("app_mentions:read", "assistant:write", "chat:write", "commands", "users:read", "team:read"),
        *(f"{family}:{what}" for family in FAMILIES.values() for what in ("history", "read")),
        *("im:write", "mpim:write", "files:read", "files:write", "reactions:read", "reactions:write"),
    }
)
"""What the bot of the default workspace is granted; a test takes away what it wants to miss."""
