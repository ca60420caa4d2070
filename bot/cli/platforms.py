"""The adapters, and what can be asked of their platforms: the one file that knows them.

Each is imported when it is asked for: discord.py and slack-bolt take 25 MB each that a bot without them spares.
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
    made = {"discord": _discord, "slack": _slack}
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


def _slack(app: App) -> Adapter:
    from adapters.slack import SlackAdapter

    settings = app.settings
    return SlackAdapter(
        settings.slack,
        replies=settings.replies,
        limits=settings.limits,
        openai=settings.openai,
        name=settings.bot.name,
        panel=app.panel,
        policies=app.policies,
        notes=app.notes("slack"),
        clock=app.database.clock,
    )


def platform_checks(settings: Settings, clock: Clock) -> Iterator[tuple[str, Findings]]:
    """Yield the check of every platform that has a token, by the platform's name."""
    if settings.discord.configured:
        from adapters.discord.setup.checking import discord_findings

        yield "Discord", discord_findings(settings.discord, clock)
    if settings.slack.configured:
        from adapters.slack.setup.checking import slack_findings

        yield "Slack", slack_findings(settings.slack, settings.bot.data, clock)


async def discord_invitations(settings: Settings, guild_id: str) -> list[Invitation]:
    """Return how the bot is brought into servers and accounts; into one server if an id is given.

    Raises:
        ConfigError: there is no token.
        PlatformError: the token is not valid, or Discord is not reachable.
    """
    from adapters.discord.setup.inviting import invitations

    return await invitations(settings.discord, guild_id)


def slack_manifest(
    settings: Settings, *, name: str, url: str, context: bool, several_workspaces: bool, as_json: bool
) -> str:
    """Return the manifest of a Slack app for these settings, as JSON or YAML.

    Args:
        url: the public address of the bot; a placeholder stands in its place when it is empty.
        context: whether the app may read what is said around a mention.

    Raises:
        ConfigError: the name is too long for Slack.
    """
    from adapters.slack.setup.manifest import PLACEHOLDER_URL, Wish, in_json, in_yaml, manifest

    wish = Wish(
        name=name,
        context=context,
        by_http=settings.slack.mode == "http",
        several_workspaces=several_workspaces,
        prefix=settings.slack.command_prefix,
        url=url or PLACEHOLDER_URL,
    )
    return (in_json if as_json else in_yaml)(manifest(wish))
