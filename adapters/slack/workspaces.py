"""The installations of the app, each with the client that acts by its token.

A guild is an installation: a workspace, or a whole organisation if that installed the app for all of its workspaces,
where one token acts everywhere and user ids are unique (https://docs.slack.dev/enterprise). So a token, an uninstall
and a guild's memories always mean the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.faults import our_errors
from bot.errors import PlatformError

MOST_KNOWN = 1000
"""Installations that are remembered; the one that was quiet longest is forgotten first, and asked for again."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation. user_id, bot_id: the bot's own; enterprise_id: the organisation, if there is one."""

    guild_id: str
    client: AsyncWebClient
    user_id: str
    bot_id: str
    team_id: str
    enterprise_id: str = ""

    def is_home_of(self, team_id: str) -> bool:
        """Tell whether a workspace or organisation, as an event names where somebody belongs, is this one."""
        return bool(team_id) and team_id in (self.guild_id, self.team_id, self.enterprise_id)


FindClient: TypeAlias = Callable[[str], Awaitable[AsyncWebClient | None]]
"""Gives the client of a guild by its id; None when the app is not installed there (any more)."""


def guild_of(context: AsyncBoltContext) -> str:
    """Return the id of the guild that an event or interaction belongs to; empty when it names none.

    It is that of the token that it was authorised by: in a shared channel the payload may name somebody else's.
    """
    granted = context.authorize_result or context
    if context.is_enterprise_install or not granted.team_id:
        return granted.enterprise_id or ""
    return granted.team_id


class Workspaces:
    """Knows the installations that were heard of.

    Args:
        find: looks up one of which nothing was heard yet.
    """

    def __init__(self, find: FindClient) -> None:
        self._find = find
        self._known: OrderedDict[str, Workspace] = OrderedDict()

    def heard(self, context: AsyncBoltContext) -> Workspace:
        """Return the installation that an event or interaction came by, with the token that is good now.

        Raises:
            PlatformError: it belongs to none.
        """
        granted = context.authorize_result
        if granted is None or not (guild_id := guild_of(context)):
            raise PlatformError("Slack sent something that belongs to no workspace")
        return self._know(
            Workspace(
                guild_id,
                context.client,
                granted.bot_user_id or "",
                granted.bot_id or "",
                granted.team_id or "",
                granted.enterprise_id or "",
            )
        )

    async def of(self, guild_id: str) -> Workspace:
        """Return an installation by its guild.

        Raises:
            PlatformError: the app is not installed there, or Slack could not be asked.
        """
        known = self._known.get(guild_id)
        if known is not None:
            return known
        client = await self._find(guild_id)
        if client is None:
            raise PlatformError(f"the app is not installed in {guild_id} any more")
        return await self.greet(client)

    async def greet(self, client: AsyncWebClient) -> Workspace:
        """Return the installation that a client acts for, as Slack tells it.

        Raises:
            PlatformError: Slack does not take the token, or could not be asked.
        """
        with our_errors("a check of the token"):
            told = await client.auth_test()
        team_id, enterprise_id = str(told.get("team_id") or ""), str(told.get("enterprise_id") or "")
        guild_id = enterprise_id if told.get("is_enterprise_install") else team_id
        user_id, bot_id = str(told.get("user_id") or ""), str(told.get("bot_id") or "")
        return self._know(Workspace(guild_id, client, user_id, bot_id, team_id, enterprise_id))

    def acting_by(self, tokens: Collection[str]) -> list[Workspace]:
        """Return the installations that are known and act by one of these tokens."""
        return [workspace for workspace in self._known.values() if workspace.client.token in tokens]

    def forget(self, guild_id: str) -> None:
        """Drop an installation that is no more."""
        self._known.pop(guild_id, None)

    def _know(self, workspace: Workspace) -> Workspace:
        self._known[workspace.guild_id] = workspace
        self._known.move_to_end(workspace.guild_id)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return workspace
