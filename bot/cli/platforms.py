"""The adapters, and what can be asked of their platforms: the one file that knows them.

Each is imported when it is asked for: discord.py and slack-bolt take 25 MB each that a bot without them spares.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.findings import Findings, fine, single
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
    made = {"discord": discord, "slack": slack}
    return [made[name](app) for name in app.settings.platforms]


def discord(app: App) -> Adapter:
    """Return Discord as it is set up."""
    from adapters.discord import DiscordAdapter
    from adapters.given import given_by

    return DiscordAdapter(app.settings.discord, given_by(app, DiscordAdapter.platform))


def slack(app: App) -> Adapter:
    """Return Slack as it is set up."""
    from adapters.given import given_by
    from adapters.slack import SlackAdapter

    return SlackAdapter(app.settings.slack, given_by(app, SlackAdapter.platform))


def platform_checks(settings: Settings, clock: Clock) -> Iterator[tuple[str, Findings]]:
    """Yield the check of every platform, by its name; of one without a token, what would configure it."""
    if settings.discord.configured:
        from adapters.discord.setup.checking import discord_findings

        yield "Discord", discord_findings(settings.discord, clock)
    else:
        yield "Discord", single(fine("Discord", "not configured (set DISCORD_TOKEN)"))
    if settings.slack.configured:
        from adapters.slack.setup.checking import slack_findings

        yield "Slack", slack_findings(settings.slack, settings.bot.data, clock)
    else:
        yield "Slack", single(fine("Slack", "not configured (set SLACK_BOT_TOKEN and SLACK_APP_TOKEN)"))


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
        ConfigError: the name is empty, or too long for Slack.
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
