"""What Discord takes as buttons, selects, components v2 and modals: the "Component Reference" of its documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tests.servers.discord.refusals import Fault
from tests.servers.discord.rules import COMPONENTS_V2, Limit, broken
from tests.servers.discord.wire import Json

ROW, BUTTON, SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23
SELECTS = (SELECT, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6

ROWS = 5
BUTTONS_IN_A_ROW = 5
COMPONENTS = 40
DISPLAYED_CHARACTERS = 4000

CUSTOM_ID = Limit("custom_id", 100, 1, required=True)
OPTIONS = (Limit("label", 100, 1, required=True), Limit("value", 100, 1, required=True), Limit("description", 100))
CHOICE_BOX = (CUSTOM_ID, Limit("options", 10, 1, required=True))

LIMITS: Mapping[int, tuple[Limit, ...]] = {
    ROW: (Limit("components", BUTTONS_IN_A_ROW, 1, required=True),),
    BUTTON: (Limit("label", 80), Limit("style", 6, 1, required=True)),
    TEXT_INPUT: (
        CUSTOM_ID,
        Limit("style", 2, 1, required=True),
        Limit("label", 45, 1),
        Limit("placeholder", 100),
        Limit("value", 4000),
        Limit("min_length", 4000),
        Limit("max_length", 4000, 1),
    ),
    SECTION: (Limit("components", 3, 1, required=True),),
    TEXT: (Limit("content", DISPLAYED_CHARACTERS, 1, required=True),),
    GALLERY: (Limit("items", 10, 1, required=True),),
    CONTAINER: (Limit("components", COMPONENTS, 1, required=True),),
    LABEL: (Limit("label", 45, 1, required=True), Limit("description", 100)),
    UPLOAD: (CUSTOM_ID, Limit("min_values", 10), Limit("max_values", 10, 1)),
    RADIO: CHOICE_BOX,
    CHECKBOXES: CHOICE_BOX,
    CHECKBOX: (CUSTOM_ID,),
    **dict.fromkeys(
        SELECTS,
        (
            CUSTOM_ID,
            Limit("placeholder", 150),
            Limit("options", 25, 1),
            Limit("min_values", 25),
            Limit("max_values", 25, 1),
        ),
    ),
}
"""What each type of component holds."""

CHILDREN: Mapping[int, tuple[int, ...]] = {
    ROW: (BUTTON, *SELECTS),
    SECTION: (TEXT,),
    CONTAINER: (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR),
    LABEL: (*SELECTS, TEXT_INPUT, UPLOAD, RADIO, CHECKBOXES, CHECKBOX),
}
"""What may stand inside what."""

TOP_OF_MESSAGE = (ROW,)
TOP_OF_V2_MESSAGE = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
TOP_OF_MODAL = (ROW, LABEL, TEXT)

MODAL = (Limit("title", 45, 1, required=True), CUSTOM_ID, Limit("components", 5, 1, required=True))


def children(component: Json) -> list[Json]:
    """Return the components that stand directly in one."""
    inside = [component[name] for name in ("accessory", "component") if component.get(name)]
    return [*(component.get("components") or []), *inside]


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Yield components and all that they hold, from the top."""
    for component in components:
        yield component
        yield from walk(children(component))


def displayed(components: Iterable[Json]) -> str:
    """Return the texts that components v2 show."""
    return "\n".join(str(part.get("content", "")) for part in walk(components) if part.get("type") == TEXT)


def component_faults(body: Json, flags: int) -> Iterator[Fault]:
    """Yield what is wrong with the components of a message that will have these flags."""
    components = body.get("components") or []
    if flags & COMPONENTS_V2:
        yield from _v2_faults(body, components)
        yield from _faults(components, TOP_OF_V2_MESSAGE, "components")
    else:
        if len(components) > ROWS:
            yield Fault("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {ROWS} in length.")
        yield from _faults(components, TOP_OF_MESSAGE, "components")
    yield from _duplicate_faults(components)


def modal_faults(modal: Json) -> Iterator[Fault]:
    """Yield what is wrong with a modal."""
    yield from broken(modal, MODAL, "data")
    components = modal.get("components") or []
    yield from _faults(components, TOP_OF_MODAL, "data.components", in_modal=True)
    yield from _duplicate_faults(components)
    for row in (part for part in components if part.get("type") == ROW):
        if len(children(row)) != 1 or not children(row)[0].get("label"):
            yield Fault("data.components", "MODAL_ROW", "A row of a modal holds one text input with a label")


def _v2_faults(body: Json, components: list[Json]) -> Iterator[Fault]:
    if body.get("content") or body.get("embeds") or body.get("poll") or body.get("sticker_ids"):
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        yield Fault("content", code, "Content, embeds, stickers and polls cannot stand beside IS_COMPONENTS_V2")
    if len(list(walk(components))) > COMPONENTS:
        yield Fault("components", "COMPONENT_MAX_TOTAL_COMPONENTS", f"The maximum is {COMPONENTS} components")
    if len(displayed(components)) > DISPLAYED_CHARACTERS:
        text = f"The total displayable text exceeds {DISPLAYED_CHARACTERS} characters"
        yield Fault("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def _faults(components: list[Json], allowed: tuple[int, ...], where: str, *, in_modal: bool = False) -> Iterator[Fault]:
    for number, component in enumerate(components):
        path, kind = f"{where}.{number}", component.get("type")
        if kind not in allowed:
            yield Fault(path, "UNION_TYPE_CHOICES", f"Type {kind} is none of {allowed}")
            continue
        yield from broken(component, LIMITS.get(kind, ()), path)
        yield from _special_faults(component, kind, path)
        inside = (TEXT_INPUT,) if in_modal and kind == ROW else CHILDREN.get(kind, ())
        yield from _faults(component.get("components") or [], inside, f"{path}.components", in_modal=in_modal)
        if kind == SECTION:
            yield from _faults([component.get("accessory") or {}], (BUTTON, THUMBNAIL), f"{path}.accessory")
        if kind == LABEL:
            yield from _faults([component.get("component") or {}], inside, f"{path}.component", in_modal=True)


def _special_faults(component: Json, kind: int, path: str) -> Iterator[Fault]:
    """Yield what a table of limits cannot say."""
    if kind == BUTTON:
        yield from _button_faults(component, path)
    elif kind == ROW:
        kinds = [part.get("type") for part in component.get("components") or []]
        if len(kinds) > 1 and set(kinds) != {BUTTON}:
            yield Fault(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select takes a row of its own")
    elif kind in (SELECT, RADIO, CHECKBOXES):
        options = component.get("options") or []
        for number, option in enumerate(options):
            yield from broken(option, OPTIONS, f"{path}.options.{number}")
        if not options:
            yield Fault(f"{path}.options", "BASE_TYPE_REQUIRED", "This field is required")
        if len({option.get("value") for option in options}) < len(options):
            yield Fault(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "A value is used twice")
        if (component.get("min_values") or 0) > (component.get("max_values") or len(options)):
            yield Fault(path, "SELECT_COMPONENT_MIN_ABOVE_MAX", "min_values is above max_values")


def _button_faults(button: Json, path: str) -> Iterator[Fault]:
    if button.get("style") == LINK:
        yield from broken(button, [Limit("url", 512, 1, required=True)], path)
        if button.get("custom_id"):
            yield Fault(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link has no custom_id")
    elif button.get("style") != PREMIUM:
        yield from broken(button, [CUSTOM_ID], path)
    if not button.get("label") and not button.get("emoji") and button.get("style") != PREMIUM:
        yield Fault(path, "BUTTON_COMPONENT_INVALID_CONTENT", "A button needs a label or an emoji")


def _duplicate_faults(components: list[Json]) -> Iterator[Fault]:
    counts = Counter(part["custom_id"] for part in walk(components) if part.get("custom_id"))
    if any(count > 1 for count in counts.values()):
        yield Fault("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
