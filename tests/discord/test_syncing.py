"""Telling Discord of the commands: in the background, and only when they changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from adapters.discord.interface.syncing import NOTE, fingerprint, keep_registered
from adapters.discord.interface.tree import Tree
from tests.discord.interface_world import Bot, World, bot, seen, world
from tests.servers.discord.faults import status

__all__ = ["bot", "world"]

PUT = "/applications/*/commands"


def _puts(world: World) -> list[int | None]:
    return [one.status for one in world.server.requests if one.method == "PUT" and one.path.endswith("/commands")]


async def test_commands_are_registered_once_over_restarts(world: World) -> None:
    """A second start with the same commands tells Discord nothing."""
    for _ in range(2):
        async with world.bot():
            pass

    assert _puts(world) == [200]


async def test_commands_are_for_everywhere_alone(world: World, bot: Bot) -> None:
    """One scope only, in servers and direct messages, for the bot as a member and as somebody's own."""
    assert set(world.server.commands) == {None}
    assert {tuple(one["contexts"]) for one in world.server.commands[None]} == {(0, 1, 2)}
    assert {tuple(one["integration_types"]) for one in world.server.commands[None]} == {(0, 1)}


async def test_changed_commands_are_registered_again(world: World) -> None:
    """What the note says is of another version, so Discord is told."""
    async with world.bot() as bot:
        await bot.services.notes.put(NOTE, "of another version")
    async with world.bot():
        pass

    assert _puts(world) == [200, 200]


@pytest.fixture
async def tree(world: World, bot: Bot) -> AsyncIterator[Tree]:
    """The commands on a client that is logged in, with nothing noted of them."""
    async with discord.AutoShardedClient(intents=discord.Intents.none()) as client:
        await client.login(world.server.token)
        await bot.services.notes.put(NOTE, "")
        yield Tree(client, bot.services)


async def test_an_outage_is_tried_again(world: World, bot: Bot, tree: Tree) -> None:
    """While Discord is down the bot serves, and tries again with growing pauses."""
    world.server.will("PUT", PUT, *(status(503) for _ in range(3)))
    async with asyncio.timeout(5):
        await keep_registered(tree, bot.client.application_id or 0, bot.services, first_retry_s=0.01)

    assert _puts(world)[-4:] == [503, 503, 503, 200]
    assert await bot.services.notes.get(NOTE) == fingerprint(tree, bot.client.application_id or 0)


async def test_a_refusal_is_not_tried_again(world: World, bot: Bot, tree: Tree) -> None:
    """What Discord refuses for good would be refused again."""
    world.server.will("PUT", PUT, status(400, 50035, "Invalid Form Body"))
    async with asyncio.timeout(5):
        await keep_registered(tree, bot.client.application_id or 0, bot.services)

    assert _puts(world)[-1] == 400
    assert await bot.services.notes.get(NOTE) == ""


async def test_fingerprint_follows_commands_and_application(bot: Bot, tree: Tree) -> None:
    """Another description, or another application, is something else; the same is the same."""

    @app_commands.command(name="help", description="Something else")
    async def other(_: discord.Interaction[discord.AutoShardedClient]) -> None: ...

    before, elsewhere = fingerprint(tree, 1), fingerprint(tree, 2)
    same = fingerprint(Tree(discord.AutoShardedClient(intents=discord.Intents.none()), bot.services), 1)
    tree.add_command(other, override=True)

    assert before == same
    assert len({before, elsewhere, fingerprint(tree, 1)}) == 3


async def test_a_command_that_discord_shows_and_we_lack_is_said(world: World, bot: Bot) -> None:
    """Between a new version and its registration people may use what is gone: they are told to try again."""
    world.server.commands[None].append({**world.server.commands[None][-3], "name": "dance", "id": "1"})
    (dance,) = [one for one in world.server.commands[None] if one["name"] == "dance"]
    dance["options"] = []

    assert "commands changed" in (await seen(await world.ann.runs(world.channel, "dance"))).content
