"""The last turns of each conversation, in memory only: one ring per person and place, never a memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.types import SHARED_USER, Place, Scope

MAX_CONVERSATIONS = 2000
"""Rings held at once; the one unused for longest makes room."""

_Key: TypeAlias = tuple[Scope, str, str | None]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person said and what they were answered; `source_id` names the message."""

    said: str
    answered: str
    at: datetime
    source_id: str


class RecentTurns:
    """Rings of turns.

    Args:
        most: turns held per person and place.
        max_age: older turns are no longer part of a conversation.
    """

    def __init__(self, most: int, max_age: timedelta) -> None:
        self._most = most
        self._max_age = max_age
        self._rings: OrderedDict[_Key, deque[Turn]] = OrderedDict()

    def add(self, scope: Scope, place: Place, turn: Turn) -> None:
        """Append a turn, or put it in the place of an earlier one of the same message, which was asked anew."""
        key = _key(scope, place)
        ring = self._rings.setdefault(key, deque(maxlen=self._most))
        asked = [earlier.source_id for earlier in ring]
        if turn.source_id in asked:
            ring[asked.index(turn.source_id)] = turn
        else:
            ring.append(turn)
        self._rings.move_to_end(key)
        if len(self._rings) > MAX_CONVERSATIONS:
            self._rings.popitem(last=False)

    def of(self, scope: Scope, place: Place, now: datetime) -> Sequence[Turn]:
        """Return the turns of a person in a place, oldest first."""
        return [turn for turn in self._rings.get(_key(scope, place), ()) if now - turn.at <= self._max_age]

    def clear(self, scope: Scope, place: Place) -> None:
        """Begin a new conversation."""
        self._rings.pop(_key(scope, place), None)

    def forget(self, scope: Scope) -> None:
        """Drop every turn that may quote a scope: what was forgotten must not come back from here.

        A person's memories may have been recalled in their direct messages, shared notes for everybody of the guild.
        """
        for key in [key for key in self._rings if _may_quote(key[0], scope)]:
            del self._rings[key]

    def forget_messages(self, platform: str, guild_id: str, source_ids: Container[str]) -> None:
        """Drop the turns that these messages began."""
        for (scope, _, _), ring in self._rings.items():
            if (scope.platform, scope.guild_id) == (platform, guild_id):
                kept = [turn for turn in ring if turn.source_id not in source_ids]
                ring.clear()
                ring.extend(kept)


def _may_quote(asker: Scope, forgotten: Scope) -> bool:
    if forgotten.user_id == SHARED_USER:
        return (asker.platform, asker.guild_id) == (forgotten.platform, forgotten.guild_id)
    return (asker.platform, asker.user_id) == (forgotten.platform, forgotten.user_id)


def _key(scope: Scope, place: Place) -> _Key:
    return scope, place.channel_id, place.thread_id
