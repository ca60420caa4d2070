"""The workspaces that the bot is in: what it knew of one that removed it is gone at once."""

from __future__ import annotations

import logging

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.reading import PLATFORM, Json
from adapters.slack.services import Services
from adapters.slack.workspaces import guild_of
from bot.types import GuildLeft

log = logging.getLogger(__name__)


class Membership:
    """Keeps the assistant's list of workspaces true."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: set[str] = set()

    async def present(self, guild_id: str) -> None:
        """Take note of a workspace that something came from.

        Raises:
            StoreError: it could not be written.
        """
        if guild_id not in self._known:
            self._known.add(guild_id)
            await self._services.assistant.joined(PLATFORM, guild_id)

    async def removed(self, app: AsyncApp, context: AsyncBoltContext) -> None:
        """Forget a workspace that removed the app, or took its token away: its memories, and its token if it was kept.

        Raises:
            StoreError: it could not be written.
        """
        guild_id = guild_of(context)
        if not guild_id:
            return
        self._known.discard(guild_id)
        self._services.workspaces.forget(guild_id)
        if app.installation_store is not None:
            team_id = None if context.is_enterprise_install else context.team_id
            await app.installation_store.async_delete_bot(enterprise_id=context.enterprise_id, team_id=team_id)
        await self._services.assistant.left(GuildLeft(PLATFORM, guild_id))
        log.error("workspace %s removed the app: everything that was remembered of it is erased", guild_id)


def takes_bot_away(event: Json) -> bool:
    """Tell whether an event says that the bot's own token is gone; people's tokens are of no use to it."""
    return event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
