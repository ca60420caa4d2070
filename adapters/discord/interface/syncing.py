"""Tells Discord of the commands in the background, and only when they are not those it was told of last."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any

import aiohttp
import discord
from discord import app_commands

from adapters.discord.services import Services
from bot.errors import StoreError

log = logging.getLogger(__name__)

NOTE = "commands"
"""Name of the note that holds what was registered last."""

FIRST_RETRY_S = 30.0
LONGEST_RETRY_S = 3600.0


def payload(tree: app_commands.CommandTree[discord.AutoShardedClient]) -> list[dict[str, Any]]:
    """Return the commands as Discord is told of them."""
    return [command.to_dict(tree) for command in tree.get_commands()]


def fingerprint(tree: app_commands.CommandTree[discord.AutoShardedClient], application_id: int) -> str:
    """Return what stands for the commands of one application: the same as long as Discord needs no telling."""
    text = json.dumps(payload(tree), sort_keys=True)
    return f"{application_id} {hashlib.sha256(text.encode()).hexdigest()}"


async def keep_registered(
    tree: app_commands.CommandTree[discord.AutoShardedClient],
    application_id: int,
    services: Services,
    *,
    first_retry_s: float = FIRST_RETRY_S,
) -> None:
    """Register the commands, trying again with growing pauses until Discord has them or refuses them for good.

    They are registered for all servers at once: the same command in one server too would be shown twice.
    """
    wanted = fingerprint(tree, application_id)
    pause_s = first_retry_s
    while True:
        try:
            if await services.notes.get(NOTE) == wanted:
                return
            await tree.sync()
            await services.notes.put(NOTE, wanted)
        except (app_commands.CommandSyncFailure, discord.Forbidden) as error:
            log.error("the commands were not registered, and will not be by trying again: HTTP %s", error.status)
            return
        except (discord.DiscordException, aiohttp.ClientError, OSError, StoreError) as error:
            log.warning("the commands wait to be registered, next try in %.0f s: %s", pause_s, type(error).__name__)
        else:
            log.info("commands registered")
            return
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_RETRY_S)
