"""Who may use a command, button or form: one gate before each, checked anew every time."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeAlias, TypeVar

import discord
from discord import app_commands

Interaction: TypeAlias = discord.Interaction[discord.AutoShardedClient]

_NOT_YOURS = "That is somebody else's to press."
_SERVERS_ONLY = "This is about a server, so it works only inside one that I am a member of."
_ADMINS_ONLY = "Only people who may manage this server can do that."

_Callback = TypeVar("_Callback", bound=Callable[..., Any])


class Refused(app_commands.CheckFailure):
    """The gate stays shut; the text says to whom it opens."""


class Gate(Enum):
    """To whom it opens."""

    ASKER = "whoever asks, for what is theirs"
    OWNER = "the one person whose button or form it is"
    ADMIN = "its owner, while they may manage the server, where the bot is a member"

    def refusal(self, interaction: Interaction, owner_id: str) -> str:
        """Return why somebody may not pass; empty when they may."""
        if str(interaction.user.id) != owner_id:
            return _NOT_YOURS
        if self is not Gate.ADMIN:
            return ""
        if not interaction.is_guild_integration():
            return _SERVERS_ONLY
        return "" if manages(interaction) else _ADMINS_ONLY


def manages(interaction: Interaction) -> bool:
    """Tell whether whoever asks may change the server's settings.

    A server's owner can show the admin commands to everybody, so their permissions on the command decide nothing.
    """
    return interaction.is_guild_integration() and interaction.permissions.manage_guild


def gated(gate: Gate) -> Callable[[_Callback], _Callback]:
    """Put a gate before a command, which is always its asker's own."""

    def passes(interaction: Interaction) -> bool:
        if refusal := gate.refusal(interaction, str(interaction.user.id)):
            raise Refused(refusal)
        return True

    def mark(callback: _Callback) -> _Callback:
        callback.__dict__["gate"] = gate
        return app_commands.check(passes)(callback)

    return mark
