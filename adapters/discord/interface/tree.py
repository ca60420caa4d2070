"""The commands as Discord is told of them, and what is said when one cannot be begun."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, AppCommandError, AppInstallationType, Command, ContextMenu

from adapters.discord.interface.commands_admin import AdminCommands
from adapters.discord.interface.commands_help import HelpCommand
from adapters.discord.interface.commands_memory import MemoryCommands
from adapters.discord.interface.commands_message import MessageCommands
from adapters.discord.interface.gates import Interaction, Refused
from adapters.discord.interface.responding import say, say_failed
from adapters.discord.services import Services

log = logging.getLogger(__name__)

_CHANGED = "My commands changed just now. Please try again in a minute."


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
        helping = HelpCommand(services, self.get_commands)
        for callback in (*callbacks, own.new, own.undo, admin.settings, admin.usage, helping.help):
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
        if isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound):
            log.error("a command was not known, or not in this form: %s", type(error).__name__)
            await say(interaction, _CHANGED)
            return
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await say_failed(interaction, "a command", cause)


def _command(callback: Any) -> Command[Any, ..., None]:  # noqa: ANN401 - methods of many signatures
    """The command that a method is: named and described as it is."""
    return Command(name=callback.__name__, description=callback.__doc__, callback=callback)
