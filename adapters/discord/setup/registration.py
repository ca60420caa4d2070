"""Compares the commands that are registered with Discord with those of this version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import discord

from adapters.discord.interface.syncing import payload
from adapters.discord.interface.tree import Tree
from adapters.discord.services import Services
from adapters.discord.setup.asking import DiscordApi, Json
from bot.findings import Finding, Findings, fine, warning

ABOUT = "Discord commands"

_OUTDATED = {"dm_permission"}  # follows from `contexts`, which is sent too


def commands_of_this_version() -> list[Json]:
    """Return the commands as this version tells Discord of them."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody misses voice here
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
    ours, theirs = _by_key(wanted), _by_key(registered)
    missing = [name for (kind, name) in ours if (kind, name) not in theirs]
    stale = [name for (kind, name) in theirs if (kind, name) not in ours]
    changed = [key[1] for key in ours.keys() & theirs.keys() if not covers(ours[key], theirs[key])]
    fix = "start the bot, which registers them: forgetmenot run"
    for text, names in (
        ("not registered yet", missing),
        ("registered by another program or version", stale),
        ("registered otherwise than this version has them", changed),
    ):
        if names:
            yield warning(ABOUT, f"{text}: {', '.join(sorted(names))}", fix)
    if not missing and not stale and not changed:
        yield fine(ABOUT, f"all {len(ours)} are registered as this version has them")


def covers(wanted: Json, found: Json) -> bool:
    """Tell whether Discord has what was sent to it; it adds keys of its own, and drops those that say nothing."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            covers(value, found.get(key)) for key, value in wanted.items() if key not in _OUTDATED
        )
    if isinstance(wanted, list | tuple):
        given = found or []
        return len(wanted) == len(given) and all(map(covers, wanted, given))
    # Permissions are sent as numbers and come back as text.
    return str(wanted) == str(found) or (not wanted and not found)


def _names(found: Json) -> list[str]:
    return sorted(str(command["name"]) for command in found)


def _by_key(commands: Sequence[Json]) -> dict[tuple[int, str], Json]:
    return {(int(command.get("type") or 1), str(command["name"])): command for command in commands}
