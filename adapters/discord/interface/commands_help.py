"""/help: what people can do with the bot on Discord, said by the commands themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from discord import app_commands

from adapters.discord.interface.gates import Gate, Interaction, gated, manages
from adapters.discord.interface.responding import Response, Said, respond
from adapters.discord.services import Services

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group

_TALK = "Mention me, reply to me, or write me a direct message: I answer, and remember what you tell me about yourself."
_MENU = "In the menu of a message, under Apps: {names}"
_BUTTONS = (
    "Under my answers: “remembered · undo” takes back what I remembered of yours, “why?” shows which memories I used, "
    "“↻” answers once more, “Stop” ends an answer that is still being written. They are for whoever asked."
)
_NOT_A_MEMBER = (
    "I am not a member of this server, so here only commands work: I can't be mentioned or replied to, I don't see the "
    "channel, and there are no settings. Somebody who manages the server can invite me."
)


class HelpCommand:
    """The command that tells of all others; only the asker sees what it answers.

    Args:
        commands: gives all that there are.
    """

    def __init__(self, services: Services, commands: Callable[[], Sequence[AnyCommand]]) -> None:
        self._services = services
        self._commands = commands

    @gated(Gate.ASKER)
    async def help(self, interaction: Interaction) -> None:
        """See what I can do"""
        await respond(interaction, self._services, self._told(interaction))

    async def _told(self, interaction: Interaction) -> Response:
        shown = [one for one in self._commands() if manages(interaction) or not one.default_permissions]
        lines = [_TALK, *_explained(shown), _MENU.format(names=", ".join(_menu_entries(shown)))]
        if self._services.bot.replies.marks == "buttons":
            lines.append(_BUTTONS)
        if interaction.guild_id is not None and not interaction.is_guild_integration():
            lines.append(_NOT_A_MEMBER)
        return Said("\n".join(lines))


def _explained(commands: Sequence[AnyCommand]) -> Iterator[str]:
    for command in commands:
        if isinstance(command, app_commands.Command):
            options = [one.display_name if one.required else f"[{one.display_name}]" for one in command.parameters]
            yield f"`/{' '.join([command.name, *options])}` – {command.description}"


def _menu_entries(commands: Sequence[AnyCommand]) -> Iterator[str]:
    return (f"“{command.name}”" for command in commands if isinstance(command, app_commands.ContextMenu))
