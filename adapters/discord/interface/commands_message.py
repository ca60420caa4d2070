"""What can be done from a message's menu: remember one's own, forget what came from it."""

from __future__ import annotations

import discord
from discord.utils import escape_markdown

from adapters.discord.interface.gates import Gate, Interaction, gated
from adapters.discord.interface.interactions import scope_here
from adapters.discord.interface.remembering import remembered
from adapters.discord.interface.responding import Response, Said, respond
from adapters.discord.reading import text_of
from adapters.discord.services import Services

_ONLY_THEY = "Only whoever wrote a message can have me remember it, so I have not kept this one."
_NO_TEXT = "That message has no words of yours that I could remember."
_FORGET_OWN = "I forget only what came from your own messages, or from those that I answered for you."


class MessageCommands:
    """Entries of a message's menu; only whoever chose one sees what it answers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @gated(Gate.ASKER)
    async def remember_this(self, interaction: Interaction, message: discord.Message) -> None:
        """Keep the text of the asker's own message; it follows when that is changed or deleted."""
        await respond(interaction, self._services, self._remembered(interaction, message))

    @gated(Gate.ASKER)
    async def forget_what_came_from_this(self, interaction: Interaction, message: discord.Message) -> None:
        """Forget what the asker's own message taught, or the one that was answered here."""
        await respond(interaction, self._services, self._forgotten(interaction, message))

    async def _remembered(self, interaction: Interaction, message: discord.Message) -> Response:
        if message.author.id != interaction.user.id:
            return Said(_ONLY_THEY)
        text = text_of(message, interaction.application_id)
        if not text:
            return Said(_NO_TEXT)
        return await remembered(interaction, self._services, text, source=message)

    async def _forgotten(self, interaction: Interaction, message: discord.Message) -> Response:
        source_id = _taught_by(message, interaction)
        if source_id is None:
            return Said(_FORGET_OWN)
        return Said(escape_markdown(await self._services.bot.panel.undo(scope_here(interaction), source_id)))


def _taught_by(message: discord.Message, interaction: Interaction) -> str | None:
    """The message that may have taught something: the asker's own, or the one that the bot's reply answers.

    Whose that one was need not be known: only what the asker was remembered of it is found.
    """
    if message.author.id == interaction.user.id:
        return str(message.id)
    answered = message.reference.message_id if message.reference is not None else None
    return str(answered) if answered and message.author.id == interaction.application_id else None
