"""What Discord takes as application commands: "Application Commands" of its documentation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tests.servers.discord.refusals import TOO_MANY_COMMANDS, Fault, Refusal, refuse_form
from tests.servers.discord.rules import Limit, broken
from tests.servers.discord.wire import Json

CHAT_INPUT, ON_USER, ON_MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
NAME = re.compile(r"[-_'\w]{1,32}")
COMMAND_CHARACTERS = 8000
CREATES_A_DAY = 200
MOST_OF_A_KIND: Mapping[int, int] = {CHAT_INPUT: 100, ON_USER: 15, ON_MESSAGE: 15}
"""Context menus: 15 of each kind since 2025, 5 before."""

COMMAND = (Limit("name", 32, 1, required=True), Limit("options", 25))
DESCRIBED = Limit("description", 100, 1, required=True)
OPTION = (Limit("name", 32, 1, required=True), DESCRIBED, Limit("options", 25), Limit("choices", 25))
CHOICE = (Limit("name", 100, 1, required=True),)


def refuse_commands(commands: list[Json]) -> None:
    """Raise the refusal of all commands of one scope if Discord would not take them."""
    refuse_form(fault for number, command in enumerate(commands) for fault in command_faults(command, str(number)))
    keys = Counter((command.get("type", CHAT_INPUT), command["name"]) for command in commands)
    twice = [name for (_, name), count in keys.items() if count > 1]
    refuse_form(Fault("", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Names must be unique") for _ in twice)
    kinds = Counter(command.get("type", CHAT_INPUT) for command in commands)
    if any(count > MOST_OF_A_KIND[kind] for kind, count in kinds.items()):
        raise Refusal(TOO_MANY_COMMANDS)


def command_faults(command: Json, where: str) -> Iterator[Fault]:
    """Yield what is wrong with one command."""
    yield from broken(command, COMMAND, where)
    kind = command.get("type", CHAT_INPUT)
    if kind not in MOST_OF_A_KIND:
        yield Fault(f"{where}.type", "BASE_TYPE_CHOICES", "No such type of command")
    elif kind == CHAT_INPUT:
        yield from broken(command, [DESCRIBED], where)
        yield from _name_faults(command, where)
        yield from _option_faults(command.get("options") or [], f"{where}.options", (SUBCOMMAND, GROUP))
    elif command.get("description") or command.get("options"):
        yield Fault(where, "APPLICATION_COMMAND_CONTEXT_MENU", "A context menu has no description and no options")
    if characters(command) > COMMAND_CHARACTERS:
        text = f"Command exceeds maximum size ({COMMAND_CHARACTERS})"
        yield Fault(where, "APPLICATION_COMMAND_TOO_LARGE", text)


def autocomplete_faults(choices: list[Json], kind: int) -> Iterator[Fault]:
    """Yield what is wrong with the choices offered for an option of a type."""
    if len(choices) > 25:
        yield Fault("data.choices", "BASE_TYPE_BAD_LENGTH", "Must be between 0 and 25 in length.")
    for number, choice in enumerate(choices):
        yield from _choice_faults(choice, kind, f"data.choices.{number}")


def characters(thing: Json) -> int:
    """Return what a command counts towards its limit: names, descriptions and values, all the way down."""
    own = sum(len(str(thing[name])) for name in ("name", "description", "value") if thing.get(name))
    return own + sum(characters(part) for name in ("options", "choices") for part in thing.get(name) or [])


def _name_faults(thing: Json, where: str) -> Iterator[Fault]:
    name = str(thing.get("name", ""))
    if not NAME.fullmatch(name) or name != name.lower():
        yield Fault(f"{where}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _option_faults(options: list[Json], where: str, nests: tuple[int, ...]) -> Iterator[Fault]:
    names = [option.get("name") for option in options]
    if len(set(names)) < len(names):
        yield Fault(where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique")
    needed = [bool(option.get("required")) for option in options]
    if needed != sorted(needed, reverse=True):
        text = "Required options must be placed before non-required options"
        yield Fault(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
    if len({option.get("type") in (SUBCOMMAND, GROUP) for option in options}) > 1:
        yield Fault(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Subcommands and options cannot be mixed")
    for number, option in enumerate(options):
        yield from _one_option_faults(option, f"{where}.{number}", nests)


def _one_option_faults(option: Json, where: str, nests: tuple[int, ...]) -> Iterator[Fault]:
    yield from broken(option, OPTION, where)
    yield from _name_faults(option, where)
    kind = int(option.get("type") or 0)
    if kind in (SUBCOMMAND, GROUP) and kind not in nests:
        yield Fault(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deep")
    if not 1 <= kind <= 11:
        yield Fault(f"{where}.type", "BASE_TYPE_CHOICES", "No such type of option")
    if option.get("autocomplete") and option.get("choices"):
        yield Fault(where, "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE", "Choices and autocomplete exclude each other")
    for number, choice in enumerate(option.get("choices") or []):
        yield from _choice_faults(choice, kind, f"{where}.choices.{number}")
    yield from _option_faults(option.get("options") or [], f"{where}.options", (SUBCOMMAND,) if kind == GROUP else ())


def _choice_faults(choice: Json, kind: int, where: str) -> Iterator[Fault]:
    yield from broken(choice, CHOICE, where)
    value = choice.get("value")
    if kind == 3 and (not isinstance(value, str) or not 1 <= len(value) <= 100):
        yield Fault(f"{where}.value", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    if kind in (4, 10) and not isinstance(value, int | float):
        yield Fault(f"{where}.value", "NUMBER_TYPE_COERCE", "Value is not a number")
