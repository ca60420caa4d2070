"""Tells Discord of the commands in the background, and only when those that it has are others."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord
from discord import app_commands

from adapters.discord.interface.comparing import difference, payload

log = logging.getLogger(__name__)

FIRST_RETRY_S = 30.0
LONGEST_RETRY_S = 3600.0


async def keep_registered(
    tree: app_commands.CommandTree[discord.AutoShardedClient],
    application_id: int,
    *,
    first_retry_s: float = FIRST_RETRY_S,
) -> None:
    """Register the commands, trying again with growing pauses until Discord has them or refuses them for good.

    Discord is asked what it has: another program with the same token may have changed it since the last start.
    They are registered for all servers at once: the same command in one server too would be shown twice.
    """
    pause_s = first_retry_s
    while True:
        try:
            if not difference(payload(tree), await tree.client.http.get_global_commands(application_id)):
                return
            await tree.sync()
        except (app_commands.CommandSyncFailure, discord.Forbidden) as error:
            log.error("the commands were not registered, and will not be by trying again: HTTP %s", error.status)
            return
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.warning("the commands wait to be registered, next try in %.0f s: %s", pause_s, type(error).__name__)
        else:
            log.info("commands registered")
            return
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_RETRY_S)
