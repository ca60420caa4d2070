"""Bringing payloads to the app: one attempt after another until it acknowledges, as Slack's Events API promises."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.nouns import Message
    from tests.servers.slack.server import SlackServer

EVENT = "events_api"
COMMAND = "slash_commands"
INTERACTION = "interactive"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long Slack waits, in seconds."""

    acknowledgement_s: float = 3.0
    retries_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_s: float = 3.0
    response_url_s: float = 1800.0
    stream_s: float = 300.0

    def hurried(self, factor: float) -> Timing:
        """Return the same with retries that follow that many times faster."""
        return replace(self, retries_s=tuple(pause / factor for pause in self.retries_s))


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement: of what, at which attempt (0 is the first), how long after it was sent."""

    kind: str
    name: str
    attempt: int
    after_s: float
    late: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended; `is_fault` says that the app was reached and did not do its part."""

    acknowledged: bool
    payload: Json | None = None
    reason: str = ""
    after_s: float | None = None
    is_fault: bool = False


@dataclass(eq=False)
class Delivery:
    """A payload on its way to the app."""

    kind: str
    payload: Json = field(repr=False)
    message: Message | None = None
    is_copy: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def name(self) -> str:
        """What it is about, for lists: the type of the event, the command, the type of the interaction."""
        event = self.payload.get("event") or {}
        return str(event.get("type") or self.payload.get("command") or self.payload.get("type"))

    @property
    def acknowledged(self) -> bool:
        """Whether the app took it."""
        return any(outcome.acknowledged for outcome in self.outcomes)

    @property
    def last(self) -> Outcome:
        """How the latest attempt ended."""
        return self.outcomes[-1]


class Transport(Protocol):
    """A way to the app: a socket or its own HTTP port."""

    async def attempt(self, delivery: Delivery, number: int, reason: str) -> Outcome:
        """Send once, wait for the acknowledgement and tell what came of it."""
        ...


@dataclass
class Deliveries:
    """Everything that was sent to the app, and the tasks that still try."""

    server: SlackServer = field(repr=False)
    sent: list[Delivery] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    async def send(self, delivery: Delivery, first: int = 0) -> Delivery:
        """Begin to bring a payload; return when it is on the wire, long before it is acknowledged.

        Args:
            first: the number of the first attempt; from 1 on it says that it is a retry.
        """
        self.sent.append(delivery)
        self.start(self._bring(delivery, first))
        await asyncio.sleep(0)  # the task's first step writes to the socket, so payloads keep their order
        return delivery

    def start(self, work: Coroutine[object, object, None]) -> None:
        """Run something beside the test until the server closes."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def stop(self) -> None:
        """End all attempts."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _bring(self, delivery: Delivery, first: int) -> None:
        pauses = self.server.timing.retries_s if delivery.kind == EVENT else ()
        reason = "http_timeout" if first else ""
        for number, pause in enumerate((0.0, *pauses), start=first):
            if number > first:
                await asyncio.sleep(pause)
            outcome = await self.server.transport.attempt(delivery, number, reason)
            delivery.outcomes.append(outcome)
            self._note(delivery, number, outcome)
            if outcome.acknowledged:
                break
            reason = outcome.reason
        delivery.done.set()
        self.server.noticed()

    def _note(self, delivery: Delivery, number: int, outcome: Outcome) -> None:
        if outcome.acknowledged and outcome.after_s is not None:
            self.server.acks.append(Ack(delivery.kind, delivery.name, number, outcome.after_s))
        if outcome.is_fault:
            self.server.violations.append(f"{delivery.kind} {delivery.name}: {outcome.reason}, not acknowledged")
        self.server.noticed()
