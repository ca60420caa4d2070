"""Where the bot is and what it may do there, as Discord's API tells it; knows nothing of what is right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from discord import ChannelType, Permissions

from adapters.discord.setup.asking import DiscordApi, Json
from adapters.discord.setup.permissions import Need, Overwrite, in_channel

CHECKED_CHANNELS = 20
"""Channels of a server that are looked at, from the top."""

_FORUMS = frozenset({ChannelType.forum.value, ChannelType.media.value})
_WRITTEN = _FORUMS | {ChannelType.text.value, ChannelType.news.value}


@dataclass(frozen=True, slots=True)
class Guild:
    """A server that the bot is in."""

    id: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that people write in. In a forum they write in threads alone."""

    name: str
    forum: bool
    position: int
    overwrites: tuple[Overwrite, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """What the bot may do where no channel says otherwise, and in each that it sees; `hidden` counts the others."""

    base: Permissions
    visible: tuple[tuple[Channel, Permissions], ...]
    hidden: int

    def without(self, need: Need) -> list[str]:
        """Return the visible channels in which a permission is missing."""
        posts = need.name == "send_messages"  # in a forum that makes new posts, which the bot does not
        return [channel.name for channel, may in self.visible if not need.met(may) and not (posts and channel.forum)]


async def guilds_of(api: DiscordApi) -> list[Guild]:
    """Return the servers that the bot is in, up to 200.

    Raises:
        PlatformError: Discord did not tell.
    """
    return await api.get("users/@me/guilds", lambda found: [_guild(one) for one in found], with_counts="true")


async def membership(api: DiscordApi, guild: Guild, user_id: str) -> Membership:
    """Return what the bot may do in the first channels of a server.

    Raises:
        PlatformError: Discord did not tell.
    """
    role_ids, allowed_by, channels = await asyncio.gather(
        api.get(f"guilds/{guild.id}/members/{user_id}", _role_ids),
        api.get(f"guilds/{guild.id}/roles", _allowed_by),
        api.get(f"guilds/{guild.id}/channels", _channels),
    )
    base = 0
    for role_id in (guild.id, *role_ids):  # @everyone has the guild's own id
        base |= allowed_by.get(role_id, 0)
    visible = []
    for channel in channels[:CHECKED_CHANNELS]:
        may = in_channel(base, channel.overwrites, guild_id=guild.id, role_ids=role_ids, user_id=user_id)
        if may.view_channel:
            visible.append((channel, may))
    hidden = min(len(channels), CHECKED_CHANNELS) - len(visible)
    return Membership(Permissions(base), tuple(visible), hidden)


def _guild(found: Json) -> Guild:
    members = int(found.get("approximate_member_count") or 0)
    return Guild(str(found["id"]), str(found["name"]), members)


def _role_ids(found: Json) -> frozenset[str]:
    return frozenset(map(str, found["roles"]))


def _allowed_by(found: Json) -> dict[str, int]:
    return {str(role["id"]): int(role["permissions"]) for role in found}


def _channels(found: Json) -> list[Channel]:
    written = [_channel(one) for one in found if one["type"] in _WRITTEN]
    return sorted(written, key=lambda channel: channel.position)


def _channel(found: Json) -> Channel:
    overwrites = tuple(
        Overwrite(str(one["id"]), int(one["allow"]), int(one["deny"])) for one in found["permission_overwrites"]
    )
    return Channel(str(found["name"]), found["type"] in _FORUMS, int(found["position"]), overwrites)
