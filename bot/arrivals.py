"""The deliveries that are inside: those that wait for their turn, and those that are being answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.events import IncomingMessage, MessageEdited
from bot.judgement.secrets import Redacted
from bot.protocols import Clock, LookAround, nowhere, untold
from bot.types import Policy, Scope


@dataclass(slots=True)
class Arrival:
    """One delivery, from its coming to the end of its reply.

    message: as the person last edited it before its turn. at: when it came, by our clock. around: gives what stands
    beside it. policy: that of its guild. redacted: its text without secrets; None until it is read, and again after an
    edit. begun: whether its turn has come; from then on an edit follows behind it. introduced: whether its reply begins
    with the notice of first contact. taken: tells the platform that it may forget the message. is_safe: whether it may.
    settled: set once that is certain. lost: whether the adapter could not show the reply. over: set at its end.
    """

    message: IncomingMessage
    at: datetime
    around: LookAround = nowhere
    policy: Policy = Policy()  # noqa: RUF009 - frozen
    redacted: Redacted | None = None
    begun: bool = False
    introduced: bool = False
    taken: Callable[[], None] = untold
    is_safe: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def make_safe(self) -> None:
        """Tell the platform that it may forget the message: it is on disk, or need not be. Once is enough."""
        if not self.is_safe:
            self.is_safe = True
            self.settled.set()
            self.taken()

    @property
    def guest(self) -> bool:
        """Whether the author is nobody whose memories are kept here."""
        return self.message.outsider and not self.policy.outsiders


class Arrivals:
    """Every delivery once at a time; as many as the lanes let in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._inside: dict[tuple[str, str], Arrival] = {}

    async def made_safe(self, message: IncomingMessage) -> bool:
        """Wait until it is certain what becomes of a delivery that is inside, and tell whether it is safe."""
        arrival = self._inside.get(_delivery(message))
        if arrival is None:
            return True
        await arrival.settled.wait()
        return arrival.is_safe

    @contextmanager
    def entered(
        self, message: IncomingMessage, taken: Callable[[], None], around: LookAround
    ) -> Iterator[Arrival | None]:
        """Hold a delivery as inside for the block; gives None when it is inside already."""
        delivery = _delivery(message)
        if delivery in self._inside:
            yield None
            return
        arrival = self._inside[delivery] = Arrival(message, self._clock(), around, taken=taken)
        try:
            yield arrival
        finally:
            del self._inside[delivery]
            arrival.settled.set()
            arrival.over.set()

    def restate(self, event: MessageEdited) -> bool:
        """Let a message that waits for its turn say its new text; tell whether it waits."""
        waiting = [arrival for arrival in self._inside.values() if not arrival.begun and _is_of(event, arrival.message)]
        for arrival in waiting:
            arrival.message, arrival.redacted = replace(arrival.message, text=event.text), None
        return bool(waiting)

    def holds(self, scope: Scope, source_id: str) -> bool:
        """Tell whether a message of a person is inside."""
        return any(
            (arrival.message.scope, arrival.message.source_id) == (scope, source_id)
            for arrival in self._inside.values()
        )

    def introducing(self, scope: Scope) -> bool:
        """Tell whether the notice of first contact is just being shown to a person."""
        return any(arrival.introduced and arrival.message.scope == scope for arrival in self._inside.values())

    def answering(self, event: MessageEdited) -> list[Arrival]:
        """Return the deliveries of an edited message that are being answered."""
        return [arrival for arrival in self._inside.values() if arrival.begun and _is_of(event, arrival.message)]


def _delivery(message: IncomingMessage) -> tuple[str, str]:
    return (message.scope.platform, message.dedupe_key)


def _is_of(event: MessageEdited, message: IncomingMessage) -> bool:
    return (event.scope, event.source_id) == (message.scope, message.source_id)
