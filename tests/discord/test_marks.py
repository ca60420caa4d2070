"""Which marks stand under a reply."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from adapters.discord.interface.custom_ids import parsed
from adapters.discord.interface.marks import stopping_view, view_for, words_for
from adapters.discord.services import Services
from bot.config import RepliesSettings
from bot.types import (
    Action,
    Hit,
    Kind,
    Memory,
    Outcome,
    Place,
    PlaceKind,
    Reach,
    ReplyEnd,
    Scope,
    ScoreParts,
    Status,
)
from tests.discord.interface_world import LONG_AGO

ANN, MESSAGE = "100000000000000001", "100000000000000002"
MEMORY = Memory(
    id=(7 << 32) + 3,
    scope=Scope("discord", "1", ANN),
    text="I'm vegan",
    kind=Kind.FACT,
    status=Status.CURRENT,
    place=Place(PlaceKind.PUBLIC, "1"),
    reach=Reach.HERE,
    author=None,
    created=LONG_AGO,
    event_time=LONG_AGO,
    importance=0.5,
    pinned=False,
)
USED = (Hit(MEMORY, 1.0, ScoreParts(lexical=1.0)),)


def _services(marks: str) -> Services:
    """Only the one setting that decides; nothing else of the services is touched."""
    settings = RepliesSettings(marks=cast("object", marks))  # type: ignore[arg-type] # each of them is tried
    return cast("Services", SimpleNamespace(replies=settings))


def _end(*actions: Action, used: bool = False, repeatable: bool = True) -> ReplyEnd:
    outcomes = tuple(Outcome(action, "", MEMORY) for action in actions)
    return ReplyEnd(outcomes, USED if used else (), repeatable=repeatable)


def _ids(end: ReplyEnd, *, marks: str = "buttons") -> list[str]:
    view = view_for(end, ANN, MESSAGE, _services(marks))
    return [str(getattr(item, "custom_id", "")) for item in view.children] if view else []


@pytest.mark.parametrize(
    ("end", "verbs"),
    [
        (_end(), ["again"]),
        (_end(Action.KEPT), ["undo", "again"]),
        (_end(Action.UPDATED, used=True), ["undo", "why", "again"]),
        (_end(Action.MERGED), ["again"]),
        (_end(Action.DROPPED, used=True), ["why", "again"]),
        (_end(Action.PROPOSED), ["keep", "decline", "again"]),
        (_end(Action.KEPT, Action.PROPOSED), ["undo", "keep", "decline", "again"]),
        (replace(_end(), failed=True), ["again"]),
        (_end(Action.KEPT, repeatable=False), ["undo"]),
    ],
)
def test_buttons_follow_what_became_of_the_message(end: ReplyEnd, verbs: list[str]) -> None:
    """What was kept can be undone, what waits is asked, what was used can be asked about; what may be is asked anew."""
    found = [parsed(one) for one in _ids(end)]

    assert [one.verb for one in found if one] == verbs
    assert {one.owner_id for one in found if one} == {ANN}


def test_ids_hold_no_text() -> None:
    """Custom ids are verb, owner and the id of a message or memory."""
    ids = _ids(_end(Action.KEPT, Action.PROPOSED, used=True))

    assert ids == [
        f"undo/{ANN}/{MESSAGE}",
        f"keep/{ANN}/{MEMORY.id}",
        f"decline/{ANN}/{MEMORY.id}",
        f"why/{ANN}/{MESSAGE}",
        f"again/{ANN}/{MESSAGE}",
    ]


@pytest.mark.parametrize("marks", ["words", "none"])
def test_no_buttons_unless_wanted(marks: str) -> None:
    """The operator can do without buttons."""
    assert _ids(_end(Action.KEPT, used=True), marks=marks) == []


def test_nothing_to_press_is_no_view() -> None:
    """A command's answer that kept nothing has no buttons."""
    assert _ids(_end(Action.MERGED, repeatable=False)) == []


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (_end(), ""),
        (_end(Action.PROPOSED), ""),
        (_end(Action.KEPT), "-# remembered, /undo takes it back"),
        (_end(used=True), "-# /why shows what I used"),
        (_end(Action.UPDATED, used=True), "-# remembered, /undo takes it back · /why shows what I used"),
    ],
)
def test_words_in_place_of_buttons(end: ReplyEnd, words: str) -> None:
    """The same in a small line, with the commands that do it."""
    assert words_for(end) == words


async def test_views_are_not_watched_over() -> None:
    """The library holds none of our views, which it would do as long as the bot runs."""
    assert stopping_view(ANN, MESSAGE).is_finished()
