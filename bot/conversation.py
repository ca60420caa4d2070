"""An ordinary message: recall, answer, and remember beside the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from bot.commands import Keeping
from bot.errors import BotError
from bot.memory.core import MemoryCore
from bot.protocols import Clock
from bot.reception import Admitted, Reception
from bot.replies.answering import OVER_BUDGET, Answer, Answering, OverBudget
from bot.replies.offline import NO_MODEL, offline_reply
from bot.replies.prompt import Ingredients, Manner
from bot.replies.turns import RecentTurns, Turn
from bot.store.ledger import Ledger
from bot.tasks import TaskRunner
from bot.types import (
    Action,
    Embedded,
    Hit,
    IncomingMessage,
    Outcome,
    PlaceKind,
    ReplyEnd,
    ReplyNotice,
    ReplyPart,
    ReplyText,
    Statement,
)

log = logging.getLogger(__name__)

REMEMBERING_S = 15.0
"""Longest wait, at the end of an answer, for the remembering beside it."""

_FIRST_CONTACT = (
    "I'm {name}, an AI. I remember what you tell me about yourself, for you alone. "
    "/memories shows it, /forget erases it, /privacy says more and lets you opt out."
)
_REMOVED = "I took a secret out of your message ({kinds}) before reading it, and kept none of it."
_NOT_KEPT = "I could not keep anything of your message: my memory cannot be written right now."
_USED_IN_PUBLIC = "Used {count} of your memories; /why shows which."


@dataclass(slots=True)
class Remembering:
    """The remembering that runs beside an answer, once it has begun."""

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


class Conversation:
    """Answers ordinary messages.

    Args:
        answering: None when no chat model is configured.
    """

    def __init__(
        self,
        *,
        core: MemoryCore,
        ledger: Ledger,
        reception: Reception,
        keeping: Keeping,
        turns: RecentTurns,
        answering: Answering | None,
        manner: Manner,
        tasks: TaskRunner,
        clock: Clock,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._reception = reception
        self._keeping = keeping
        self._turns = turns
        self._answering = answering
        self._manner = manner
        self._tasks = tasks
        self._clock = clock

    async def reply(self, admitted: Admitted) -> AsyncGenerator[ReplyPart, None]:
        """Yield the reply to a message; what it says was kept is on disk.

        The notice of first contact comes before anything of the message is kept.

        Raises:
            StoreError: memories could not be read.
        """
        message = admitted.message
        if not await self._ledger.noticed(message.scope):
            yield ReplyNotice(_FIRST_CONTACT.format(name=self._manner.name))
            await self._ledger.set_noticed(message.scope)
        recollection = await self._core.recall(message.scope, message.text, place=message.place)
        hits = [hit for hit in recollection.hits if message.source_id not in {s.id for s in hit.memory.sources}]
        remembering = self._remembering(admitted, recollection.embedded)
        answer = Answer()
        try:
            async with aclosing(self._answer(message, hits, remembering, answer)) as texts:
                async for text in texts:
                    yield ReplyText(text)
        finally:
            remembering.begin()  # also of an answer that is cut off
        await _finished(remembering)
        for notice in self._notices(admitted, remembering, answer):
            yield ReplyNotice(notice)
        yield ReplyEnd(remembering.outcomes, tuple(answer.used), failed=answer.failed)
        used = [(hit.memory.id, hit.parts.named()) for hit in answer.used]
        await self._ledger.save_reply(message.scope, message.place, self._clock(), used)

    def remember_beside(self, admitted: Admitted) -> None:
        """Remember a message in the background."""
        self._remembering(admitted, None).begin()

    def _remembering(self, admitted: Admitted, embedded: Embedded | None) -> Remembering:
        def start(remembering: Remembering) -> None:
            self._tasks.start("remember", self._remember(admitted, embedded, remembering))

        return Remembering(start)

    async def _remember(self, admitted: Admitted, embedded: Embedded | None, remembering: Remembering) -> None:
        message = admitted.message
        try:
            if not (admitted.remembered or admitted.removed):
                statement = Statement(message.text, message.place, message.source_id, message.sent_at)
                key = message.dedupe_key
                outcome = await self._core.remember(message.scope, statement, embedded=embedded, inbox_key=key)
                remembering.outcomes = (outcome,)
            await self._reception.remembered(message)
        except BotError as error:
            remembering.failed = True
            log.error("a message was not remembered: %s", error)
        finally:
            remembering.done.set()

    async def _answer(
        self, message: IncomingMessage, hits: Sequence[Hit], remembering: Remembering, answer: Answer
    ) -> AsyncGenerator[str, None]:
        now = self._clock()
        if self._answering is not None:
            turns = self._turns.of(message.scope, message.place, now)
            given = Ingredients(message.text, message.author.name, hits, turns, now)
            try:
                async with aclosing(self._answering.stream(message.scope, given, answer)) as texts:
                    async for text in texts:
                        yield text
                        remembering.begin()  # the first word went before it
            except OverBudget:
                pass  # the memories themselves answer
            else:
                if not (answer.failed or self._reception.withdrawn(message)):
                    turn = Turn(message.text, answer.text, now, message.source_id)
                    self._turns.add(message.scope, message.place, turn)
                return
        remembering.begin()
        await _finished(remembering)
        answer.used = hits
        reason = NO_MODEL if self._answering is None else OVER_BUDGET
        answer.text = offline_reply(
            message.text, hits, remembering.outcomes, now=now, timezone=self._manner.timezone, reason=reason
        )
        yield answer.text

    def _notices(self, admitted: Admitted, remembering: Remembering, answer: Answer) -> list[str]:
        message = admitted.message
        notices = [_REMOVED.format(kinds=", ".join(dict.fromkeys(admitted.removed)))] if admitted.removed else []
        if remembering.failed:
            notices.append(_NOT_KEPT)
        notices += [
            self._keeping.propose(message.scope, message.place, outcome.memory, outcome.reason)
            for outcome in remembering.outcomes
            if outcome.action is Action.PROPOSED and outcome.memory is not None
        ]
        own = sum(hit.memory.scope == message.scope for hit in answer.used)
        if own and message.place.kind is PlaceKind.PUBLIC:
            notices.append(_USED_IN_PUBLIC.format(count=own))
        return notices


async def _finished(remembering: Remembering) -> None:
    """Wait for the remembering, but not for ever."""
    try:
        async with asyncio.timeout(REMEMBERING_S):
            await remembering.done.wait()
    except TimeoutError:
        remembering.failed = True
