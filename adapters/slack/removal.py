"""The workspaces that the bot is in: what it knew of one that removed it is gone at once."""

from __future__ import annotations

import logging
from datetime import timedelta

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.faults import Removed
from adapters.slack.reading import PLATFORM, Json
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace, guild_of
from bot.errors import PlatformError
from bot.events import GuildLeft
from bot.protocols import Assistant

log = logging.getLogger(__name__)

GRACE = timedelta(days=7)
"""Before the memories of a workspace go that seems to have removed the app while the bot was off: Slack says the same
of a workspace that is suspended."""


async def let_go(assistant: Assistant, guild_id: str) -> None:
    """Have a workspace forgotten, once the grace period is over, that removed the app and could not tell the bot.

    Raises:
        StoreError: it could not be written.
    """
    await assistant.left(GuildLeft(PLATFORM, guild_id, GRACE))
    log.error(
        "workspace %s removed the app, or revoked its token, while the bot was off: what is remembered of it is erased "
        "in %d days, unless the app is installed there again",
        guild_id,
        GRACE.days,
    )


class Membership:
    """Keeps the assistant's list of workspaces true.

    Args:
        home: the only workspace that is served; None for any that installed the app.
    """

    def __init__(self, services: Services, home: Workspace | None) -> None:
        self._services = services
        self._home = home
        self._known: set[str] = set()
        self._gone: set[str] = set()

    async def present(self, guild_id: str) -> None:
        """Take note of a workspace that something came from.

        Raises:
            StoreError: it could not be written.
        """
        self._gone.discard(guild_id)
        if guild_id not in self._known:
            await self._services.assistant.joined(PLATFORM, guild_id)
            self._known.add(guild_id)

    async def look(self) -> None:
        """Notice which workspaces are there, and which removed the app while the bot was off.

        Raises:
            StoreError: it could not be written.
        """
        if self._home is not None:
            await self.present(self._home.guild_id)
            return
        for guild_id in await self._services.assistant.guilds(PLATFORM):
            try:
                await self._services.workspaces.of(guild_id)
            except Removed:
                await self._services.homes.forget(guild_id)
                await let_go(self._services.assistant, guild_id)
            except PlatformError as error:
                log.warning("workspace %s could not be asked whether the app is still there: %s", guild_id, error)

    async def removed(self, app: AsyncApp, context: AsyncBoltContext, at: float) -> bool:
        """Forget a workspace that removed the app, or took its token away: its memories, and its token if it was kept.

        Args:
            at: when it did, in Unix seconds; Slack may tell of it again after the app was installed anew.

        Returns:
            Whether it is served; one app's token is good for one workspace, though others may have installed it.

        Raises:
            StoreError: it could not be written.
        """
        guild_id = guild_of(context)
        if not guild_id or (self._home is not None and not self._home.is_home_of(guild_id)):
            log.warning(
                "a workspace that is not served here removed the app: %s", guild_id or "Slack does not say which"
            )
            return False
        if self._home is not None:
            guild_id = self._home.guild_id
        if app.installation_store is not None:
            enterprise_id, team_id = context.enterprise_id, None if context.is_enterprise_install else context.team_id
            kept = await app.installation_store.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
            if kept is not None and kept.installed_at >= at + 1:  # Slack tells whole seconds
                return False
            await app.installation_store.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)
        self._known.discard(guild_id)
        self._services.workspaces.forget(guild_id)
        await self._services.homes.forget(guild_id)
        await self._services.assistant.left(GuildLeft(PLATFORM, guild_id))
        if guild_id not in self._gone:  # Slack tells of the token too
            log.error("workspace %s removed the app: everything that was remembered of it is erased", guild_id)
        self._gone.add(guild_id)
        return True


def takes_bot_away(event: Json) -> bool:
    """Tell whether an event says that the bot's own token is gone; people's tokens are of no use to it."""
    return event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
