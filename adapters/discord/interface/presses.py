"""A press of a button, a choice from a list, a form that was sent: who may, what it does, and how all are heard.

A custom id says it all, so that whatever was sent before a restart still works after it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import discord

from adapters.discord.interface.custom_ids import MAX_CHARACTERS, TEMPLATE, CustomId, parsed
from adapters.discord.interface.forms import written_in
from adapters.discord.interface.gates import Gate, Interaction
from adapters.discord.interface.responding import Response, Said, Work, respond
from adapters.discord.services import Services

_OUT_OF_DATE = "That is from an older version of me. Please ask again."


@dataclass(frozen=True, slots=True)
class Press:
    """One press: what its custom id is about, what was chosen, if it is a list, and what was written, if a form."""

    interaction: Interaction
    services: Services
    owner_id: str
    about: tuple[str, ...]
    values: tuple[str, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a press does.

    changes: it changes the message that was pressed; without it the answer is a message of its own.
    """

    run: Callable[[Press], Work]
    gate: Gate = Gate.OWNER
    changes: bool = True


Verbs: TypeAlias = Mapping[str, Verb]
DynamicItem: TypeAlias = discord.ui.DynamicItem[discord.ui.Item[Any]]


def button(
    verb: str, owner_id: str, *about: object, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.View]:
    """Return a button that does something for its owner alone."""
    return discord.ui.Button(label=label, style=style, custom_id=id_of(verb, owner_id, *about))


def id_of(verb: str, owner_id: str, *about: object) -> str:
    """Return a custom id.

    Raises:
        ValueError: it is longer than Discord takes, or holds what none of ours holds.
    """
    text = str(CustomId(verb, owner_id, tuple(str(part) for part in about)))
    if len(text) > MAX_CHARACTERS or parsed(text) is None:
        raise ValueError(f"a custom id of {len(text)} characters cannot be sent, or would not be known again")
    return text


def view_of(*items: discord.ui.Item[Any]) -> discord.ui.View:
    """Return a view to be sent. The library is not to watch over it: its buttons are found by their custom ids.

    Otherwise it would hold every view that was sent, and, when one times out, stop hearing the patterns in it.
    """
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def without(message: discord.Message, *verbs: str) -> discord.ui.View | None:
    """Return a message's buttons but for those of some verbs; None when none are left."""
    items = discord.ui.View.from_message(message, timeout=None).children
    ids = [parsed(getattr(item, "custom_id", None) or "") for item in items]
    left = [item for item, found in zip(items, ids, strict=True) if found is None or found.verb not in verbs]
    return view_of(*left) if left else None


def dynamic_item(services: Services, verbs: Verbs) -> type[DynamicItem]:
    """Return what is to be registered with the client: it hears every custom id of ours."""

    class Pressed(discord.ui.DynamicItem[discord.ui.Item[Any]], template=TEMPLATE):
        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], __: object, /
        ) -> Pressed:
            return cls(item)

        async def callback(self, interaction: Interaction) -> None:  # type: ignore[override] # any client's there
            await _heard(interaction, services, verbs, self.custom_id)

    return Pressed


def form_listener(services: Services, verbs: Verbs) -> Callable[[Interaction], Coroutine[object, object, None]]:
    """Return what is to be registered with the client: it hears every form that is sent, whenever it was opened."""

    async def on_interaction(interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.modal_submit:
            await _heard(interaction, services, verbs, str(_data(interaction)["custom_id"]))

    return on_interaction


async def _heard(interaction: Interaction, services: Services, verbs: Verbs, text: str) -> None:
    """Do what a custom id says."""
    custom_id = parsed(text)
    verb = verbs.get(custom_id.verb) if custom_id else None
    if custom_id is None or verb is None:
        await respond(interaction, services, _out_of_date())
        return
    values, written = _values(interaction), written_in(interaction)
    press = Press(interaction, services, custom_id.owner_id, custom_id.about, values, written)
    await respond(interaction, services, _run(verb, press), changes=verb.changes)


async def _run(verb: Verb, press: Press) -> Response:
    refusal = verb.gate.refusal(press.interaction, press.owner_id)
    return Said(refusal) if refusal else await verb.run(press)


async def _out_of_date() -> Response:
    return Said(_OUT_OF_DATE)


def _values(interaction: Interaction) -> tuple[str, ...]:
    return tuple(_data(interaction).get("values", []))


def _data(interaction: Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})
