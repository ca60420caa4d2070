"""The one path of a message, from the adapter to the end of its reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from bot.arrivals import Arrival, Arrivals
from bot.calling import Calling, is_command, need_not_wait
from bot.changes import Changes
from bot.commands import Call
from bot.commands.choosing import opted_out
from bot.conversation import Conversation
from bot.errors import BotError, PlatformError
from bot.events import (
    ChannelsDeleted,
    GuildLeft,
    IncomingMessage,
    MessageEdited,
    MessagesDeleted,
    ReplyEnd,
    ReplyNotice,
    ReplyPart,
    ReplyText,
)
from bot.lanes import Busy, Lanes, Ticket
from bot.learning import Learning
from bot.limits import OnceAMinute
from bot.memory.core import MemoryCore
from bot.policies import Policies
from bot.protocols import Clock, LookAround, nowhere, untold
from bot.reception import Admitted, Received, Reception
from bot.replies.turns import RecentTurns
from bot.store.inbox import Inbox
from bot.store.ledger import Ledger
from bot.types import Mode, PlaceKind, Policy, Scope

log = logging.getLogger(__name__)

MEMORY_DOWN = "I can't reach my memory right now. Whoever runs this bot can see why in its log."
"""What a person is told when rows cannot be read or written."""

_BUSY = (
    "I'm still busy with what you sent before. Please send that again in a moment; "
    "none of it was kept, nor will be what else you send until I am done."
)
_UNREAD = "I don't read what you write; commands still work"
_NOT_AGAIN = "That was a command, and I don't do it a second time by itself. Give it again if you mean it."
_NOT_HERE = "I am not to be used here. The admins chose where: {channels}. A direct message always works."
_MOST_NAMED = 5
_ANSWERED_WITHIN = timedelta(days=1)
"""Who asked longer ago does not wait any more, and talks of something else by now. Commands are done all the same."""

_SAYS_ITSELF = frozenset({"privacy", "export"})
"""Commands without the notice of first contact: one that says more than it, one whose answer is a file."""


class ChatAssistant:
    """Answers messages; see `bot.protocols.Assistant`."""

    def __init__(
        self,
        *,
        core: MemoryCore,
        ledger: Ledger,
        policies: Policies,
        inbox: Inbox,
        reception: Reception,
        lanes: Lanes,
        edit_lanes: Lanes,
        calling: Calling,
        conversation: Conversation,
        learning: Learning,
        turns: RecentTurns,
        clock: Clock,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._policies = policies
        self._inbox = inbox
        self._reception = reception
        self._lanes = lanes
        self._calling = calling
        self._conversation = conversation
        self._learning = learning
        self._arrivals = Arrivals(clock)
        self._changes = Changes(
            core=core,
            ledger=ledger,
            reception=reception,
            arrivals=self._arrivals,
            lanes=edit_lanes,
            turns=turns,
            learning=learning,
        )
        self._busy_lines = OnceAMinute(clock)
        self._clock = clock

    async def handle(
        self, message: IncomingMessage, *, taken: Callable[[], None] = untold, around: LookAround = nowhere
    ) -> AsyncGenerator[ReplyPart, None]:
        """Yield the reply in pieces, a `ReplyEnd` last; nothing for a message that was answered already."""
        with self._arrivals.entered(message, taken, around) as arrival:
            if arrival is None:
                if await self._arrivals.made_safe(message):
                    taken()
                return
            over = False
            try:
                async with aclosing(self._in_its_lane(arrival)) as parts:
                    async for part in parts:
                        over = True  # for an adapter that closes here
                        arrival.make_safe()  # what is answered needs no second delivery
                        try:
                            yield part
                        except PlatformError:
                            arrival.lost = True
                            raise
                        over = isinstance(part, ReplyEnd)
            except PlatformError:
                raise  # the adapter's own, back to it
            except BotError as error:
                log.error("a message was not answered: %s", error)
                if message.addressed and not over:
                    arrival.make_safe()
                    yield ReplyText(MEMORY_DOWN, plain=True)
                    yield ReplyEnd(failed=True, repeatable=not is_command(message))
            arrival.make_safe()

    async def stopped(self, message: IncomingMessage) -> None:
        """Note that whoever asked wants no answer any more: the next run gives none either. What was said is kept."""
        await self._reception.replied(message)

    async def knows(self, scope: Scope, source_id: str) -> bool:
        """Tell whether a message of a person was taken in or taught something, so that its edit is of interest."""
        return self._arrivals.holds(scope, source_id) or await self._reception.taken_in(scope, source_id)

    async def edited(self, event: MessageEdited, *, taken: Callable[[], None] = untold) -> None:
        """Let the message, or what was learned from it, follow its new text."""
        await self._changes.edited(event, taken)
        taken()

    async def deleted(self, event: MessagesDeleted) -> None:
        """Forget what was learned from messages that are gone, and what was still to be done about them."""
        await self._changes.deleted(event)

    async def channels_deleted(self, event: ChannelsDeleted) -> None:
        """Forget what was learned from messages that are gone with their channel; what a command said stays."""
        await self._changes.channels_deleted(event)

    async def joined(self, platform: str, guild_id: str) -> bool:
        """Note that the bot is in a guild, which ends a grace period; tell whether it never was before."""
        return await self._ledger.join(platform, guild_id)

    async def left(self, event: GuildLeft) -> None:
        """Forget a guild that removed the bot, at once when there is no grace period."""
        await self._ledger.leave(event.platform, event.guild_id, self._clock() + event.grace)
        if not event.grace:
            await self.purge(event.platform, event.guild_id)

    async def purge(self, platform: str, guild_id: str) -> None:
        """Forget everything of a guild at once."""
        await self._changes.purge(platform, guild_id)

    async def guilds(self, platform: str) -> frozenset[str]:
        """Return the guilds that the bot joined and did not leave."""
        return await self._ledger.joined(platform)

    async def unanswered(self, platform: str) -> list[IncomingMessage]:
        """Return commands, and messages of the last day, that an earlier run took in and did not answer, oldest first.

        What else it left is finished: remembered, if it says something, and not answered.
        """
        messages = []
        for message, replied, remembered in await self._inbox.unfinished(platform):
            policy = await self._policies.of(platform, message.scope.guild_id)
            late = self._clock() - message.sent_at > _ANSWERED_WITHIN and not is_command(message)
            wanted = not late and message.addressed and self._calling.answers(message, policy, self._clock())
            if wanted and not replied:
                messages.append(message)
                continue
            mode = await self._core.mode(message.scope)
            await self._finish(Admitted(message, mode, policy, replied=replied, remembered=remembered))
        return messages

    async def _finish(self, admitted: Admitted) -> None:
        """Do what is left of a message that gets no reply any more."""
        message = admitted.message
        if not admitted.replied:
            await self._reception.replied(message)
        if admitted.remembered or not message.text or is_command(message):
            await self._reception.finish(message)
        else:
            self._learning.of(admitted).begin()

    async def _in_its_lane(self, arrival: Arrival) -> AsyncGenerator[ReplyPart, None]:
        """The reply, from a place in the queue that is taken before anything is waited for."""
        message = arrival.message
        try:
            with Ticket.outside() if need_not_wait(message) else self._lanes.ticket(message.scope) as ticket:
                async with aclosing(self._received(arrival, ticket)) as parts:
                    async for part in parts:
                        yield part
        except Busy:
            if not message.addressed or await self._reception.known(message):
                return
            if self._busy_lines.may_tell(message.scope):
                yield ReplyText(_BUSY, plain=True)
                yield ReplyEnd(failed=True, repeatable=False)

    async def _received(self, arrival: Arrival, ticket: Ticket) -> AsyncGenerator[ReplyPart, None]:
        """The reply to a message, which is in the inbox before it waits for its turn."""
        message = arrival.message
        policy = arrival.policy = await self._policies.of(message.scope.platform, message.scope.guild_id)
        if not message.addressed:
            if not await self._may_be_overheard(arrival):
                return
        elif not self._calling.answers(message, policy, arrival.at):
            if message.command:
                yield ReplyText(_NOT_HERE.format(channels=_named(policy)), plain=True)
                yield ReplyEnd(failed=True, repeatable=False)
            return
        try:
            received = await self._reception.receive(arrival)
        except (asyncio.CancelledError, BotError):
            await self._note(arrival, answered=False)  # it may be in the inbox by now
            raise
        arrival.make_safe()
        if received is not None:
            async with aclosing(self._delivered(arrival, received, ticket)) as parts:
                async for part in parts:
                    yield part

    async def _may_be_overheard(self, arrival: Arrival) -> bool:
        """Whether a message that is not addressed to the bot may be kept: where admins want it, of who knows it."""
        message = arrival.message
        if message.place.kind is PlaceKind.DM or message.place.settings_id not in arrival.policy.listening:
            return False
        if arrival.guest or is_command(message) or not await self._ledger.noticed(message.scope):
            return False
        mode = await self._core.mode(message.scope)
        return mode is Mode.AUTO and await self._reception.room_to_overhear(message)

    async def _delivered(self, arrival: Arrival, received: Received, ticket: Ticket) -> AsyncGenerator[ReplyPart, None]:
        """The reply; how it ends is noted, so that one of which no more than a notice was shown is given again."""
        shown = answered = False
        try:
            await ticket.turn()
            arrival.begun = True
            admitted = await self._reception.admit(arrival, received)
            if admitted is not None:
                async with aclosing(self._reply(admitted, arrival)) as parts:
                    async for part in parts:
                        shown = shown or not isinstance(part, ReplyNotice)
                        yield part
            answered = True
        except (GeneratorExit, asyncio.CancelledError):
            answered = shown and not arrival.lost
            raise
        finally:
            await self._note(arrival, answered=answered)

    async def _note(self, arrival: Arrival, *, answered: bool) -> None:
        message = arrival.message
        try:
            await (self._reception.replied(message) if answered else self._reception.release(message))
            if answered and arrival.introduced:
                await self._ledger.set_noticed(message.scope)  # not before it was seen
        except BotError as error:  # the reply is over as it is
            log.error("how a reply ended was not noted: %s", error)

    async def _reply(self, admitted: Admitted, arrival: Arrival) -> AsyncGenerator[ReplyPart, None]:
        if admitted.replied:
            await self._finish(admitted)
        elif not admitted.message.addressed:
            await self._conversation.overhear(admitted)
        elif admitted.refusal:
            await self._reception.remembered(admitted.message)
            yield ReplyText(admitted.refusal, plain=True)
            yield ReplyEnd(failed=True, repeatable=False)
        elif call := self._calling.find(admitted.message, arrival.at):
            async with aclosing(self._called(call, admitted, arrival)) as parts:
                async for part in parts:
                    yield part
        elif admitted.mode is Mode.OFF:
            await self._reception.remembered(admitted.message)
            scope = admitted.message.scope
            everywhere = await self._core.mode(scope.everywhere) is Mode.OFF
            yield ReplyText(opted_out(scope, _UNREAD, everywhere=everywhere), plain=True)
            yield ReplyEnd(repeatable=False)
        else:
            async for notice in self._introduced(admitted, arrival):
                yield notice
            async with aclosing(self._conversation.reply(admitted)) as parts:
                async for part in parts:
                    yield part

    async def _introduced(self, admitted: Admitted, arrival: Arrival) -> AsyncGenerator[ReplyNotice, None]:
        """The notice of first contact, unless it was shown before; nothing of the message is kept before it."""
        if self._arrivals.introducing(admitted.message.scope):
            return  # beside an answer that shows it
        if notice := await self._conversation.introduction(admitted):
            arrival.introduced = True
            yield ReplyNotice(notice)

    async def _called(self, call: Call, admitted: Admitted, arrival: Arrival) -> AsyncGenerator[ReplyPart, None]:
        """The reply to a command, which is not done when it is only asked for another answer."""
        if admitted.message.again:
            await self._reception.remembered(admitted.message)
            yield ReplyText(_NOT_AGAIN, plain=True)
            yield ReplyEnd(failed=True, repeatable=False)
            return
        if call.command.name not in _SAYS_ITSELF:
            async for notice in self._introduced(admitted, arrival):
                yield notice
        answer = await self._calling.answer(call, admitted)
        yield answer.file or ReplyText(answer.text, plain=True)
        yield ReplyEnd(answer.outcomes, answer.used, repeatable=False)


def _named(policy: Policy) -> str:
    """The first channels where the bot may be used, as Discord and Slack turn into names."""
    named = [f"<#{channel_id}>" for channel_id in sorted(policy.channels)[:_MOST_NAMED]]
    return ", ".join(named) + (" and others" if len(policy.channels) > _MOST_NAMED else "")
