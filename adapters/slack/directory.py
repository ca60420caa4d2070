"""Who people are and what channels are, as Slack tells it: asked for when it matters, kept for some minutes."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from adapters.slack.faults import BadToken, Gone, Refused, our_errors
from adapters.slack.workspaces import Workspace
from bot.errors import PlatformError
from bot.types import PlaceKind

log = logging.getLogger(__name__)

KEPT_S = 300.0
"""Seconds after which somebody may have become an admin or a guest, and a channel private."""

MOST_KEPT = 5000
ASK_S = 2.0
"""Seconds that Slack gets to say who somebody is."""

ASK_AGAIN_S = 0.2
MOST_NAMES = 20
"""Mentions of one message that are looked up."""

Json: TypeAlias = Mapping[str, Any]

_KINDS = {
    "im": PlaceKind.DM,
    "group": PlaceKind.PRIVATE,
    "mpim": PlaceKind.PRIVATE,
}
"""Who else reads in a channel of a type, as events of messages name it. Of a "channel" that does not tell: others than
members of the workspace may read there, or may soon."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a workspace. One of whom Slack tells nothing is not known, nobody's admin, and an outsider."""

    name: str
    is_admin: bool = False
    is_outsider: bool = True
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel. One of which Slack tells nothing is private.

    is_shared: read by others than members of the guild, or by those who are invited, once they come: to them it shows
    what was said before.
    """

    name: str = ""
    kind: PlaceKind = PlaceKind.PRIVATE
    is_shared: bool = False


class _Kept(Generic[_Value]):
    """Values by key, for some minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._values: OrderedDict[tuple[str, str], tuple[float, _Value]] = OrderedDict()

    def get(self, key: tuple[str, str]) -> _Value | None:
        until, value = self._values.get(key, (0.0, None))
        return value if self._clock() < until else None

    def put(self, key: tuple[str, str], value: _Value) -> None:
        self._values[key] = (self._clock() + KEPT_S, value)
        self._values.move_to_end(key)
        while len(self._values) > MOST_KEPT:
            self._values.popitem(last=False)


class Directory:
    """Looks up people and channels.

    Args:
        clock: gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._people: _Kept[Person] = _Kept(clock)
        self._channels: _Kept[Channel] = _Kept(clock)

    async def person(self, workspace: Workspace, user_id: str) -> Person:
        """Return who somebody is; a failure to find out makes them an outsider for this once."""
        key = (workspace.guild_id, user_id)
        known = self._people.get(key)
        if known is None:
            try:
                told = await _told(partial(workspace.client.users_info, user=user_id), "user")
            except PlatformError as error:
                log.warning("somebody counts as a guest for this once: %s", error)
                return Person(user_id, is_known=False)
            known = _person(told, workspace)
            self._people.put(key, known)
        return known

    async def channel(self, workspace: Workspace, channel_id: str, channel_type: str = "") -> Channel:
        """Return what a channel is; a failure to find out makes it private for this once, and one that passes shared.

        Args:
            channel_type: as an event that is just coming names it; empty to ask.
        """
        if (kind := _KINDS.get(channel_type)) is not None:
            return Channel(kind=kind)
        key = (workspace.guild_id, channel_id)
        known = self._channels.get(key)
        if known is None:
            try:
                told = await _told(partial(workspace.client.conversations_info, channel=channel_id), "channel")
            except (Gone, Refused):
                return Channel()
            except PlatformError:
                return Channel(is_shared=True)  # it may be
            known = _channel(told, workspace)
            self._channels.put(key, known)
        return known

    async def names(
        self, workspace: Workspace, user_ids: Collection[str], channel_ids: Collection[str]
    ) -> dict[str, str]:
        """Return the names of people and channels by id; those that are not to be found out are left out.

        So are those of private channels, which Slack shows to their members only: the bot's words reach others too.
        """
        people, channels = list(user_ids)[:MOST_NAMES], list(channel_ids)[:MOST_NAMES]
        found = await asyncio.gather(
            asyncio.gather(*(self.person(workspace, user_id) for user_id in people)),
            asyncio.gather(*(self.channel(workspace, channel_id) for channel_id in channels)),
        )
        named = {
            **{user_id: person.name for user_id, person in zip(people, found[0], strict=True)},
            **{channel_id: _public_name(channel) for channel_id, channel in zip(channels, found[1], strict=True)},
        }
        return {identity: name for identity, name in named.items() if name}


async def _told(call: Callable[[], Awaitable[Any]], what: str) -> Json:
    """What Slack answers; what may pass is asked a second time.

    Raises:
        PlatformError: Slack does not say.
    """
    try:
        async with asyncio.timeout(ASK_S):
            try:
                return await _asked(call, what)
            except (Gone, Refused, BadToken):
                raise
            except PlatformError:
                await asyncio.sleep(ASK_AGAIN_S)
                return await _asked(call, what)
    except TimeoutError as error:
        raise PlatformError(f"Slack did not answer a question about a {what} in time") from error


async def _asked(call: Callable[[], Awaitable[Any]], what: str) -> Json:
    with our_errors(f"a question about a {what}"):
        told = (await call()).get(what)
    if not isinstance(told, dict):
        raise PlatformError(f"Slack's answer to a question about a {what} holds none")
    return told


def _public_name(channel: Channel) -> str:
    return channel.name if channel.kind is PlaceKind.PUBLIC else ""


def _person(told: Json, workspace: Workspace) -> Person:
    profile, enterprise = told.get("profile") or {}, told.get("enterprise_user") or {}
    name = profile.get("display_name") or profile.get("real_name") or told.get("name") or told.get("id")
    at_home = any(
        workspace.is_home_of(str(place))
        for place in (told.get("team_id"), *(enterprise.get("teams") or ()), _organisation(enterprise, workspace))
    )
    is_guest = any(told.get(mark, True) for mark in ("is_restricted", "is_ultra_restricted"))
    # Slack may leave is_stranger out: https://docs.slack.dev/reference/objects/user-object
    is_outsider = is_guest or bool(told.get("is_stranger")) or not at_home
    # In an organisation's installation its settings are the organisation's, so its admins decide.
    rights = enterprise if workspace.guild_id == workspace.enterprise_id else told
    is_admin = bool(rights.get("is_admin") or rights.get("is_owner")) and not is_outsider
    return Person(str(name), is_admin, is_outsider)


def _organisation(enterprise: Json, workspace: Workspace) -> str:
    """The organisation that somebody belongs to, where all of it is one guild."""
    return str(enterprise.get("enterprise_id") or "") if workspace.guild_id == workspace.enterprise_id else ""


def _channel(told: Json, workspace: Workspace) -> Channel:
    is_open = told.get("is_channel") and not any(
        told.get(mark, True) for mark in ("is_private", "is_im", "is_mpim", "is_group")
    )
    kind = PlaceKind.DM if told.get("is_im") else PlaceKind.PUBLIC if is_open else PlaceKind.PRIVATE
    # Workspaces of one organisation are strangers to each other, unless the organisation is the guild.
    in_organisation = told.get("is_org_shared") and workspace.guild_id != workspace.enterprise_id
    is_shared = bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared") or in_organisation)
    return Channel(str(told.get("name") or ""), kind, is_shared)
