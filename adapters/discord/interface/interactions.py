"""An interaction as the assistant takes it: whose memory, where, and a command with its whole answer."""

from __future__ import annotations

import discord

from adapters.discord.interface.gates import Interaction, manages
from adapters.discord.literal import literal
from adapters.discord.reading import place_of, scope_of
from adapters.discord.services import Services
from adapters.telling import Told, told_by
from bot.events import IncomingMessage
from bot.types import BY_COMMAND, Author, Place, PlaceKind, Scope


def shown(told: Told) -> str:
    """Return a command's whole answer as Discord shows it."""
    return under_notices(told, literal(told.text))


def under_notices(told: Told, text: str) -> str:
    """Return a text with the notices of a command's answer before it, in small print."""
    lines = [line for notice in told.notices for line in notice.splitlines()]
    return "\n".join([*(f"-# {line}" for line in lines), text])


def source_of(interaction: Interaction) -> str:
    """Return the id of an interaction as what taught something; it cannot be taken for a message's."""
    return f"{BY_COMMAND}{interaction.id}"


def scope_here(interaction: Interaction) -> Scope:
    """Return whose memory it is about: the asker's, in the server in which they ask."""
    return scope_of(interaction.user.id, interaction.guild_id)


def place_here(interaction: Interaction) -> Place:
    """Return where somebody asks. A server or a DM that the bot is no part of could be anything, so it is private."""
    channel = interaction.channel
    if channel is None:
        return Place(PlaceKind.PRIVATE, "unknown")
    if interaction.guild_id and interaction.is_guild_integration():
        return place_of(channel, interaction.guild)
    with_bot = interaction.context.dm_channel and isinstance(channel, discord.DMChannel)
    return Place(PlaceKind.DM if with_bot else PlaceKind.PRIVATE, str(channel.id))


async def tell(
    interaction: Interaction,
    services: Services,
    command: str,
    text: str = "",
    *,
    options: tuple[tuple[str, str], ...] = (),
    source: discord.Message | None = None,
) -> Told:
    """Give the assistant a command of whoever asks, and return its whole answer.

    Args:
        text: what the command is about, in the asker's words.
        source: the asker's own message that the words are from; the interaction itself when not given.
    """
    message = IncomingMessage(
        dedupe_key=source_of(interaction),
        scope=scope_here(interaction),
        place=place_here(interaction),
        author=Author(str(interaction.user.id), interaction.user.display_name),
        text=text,
        source_id=str(source.id) if source else source_of(interaction),
        sent_at=source.created_at if source else interaction.created_at,
        command=command,
        options=options,
        confidential=True,
        admin=manages(interaction),
    )
    return await told_by(services.assistant, message)
