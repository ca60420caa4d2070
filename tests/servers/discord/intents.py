"""Which events a bot asks for with its intents, and which of them need a switch in the developer portal."""

from __future__ import annotations

from collections.abc import Mapping

INTENTS: Mapping[str, int] = {
    "guilds": 1 << 0,
    "members": 1 << 1,
    "presences": 1 << 8,
    "guild_messages": 1 << 9,
    "guild_reactions": 1 << 10,
    "guild_typing": 1 << 11,
    "dm_messages": 1 << 12,
    "dm_reactions": 1 << 13,
    "dm_typing": 1 << 14,
    "message_content": 1 << 15,
}
KNOWN = (1 << 26) - 1
PRIVILEGED = ("members", "presences", "message_content")

LIMITED_FLAGS: Mapping[str, int] = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}
"""The application's flags that show a switch as on, for a bot in fewer than a hundred guilds."""

OF_GUILDS = ("guilds", "guilds")
OF_MESSAGES = ("guild_messages", "dm_messages")
OF_MEMBERS = ("members", "members")

EVENT_INTENTS: Mapping[str, tuple[str, str]] = {
    "GUILD_CREATE": OF_GUILDS,
    "GUILD_DELETE": OF_GUILDS,
    "GUILD_ROLE_CREATE": OF_GUILDS,
    "GUILD_ROLE_UPDATE": OF_GUILDS,
    "CHANNEL_CREATE": OF_GUILDS,
    "CHANNEL_UPDATE": OF_GUILDS,
    "CHANNEL_DELETE": OF_GUILDS,
    "THREAD_CREATE": OF_GUILDS,
    "THREAD_UPDATE": OF_GUILDS,
    "THREAD_DELETE": OF_GUILDS,
    "THREAD_MEMBERS_UPDATE": OF_GUILDS,
    "GUILD_MEMBER_ADD": OF_MEMBERS,
    "GUILD_MEMBER_REMOVE": OF_MEMBERS,
    "MESSAGE_CREATE": OF_MESSAGES,
    "MESSAGE_UPDATE": OF_MESSAGES,
    "MESSAGE_DELETE": OF_MESSAGES,
    "MESSAGE_DELETE_BULK": OF_MESSAGES,
    "MESSAGE_REACTION_ADD": ("guild_reactions", "dm_reactions"),
    "TYPING_START": ("guild_typing", "dm_typing"),
}
"""The intent of each event in a guild and in a DM; what is not listed comes to every bot."""


def wants(intents: int, event: str, *, in_guild: bool) -> bool:
    """Whether a bot with these intents is sent an event."""
    names = EVENT_INTENTS.get(event)
    return names is None or bool(intents & INTENTS[names[0 if in_guild else 1]])


def refusal_code(intents: object, enabled: set[str]) -> int | None:
    """Return the code that Discord closes with when it does not take these intents, None if it does."""
    if not isinstance(intents, int) or intents & ~KNOWN:
        return 4013
    if any(intents & INTENTS[name] and name not in enabled for name in PRIVILEGED):
        return 4014
    return None
