"""Makes the addresses that bring the bot into a server or an account, with exactly the permissions that it needs."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from adapters.discord.setup.application import Application, application_of
from adapters.discord.setup.asking import PORTAL, opened_api
from adapters.discord.setup.permissions import NEEDS, wanted
from bot.config import DiscordSettings

SCOPES = ("bot", "applications.commands")


@dataclass(frozen=True, slots=True)
class Invitation:
    """An address to open, or the switch that is in its way; exactly one of them is not empty."""

    label: str
    url: str = ""
    switch: str = ""


async def invitations(settings: DiscordSettings, guild_id: str = "") -> list[Invitation]:
    """Return how the bot is brought into servers and accounts, as its token tells; into one server if an id is given.

    Raises:
        ConfigError: there is no token.
        PlatformError: the token is not valid, or Discord is not reachable.
    """
    async with opened_api(settings) as api:
        application = await application_of(api)
    return [into_server(application, guild_id), *([] if guild_id else [into_account(application)])]


def into_server(application: Application, guild_id: str = "") -> Invitation:
    """Return how the bot is added to a server of the person's choice, or to the one with an id."""
    needs = "; ".join(f"{need.shown} {need.reason}" for need in NEEDS)
    label = f"Add {application.name} to a server. It asks for: {needs}."
    if not application.in_servers:
        return Invitation(label, switch=_switch("Guild Install"))
    return Invitation(label, server_url(application.id, guild_id))


def server_url(application_id: int | str, guild_id: str = "") -> str:
    """Return the address that adds an application's bot to a server, with exactly the permissions that it needs."""
    url = discord.utils.oauth_url(
        application_id,
        permissions=wanted(),
        guild=discord.Object(int(guild_id)) if guild_id else discord.utils.MISSING,
        scopes=SCOPES,
        disable_guild_select=bool(guild_id),
    )
    return f"{url}&integration_type=0"


def into_account(application: Application) -> Invitation:
    """Return how a person adds the bot's commands to their own account, for use anywhere."""
    label = f"Install {application.name} for yourself. Its commands then work everywhere, and it sees nothing else."
    if not application.for_users:
        return Invitation(label, switch=_switch("User Install"))
    url = discord.utils.oauth_url(application.id, scopes=SCOPES[1:])
    return Invitation(label, f"{url}&integration_type=1")


def _switch(name: str) -> str:
    return f"{PORTAL} → your application → Installation → Installation Contexts: tick {name}, then Save Changes"
