"""A press of a button, or a choice from a list: who may, what it does, and what a button carries for that.

The action id is a verb. The value holds the owner's user id and ids besides, so that what was sent before a restart
works after it, and nothing that others may not read. What has no value of its own, a list or a line to write into, is
used on home tabs and in modals only, which Slack shows to one person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from adapters.slack.interface.gates import Gate
from adapters.slack.interface.interactions import Interaction
from adapters.slack.interface.kit import Block, plain
from adapters.slack.interface.responding import Response, Said, Work
from adapters.slack.reading import Json
from adapters.slack.services import Services

MAX_CHARACTERS = 2000
"""Of a value: https://docs.slack.dev/reference/block-kit/block-elements/button-element."""

OUT_OF_DATE = "That is from an older version of me. Please ask again."


@dataclass(frozen=True, slots=True)
class Press:
    """One press: what its value is about, and what was chosen or written, if it is a list or a line."""

    interaction: Interaction
    services: Services
    owner_id: str
    about: tuple[str, ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Verb:
    """What a press does. opens: the title of a modal that it is answered in; none when empty."""

    run: Callable[[Press], Work]
    gate: Gate = Gate.OWNER
    opens: str = ""


Verbs: TypeAlias = Mapping[str, Verb]


def button(verb: str, owner_id: str, *about: object, label: str, style: str = "", asks: Block | None = None) -> Block:
    """Return a button that does something for its owner alone.

    Args:
        style: primary or danger; the usual one when empty.
        asks: the question to be confirmed before.

    Raises:
        ValueError: it carries more than Slack takes.
    """
    value = value_of(owner_id, *about)
    styled = {"style": style} if style else {}
    asked = {"confirm": asks} if asks else {}
    return {"type": "button", "action_id": verb, "text": plain(label), "value": value, **styled, **asked}


def value_of(owner_id: str, *about: object) -> str:
    """Return what a button carries.

    Raises:
        ValueError: it is longer than Slack takes, or would be read as something else.
    """
    parts = [owner_id, *map(str, about)]
    value = "/".join(parts)
    if len(value) > MAX_CHARACTERS or value.count("/") != len(parts) - 1:
        raise ValueError(f"a value of {len(value)} characters cannot be sent, or would not be known again")
    return value


def press_in(interaction: Interaction, services: Services, action: Json) -> Press:
    """Return what an action of a payload says. Without a value it belongs to whoever the screen is shown to."""
    value = str(action.get("value") or "")
    if action.get("type") in ("button", "feedback_buttons"):
        owner_id, *about = value.split("/")
        return Press(interaction, services, owner_id, tuple(about))
    owner_id = interaction.user_id if interaction.view is not None else ""
    chosen = str((action.get("selected_option") or {}).get("value") or value)
    return Press(interaction, services, owner_id, chosen=chosen)


async def pressed(verb: Verb | None, press: Press) -> Response:
    """Do what a verb does, if its gate opens."""
    if verb is None:
        return Said(OUT_OF_DATE)
    refusal = await verb.gate.refusal(press.services, press.interaction, press.owner_id)
    return Said(refusal) if refusal else await verb.run(press)
