"""Everything that a person can do with the bot on Slack: what it offers, what it shows them, what they do beside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from typing import TypeAlias

from adapters.slack.interface.commands import MY_MEMORY, SHORTCUTS, SLASH_COMMANDS, SUBCOMMANDS, UMBRELLA
from bench.on_slack.towns import Town
from tests.servers.slack import Channel, Message, Person, Use, View
from tests.servers.slack.deliveries import COMMAND, INTERACTION, Delivery
from tests.servers.slack.looks import pressable
from tests.servers.slack.rules import options_of
from tests.servers.slack.wire import Json

FACT = "I keep bees behind the old mill"
SAYINGS: tuple[tuple[str, str], ...] = (
    ("/remember", FACT),
    ("/remember", "I have asthma"),
    ("/memories", ""),
    ("/forget", "bees"),
    ("/forget", "everything"),
    (f"/{UMBRELLA}", "privacy"),
    (f"/{UMBRELLA}", "settings"),
)
"""What is answered with buttons."""

OPENS_FORMS = frozenset({"edit", "list", "settings"})
"""The action ids of buttons that open a modal with something to send."""

Pressable: TypeAlias = Message | View

_PATIENCE_S = 10


async def shown(town: Town, person: Person, channel: Channel) -> list[Pressable]:
    """Let somebody use the bot until they have seen nearly all that can be pressed, and return where it stands."""
    replies = [
        await town.answered(await town.asks(person, place, text))
        for place in (person.im, channel)
        for text in (FACT, "What do I keep?")
    ]
    told = [await _told(town, await person.commands(channel, *saying)) for saying in SAYINGS]
    await person.opens_home()
    return [*replies, *told, await town.slack.until(lambda: town.slack.home(person), _PATIENCE_S)]


async def _told(town: Town, use: Use) -> Message:
    """The message that a use led to."""
    await town.slack.until(lambda: use.responses, _PATIENCE_S)
    return use.responses[-1]


async def _filled(town: Town, use: Use) -> View:
    """The modal that a use opened, once it is more than a line that asks for patience."""
    await town.slack.until(lambda: use.view is not None and len(use.view.states) > 1, _PATIENCE_S)
    assert use.view is not None
    return use.view


async def all_commands(person: Person, channel: Channel, own: Message) -> None:
    """Use every command and every shortcut at the same moment."""
    named = [(f"/{command.name}", FACT) for command in SLASH_COMMANDS if command.name != UMBRELLA]
    named += [(f"/{UMBRELLA}", name) for name in SUBCOMMANDS]
    await asyncio.gather(
        *(person.commands(channel, name, text) for name, text in named),
        *(person.shortcut(one.callback_id, message=own if one.on_message else None) for one in SHORTCUTS),
    )


async def all_forms(town: Town, person: Person, seen: Iterable[Pressable]) -> None:
    """Open every form that was seen a button of, and send it off; one by one, since each closes the one before."""
    memories = await _filled(town, await person.shortcut(MY_MEMORY.callback_id))
    for on in (memories, *seen):
        for element, value in _elements(on):
            if element["action_id"] in OPENS_FORMS:
                use = await person.presses(on, element["action_id"], value=value)
                await person.submits(await _filled(town, use))


async def all_presses(person: Person, seen: Iterable[Pressable]) -> None:
    """Press everything that was seen at the same moment."""
    await asyncio.gather(
        *(person.presses(on, element["action_id"], value=value) for on in seen for element, value in _elements(on))
    )


def _elements(on: Pressable) -> Iterator[tuple[Json, str | None]]:
    """Yield what Slack tells the app of at once, and with what value; a form's fields it keeps until that is sent."""
    for block, element in pressable(on.blocks):
        if block["type"] != "input" or block.get("dispatch_action"):
            yield element, _value(element)


def _value(element: Json) -> str | None:
    if element["type"] == "feedback_buttons":
        return str(element["positive_button"]["value"])
    if element["type"] == "plain_text_input":
        return "bees"
    options = options_of(element)
    return str(options[0]["value"]) if options else element.get("value")


async def all_events(town: Town, person: Person, channel: Channel, own: Message, hanging: Message) -> None:
    """Speak, edit, delete, come and look: everything that happens without the bot's interface.

    Args:
        own: a message of theirs that was answered; `hanging` waits for its answer.
    """
    beside = await person.says(channel, "This is not for the bot")
    doing: Sequence[Awaitable[object]] = (
        town.asks(person, channel, "And this?"),
        town.asks(person, person.im, "And that?"),
        person.says(channel, "nor is this", thread=own),
        person.edits(beside, "This is for nobody"),
        person.edits(own, "I keep wasps"),
        person.edits(hanging, f"{town.slack.mention} And what else, then?"),
        person.reacts(own, "eyes"),
        person.joins(channel),
        person.opens_home(),
        person.opens_messages_tab(channel),
        person.looks_at(channel),
    )
    await asyncio.gather(*doing)
    await person.deletes(beside)


def named(delivery: Delivery) -> str:
    """Return which event, command, button, shortcut or form was brought to the bot."""
    payload = delivery.payload
    if delivery.kind == COMMAND:
        is_umbrella = payload["command"] == f"/{UMBRELLA}"
        return f"{payload['command']} {payload['text']}" if is_umbrella else str(payload["command"])
    if delivery.kind == INTERACTION:
        actions = payload.get("actions") or [{}]
        form = (payload.get("view") or {}).get("callback_id") if payload["type"] == "view_submission" else None
        what = form or actions[0].get("action_id") or payload.get("callback_id")
        return f"{payload['type']} {what}"
    return " ".join(filter(None, (delivery.name, payload["event"].get("subtype"))))
