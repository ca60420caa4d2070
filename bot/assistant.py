"""The one path of a message, from the adapter to the end of its reply."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

from bot.commands import ONCE, Answer, Call, Commands
from bot.commands.parse import Command, is_no, is_yes, parse
from bot.commands.pending import Pending
from bot.conversation import Conversation
from bot.errors import BotError
from bot.judgement.secrets import redact
from bot.judgement.text import clean
from bot.lanes import Busy, Lanes
from bot.memory.core import MemoryCore
from bot.memory.remembering import MAX_CHARACTERS
from bot.protocols import Clock, Selection
from bot.reception import Admitted, Reception
from bot.replies.turns import RecentTurns
from bot.store.inbox import Inbox
from bot.types import (
    GuildLeft,
    IncomingMessage,
    MessageEdited,
    MessagesDeleted,
    Mode,
    ReplyEnd,
    ReplyNotice,
    ReplyPart,
    ReplyText,
    Statement,
)

log = logging.getLogger(__name__)

_BUSY = "I'm still busy with what you sent before. Please send that again in a moment; none of it was kept."
_OPTED_OUT = "You are opted out, so I don't read what you write; commands still work. /privacy opt-in brings me back."
_INTERRUPTED = "I was stopped in the middle of that. /memories shows what I know; say it again if it was not done."
_NO_SECRETS = "That holds a secret ({kinds}), and I keep none, so I have not kept it."
_MEMORY_DOWN = "I can't reach my memory right now. Whoever runs this bot can see why in its log."


class ChatAssistant:
    """Answers messages; see `bot.protocols.Assistant`."""

    def __init__(
        self,
        *,
        core: MemoryCore,
        inbox: Inbox,
        reception: Reception,
        lanes: Lanes,
        commands: Commands,
        pending: Pending,
        conversation: Conversation,
        turns: RecentTurns,
        clock: Clock,
    ) -> None:
        self._core = core
        self._inbox = inbox
        self._reception = reception
        self._lanes = lanes
        self._commands = commands
        self._pending = pending
        self._conversation = conversation
        self._turns = turns
        self._clock = clock
        self._inside: dict[tuple[str, str], datetime] = {}  # when deliveries came that wait or are being answered

    async def handle(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """Yield the reply in pieces, a `ReplyEnd` last; nothing for a message that was answered already."""
        delivery = (message.scope.platform, message.dedupe_key)
        if not message.addressed or delivery in self._inside:
            return
        self._inside[delivery] = self._clock()
        over = False
        try:
            async with aclosing(self._when_its_turn_comes(message)) as parts:
                async for part in parts:
                    over = True  # for an adapter that closes here
                    yield part
                    over = isinstance(part, ReplyEnd)
        except BotError as error:
            log.error("a message was not answered: %s", error)
            if not over:
                yield ReplyText(_MEMORY_DOWN)
                yield ReplyEnd(failed=True)
        finally:
            del self._inside[delivery]

    async def edited(self, event: MessageEdited) -> None:
        """Let what was learned from a message follow its new text; a text that is no longer worth it is forgotten."""
        try:
            async with self._lanes.turn(event.scope):  # behind the message itself
                await self._core.follow(event.scope, _restated(event))
                self._turns.forget(event.scope)
        except Busy:
            log.warning("an edit came while too much waited; what the message taught is forgotten")
            await self.deleted(MessagesDeleted(event.scope.platform, event.scope.guild_id, (event.source_id,)))

    async def deleted(self, event: MessagesDeleted) -> None:
        """Forget what was learned from messages that are gone, and what was still to be done about them."""
        await self._reception.withdraw(event.platform, event.guild_id, event.source_ids)
        self._turns.forget_messages(event.platform, event.guild_id, event.source_ids)
        for scope in await self._core.scopes_of(event.platform, event.guild_id, event.source_ids):
            for source_id in event.source_ids:
                await self._core.forget(scope, Selection(source_id=source_id))
            self._turns.forget(scope)

    async def left(self, event: GuildLeft) -> None:
        """Forget a guild that removed the bot."""
        await self._reception.leave(event.platform, event.guild_id)
        for scope in await self._core.scopes_of(event.platform, event.guild_id):
            await self._core.forget_all(scope)
            self._turns.forget(scope)

    async def unanswered(self, platform: str) -> list[IncomingMessage]:
        """Return messages that an earlier run took in and did not answer, oldest first; finish what else it left."""
        messages = []
        for message, replied, remembered in await self._inbox.unfinished(platform):
            if not replied and message.text:
                messages.append(message)
                continue
            mode = await self._core.mode(message.scope)
            await self._finish(Admitted(message, mode, remembered=remembered))
        return messages

    async def _finish(self, admitted: Admitted) -> None:
        """Do what is left of a message that was replied to."""
        message = admitted.message
        if admitted.remembered or not message.text or parse(message.text):
            await self._reception.finish(message)
        else:
            self._conversation.remember_beside(admitted)

    async def _when_its_turn_comes(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        try:
            async with self._lanes.turn(message.scope), aclosing(self._in_turn(message)) as parts:
                async for part in parts:
                    yield part
        except Busy:
            if not await self._reception.known(message):
                yield ReplyText(_BUSY)
                yield ReplyEnd(failed=True)

    async def _in_turn(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """The reply, delivered or cut off once: only one of which no more than a notice was shown is given again."""
        admitted = await self._reception.admit(message)
        if admitted is None:
            return
        if admitted.replied:
            await self._finish(admitted)
            return
        begun = False
        try:
            async with aclosing(self._reply(admitted)) as parts:
                async for part in parts:
                    begun = begun or not isinstance(part, ReplyNotice)
                    yield part
        except GeneratorExit:
            if begun:
                await self._reception.replied(message)
            raise
        await self._reception.replied(message)

    async def _reply(self, admitted: Admitted) -> AsyncGenerator[ReplyPart, None]:
        if admitted.refusal:
            await self._reception.remembered(admitted.message)
            yield ReplyText(admitted.refusal)
            yield ReplyEnd(failed=True)
        elif command := self._command(admitted.message):
            answer = await self._run(command, admitted)
            yield ReplyText(answer.text)
            yield ReplyEnd(answer.outcomes, answer.used)
        elif admitted.mode is Mode.OFF:
            await self._reception.remembered(admitted.message)
            yield ReplyText(_OPTED_OUT)
            yield ReplyEnd()
        else:
            async with aclosing(self._conversation.reply(admitted)) as parts:
                async for part in parts:
                    yield part

    async def _run(self, call: Call, admitted: Admitted) -> Answer:
        """A command's answer. What would do harm when done twice is not begun again after a crash."""
        if admitted.removed and call.command.name == "remember":
            await self._reception.remembered(admitted.message)
            return Answer(_NO_SECRETS.format(kinds=", ".join(dict.fromkeys(admitted.removed))))
        once = call.command.name in ONCE
        if once and admitted.remembered:
            return Answer(_INTERRUPTED)
        if once:
            await self._reception.remembered(admitted.message)
        answer = await self._commands.run(call)
        await self._reception.remembered(admitted.message)
        return answer

    def _command(self, message: IncomingMessage) -> Call | None:
        """The command that a message is: written as one, or the yes or no that a question waits for."""
        arrived = self._inside[message.scope.platform, message.dedupe_key]
        command = parse(message.text)
        if command is None and (is_yes(message.text) or is_no(message.text)):
            asked = self._pending.open(message.scope, message.place, arrived)
            command = Command(asked, message.text) if asked else None
        if command is None:
            return None
        return Call(
            command,
            message.scope,
            message.place,
            message.author,
            message.source_id,
            message.dedupe_key,
            message.sent_at,
            arrived,
        )


def _restated(event: MessageEdited) -> Statement:
    """What an edited message says now: nothing when it holds a secret."""
    redacted = redact(clean(event.text[: MAX_CHARACTERS + 1]))  # a longer one is no memory
    text = "" if redacted.kinds else redacted.text
    command = parse(text)
    if command is not None and command.name == "remember" and not command.options:
        return Statement(command.argument, event.place, event.source_id, event.sent_at, explicit=True)
    return Statement(text, event.place, event.source_id, event.sent_at)
