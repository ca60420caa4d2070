"""Forms to fill in: a title, some fields, and the custom id that says what is done with what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import discord

from adapters.discord.interface.gates import Interaction


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


def form_of(title: str, custom_id: str, *fields: Field) -> discord.ui.Modal:
    """Return a form to be opened. The library is not to wait for it: what was sent is found by the custom id.

    Otherwise a form that is open would be forgotten with the process, and what is being written in it.
    """
    form = discord.ui.Modal(title=title, custom_id=custom_id)
    for field in fields:
        component = _input(field)
        form.add_item(discord.ui.Label(text=field.label, description=field.hint or None, component=component))
    form.stop()
    return form


def written_in(interaction: Interaction) -> Mapping[str, str]:
    """Return what was written in a form that was sent, by name of the field."""
    labelled = cast("dict[str, list[dict[str, Any]]]", interaction.data or {}).get("components", [])
    inputs = [part["component"] for part in labelled if "component" in part]
    return {part["custom_id"]: part.get("value", "").strip() for part in inputs}


def _input(field: Field) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=field.name,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=field.text[: field.most] or None,
        max_length=field.most,
        required=field.required,
    )
