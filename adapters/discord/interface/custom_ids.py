"""What a button or list carries in its custom id: a verb, its owner and ids, so that it works after a restart.

Never a text: a custom id can be read by whoever sees the message, and holds 100 characters
(https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.types import SEQUENCE_BITS, MemoryId

TEMPLATE = re.compile(r"(?P<verb>[a-z]+)/(?P<owner>[0-9]{1,20})(?P<about>(?:/[\w.~:-]*)*)")
"""What every custom id of this bot matches."""

MAX_CHARACTERS = 100

_ROOM = 70  # characters for memory ids; verb and owner take up to 30
_SEQUENCE = (1 << SEQUENCE_BITS) - 1


@dataclass(frozen=True, slots=True)
class CustomId:
    """What is to be done when it is pressed, by whom alone, and with what."""

    verb: str
    owner_id: str
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "/".join((self.verb, self.owner_id, *self.about))


def parsed(text: str) -> CustomId | None:
    """Return what a custom id says; None when it is not one of ours."""
    match = TEMPLATE.fullmatch(text)
    return CustomId(match["verb"], match["owner"], tuple(match["about"].split("/")[1:])) if match else None


def packed(ids: Sequence[MemoryId]) -> tuple[str, int]:
    """Return as many of these memory ids as a custom id has room for, as text, and how many those are.

    Ids of one scope share their upper half, which is written once: "1.2.3~5.1".
    """
    text, scope = "", -1
    for count, memory_id in enumerate(ids):
        begun = "" if memory_id >> SEQUENCE_BITS == scope else f"{'~' if text else ''}{memory_id >> SEQUENCE_BITS:x}"
        longer = f"{text}{begun}.{memory_id & _SEQUENCE:x}"
        if len(longer) > _ROOM:
            return text, count
        text, scope = longer, memory_id >> SEQUENCE_BITS
    return text, len(ids)


def unpacked(text: str) -> list[MemoryId]:
    """Return the memory ids that `packed` wrote."""
    groups = [group.split(".") for group in text.split("~")]
    return [int(scope, 16) << SEQUENCE_BITS | int(sequence, 16) for scope, *rest in groups for sequence in rest]
