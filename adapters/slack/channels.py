"""What follows when a channel is deleted, or gets another id."""

from __future__ import annotations

from dataclasses import replace

from adapters.slack.services import PLATFORM, Services
from bot.events import ChannelsDeleted


async def channel_gone(services: Services, guild_id: str, channel_id: str) -> None:
    """Forget what was learned from messages that are gone with their channel.

    Raises:
        StoreError: it could not be forgotten.
    """
    if channel_id:
        gone = ChannelsDeleted(PLATFORM, guild_id, services.moves.ids_of(channel_id))
        await services.assistant.channels_deleted(gone)


async def channel_moved(services: Services, guild_id: str, old_id: str, new_id: str) -> None:
    """Let what was chosen for a channel, and its threads, go on under its new id.

    Memories stay with the old one: who joins from outside is to get nothing of what was said before.

    Raises:
        StoreError: it could not be written.
    """
    await services.moves.save()
    await services.threads.move(old_id, new_id)
    policy = await services.bot.policies.of(PLATFORM, guild_id)
    lists = {name: getattr(policy, name) for name in ("channels", "listening", "strict")}
    moved = {name: ids - {old_id} | {new_id} for name, ids in lists.items() if old_id in ids}
    if moved:
        await services.bot.policies.set(PLATFORM, guild_id, replace(policy, **moved))
