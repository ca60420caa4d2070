"""Which marks stand under a reply."""

from __future__ import annotations

import pytest

from adapters.discord.interface.custom_ids import parsed
from adapters.discord.interface.marks import stopping_view, view_for, words_for
from bot.events import ReplyEnd
from bot.types import Action
from tests.ends import MEMORY, VERBS_OF_ENDS, end_with, only_marks

ANN, MESSAGE = "100000000000000001", "100000000000000002"


def _ids(end: ReplyEnd, *, marks: str = "buttons") -> list[str]:
    view = view_for(end, ANN, MESSAGE, only_marks(marks))
    return [str(getattr(item, "custom_id", "")) for item in view.children] if view else []


@pytest.mark.parametrize(("end", "verbs"), [*VERBS_OF_ENDS, (end_with(Action.KEPT, repeatable=False), ["undo"])])
def test_buttons_follow_what_became_of_the_message(end: ReplyEnd, verbs: list[str]) -> None:
    """What was kept can be undone, what waits is asked, what was used can be asked about; what may be is asked anew."""
    found = [parsed(one) for one in _ids(end)]

    assert [one.verb for one in found if one] == verbs
    assert {one.owner_id for one in found if one} == {ANN}


def test_ids_hold_no_text() -> None:
    """Custom ids are verb, owner and the id of a message or memory."""
    ids = _ids(end_with(Action.KEPT, Action.PROPOSED, used=True))

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
    assert _ids(end_with(Action.KEPT, used=True), marks=marks) == []


def test_nothing_to_press_is_no_view() -> None:
    """A command's answer that kept nothing has no buttons."""
    assert _ids(end_with(Action.MERGED, repeatable=False)) == []


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (end_with(), ""),
        (end_with(Action.PROPOSED), ""),
        (end_with(Action.KEPT), "-# remembered, /undo takes it back"),
        (end_with(used=True), "-# /why shows what I used"),
        (end_with(Action.UPDATED, used=True), "-# remembered, /undo takes it back · /why shows what I used"),
    ],
)
def test_words_in_place_of_buttons(end: ReplyEnd, words: str) -> None:
    """The same in a small line, with the commands that do it."""
    assert words_for(end) == words


async def test_views_are_not_watched_over() -> None:
    """The library holds none of our views, which it would do as long as the bot runs."""
    assert stopping_view(ANN, MESSAGE).is_finished()
