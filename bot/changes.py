"""What was learned follows the messages it came from: changed, deleted, or of a guild that the bot left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.arrivals import Arrivals
from bot.commands.parse import kind, parse, reach
from bot.errors import InputError
from bot.events import ChannelsDeleted, MessageEdited, MessagesDeleted
from bot.judgement.secrets import redact
from bot.judgement.text import clean
from bot.lanes import Busy, Lanes
from bot.learning import Learning
from bot.memory.core import MemoryCore
from bot.memory.remembering import MAX_CHARACTERS
from bot.protocols import Selection
from bot.reception import Reception
from bot.replies.turns import RecentTurns
from bot.store.ledger import Ledger
from bot.types import BY_COMMAND, Memory, Reach, Statement

log = logging.getLogger(__name__)

_AT_ONCE = 100
"""People who are forgotten together: the file is rebuilt once for all whose turn comes meanwhile."""


class Changes:
    """Changes of messages after they came. Every method raises StoreError when rows cannot be read or written.

    Args:
        lanes: in which the edits of one message follow each other.
    """

    def __init__(
        self,
        *,
        core: MemoryCore,
        ledger: Ledger,
        reception: Reception,
        arrivals: Arrivals,
        lanes: Lanes,
        turns: RecentTurns,
        learning: Learning,
    ) -> None:
        self._learning = learning
        self._core = core
        self._ledger = ledger
        self._reception = reception
        self._arrivals = arrivals
        self._lanes = lanes
        self._turns = turns

    async def edited(self, event: MessageEdited, taken: Callable[[], None]) -> None:
        """Let a message that waits be answered as it reads now, and what an earlier one taught follow its new text.

        One that was never taken in teaches nothing now either; a text that is no longer worth it is forgotten. Each
        edit is followed once, so that what its person changed or forgot after it stays so.

        Args:
            taken: called once the edit is on disk, before the reply to its message is waited for.
        """
        waits = self._arrivals.restate(event)
        if not waits and not await self._is_to_be_followed(event):
            return
        await self._reception.restate(event)
        if waits:
            await self._reception.note_followed(event)
            return
        try:
            with self._lanes.ticket((event.scope, event.source_id)) as ticket:
                if answering := self._arrivals.answering(event):
                    taken()  # should it end here, the next run answers the message as it reads now
                await ticket.turn()
                for arrival in answering:
                    await arrival.over.wait()
                # A reply that is cut off does not wait for what it began to remember.
                await self._learning.settled(event.scope, event.source_id)
                if await self._reception.followed(event):
                    return  # the same edit, told twice at once
                await self._core.follow(event.scope, _restated(event))
                self._turns.forget(event.scope)
                await self._reception.note_followed(event)
        except Busy:
            log.warning("an edit came while too much waited; what the message taught is forgotten")
            await self.deleted(MessagesDeleted(event.scope.platform, event.scope.guild_id, (event.source_id,)))

    async def _is_to_be_followed(self, event: MessageEdited) -> bool:
        if await self._reception.followed(event):
            return False
        return await self._reception.taken_in(event.scope, event.source_id)

    async def deleted(self, event: MessagesDeleted) -> None:
        """Forget what was learned from messages that are gone, and what was still to be done about them."""
        await self._reception.withdraw(event.platform, event.guild_id, event.source_ids)
        self._turns.forget_messages(event.platform, event.guild_id, event.source_ids)
        for scope in await self._core.scopes_of(event.platform, event.guild_id, event.source_ids):
            for source_id in event.source_ids:
                await self._core.forget(scope, Selection(source_id=source_id))
            self._turns.forget(scope)

    async def channels_deleted(self, event: ChannelsDeleted) -> None:
        """Forget what was learned from messages that are gone with their channel.

        It goes as with the deletion of each of them; what was said with a platform's own command was in no message.
        """
        for scope in await self._core.scopes_of(event.platform, event.guild_id):
            gone = [memory.id for memory in await self._core.list(scope) if _is_from(event.channel_ids, memory)]
            if gone:
                await self._core.forget(scope, Selection(ids=tuple(gone)))
                self._turns.forget(scope)

    async def purge(self, platform: str, guild_id: str) -> None:
        """Forget everything of a guild at once; what people opted out of stays noted."""
        await self._reception.leave(platform, guild_id)
        scopes = await self._core.scopes_of(platform, guild_id)
        for start in range(0, len(scopes), _AT_ONCE):
            await asyncio.gather(*(self._core.forget_all(scope) for scope in scopes[start : start + _AT_ONCE]))
        for scope in scopes:
            self._turns.forget(scope)
        await self._ledger.purged(platform, guild_id)


def _is_from(channel_ids: frozenset[str], memory: Memory) -> bool:
    """Whether a memory was learned from a message in one of these channels."""
    is_there = not channel_ids.isdisjoint((memory.place.channel_id, memory.place.thread_id))
    return is_there and any(not source.id.startswith(BY_COMMAND) for source in memory.sources)


def _restated(event: MessageEdited) -> Statement:
    """What an edited message says now: nothing when it holds a secret."""
    redacted = redact(clean(event.text[: MAX_CHARACTERS + 1]))  # a longer one is no memory
    text = "" if redacted.kinds else redacted.text
    command = parse(text)
    said = Statement(text, event.place, event.source_id, event.sent_at)
    if command is None or command.name != "remember":
        return said
    try:
        chosen, whose = kind(command.options), reach(command.options)
    except InputError:
        return said
    if whose is Reach.EVERYONE:  # a note for everyone follows no message
        return said
    return replace(said, text=command.argument, kind=chosen, reach=whose, explicit=True)
