"""Reading blocks as people do: their texts in order, and what can be pressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.servers.slack.wire import Json


def texts_of(thing: object) -> Iterator[str]:
    """Yield the texts of blocks in reading order."""
    if isinstance(thing, list):
        for part in thing:
            yield from texts_of(part)
    elif isinstance(thing, dict):
        if isinstance(thing.get("text"), str):
            yield thing["text"]
        for name in ("label", "text", "fields", "elements", "element", "accessory", "placeholder", "options", "rows"):
            yield from texts_of(thing.get(name) if not isinstance(thing.get(name), str) else None)


def pressable(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every block with each of its elements that can be pressed, chosen or filled in."""
    for block in blocks:
        if block.get("type") != "rich_text":
            elements = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
            yield from ((block, element) for element in elements if element and "action_id" in element)


def label_of(element: Json) -> str:
    """Return what a button is called."""
    text = element.get("text")
    return str(text.get("text", "")) if isinstance(text, dict) else ""
