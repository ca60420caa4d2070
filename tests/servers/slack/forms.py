"""Finding, pressing and filling in what stands in blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.servers.slack.looks import pressable
from tests.servers.slack.rules import options_of
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.nouns import View

BUTTONS = frozenset({"button", "icon_button", "feedback_buttons", "overflow"})
"""What leaves nothing behind in the state of a view."""
CHOOSES_ONE = frozenset({"static_select", "radio_buttons", "overflow", "external_select"})
CHOOSES_SOME = frozenset({"checkboxes", "multi_static_select"})
CHOOSES_PLAIN = {"users_select": "selected_user", "channels_select": "selected_channel"}
CHOOSES_PLAIN |= {"conversations_select": "selected_conversation", "datepicker": "selected_date"}
CHOOSES_PLAIN |= {"multi_conversations_select": "selected_conversations"}


def find(blocks: list[Json], what: str, value: str | None) -> tuple[Json, Json]:
    """Return the one thing that has this action id or label, with its block.

    Raises:
        ValueError: there is none, or several that the value does not tell apart.
    """
    known = list(pressable(blocks))
    found = [pair for pair in known if what == pair[1]["action_id"] or what in labels_of(pair[1])]
    if len(found) > 1 and value is not None:
        found = [pair for pair in found if pair[1].get("value") == value]
    if len(found) != 1:
        names = [(element["action_id"], *labels_of(element)) for _, element in known]
        raise ValueError(f"{len(found)} things are called {what!r}; there are {names}")
    return found[0]


def labels_of(element: Json) -> list[str]:
    """Return what people call an element: a button's text, or the texts of its two or more halves."""
    named = [element, element.get("positive_button") or {}, element.get("negative_button") or {}]
    if element["type"] == "overflow":
        named += options_of(element)
    texts = [part.get("text") for part in named]
    return [text["text"] for text in texts if isinstance(text, dict) and "text" in text]


def act(element: Json, what: str, value: str | None) -> Json:
    """Return the action that using an element sends."""
    kind = element["type"]
    action: Json = {"type": kind, "action_id": element["action_id"]}
    if kind == "feedback_buttons":
        halves = [element["positive_button"], element["negative_button"]]
        chosen = next(half for half in halves if half["text"]["text"] == what or half.get("value") == value)
        return {**action, "value": chosen["value"], "text": chosen["text"]}
    if kind in ("button", "icon_button"):
        told = {"value": element["value"]} if "value" in element else {}
        return {**action, "text": element["text"], **told}
    return {**action, **state_of(element, value if value is not None else what)}


def state_of(element: Json, value: str | list[str] | None) -> Json:
    """Return what a form holds of an element after somebody chose or wrote this."""
    kind = element["type"]
    if kind in CHOOSES_ONE:
        return {"type": kind, "selected_option": _option(element, value) if value is not None else None}
    if kind in CHOOSES_SOME:
        chosen = [value] if isinstance(value, str) else value or []
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    return {"type": kind, CHOOSES_PLAIN.get(kind, "value"): value}


def _option(element: Json, wanted: object) -> Json:
    for option in options_of(element):
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise ValueError(f"no option {wanted!r} in {[option['value'] for option in options_of(element)]}")


def fill(view: View, values: Mapping[str, str | list[str] | None]) -> None:
    """Write values into a form, by action id or block id, over what it holds already.

    Raises:
        ValueError: a field is not there, or a required one is empty: Slack's client would not send the form.
    """
    inputs = {block["block_id"]: block for block in view.blocks if block["type"] == "input"}
    fields = {block["element"]["action_id"]: block for block in inputs.values()}
    for name, value in values.items():
        block = fields.get(name) or inputs.get(name)
        if block is None:
            raise ValueError(f"no field {name!r}; there are {[*fields, *inputs]}")
        view.state[block["block_id"], block["element"]["action_id"]] = state_of(block["element"], value)
    for block in inputs.values():
        key = block["block_id"], block["element"]["action_id"]
        view.state.setdefault(key, initial(block["element"]))
        if not block.get("optional") and is_empty(view.state[key]):
            raise ValueError(f"the field {key[1]!r} is required")


def initial(element: Json) -> Json:
    """Return what a form holds before anybody touched it."""
    kind = element["type"]
    if kind in CHOOSES_ONE:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in CHOOSES_SOME:
        return {"type": kind, "selected_options": list(element.get("initial_options") or [])}
    if kind == "multi_conversations_select":
        return {"type": kind, "selected_conversations": list(element.get("initial_conversations") or [])}
    return {"type": kind, "value": element.get("initial_value")}


def is_empty(state: Json) -> bool:
    """Whether a field holds nothing; checkboxes without a tick count as nothing, as they do in Slack."""
    return not any(held for name, held in state.items() if name != "type")
