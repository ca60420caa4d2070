"""The command that prints where the bot is invited."""

from __future__ import annotations

import asyncio

import click

from bot.cli.platforms import discord_invitations
from bot.config import Settings


def invite_to_discord(settings: Settings, guild_id: str) -> int:
    """Show the addresses, one a line on standard output and what each is for on standard error; return the exit code.

    Raises:
        ConfigError: there is no token.
        PlatformError: Discord refused the token, or is not reachable.
    """
    if guild_id and not (guild_id.isascii() and guild_id.isdecimal()):
        raise click.UsageError(
            f"--guild {guild_id!r} is no server id, expected digits: in Discord switch on User Settings → Advanced → "
            "Developer Mode, then right-click the server → Copy Server ID"
        )
    for invitation in asyncio.run(discord_invitations(settings, guild_id)):
        click.echo(invitation.label, err=True)
        if invitation.url:
            click.echo(invitation.url)
        else:
            click.echo(f"Not possible yet: {invitation.switch}", err=True)
    return 0
