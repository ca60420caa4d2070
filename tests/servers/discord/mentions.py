"""Who a text pings: what it names, and what the request's `allowed_mentions` lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.discord.wire import Json

EVERYONE = re.compile(r"@(?:everyone|here)")
USER = re.compile(r"<@!?(\d{1,20})>")
ROLE = re.compile(r"<@&(\d{1,20})>")

Parsed = Json | None


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who a message notifies, by ids; `replied` is the author of the message that it replies to."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: tuple[str, ...] = ()
    replied: int | None = None

    @property
    def pings(self) -> Iterator[str]:
        """Each ping that the text brings about, as it is written."""
        yield from self.everyone
        yield from (f"<@&{role}>" for role in self.roles)
        yield from (f"<@{user}>" for user in self.users)

    def __contains__(self, user_id: object) -> bool:
        """Whether a user is notified."""
        return user_id in self.users or user_id == self.replied


def mentions_in(text: str, allowed: Parsed, replied: int | None = None) -> Mentions:
    """Return whom a message notifies.

    Args:
        allowed: the request's `allowed_mentions`; without it Discord parses everything and pings the replied author.
        replied: the author of the message that this one replies to.
    """
    users = _kept("users", USER.findall(text), allowed)
    roles = _kept("roles", ROLE.findall(text), allowed)
    everyone = tuple(EVERYONE.findall(text)) if allowed is None or "everyone" in (allowed.get("parse") or ()) else ()
    pinged = replied if allowed is None or allowed.get("replied_user") else None
    return Mentions(users, roles, everyone, pinged)


def _kept(kind: str, found: list[str], allowed: Parsed) -> tuple[int, ...]:
    """Return the ids that may be pinged, each once."""
    named = dict.fromkeys(map(int, found))
    if allowed is None or kind in (allowed.get("parse") or ()):
        return tuple(named)
    listed = set(map(int, allowed.get(kind) or ()))
    return tuple(user for user in named if user in listed)
