"""What a person's client makes of their input: a filled modal, the options of a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.servers.discord import payloads
from tests.servers.discord.component_rules import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
)
from tests.servers.discord.posting import attach
from tests.servers.discord.wire import Impossible, Json

if TYPE_CHECKING:
    from tests.servers.discord.nouns import Channel, Guild, Role
    from tests.servers.discord.people import Person
    from tests.servers.discord.server import DiscordServer

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = 3, 4, 5, 6, 7, 8, 9, 10, 11
TYPES: Mapping[int, type | tuple[type, ...]] = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: (int, float)}


def filled(components: list[Json], values: Mapping[str, object]) -> list[Json]:
    """Return the components of a submitted modal; what is not named keeps what it was opened with.

    Raises:
        Impossible: the modal has no such field, or the client would not take the value.
    """
    left = dict(values)
    answer = [_filled_part(component, component.get("label"), left) for component in components]
    if left:
        raise Impossible(f"the modal has no field {sorted(left)}")
    return answer


def _filled_part(component: Json, label: object, left: dict[str, object]) -> Json:
    shape = {"type": component["type"], "id": component.get("id", 0)}
    if component["type"] == ROW:
        inside = [_filled_part(part, part.get("label"), left) for part in component["components"]]
        return {**shape, "components": inside}
    if component["type"] == LABEL:
        return {**shape, "component": _filled_part(component["component"], label, left)}
    if component["type"] == TEXT:
        return shape
    name = component["custom_id"]
    key = str(label) if label in left else name
    given = left.pop(key, None)
    return {**shape, "custom_id": name, **_field(component, given)}


def _field(component: Json, given: Any) -> Json:  # noqa: ANN401 (what a field holds depends on its type)
    """Return what a field of a modal sends."""
    kind = component["type"]
    if kind == TEXT_INPUT:
        return {"value": _typed_text(component, component.get("value", "") if given is None else given)}
    if kind in (*SELECTS, CHECKBOXES, UPLOAD):
        defaults = [one["value"] for one in component.get("options") or [] if one.get("default")]
        return {"values": defaults if given is None else list(given)}
    if kind == RADIO:
        return {"value": given}
    if kind == CHECKBOX:
        return {"value": component.get("default", False) if given is None else given}
    raise Impossible(f"no such field in a modal: {kind}")


def _typed_text(component: Json, text: str) -> str:
    most = component.get("max_length", 4000)
    least = component.get("min_length", 1 if component.get("required", True) else 0)
    if not least <= len(text) <= most and (text or component.get("required", True)):
        raise Impossible(f"{component['custom_id']} takes {least} to {most} characters, not {len(text)}")
    return text


class Options:
    """Turns values into the options of a command, and collects the objects that they name."""

    def __init__(self, server: DiscordServer, guild: Guild | None) -> None:
        """Begin with nothing resolved."""
        self.server, self.guild = server, guild
        self.resolved: Json = {}

    def given(self, declared: list[Json], values: Mapping[str, object]) -> list[Json]:
        """Return the options that a person filled in.

        Raises:
            Impossible: a value does not fit what the bot registered, or a required one is missing.
        """
        names = {option["name"] for option in declared}
        missing = {option["name"] for option in declared if option.get("required")} - values.keys()
        if missing or values.keys() - names:
            unknown = sorted(values.keys() - names)
            raise Impossible(f"missing {sorted(missing)}, unknown {unknown}; it has {sorted(names)}")
        return [
            {"name": option["name"], "type": option["type"], "value": self._value(option, values[option["name"]])}
            for option in declared
            if option["name"] in values
        ]

    def _value(self, option: Json, value: Any) -> object:  # noqa: ANN401 (told by the option)
        kind = option["type"]
        if kind in TYPES:
            if not isinstance(value, TYPES[kind]) or (kind != BOOLEAN and isinstance(value, bool)):
                raise Impossible(f"{option['name']} does not take {type(value).__name__}")
            _require_in_range(option, value)
            return value
        if kind == USER:
            return self.person(value)
        if kind == CHANNEL:
            return self._channel(value)
        if kind == ROLE:
            return self._role(value)
        if kind == FILE:
            return self._file(*value)
        raise Impossible(f"{option['name']}: options of type {kind} are not spoken here")

    def person(self, person: Person) -> str:
        """Return a person's id, resolved."""
        self.resolved.setdefault("users", {})[str(person.id)] = payloads.user(person)
        member = self.guild.members.get(person.id) if self.guild else None
        if member is not None:
            self.resolved.setdefault("members", {})[str(person.id)] = {**payloads.member(member), "permissions": "0"}
        return str(person.id)

    def _channel(self, channel: Channel) -> str:
        self.resolved.setdefault("channels", {})[str(channel.id)] = {**payloads.channel(channel), "permissions": "0"}
        return str(channel.id)

    def _role(self, role: Role) -> str:
        self.resolved.setdefault("roles", {})[str(role.id)] = payloads.role(role)
        return str(role.id)

    def _file(self, name: str, content: bytes) -> str:
        made = attach(self.server, name, content)
        shape = {**payloads.attachment(self.server, made), "ephemeral": True}
        self.resolved.setdefault("attachments", {})[str(made.id)] = shape
        return str(made.id)


def _require_in_range(option: Json, value: Any) -> None:  # noqa: ANN401 (told by the option)
    choices = [choice["value"] for choice in option.get("choices") or []]
    size = len(value) if isinstance(value, str) else value
    kind = "length" if isinstance(value, str) else "value"
    least, most = option.get(f"min_{kind}"), option.get(f"max_{kind}")
    out_of_range = (least is not None and size < least) or (most is not None and size > most)
    if out_of_range or (choices and value not in choices) or (value == "" and option.get("required")):
        raise Impossible(f"{option['name']} does not take {value!r}: choices {choices}, from {least} to {most}")
