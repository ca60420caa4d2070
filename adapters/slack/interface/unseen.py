"""Which channels somebody cannot see, and so cannot have taken off a list that Slack showed them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from adapters.slack.directory import ASK_S
from adapters.slack.faults import our_errors
from adapters.slack.interface.interactions import Interaction
from adapters.slack.services import Services
from bot.errors import PlatformError
from bot.types import PlaceKind

_MEMBERS = 1000  # of one page, the most: https://docs.slack.dev/reference/methods/conversations.members


async def unseen(services: Services, interaction: Interaction, channel_ids: Collection[str]) -> frozenset[str]:
    """Return those of the channels that are private and that whoever acts is not in, as far as Slack tells the bot."""
    ids = sorted(channel_ids)
    seen = await asyncio.gather(*(_sees(services, interaction, channel_id) for channel_id in ids))
    return frozenset(channel_id for channel_id, is_seen in zip(ids, seen, strict=True) if not is_seen)


async def _sees(services: Services, interaction: Interaction, channel_id: str) -> bool:
    channel = await services.directory.channel(interaction.workspace, channel_id)
    if channel.kind is PlaceKind.PUBLIC:
        return True
    try:
        with our_errors("a question about who is in a channel"):
            async with asyncio.timeout(ASK_S):
                pages = await interaction.client.conversations_members(channel=channel_id, limit=_MEMBERS)
                async for page in pages:
                    if interaction.user_id in (page.get("members") or ()):
                        return True
    except PlatformError:  # the bot is not in it either
        return False
    return False
