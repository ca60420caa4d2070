"""Remembers something that was chosen to be remembered, and says so to whoever chose it, with buttons."""

from __future__ import annotations

import discord

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import shown, source_of, tell
from adapters.discord.interface.marks import view_for
from adapters.discord.interface.responding import Response, Said
from adapters.discord.services import Services


async def remembered(
    interaction: Interaction,
    services: Services,
    text: str,
    *,
    options: tuple[tuple[str, str], ...] = (),
    source: discord.Message | None = None,
) -> Response:
    """Return what became of a text.

    Args:
        source: as for `tell`.
    """
    told = await tell(interaction, services, "remember", text, options=options, source=source)
    source_id = str(source.id) if source else source_of(interaction)
    return Said(shown(told), view_for(told.end, str(interaction.user.id), source_id, services))
