"""The deliveries that are inside: those that wait for their turn, and those that are being answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bot.judgement.secrets import Redacted
from bot.protocols import Clock, LookAround, nowhere
from bot.types import IncomingMessage, MessageEdited, Policy


@dataclass(slots=True)
class Arrival:
    """One delivery, from its coming to the end of its reply.

    message: as the person last edited it before its turn. at: when it came, by our clock. around: gives what stands
    beside it. policy: that of its guild.
    redacted: its text without secrets; None until it is read, and again after an edit. begun: whether its turn has
    come; from then on an edit follows behind it. lost: whether the adapter could not show the reply.
    """

    message: IncomingMessage
    at: datetime
    around: LookAround = nowhere
    policy: Policy = Policy()  # noqa: RUF009 - frozen
    redacted: Redacted | None = None
    begun: bool = False
    lost: bool = False

    @property
    def guest(self) -> bool:
        """Whether the author is nobody whose memories are kept here."""
        return self.message.outsider and not self.policy.outsiders


class Arrivals:
    """Every delivery once at a time; as many as the lanes let in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._inside: dict[tuple[str, str], Arrival] = {}

    @contextmanager
    def entered(self, message: IncomingMessage, around: LookAround) -> Iterator[Arrival | None]:
        """Hold a delivery as inside for the block; gives None when it is inside already."""
        delivery = (message.scope.platform, message.dedupe_key)
        if delivery in self._inside:
            yield None
            return
        arrival = self._inside[delivery] = Arrival(message, self._clock(), around)
        try:
            yield arrival
        finally:
            del self._inside[delivery]

    def restate(self, event: MessageEdited) -> bool:
        """Let a message that waits for its turn say its new text; tell whether it waits."""
        waiting = [arrival for arrival in self._inside.values() if not arrival.begun and _is_of(event, arrival.message)]
        for arrival in waiting:
            arrival.message, arrival.redacted = replace(arrival.message, text=event.text), None
        return bool(waiting)


def _is_of(event: MessageEdited, message: IncomingMessage) -> bool:
    return (event.scope, event.source_id) == (message.scope, message.source_id)
