"""Questions that wait for a person's yes: what is to be forgotten, what may be remembered."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.types import MemoryId, Place, Scope

VALID_FOR = timedelta(minutes=5)
"""A yes that comes later means something else."""

_MOST = 1000


class Asked(StrEnum):
    """What a yes would do."""

    FORGET = "forget"
    REMEMBER = "remember"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `memories` are those it is about, so that a yes concerns exactly what was shown."""

    asked: Asked
    memories: tuple[MemoryId, ...]
    at: datetime


class Pending:
    """The last open question of each person in each place."""

    def __init__(self) -> None:
        self._questions: OrderedDict[tuple[Scope, str, str | None], Question] = OrderedDict()

    def ask(self, scope: Scope, place: Place, question: Question) -> None:
        """Remember that a question was asked, in place of an earlier one."""
        key = _key(scope, place)
        self._questions[key] = question
        self._questions.move_to_end(key)
        if len(self._questions) > _MOST:
            self._questions.popitem(last=False)

    def open(self, scope: Scope, place: Place, now: datetime) -> Asked | None:
        """Return what is being asked, when a question waits for an answer.

        Args:
            now: when the answer came; one that came before the question was put was not meant for it.
        """
        question = self._questions.get(_key(scope, place))
        in_time = question is not None and timedelta(0) <= now - question.at <= VALID_FOR
        return question.asked if question is not None and in_time else None

    def take(self, scope: Scope, place: Place, now: datetime, asked: Asked) -> Question | None:
        """Return the open question of this sort, which is then answered; None when there is none."""
        if self.open(scope, place, now) is not asked:
            return None
        return self._questions.pop(_key(scope, place))


def _key(scope: Scope, place: Place) -> tuple[Scope, str, str | None]:
    return scope, place.channel_id, place.thread_id
