"""What people do with commands, context menus, buttons and autocomplete: only what the bot really offers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.servers.discord import payloads
from tests.servers.discord.command_rules import CHAT_INPUT, GROUP, ON_MESSAGE, SUBCOMMAND
from tests.servers.discord.component_rules import SELECT, SELECTS
from tests.servers.discord.forms import Options
from tests.servers.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    IN_BOT_DM,
    IN_GUILD,
    Use,
    component_of,
    context_of,
    seen,
)
from tests.servers.discord.permissions import permissions_of
from tests.servers.discord.wire import Impossible, Json

if TYPE_CHECKING:
    from tests.servers.discord.nouns import Channel, Message
    from tests.servers.discord.people import Person
    from tests.servers.discord.server import DiscordServer

TO_GUILD, TO_USER = 0, 1


async def run(person: Person, channel: Channel, name: str, values: Mapping[str, object]) -> Use:
    """Use a slash command; the name of a subcommand follows after a space."""
    command, path, declared = _find(person, channel, name)
    options = Options(person.server, channel.guild)
    data = {**_head(command), "options": _nested(path, options.given(declared, values)), "resolved": options.resolved}
    return await seen(Use(person, channel, COMMAND, data, owners(person, channel, command)))


async def run_on(person: Person, message: Message, name: str) -> Use:
    """Use a command of the context menu of a message."""
    command = _registered(person, message.channel, ON_MESSAGE, name)
    resolved = {"messages": {str(message.id): payloads.message(message, content=True)}}
    data = {**_head(command), "target_id": str(message.id), "resolved": resolved}
    return await seen(Use(person, message.channel, COMMAND, data, owners(person, message.channel, command)))


async def complete(
    person: Person, channel: Channel, name: str, typed: tuple[str, str], others: Mapping[str, object]
) -> Use:
    """Type into an option that offers choices; `typed` is its name and what stands in it so far."""
    option, text = typed
    command, path, declared = _find(person, channel, name)
    found = next((one for one in declared if one["name"] == option and one.get("autocomplete")), None)
    if found is None:
        raise Impossible(f"/{name} offers no choices for {option!r}")
    given = Options(person.server, channel.guild).given(
        [{**one, "required": False} for one in declared if one is not found], others
    )
    focused = {"name": option, "type": found["type"], "value": text, "focused": True}
    data = {**_head(command), "options": _nested(path, [*given, focused])}
    return await seen(Use(person, channel, AUTOCOMPLETE, data, owners(person, channel, command)))


async def press(person: Person, message: Message, wanted: str, values: Sequence[str]) -> Use:
    """Press a button or choose from a select."""
    if message.deleted or (message.is_ephemeral and message.answers and message.answers.person is not person):
        raise Impossible(f"{person.name} does not see this message")
    part = component_of(message, wanted)
    data: Json = {"custom_id": part["custom_id"], "component_type": part["type"], "id": part.get("id", 0)}
    if part["type"] in SELECTS:
        _require_choice(part, values)
        data["values"] = list(values)
    owned = message.answers.owners if message.answers else owners(person, message.channel, None)
    return await seen(Use(person, message.channel, COMPONENT, data, owned, message))


def owners(person: Person, channel: Channel, command: Json | None) -> dict[str, str]:
    """Return who installed the bot where this happens: the guild, the person, or both.

    Raises:
        Impossible: Discord would not offer the command here.
    """
    server, guild = person.server, channel.guild
    context = context_of(server, channel)
    types = set(command["integration_types"] or [TO_GUILD]) if command else {TO_GUILD, TO_USER}
    found = {}
    if TO_GUILD in types and guild is not None and guild.has_bot:
        found[str(TO_GUILD)] = str(guild.id)
    if TO_GUILD in types and context == IN_BOT_DM:
        found[str(TO_GUILD)] = "0"
    if TO_USER in types and person.installed:
        found[str(TO_USER)] = str(person.id)
    contexts = command["contexts"] if command else None
    allowed = [IN_GUILD, IN_BOT_DM, *([2] if TO_USER in types else [])] if contexts is None else contexts
    if not found or context not in allowed:
        raise Impossible(f"the command is not offered to {person.name} in context {context}")
    return found


def _find(person: Person, channel: Channel, name: str) -> tuple[Json, list[Json], list[Json]]:
    """Return a command, the groups on the way to the subcommand, and the options declared there."""
    first, *rest = name.split()
    command = _registered(person, channel, CHAT_INPUT, first)
    path: list[Json] = []
    declared: list[Json] = command["options"] or []
    for part in rest:
        found = next((one for one in declared if one["name"] == part and one["type"] in (SUBCOMMAND, GROUP)), None)
        if found is None:
            raise Impossible(f"no subcommand {part!r} in /{name}")
        path.append(found)
        declared = found.get("options") or []
    if any(one["type"] in (SUBCOMMAND, GROUP) for one in declared):
        raise Impossible(f"/{name} needs one of {[one['name'] for one in declared]}")
    return command, path, declared


def _registered(person: Person, channel: Channel, kind: int, name: str) -> Json:
    """Return a command that the bot registered and Discord shows to this person here."""
    server: DiscordServer = person.server
    scopes = [channel.guild.id, None] if channel.guild else [None]
    commands = [command for scope in scopes for command in server.commands.get(scope, [])]
    for command in commands:
        if command["type"] == kind and command["name"] == name:
            needed = int(command["default_member_permissions"] or 0)
            if channel.guild and permissions_of(person, channel) & needed != needed:
                raise Impossible(f"{person.name} may not use {name!r} here")
            return command
    raise Impossible(f"the bot registered no {name!r}, only {sorted(one['name'] for one in commands)}")


def _head(command: Json) -> Json:
    place = {"guild_id": command["guild_id"]} if "guild_id" in command else {}
    return {"id": command["id"], "name": command["name"], "type": command["type"], **place}


def _nested(path: list[Json], options: list[Json]) -> list[Json]:
    for part in reversed(path):
        options = [{"name": part["name"], "type": part["type"], "options": options}]
    return options


def _require_choice(part: Json, values: Sequence[str]) -> None:
    offered = [option["value"] for option in part.get("options") or []]
    least, most = part.get("min_values", 1), part.get("max_values", 1)
    if not least <= len(values) <= most or (part["type"] == SELECT and set(values) - set(offered)):
        raise Impossible(f"the select takes {least} to {most} of {offered}, not {list(values)}")
