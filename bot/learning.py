"""Remembers what a message says, in the background: beside its answer, or without one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot.calling import is_command
from bot.errors import BotError
from bot.events import IncomingMessage
from bot.memory.core import MemoryCore
from bot.memory.remembering import decide
from bot.protocols import Selection
from bot.reception import Admitted, Reception
from bot.tasks import TaskRunner
from bot.types import Action, Embedded, Memory, Mode, Outcome, Scope, Statement, Status

log = logging.getLogger(__name__)

REMEMBERING_S = 15.0
"""Longest wait, at the end of an answer, for the remembering beside it."""


@dataclass(slots=True)
class Remembering:
    """The remembering of one message, once it has begun."""

    start: Callable[[Remembering], None]
    outcomes: tuple[Outcome, ...] = ()
    failed: bool = False
    begun: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """Run it in the background; a second call changes nothing."""
        if not self.begun:
            self.begun = True
            self.start(self)

    async def finished(self) -> None:
        """Wait until it is done, but not for ever."""
        try:
            async with asyncio.timeout(REMEMBERING_S):
                await self.done.wait()
        except TimeoutError:
            self.failed = True


class Learning:
    """Remembers messages, each once, however often it is asked or delivered."""

    def __init__(self, core: MemoryCore, reception: Reception, tasks: TaskRunner) -> None:
        self._core = core
        self._reception = reception
        self._tasks = tasks
        self._running: dict[tuple[str, str, str], Remembering] = {}  # by message; as many as there are tasks

    def of(self, admitted: Admitted, embedded: Embedded | None = None) -> Remembering:
        """Return the remembering of a message, to be begun; the one that runs, when the message came again meanwhile.

        Args:
            embedded: the text with its vector, to spare a second embedding.
        """
        running = self._running.get(_key(admitted.message))
        return running or Remembering(partial(self._start, admitted, embedded))

    async def settled(self, scope: Scope, source_id: str) -> None:
        """Wait until the remembering of a message is over, if it runs."""
        running = self._running.get((scope.platform, scope.guild_id, source_id))
        if running is not None:
            await running.finished()

    def _start(self, admitted: Admitted, embedded: Embedded | None, remembering: Remembering) -> None:
        self._running[_key(admitted.message)] = remembering
        self._tasks.start("remember", self._remember(admitted, embedded, remembering))

    async def _remember(self, admitted: Admitted, embedded: Embedded | None, remembering: Remembering) -> None:
        try:
            if _may_teach(admitted):
                remembering.outcomes = (await self._outcome(admitted, embedded),)
            await self._reception.remembered(admitted.message)
        except BotError as error:
            remembering.failed = True
            log.error("a message was not remembered: %s", error)
        finally:
            remembering.done.set()
            self._running.pop(_key(admitted.message), None)

    async def _outcome(self, admitted: Admitted, embedded: Embedded | None) -> Outcome:
        message = admitted.message
        known = await self._core.list(message.scope, Selection(source_id=message.source_id))
        if known:  # it was asked anew
            return _known(known[0], admitted)
        statement, key = _statement(message), message.dedupe_key
        return await self._core.remember(message.scope, statement, embedded=embedded, inbox_key=key)


def _may_teach(admitted: Admitted) -> bool:
    """Whether anything of a message may be kept; of one that nobody addressed, only what needs no question."""
    message = admitted.message
    if admitted.remembered or admitted.removed or admitted.guest or admitted.refusal:
        return False
    if message.addressed:
        return True
    decision = decide(_statement(message), admitted.mode)
    return admitted.mode is Mode.AUTO and decision.status is not Status.PROPOSED and not is_command(message)


def _statement(message: IncomingMessage) -> Statement:
    return Statement(message.text, message.place, message.source_id, message.sent_at)


def _known(memory: Memory, admitted: Admitted) -> Outcome:
    if memory.status is not Status.PROPOSED:
        return Outcome(Action.MERGED, "you told me before", memory)
    return Outcome(Action.PROPOSED, decide(_statement(admitted.message), admitted.mode).reason, memory)


def _key(message: IncomingMessage) -> tuple[str, str, str]:
    return (message.scope.platform, message.scope.guild_id, message.source_id)
