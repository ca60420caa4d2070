"""Ends of replies, for the tests of what stands under them on each platform."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from bot.config import RepliesSettings
from bot.events import ReplyEnd
from bot.types import Action, Hit, Kind, Memory, Outcome, Place, PlaceKind, Reach, Scope, ScoreParts, Status
from tests.worlds import LONG_AGO

MEMORY = Memory(
    id=(7 << 32) + 3,
    scope=Scope("any", "home", "ann"),
    text="I'm vegan",
    kind=Kind.FACT,
    status=Status.CURRENT,
    place=Place(PlaceKind.PUBLIC, "general"),
    reach=Reach.HERE,
    author=None,
    created=LONG_AGO,
    event_time=LONG_AGO,
    importance=0.5,
    pinned=False,
)


def end_with(*actions: Action, used: bool = False, repeatable: bool = True) -> ReplyEnd:
    """Return the end of a reply to a message of which so much became, answered from a memory or not."""
    outcomes = tuple(Outcome(action, "", MEMORY) for action in actions)
    hits = (Hit(MEMORY, 1.0, ScoreParts(lexical=1.0)),) if used else ()
    return ReplyEnd(outcomes, hits, repeatable=repeatable)


VERBS_OF_ENDS = [
    (end_with(), ["again"]),
    (end_with(Action.KEPT), ["undo", "again"]),
    (end_with(Action.UPDATED, used=True), ["undo", "why", "again"]),
    (end_with(Action.MERGED), ["again"]),
    (end_with(Action.DROPPED, used=True), ["why", "again"]),
    (end_with(Action.PROPOSED), ["keep", "decline", "again"]),
    (end_with(Action.KEPT, Action.PROPOSED), ["undo", "keep", "decline", "again"]),
    (replace(end_with(), failed=True), ["again"]),
]
"""What can be pressed: what was kept can be undone, what waits is asked, what was used can be asked about."""


def only_marks(marks: str) -> Any:  # noqa: ANN401 - in place of an adapter's Services
    """Return services with the one setting that decides about marks; nothing else of them is touched."""
    settings = RepliesSettings(marks=marks)  # type: ignore[arg-type] # each of them is tried
    return SimpleNamespace(bot=SimpleNamespace(replies=settings))
