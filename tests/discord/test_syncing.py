"""Telling Discord of the commands: in the background, and only when they changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import discord
import pytest

from adapters.discord.interface.syncing import keep_registered
from adapters.discord.interface.tree import Tree
from tests.discord.interface_world import Bot, World, bot, seen, world
from tests.servers.discord.faults import status

__all__ = ["bot", "world"]

COMMANDS = "/applications/*/commands"


def _puts(world: World) -> list[int | None]:
    return [one.status for one in world.server.requests if one.method == "PUT" and one.path.endswith("/commands")]


async def test_commands_are_registered_once_over_restarts(world: World) -> None:
    """A second start with the same commands tells Discord nothing."""
    for _ in range(2):
        async with world.bot():
            pass

    assert _puts(world) == [200]


async def test_commands_are_for_everywhere_alone(world: World, bot: Bot) -> None:
    """Registered for no server by itself; people's own work everywhere, for the bot as a member and as their own."""
    own = [one for one in world.server.commands[None] if one["name"] not in ("settings", "usage")]

    assert set(world.server.commands) == {None}
    assert {tuple(one["contexts"]) for one in own} == {(0, 1, 2)}
    assert {tuple(one["integration_types"]) for one in own} == {(0, 1)}


def _removed(commands: list[dict[str, Any]]) -> None:
    commands.pop()


def _described_otherwise(commands: list[dict[str, Any]]) -> None:
    commands[0]["description"] = "Something else"


def _one_more(commands: list[dict[str, Any]]) -> None:
    commands.append({**commands[0], "name": "dance", "id": "1"})


@pytest.mark.parametrize("change", [_removed, _described_otherwise, _one_more])
async def test_what_somebody_else_changed_is_put_right(
    world: World, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    """Whatever was done to the commands at Discord since the last start, they are this version's after the next."""
    async with world.bot():
        before = [(one["name"], one["description"]) for one in world.server.commands[None]]
    change(world.server.commands[None])
    async with world.bot():
        pass

    assert _puts(world) == [200, 200]
    assert [(one["name"], one["description"]) for one in world.server.commands[None]] == before


@pytest.fixture
async def tree(world: World, bot: Bot) -> AsyncIterator[Tree]:
    """The commands on a client that is logged in; Discord has none of them any more."""
    async with discord.AutoShardedClient(intents=discord.Intents.none()) as client:
        await client.login(world.server.token)
        world.server.commands[None].clear()
        yield Tree(client, bot.services)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_an_outage_is_tried_again(world: World, bot: Bot, tree: Tree, method: str) -> None:
    """While Discord is down the bot serves, and tries again with growing pauses."""
    world.server.will(method, COMMANDS, *(status(503) for _ in range(3)))
    async with asyncio.timeout(5):
        await keep_registered(tree, bot.client.application_id or 0, first_retry_s=0.01)

    asked = [one.status for one in world.server.requests if one.method == method and one.path.endswith("/commands")]
    assert asked[-4:] == [503, 503, 503, 200]
    assert len(world.server.commands[None]) == len(tree.get_commands())


async def test_a_refusal_is_not_tried_again(world: World, bot: Bot, tree: Tree) -> None:
    """What Discord refuses for good would be refused again."""
    world.server.will("PUT", COMMANDS, status(400, 50035, "Invalid Form Body"))
    async with asyncio.timeout(5):
        await keep_registered(tree, bot.client.application_id or 0)

    assert _puts(world)[-1] == 400
    assert world.server.commands[None] == []


async def test_a_command_that_discord_shows_and_we_lack_is_said(world: World, bot: Bot) -> None:
    """Between a new version and its registration people may use what is gone: they are told to try again."""
    world.server.commands[None].append({**world.server.commands[None][-3], "name": "dance", "id": "1"})
    (dance,) = [one for one in world.server.commands[None] if one["name"] == "dance"]
    dance["options"] = []

    assert "commands changed" in (await seen(await world.ann.runs(world.channel, "dance"))).content
