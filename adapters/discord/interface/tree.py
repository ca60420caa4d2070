"""The commands as Discord is told of them, and what is said when one cannot be begun."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, AppCommandError, AppInstallationType, Command, ContextMenu

from adapters.discord.interface.commands_admin import AdminCommands
from adapters.discord.interface.commands_memory import MemoryCommands
from adapters.discord.interface.commands_message import MessageCommands
from adapters.discord.interface.gates import Interaction, Refused
from adapters.discord.interface.responding import say
from adapters.discord.services import Services

log = logging.getLogger(__name__)

_CHANGED = "My commands changed just now. Please try again in a minute."
_FAILED = "That did not work, and the mistake is mine. Whoever runs this bot finds it in the log as {reference}."


class Tree(app_commands.CommandTree[discord.AutoShardedClient]):
    """All commands, in servers and direct messages, of the bot as a member and as somebody's own app."""

    def __init__(self, client: discord.AutoShardedClient, services: Services) -> None:
        super().__init__(
            client,
            allowed_contexts=AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=AppInstallationType(guild=True, user=True),
        )
        own, admin, message = MemoryCommands(services), AdminCommands(services), MessageCommands(services)
        callbacks = (own.remember, own.memories, own.recall, own.why, own.export, own.privacy, own.pause, own.resume)
        for callback in (*callbacks, own.new, own.undo, own.help, admin.settings, admin.usage):
            self.add_command(_command(callback))
        forget = _command(own.forget)
        forget.autocomplete("what")(own.suggest)
        self.add_command(forget)
        self.add_command(ContextMenu(name="Remember this", callback=message.remember_this))
        self.add_command(ContextMenu(name="Forget what came from this", callback=message.forget_what_came_from_this))

    async def on_error(self, interaction: Interaction, error: AppCommandError, /) -> None:
        """Say why a command could not be begun; what it does itself answers for itself."""
        if interaction.type is discord.InteractionType.autocomplete:  # takes nothing but suggestions
            return
        if isinstance(error, Refused):
            await say(interaction, str(error))
            return
        reference = secrets.token_hex(3)
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        log.error("a command failed: %s (%s)", type(cause).__name__, reference)
        if isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound):
            await say(interaction, _CHANGED)
        else:
            await say(interaction, _FAILED.format(reference=reference))


def _command(callback: Any) -> Command[Any, ..., None]:  # noqa: ANN401 - methods of many signatures
    """The command that a method is: named and described as it is."""
    return Command(name=callback.__name__, description=callback.__doc__, callback=callback)
