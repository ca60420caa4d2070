"""Gives a client all that people operate the bot with: commands, menu entries, buttons, lists and forms."""

from __future__ import annotations

import discord

from adapters.discord.interface import buttons, forget_view, memories_view, privacy_view, settings_view
from adapters.discord.interface.presses import Verbs, dynamic_item, form_listener
from adapters.discord.interface.syncing import keep_registered
from adapters.discord.interface.tree import Tree
from adapters.discord.services import Services

VERBS: Verbs = {
    **buttons.VERBS,
    **memories_view.VERBS,
    **forget_view.VERBS,
    **privacy_view.VERBS,
    **settings_view.VERBS,
}
"""What every custom id can ask for."""


async def install(client: discord.AutoShardedClient, services: Services) -> None:
    """Set up the interface of a client that is logged in and not connected yet; Discord is told in the background.

    Raises:
        RuntimeError: the client does not know its application, so it is not logged in.
    """
    if client.application_id is None:
        raise RuntimeError("the interface belongs into setup_hook: the client is not logged in")
    tree = Tree(client, services)
    client.add_dynamic_items(dynamic_item(services, VERBS))
    client.event(form_listener(services, VERBS))
    services.tasks.start("register commands", keep_registered(tree, client.application_id), endless=True)
