"""Every command, button and form has a gate before it, and the gate opens to whom it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from adapters.discord.interface.gates import Gate, gated
from adapters.discord.interface.installing import VERBS
from adapters.discord.interface.marks import stopping_view
from adapters.discord.interface.presses import Press, Verb
from adapters.discord.interface.responding import Response, Unchanged
from adapters.discord.interface.tree import Tree
from tests.discord.interface_world import Bot, World, bot, seen, world

__all__ = ["bot", "world"]

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group
ADMINS_OWN = {"settings", "usage"}


def ungated(commands: list[AnyCommand]) -> Iterator[str]:
    """Yield the commands without a gate, or with none that is checked."""
    for command in commands:
        gate = None if isinstance(command, app_commands.Group) else command.callback.__dict__.get("gate")
        wanted = Gate.ADMIN if command.name in ADMINS_OWN else Gate.ASKER
        if gate is not wanted or not getattr(command, "checks", []):
            yield command.name


async def test_every_command_is_gated(bot: Bot) -> None:
    """Each command is its asker's own, or an admin's; those of admins are hidden from others besides."""
    tree = Tree(discord.AutoShardedClient(intents=discord.Intents.none()), bot.services)
    commands = tree.get_commands()
    hidden = {one.name for one in commands if one.default_permissions == discord.Permissions(manage_guild=True)}

    assert len(commands) == 16
    assert list(ungated(commands)) == []
    assert hidden == ADMINS_OWN


async def test_a_command_without_a_gate_is_found() -> None:
    """The walk sees what it is there for: no gate, or the wrong one."""

    @app_commands.command(name="open")
    async def without(_: discord.Interaction[Any]) -> None:
        """Nothing"""

    @app_commands.command(name="usage")
    @gated(Gate.ASKER)
    async def wrong(_: discord.Interaction[Any]) -> None:
        """Nothing"""

    assert list(ungated([without, wrong])) == ["open", "usage"]


async def test_every_button_and_form_is_behind_a_verb(world: World, bot: Bot) -> None:
    """The library waits for a single pattern and for no view or form; every verb has a gate."""
    store = bot.client._connection._view_store
    message = await world.ann.says(world.channel, "Hello")
    await bot.replies(message, "Hi.", stopping_view(str(world.ann.id), str(message.id)))
    settings = await seen(await world.ada.runs(world.channel, "settings"))
    form = await (await world.ada.presses(settings, "Model, persona, limits")).answered()

    assert form.modal is not None
    assert len(store._dynamic_items) == 1
    assert store._views == {}
    assert store._modals == {}
    assert {verb: entry.gate for verb, entry in VERBS.items() if entry.gate is Gate.ASKER} == {}
    assert {verb for verb, entry in VERBS.items() if entry.gate is Gate.ADMIN} == {
        "answers",
        "listens",
        "strict",
        "notes",
        "more",
        "limits",
    }


async def test_verbs_are_the_owners_unless_they_say_otherwise() -> None:
    """Whoever adds a verb and forgets the gate has the narrow one."""

    async def nothing(_: Press) -> Response:
        return Unchanged()

    assert Verb(nothing).gate is Gate.OWNER


@pytest.mark.parametrize("name", sorted(ADMINS_OWN))
async def test_admin_commands_are_checked_here_too(world: World, bot: Bot, name: str) -> None:
    """Where it is shown to those whom it is not for, and should it come from direct messages, it is refused."""
    for command in world.server.commands[None]:
        command["default_member_permissions"] = command["contexts"] = None
    refused = await seen(await world.ann.runs(world.channel, name))
    elsewhere = await seen(await world.ada.runs(world.ada.dm, name))

    assert refused.content == "Only people who may manage this server can do that."
    assert elsewhere.content == "This is about a server, so it works only inside one that I am a member of."
