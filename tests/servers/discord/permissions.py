"""Who may do what where: Discord's permission bits, and how roles and overwrites combine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tests.servers.discord.refusals import ARCHIVED_THREAD, MISSING_ACCESS, MISSING_PERMISSIONS, Refusal

if TYPE_CHECKING:
    from tests.servers.discord.nouns import Channel, Guild
    from tests.servers.discord.people import Person

BITS: Mapping[str, int] = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "use_external_apps": 1 << 50,
}
EVERYTHING = (1 << 53) - 1

OF_EVERYONE = (
    "add_reactions",
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "use_application_commands",
    "create_public_threads",
    "create_private_threads",
    "send_messages_in_threads",
    "use_external_apps",
)
"""What @everyone may do in a new server."""


def bits(names: Iterable[str]) -> int:
    """Return permissions by their names as one number."""
    return sum(BITS[name] for name in set(names))


def permissions_of(person: Person, channel: Channel) -> int:
    """Return what a person may do in a channel; nothing where they cannot see it."""
    if channel.guild is None:
        return EVERYTHING if person in channel.recipients else 0
    member = channel.guild.members.get(person.id)
    if member is None:
        return 0
    base = in_guild(person, channel.guild)
    if base == EVERYTHING:
        return base
    place = channel.parent or channel
    role_ids = [role.id for role in member.roles]
    for layer in ([channel.guild.id], role_ids, [person.id]):
        denied, allowed = 0, 0
        for target in layer:
            deny, allow = place.overwrites.get(target, (0, 0))
            denied, allowed = denied | deny, allowed | allow
        base = base & ~denied | allowed
    outside = channel.is_private_thread and person.id not in channel.thread_members
    if not base & BITS["view_channel"] or (outside and not base & BITS["manage_threads"]):
        return 0
    return base


def in_guild(person: Person, guild: Guild) -> int:
    """Return what a member may do wherever a channel does not say otherwise."""
    member = guild.members[person.id]
    granted = guild.everyone.permissions
    for role in member.roles:
        granted |= role.permissions
    return EVERYTHING if granted & BITS["administrator"] or guild.owner is person else granted


def may(person: Person, channel: Channel, *names: str) -> bool:
    """Whether a person may do all of this in a channel."""
    needed = bits(map(_in_threads, names)) if channel.is_thread else bits(names)
    return permissions_of(person, channel) & needed == needed


def require(person: Person, channel: Channel, *names: str) -> None:
    """Raise the refusal that Discord gives to a person who may not do this here."""
    if not may(person, channel, "view_channel"):
        raise Refusal(MISSING_ACCESS)
    if not may(person, channel, *names):
        raise Refusal(MISSING_PERMISSIONS)


def require_open(channel: Channel) -> None:
    """Raise the refusal of a change in an archived thread."""
    if channel.archived:
        raise Refusal(ARCHIVED_THREAD)


def _in_threads(name: str) -> str:
    return "send_messages_in_threads" if name == "send_messages" else name
