"""Compares the commands of this version with those that Discord has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord import app_commands

Json: TypeAlias = Any

_OUTDATED = {"dm_permission"}  # follows from `contexts`, which is sent too


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of commands that Discord has not, that only it has, and that it has otherwise; sorted."""

    missing: tuple[str, ...]
    stale: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.changed)


def payload(tree: app_commands.CommandTree[discord.AutoShardedClient]) -> list[dict[str, Any]]:
    """Return the commands as Discord is told of them."""
    return [command.to_dict(tree) for command in tree.get_commands()]


def difference(wanted: Sequence[Json], registered: Sequence[Json]) -> Difference:
    """Return how the registered commands differ from those that are wanted."""
    ours, theirs = _by_key(wanted), _by_key(registered)
    return Difference(
        missing=_names(key for key in ours if key not in theirs),
        stale=_names(key for key in theirs if key not in ours),
        changed=_names(key for key in ours.keys() & theirs.keys() if not covers(ours[key], theirs[key])),
    )


def covers(wanted: Json, found: Json) -> bool:
    """Tell whether Discord has what was sent to it; it adds keys of its own, and drops those that say nothing."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            covers(value, found.get(key)) for key, value in wanted.items() if key not in _OUTDATED
        )
    if isinstance(wanted, list | tuple):
        given = found or []
        return len(wanted) == len(given) and all(map(covers, wanted, given))
    # Permissions are sent as numbers and come back as text.
    return str(wanted) == str(found) or (not wanted and not found)


def _names(keys: Iterable[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(sorted(name for _, name in keys))


def _by_key(commands: Sequence[Json]) -> dict[tuple[int, str], Json]:
    return {(int(command.get("type") or 1), str(command["name"])): command for command in commands}
