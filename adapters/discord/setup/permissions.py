"""Which permissions the bot asks for and why, and which it has in a channel; not how they are found out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from discord import Permissions


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that the bot asks for. `name` is the library's, `shown` is what Discord's settings call it.

    essential: without it the bot gives no answer.
    """

    name: str
    shown: str
    reason: str
    essential: bool = False

    def met(self, permissions: Permissions) -> bool:
        """Tell whether some permissions include it."""
        return bool(getattr(permissions, self.name))


NEEDS = (
    Need("view_channel", "View Channels", "to see what is said to it", essential=True),
    Need("send_messages", "Send Messages", "to answer", essential=True),
    # A message that replies to another is refused without it (API reference, "Create Message").
    Need("read_message_history", "Read Message History", "to reply, and to see what led to it", essential=True),
    Need("send_messages_in_threads", "Send Messages in Threads", "to answer in threads and forum posts"),
    Need("attach_files", "Attach Files", "to hand out exports"),
)
"""Everything that is asked for. No Embed Links: answers show no previews. Nothing is done to people or channels."""


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What one channel allows and denies a role or member."""

    subject_id: str
    allow: int
    deny: int


def wanted() -> Permissions:
    """Return everything that is asked for."""
    return Permissions(**{need.name: True for need in NEEDS})


def in_channel(
    base: int, overwrites: Iterable[Overwrite], *, guild_id: str, role_ids: Collection[str], user_id: str
) -> Permissions:
    """Return what a member may do in a channel (API reference, "Permission Overwrites").

    Args:
        base: what the member's roles and @everyone, whose id is the guild's, allow together.
    """
    permissions = Permissions(base)
    if permissions.administrator:
        return Permissions.all()
    given = {overwrite.subject_id: overwrite for overwrite in overwrites}
    roles = [given[role_id] for role_id in role_ids if role_id in given and role_id != guild_id]
    allowed = denied = 0
    for overwrite in roles:
        allowed |= overwrite.allow
        denied |= overwrite.deny
    nothing = Overwrite("", 0, 0)
    for step in (given.get(guild_id, nothing), Overwrite("", allowed, denied), given.get(user_id, nothing)):
        permissions.handle_overwrite(step.allow, step.deny)
    return permissions
