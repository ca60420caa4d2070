"""The adapters, and what can be asked of their platforms: the one file that knows them.

Each is imported when it is asked for: discord.py takes 25 MB that a bot without Discord spares.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.findings import Findings
from bot.protocols import Adapter, Clock
from bot.types import PlaceKind

if TYPE_CHECKING:
    from adapters.discord.setup.inviting import Invitation
    from bot.app import App


def terminal(app: App, person: str, guild: str, place: PlaceKind, *, json_lines: bool) -> Adapter:
    """Return the terminal as a person in a place sees it."""
    from adapters.terminal import TerminalAdapter

    limits, commands = app.settings.limits, app.commands.names
    return TerminalAdapter(person, guild, place, json_lines=json_lines, limits=limits, commands=commands)


def configured_adapters(app: App) -> list[Adapter]:
    """Return the adapters of the chat platforms that have a token."""
    made = {"discord": _discord}
    return [made[name](app) for name in app.settings.platforms]


def _discord(app: App) -> Adapter:
    from adapters.discord import DiscordAdapter

    settings = app.settings
    return DiscordAdapter(
        settings.discord,
        replies=settings.replies,
        limits=settings.limits,
        openai=settings.openai,
        name=settings.bot.name,
        panel=app.panel,
        policies=app.policies,
        notes=app.notes("discord"),
        clock=app.database.clock,
    )


def platform_checks(settings: Settings, clock: Clock) -> Iterator[tuple[str, Findings]]:
    """Yield the check of every platform that has a token, by the platform's name."""
    if settings.discord.configured:
        from adapters.discord.setup.checking import discord_findings

        yield "Discord", discord_findings(settings.discord, clock)


async def discord_invitations(settings: Settings, guild_id: str) -> list[Invitation]:
    """Return how the bot is brought into servers and accounts; into one server if an id is given.

    Raises:
        ConfigError: there is no token.
        PlatformError: the token is not valid, or Discord is not reachable.
    """
    from adapters.discord.setup.inviting import invitations

    return await invitations(settings.discord, guild_id)
