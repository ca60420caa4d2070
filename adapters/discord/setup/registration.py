"""Compares the commands that are registered with Discord with those of this version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import discord

from adapters.discord.interface.comparing import difference, payload
from adapters.discord.interface.tree import Tree
from adapters.discord.library import do_without_voice
from adapters.discord.services import Services
from adapters.discord.setup.asking import DiscordApi, Json
from bot.findings import Finding, Findings, fine, warning

ABOUT = "Discord commands"


def commands_of_this_version() -> list[Json]:
    """Return the commands as this version tells Discord of them."""
    do_without_voice()
    client = discord.AutoShardedClient(intents=discord.Intents(guilds=True))
    # A command asks for its services when somebody uses it, and nobody uses these.
    return payload(Tree(client, cast("Services", None)))


async def registration_findings(api: DiscordApi, application_id: str) -> Findings:
    """Yield whether the commands that people are offered everywhere are those of this version.

    Raises:
        PlatformError: Discord did not tell.
    """
    registered = await api.get(f"applications/{application_id}/commands", list, with_localizations="true")
    for finding in compared(commands_of_this_version(), registered):
        yield finding


async def registered_names(api: DiscordApi, application_id: str, guild_id: str) -> list[str]:
    """Return the names of the commands that are registered for one server alone.

    Raises:
        PlatformError: Discord did not tell.
    """
    return await api.get(f"applications/{application_id}/guilds/{guild_id}/commands", _names)


def compared(wanted: Sequence[Json], registered: Sequence[Json]) -> Iterator[Finding]:
    """Yield how the registered commands stand to those of this version."""
    differs = difference(wanted, registered)
    fix = "start the bot, which registers them: forgetmenot run"
    for text, names in (
        ("not registered yet", differs.missing),
        ("registered by another program or version", differs.stale),
        ("registered otherwise than this version has them", differs.changed),
    ):
        if names:
            yield warning(ABOUT, f"{text}: {', '.join(names)}", fix)
    if not differs:
        yield fine(ABOUT, f"all {len(wanted)} are registered as this version has them")


def _names(found: Json) -> list[str]:
    return sorted(str(command["name"]) for command in found)
