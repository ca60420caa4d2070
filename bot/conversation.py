"""An ordinary message: recall, answer, and remember beside the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.calling import UNIDENTIFIED
from bot.commands import Keeping
from bot.events import Quoted, ReplyEnd, ReplyNotice, ReplyPart, ReplyText
from bot.introducing import first_contact
from bot.learning import Learning, Remembering
from bot.memory.core import MemoryCore
from bot.protocols import Clock
from bot.reception import Admitted, Reception
from bot.replies.answering import OVER_BUDGET, Answer, Answering, OverBudget
from bot.replies.offline import NO_MODEL, offline_reply
from bot.replies.prompt import Ingredients, Manner
from bot.replies.quoting import quotable
from bot.replies.turns import RecentTurns, Turn
from bot.store.ledger import Ledger
from bot.types import Action, Embedded, Hit, Mode, PlaceKind, Recollection, Scope

_REMOVED = "I took a secret out of your message ({kinds}) before reading it, and kept none of it."
_NOT_KEPT = "I could not keep anything of your message: my memory cannot be written right now."
_USED_IN_PUBLIC = "Used {count} of your memories."
_NOTHING_FOR_GUESTS = "You are a guest here, so I recall nothing for you, and no chat model can answer right now."

_NOTHING = Recollection((), Embedded("", None))


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
        learning: Learning,
        turns: RecentTurns,
        answering: Answering | None,
        manner: Manner,
        clock: Clock,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._reception = reception
        self._keeping = keeping
        self._learning = learning
        self._turns = turns
        self._answering = answering
        self._manner = manner
        self._clock = clock

    async def introduction(self, admitted: Admitted) -> str:
        """Return the notice of first contact; empty when it was shown before. A guest gets none: nothing is kept."""
        if admitted.guest or admitted.mode is Mode.OFF or await self._ledger.noticed(admitted.message.scope):
            return ""
        return first_contact(self._manner.name)

    async def reply(self, admitted: Admitted) -> AsyncGenerator[ReplyPart, None]:
        """Yield the reply to a message; what it says was kept is on disk.

        Raises:
            StoreError: memories could not be read.
        """
        message = admitted.message
        recollection = _NOTHING
        if not admitted.guest:
            recollection = await self._core.recall(message.scope, message.text, place=message.place)
        hits = [hit for hit in recollection.hits if message.source_id not in {s.id for s in hit.memory.sources}]
        remembering = self._learning.of(admitted, recollection.embedded)
        answer = Answer()
        try:
            async with aclosing(self._answer(admitted, hits, remembering, answer)) as texts:
                async for text in texts:
                    yield ReplyText(text, plain=answer.from_memory)
        finally:
            remembering.begin()  # also of an answer that is cut off
        await remembering.finished()
        for notice in self._notices(admitted, remembering, answer):
            yield ReplyNotice(notice)
        yield ReplyEnd(remembering.outcomes, tuple(answer.used), failed=answer.failed)
        if not admitted.guest:
            used = [(hit.memory.id, hit.parts.named()) for hit in answer.used]
            at, source_id = self._clock(), message.source_id
            await self._ledger.save_reply(message.scope, message.place, at, used, source_id=source_id)

    async def overhear(self, admitted: Admitted) -> None:
        """Remember a message that was not addressed to the bot, and say nothing."""
        remembering = self._learning.of(admitted)
        remembering.begin()
        await remembering.finished()

    async def _answer(
        self, admitted: Admitted, hits: Sequence[Hit], remembering: Remembering, answer: Answer
    ) -> AsyncGenerator[str, None]:
        message, now = admitted.message, self._clock()
        if self._answering is not None:
            given = await self._ingredients(admitted, hits)
            try:
                async with aclosing(self._answering.stream(message.scope, given, admitted.policy, answer)) as texts:
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
        await remembering.finished()
        answer.used, answer.from_memory = hits, True
        answer.text = self._offline(admitted, hits, remembering)
        yield answer.text

    async def _ingredients(self, admitted: Admitted, hits: Sequence[Hit]) -> Ingredients:
        """What the model is given. The turn of a message that is asked anew is not: its answer is to be another."""
        message, beside = admitted.message, await admitted.around()
        now = self._clock()
        turns = self._turns.of(message.scope, message.place, now)
        context = [quoted for quoted in beside.context if await self._may_be_quoted(quoted, message.scope)]
        return Ingredients(
            text=message.text,
            author_name=message.author.name,
            hits=hits,
            turns=[turn for turn in turns if turn.source_id != message.source_id],
            now=now,
            context=quotable(context, turns, message.author.id),
            images=beside.images,
        )

    async def _may_be_quoted(self, quoted: Quoted, asker: Scope) -> bool:
        """Whether words may go to the model: not those of somebody who opted out."""
        if quoted.author is None:
            return True
        return await self._core.mode(Scope(asker.platform, asker.guild_id, quoted.author.id)) is not Mode.OFF

    def _offline(self, admitted: Admitted, hits: Sequence[Hit], remembering: Remembering) -> str:
        if admitted.guest:
            return UNIDENTIFIED if admitted.message.unidentified else _NOTHING_FOR_GUESTS
        reason = NO_MODEL if self._answering is None else OVER_BUDGET
        timezone = self._manner.timezone
        text, outcomes = admitted.message.text, remembering.outcomes
        return offline_reply(text, hits, outcomes, now=self._clock(), timezone=timezone, reason=reason)

    def _notices(self, admitted: Admitted, remembering: Remembering, answer: Answer) -> list[str]:
        message = admitted.message
        notices = [_REMOVED.format(kinds=", ".join(dict.fromkeys(admitted.removed)))] if admitted.removed else []
        if remembering.failed:
            notices.append(_NOT_KEPT)
        if admitted.guest and message.unidentified and not answer.from_memory:
            notices.append(UNIDENTIFIED)
        notices += [
            self._keeping.propose(message.scope, message.place, outcome.memory, outcome.reason)
            for outcome in remembering.outcomes
            if outcome.action is Action.PROPOSED and outcome.memory is not None
        ]
        own = sum(hit.memory.scope == message.scope for hit in answer.used)
        if own and (message.place.kind is PlaceKind.PUBLIC or message.place.is_shared):
            notices.append(_USED_IN_PUBLIC.format(count=own))
        return notices
