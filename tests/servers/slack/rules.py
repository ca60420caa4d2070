"""What Slack takes in blocks and views, as tables.

The limits stand in its Block Kit reference, one page for each block, element and composition object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tests.servers.slack.wire import Json

TEXT_CHARACTERS = 40_000
UPDATE_CHARACTERS = 4_000
MARKDOWN_CHARACTERS = 12_000
"""For one markdown block, for all of a message together, and for `markdown_text` in one call."""
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ID_CHARACTERS = 255
ONLY_IN_MESSAGES = frozenset({"markdown", "context_actions", "table", "task_card", "plan"})
NOT_IN_MESSAGES = frozenset({"input"})


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a text, how full a list or how large a number at a path may be; `plain` forbids mrkdwn there."""

    path: str
    most: int
    least: int = 0
    required: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    path: str
    text: str

    def __str__(self) -> str:
        """The wording of Slack's answers, which point into the JSON."""
        return f"{self.text} [json-pointer:/{self.path.replace('.', '/')}]"


IDS = (Limit("block_id", ID_CHARACTERS), Limit("action_id", ID_CHARACTERS))
PLACEHOLDER = Limit("placeholder.text", 150, plain=True)
OPTIONS = (Limit("options", 100, 1), Limit("option_groups", 100, 1), PLACEHOLDER)

BLOCKS: Mapping[str, tuple[Limit, ...]] = {
    "actions": (Limit("elements", 25, 1, required=True),),
    "context": (Limit("elements", 10, 1, required=True),),
    "context_actions": (Limit("elements", 5, 1, required=True),),
    "divider": (),
    "file": (),
    "header": (Limit("text.text", 150, 1, required=True, plain=True),),
    "image": (Limit("image_url", 3000), Limit("alt_text", 2000, 1, required=True), Limit("title.text", 2000)),
    "input": (
        Limit("label.text", 2000, 1, required=True, plain=True),
        Limit("hint.text", 2000, plain=True),
    ),
    "markdown": (Limit("text", MARKDOWN_CHARACTERS, 1, required=True),),
    "plan": (),
    "rich_text": (Limit("elements", 10_000, required=True),),
    "section": (Limit("text.text", 3000, 1), Limit("fields", 10, 1)),
    "table": (Limit("rows", 100, 1, required=True),),
    "task_card": (),
    "video": (Limit("title.text", 200, 1, required=True),),
}

ELEMENTS: Mapping[str, tuple[Limit, ...]] = {
    "button": (
        Limit("text.text", 75, 1, required=True, plain=True),
        Limit("value", 2000),
        Limit("url", 3000),
        Limit("accessibility_label", 75),
    ),
    "channels_select": (PLACEHOLDER,),
    "checkboxes": (Limit("options", 10, 1, required=True),),
    "conversations_select": (PLACEHOLDER,),
    "datepicker": (PLACEHOLDER,),
    "datetimepicker": (),
    "email_text_input": (PLACEHOLDER,),
    "external_select": (PLACEHOLDER,),
    "feedback_buttons": (
        Limit("positive_button.text.text", 75, 1, required=True, plain=True),
        Limit("negative_button.text.text", 75, 1, required=True, plain=True),
        Limit("positive_button.value", 2000, 1, required=True),
        Limit("negative_button.value", 2000, 1, required=True),
    ),
    "icon_button": (Limit("text.text", 75, 1, required=True, plain=True), Limit("value", 2000)),
    "image": (Limit("alt_text", 2000, 1, required=True),),
    "mrkdwn": (),
    "multi_conversations_select": (PLACEHOLDER,),
    "multi_static_select": OPTIONS,
    "multi_users_select": (PLACEHOLDER,),
    "number_input": (PLACEHOLDER,),
    "overflow": (Limit("options", 5, 1, required=True),),
    "plain_text": (),
    "plain_text_input": (PLACEHOLDER, Limit("max_length", 3000, 1), Limit("initial_value", 3000)),
    "radio_buttons": (Limit("options", 10, 1, required=True),),
    "rich_text_input": (PLACEHOLDER,),
    "static_select": OPTIONS,
    "timepicker": (PLACEHOLDER,),
    "url_text_input": (PLACEHOLDER,),
    "users_select": (PLACEHOLDER,),
}

OPTION = (
    Limit("text.text", 75, 1, required=True),
    Limit("value", 150, 1, required=True),
    Limit("description.text", 75, plain=True),
)
CONFIRM = (
    Limit("title.text", 100, 1, required=True, plain=True),
    Limit("text.text", 300, 1, required=True),
    Limit("confirm.text", 30, 1, required=True, plain=True),
    Limit("deny.text", 30, 1, required=True, plain=True),
)

VIEW = (
    Limit("private_metadata", 3000),
    Limit("callback_id", ID_CHARACTERS),
    Limit("external_id", ID_CHARACTERS),
    Limit("blocks", VIEW_BLOCKS, required=True),
)
MODAL = (
    Limit("title.text", 24, 1, required=True, plain=True),
    Limit("submit.text", 24, 1, plain=True),
    Limit("close.text", 24, 1, plain=True),
)


def broken(thing: object, limits: Iterable[Limit], where: str) -> Iterator[Fault]:
    """Yield the limits that a thing does not keep."""
    for limit in limits:
        path = f"{where}.{limit.path}".strip(".")
        value = value_at(thing, limit.path)
        if value is None:
            if limit.required:
                yield Fault(path, "missing required field")
        elif isinstance(value, bool) or not isinstance(value, str | list | int):
            yield Fault(path, "wrong type")
        else:
            yield from _size_faults(value, limit, path)
            if limit.plain and value_at(thing, limit.path.removesuffix(".text") + ".type") != "plain_text":
                yield Fault(path, "must be plain_text")


def _size_faults(value: str | list[object] | int, limit: Limit, path: str) -> Iterator[Fault]:
    size, unit = (value, "") if isinstance(value, int) else (len(value), " long")
    if size > limit.most:
        yield Fault(path, f"must be at most {limit.most}{unit}")
    if size < limit.least:
        yield Fault(path, f"must be at least {limit.least}{unit}")


def value_at(thing: object, path: str) -> object:
    """Return what stands at a dotted path, None if nothing does."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def block_faults(blocks: object, surface: str, where: str = "blocks") -> Iterator[Fault]:
    """Yield what is wrong with the blocks of a message, modal or home view."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        yield Fault(where, "must be a list of blocks")
        return
    for number, block in enumerate(blocks):
        yield from _one_block(block, surface, f"{where}.{number}")
    yield from _repeated((block.get("block_id") for block in blocks), where, "block_id")


def _one_block(block: Json, surface: str, where: str) -> Iterator[Fault]:
    kind = str(block.get("type"))
    if kind not in BLOCKS or kind in (ONLY_IN_MESSAGES if surface != "message" else NOT_IN_MESSAGES):
        yield Fault(where, f"unsupported block here: {kind}")
        return
    yield from broken(block, (*IDS, *BLOCKS[kind]), where)
    if kind == "section" and not block.get("text") and not block.get("fields"):
        yield Fault(where, "a section needs text or fields")
    for number, field in enumerate(block.get("fields") or []):
        yield from broken(field, (Limit("text", 2000, 1, required=True),), f"{where}.fields.{number}")
    if kind != "rich_text":
        for path, element in elements_of(block):
            yield from _one_element(element, f"{where}.{path}")
        yield from _repeated((element.get("action_id") for _, element in elements_of(block)), where, "action_id")


def elements_of(block: Json) -> list[tuple[str, Json]]:
    """Return the elements of a block, each with its path in it."""
    several = [(f"elements.{number}", element) for number, element in enumerate(block.get("elements") or [])]
    single = [(name, block[name]) for name in ("accessory", "element") if isinstance(block.get(name), dict)]
    return several + single


def _one_element(element: Json, where: str) -> Iterator[Fault]:
    kind = str(element.get("type"))
    if kind not in ELEMENTS:
        yield Fault(where, f"unsupported element: {kind}")
        return
    yield from broken(element, (*IDS, *ELEMENTS[kind]), where)
    if isinstance(element.get("confirm"), dict):
        yield from broken(element["confirm"], CONFIRM, f"{where}.confirm")
    for number, option in enumerate(options_of(element)):
        yield from broken(option, OPTION, f"{where}.options.{number}")


def options_of(element: Json) -> list[Json]:
    """Return the options of an element, groups flattened."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *chain.from_iterable(group.get("options") or [] for group in groups)]


def _repeated(ids: Iterable[object], where: str, name: str) -> Iterator[Fault]:
    seen = set()
    for given in ids:
        if given and given in seen:
            yield Fault(where, f"{name} stands twice")
        seen.add(given)


def markdown_characters(blocks: Iterable[Json]) -> int:
    """Return the length of all markdown blocks together."""
    return sum(len(block.get("text") or "") for block in blocks if block.get("type") == "markdown")


def view_faults(view: object, kinds: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with a view that has to be of one of these kinds: modal, home."""
    if not isinstance(view, dict) or view.get("type") not in kinds:
        yield Fault("view.type", f"must be one of {', '.join(kinds)}")
        return
    is_modal = view["type"] == "modal"
    yield from broken(view, (*VIEW, *MODAL) if is_modal else VIEW, "view")
    blocks = view.get("blocks") or []
    yield from block_faults(blocks, view["type"], "view.blocks")
    if is_modal and not view.get("submit") and any(block.get("type") == "input" for block in blocks):
        yield Fault("view.submit", "missing required field, since there are inputs")
