"""Everything that a person can do with the bot's interface: found in what it registered, and in what it shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from tests.servers.discord import asking
from tests.servers.discord.command_rules import CHAT_INPUT, ON_MESSAGE
from tests.servers.discord.component_rules import SELECT, SELECTS, walk
from tests.servers.discord.interactions import Use
from tests.servers.discord.nouns import Channel, Message
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer

FACT = "I keep bees behind the old mill"

Step: TypeAlias = tuple[str, Mapping[str, str], Sequence[str]]
"""A command, its options, and what is pressed one after the other in the message that comes of it."""

CHOOSE = "Choose one to change or forget"

PATHS: tuple[Step, ...] = (
    ("remember", {"text": FACT}, ()),
    ("memories", {}, ()),
    ("memories", {}, (CHOOSE,)),
    ("memories", {}, (CHOOSE, "Forget")),
    ("remember", {"text": "I have asthma"}, ()),
    ("memories", {}, (CHOOSE,)),
    ("forget", {"what": FACT}, ()),
    ("forget", {"what": "everything"}, ()),
    ("forget", {"what": "everything"}, ("Everywhere on Discord",)),
    ("privacy", {}, ("Pause",)),
    ("privacy", {}, ("Resume",)),
    ("privacy", {}, ("Opt out",)),
    ("privacy", {}, ("Opt in",)),
    ("privacy", {}, ("Opt out everywhere",)),
    ("privacy", {}, ("Opt in everywhere",)),
    ("settings", {}, ()),
)
"""Ways to messages that show buttons; each is found as the one before left things, and nothing is forgotten."""


async def shown(person: Person, channel: Channel) -> list[Message]:
    """Return messages with buttons and lists, nearly all that the bot has; the person may manage the server."""
    messages = []
    for command, options, presses in PATHS:
        use = await (await person.runs(channel, command, options)).answered()
        for wanted in presses:
            await _pressed(person, use.messages[-1], wanted)
        messages.append(use.messages[-1])
    return messages


async def _pressed(person: Person, message: Message, wanted: str) -> None:
    """Press something and wait until the message is another."""
    before = message.components
    values = next((values for name, values in _parts(message) if wanted == CHOOSE and values), ())
    await (await person.presses(message, wanted, values)).until(lambda: message.components != before)


async def all_commands(person: Person, channel: Channel, target: Message) -> list[Use]:
    """Use every command, every menu entry on a message, and every option that offers choices, at the same moment."""
    commands = person.server.commands[None]
    asked = [person.runs(channel, one["name"], _required(one)) for one in commands if one["type"] == CHAT_INPUT]
    asked += [person.runs_on(target, one["name"]) for one in commands if one["type"] == ON_MESSAGE]
    asked += [asking.complete(person, channel, name, (option, "be"), {}) for name, option in _choices(person.server)]
    return await asyncio.gather(*asked)


async def all_presses(person: Person, messages: Iterable[Message]) -> list[Use]:
    """Press every button and choose from every list of messages at the same moment, then send the forms that opened."""
    parts = [(message, *part) for message in messages for part in _parts(message)]
    uses = await asyncio.gather(*(person.presses(message, name, values) for message, name, values in parts))
    forms = await asyncio.gather(*(use.submit({}) for use in uses if use.modal is not None))
    return [*uses, *forms]


def named(use: Use) -> str:
    """Return which command, menu entry, button or form was used."""
    return str(use.data.get("name") or str(use.data["custom_id"]).partition("/")[0])


def _required(command: Mapping[str, object]) -> dict[str, str]:
    """Every option that has to be filled in is a text."""
    options = command.get("options") or []
    assert isinstance(options, list)
    return {option["name"]: FACT for option in options if option.get("required")}


def _choices(server: DiscordServer) -> Iterator[tuple[str, str]]:
    for command in server.commands[None]:
        yield from ((command["name"], one["name"]) for one in command.get("options") or [] if one.get("autocomplete"))


def _parts(message: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what can be used in a message: its custom id, and what is chosen if it is a list."""
    for part in walk(message.components):
        if part.get("custom_id") and not part.get("disabled"):
            values = [option["value"] for option in part.get("options") or []] or [str(message.channel.id)]
            least = max(1, part.get("min_values", 1))
            is_list = part["type"] == SELECT or part["type"] in SELECTS
            yield part["custom_id"], tuple(values[:least]) if is_list else ()
