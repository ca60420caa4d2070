"""The slash commands of those who may manage a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from discord import app_commands

from adapters.discord.interface.gates import Gate, Interaction, gated
from adapters.discord.interface.interactions import shown, tell
from adapters.discord.interface.responding import Response, Said, respond
from adapters.discord.interface.settings_view import settings
from adapters.discord.services import Services

_Callback = TypeVar("_Callback", bound=Callable[..., Any])


def _in_servers_alone(callback: _Callback) -> _Callback:
    """Offer a command only where the bot is a member."""
    in_servers = app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    return in_servers(app_commands.allowed_installs(guilds=True, users=False)(callback))


class AdminCommands:
    """Commands about a server, which Discord shows only to those who may manage it; the gate checks it again.

    The first line of each method is how Discord describes the command to people.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    @gated(Gate.ADMIN)
    @_in_servers_alone
    @app_commands.default_permissions(manage_guild=True)
    async def settings(self, interaction: Interaction) -> None:
        """Choose where and how I work in this server"""
        await respond(interaction, self._services, settings(interaction, self._services))

    @gated(Gate.ADMIN)
    @_in_servers_alone
    @app_commands.default_permissions(manage_guild=True)
    async def usage(self, interaction: Interaction) -> None:
        """See how much I am used in this server and what it costs; never contents"""
        await respond(interaction, self._services, self._used(interaction))

    async def _used(self, interaction: Interaction) -> Response:
        return Said(shown(await tell(interaction, self._services, "usage")))
