"""Commands that the local Discord server registers and refuses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.discord.server.rest_client import RestClient

COMMANDS = "/applications/{bot}/commands"


def command(name: str = "name", **more: object) -> dict[str, object]:
    """Return a slash command."""
    return {"name": name, "description": "d", **more}


def option(name: str = "o", kind: int = 3, **more: object) -> dict[str, object]:
    """Return an option of a command."""
    return {"name": name, "description": "d", "type": kind, **more}


BAD_COMMANDS: Mapping[str, tuple[list[dict[str, object]], int]] = {
    "upper case": ([command("Name")], 50035),
    "space": ([command("a b")], 50035),
    "33 characters": ([command("x" * 33)], 50035),
    "no description": ([command(description="")], 50035),
    "long description": ([command(description="x" * 101)], 50035),
    "26 options": ([command(options=[option(f"o{n}") for n in range(26)])], 50035),
    "26 choices": ([command(options=[option(choices=[{"name": "n", "value": "v"}] * 26)])], 50035),
    "long choice": ([command(options=[option(choices=[{"name": "n", "value": "x" * 101}])])], 50035),
    "option twice": ([command(options=[option(), option()])], 50035),
    "option without description": ([command(options=[option(description="")])], 50035),
    "required after optional": ([command(options=[option("a"), option("b", required=True)])], 50035),
    "subcommand beside option": ([command(options=[option("a", 1), option("b")])], 50035),
    "nested too deep": ([command(options=[option("a", 1, options=[option("b", 1)])])], 50035),
    "unknown option": ([command(options=[option(kind=12)])], 50035),
    "choices and autocomplete": (
        [command(options=[option(autocomplete=True, choices=[{"name": "n", "value": "v"}])])],
        50035,
    ),
    "unknown kind": ([command(type=9)], 50035),
    "described context menu": ([command("Do it", type=3)], 50035),
    "twice": ([command(), command()], 50035),
    "8,001 characters": (
        [
            command(
                options=[
                    option(f"o{n}", choices=[{"name": "x" * 100, "value": f"{m:0100}"} for m in range(20)])
                    for n in range(2)
                ]
            )
        ],
        50035,
    ),
    "101 commands": ([command(f"c{n}") for n in range(101)], 30032),
    "16 context menus": ([{"name": f"Menu {n}", "type": 3} for n in range(16)], 30032),
}


@pytest.mark.parametrize("case", BAD_COMMANDS)
async def test_commands_are_refused(rest: RestClient, case: str) -> None:
    """What Discord takes as no command is not registered."""
    commands, code = BAD_COMMANDS[case]
    status, answer = await rest.ask("PUT", COMMANDS, commands)

    assert (status, answer["code"]) == (400, code)
    assert len(rest.server.violations) == 1
    assert rest.server.commands.get(None) is None


async def test_commands_keep_their_ids(rest: RestClient) -> None:
    """What is registered again under its name is the same command; the rest is gone."""
    menus = [{"name": f"Menu {n}", "type": kind} for n in range(15) for kind in (2, 3)]
    first = (await rest.ask("PUT", COMMANDS, [command("a"), command("b"), *menus]))[1]
    second = (await rest.ask("PUT", COMMANDS, [command("b"), command("c")]))[1]
    added = (await rest.ask("POST", COMMANDS, command("d")))[1]
    changed = (await rest.ask("PATCH", f"{COMMANDS}/{added['id']}", {"description": "changed"}))[1]
    deleted = (await rest.ask("DELETE", f"{COMMANDS}/{second[0]['id']}"))[0]
    left = (await rest.ask("GET", COMMANDS))[1]

    assert first[1]["id"] == second[0]["id"]
    assert (changed["id"], changed["description"], deleted) == (added["id"], "changed", 204)
    assert [one["name"] for one in left] == ["c", "d"]


async def test_commands_made_a_day_are_counted(rest: RestClient) -> None:
    """Two hundred new names a day are taken for a guild, known names do not count, and the next is refused."""
    path = "/applications/{bot}/guilds/{guild}/commands"
    for start in (0, 100, 100):
        await rest.ask("PUT", path, [command(f"c{start + n}") for n in range(100)])
    status, answer = await rest.ask("PUT", path, [command("one-more")])

    assert (status, answer["code"]) == (400, 30034)
