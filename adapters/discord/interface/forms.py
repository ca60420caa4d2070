"""Forms to fill in: a title, some fields, and what is done with what was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

from adapters.discord.interface.gates import Gate, Interaction
from adapters.discord.interface.presses import Press
from adapters.discord.interface.responding import Response, Said, Work, respond, say_failed

OPEN_S = 60 * 60.0
"""Seconds that a form may be open: Discord does not tell when one is closed, so each is let go some time."""

Submit: TypeAlias = Callable[[Interaction, Mapping[str, str]], Work]
"""Does something with what was written, by name of the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. label: up to 45 characters; hint: up to 100; most: characters that it takes, up to 4,000."""

    name: str
    label: str
    text: str = ""
    hint: str = ""
    most: int = 4000
    long: bool = False
    required: bool = False


class Form(discord.ui.Modal):
    """A form that answers to whoever opened it, by the gate that the press went through.

    Args:
        press: what opened it.
    """

    def __init__(self, title: str, fields: Sequence[Field], press: Press, gate: Gate, submit: Submit) -> None:
        super().__init__(title=title, timeout=OPEN_S)
        self.gate = gate
        self._press = press
        self._submit = submit
        self._inputs = {field.name: _input(field) for field in fields}
        for field in fields:
            component = self._inputs[field.name]
            self.add_item(discord.ui.Label(text=field.label, description=field.hint or None, component=component))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override] # any client's in the library
        """Do what the form is for, with what was written."""
        await respond(interaction, self._press.services, self._submitted(interaction), changes=True)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override] # as above
        """Say that it failed, when not even the answer could be begun."""
        await say_failed(interaction, "a form", error)

    async def _submitted(self, interaction: Interaction) -> Response:
        if refusal := self.gate.refusal(interaction, self._press.owner_id):
            return Said(refusal)
        return await self._submit(interaction, {name: field.value.strip() for name, field in self._inputs.items()})


def _input(field: Field) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=field.text[: field.most] or None,
        max_length=field.most,
        required=field.required,
    )
