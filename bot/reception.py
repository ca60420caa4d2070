"""The door: each delivery once, within limits, with control characters and secrets taken out before it is stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.judgement.secrets import redact
from bot.judgement.text import clean
from bot.limits import RateLimit
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.store.inbox import Inbox
from bot.types import Author, IncomingMessage, Mode

_SLOW_DOWN = "That's a lot at once. I'll answer again in a minute; nothing you sent just now was kept."
_TOO_LONG = "That's {found:,} characters, more than I read at once ({most:,}). None of it was kept; please send less."

_MOST_WITHDRAWN = 10_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """A message that is to be worked on.

    removed: kinds of secrets that were taken out of the text. replied, remembered: steps an earlier run did already.
    refusal: why it is answered with one line only.
    """

    message: IncomingMessage
    mode: Mode
    removed: tuple[str, ...] = ()
    replied: bool = False
    remembered: bool = False
    refusal: str = ""


class Reception:
    """Enters messages into the inbox."""

    def __init__(self, inbox: Inbox, core: MemoryCore, limit: RateLimit, max_characters: int) -> None:
        self._inbox = inbox
        self._core = core
        self._limit = limit
        self._max_characters = max_characters
        self._withdrawn: OrderedDict[tuple[str, str, str], None] = OrderedDict()  # the newest, of this run

    async def admit(self, message: IncomingMessage) -> Admitted | None:
        """Return what to work on; None for what was answered before, is being answered, was withdrawn, or floods.

        Of somebody who opted out, nothing but the fact of a message is stored.

        Raises:
            StoreError: the inbox could not be written; the message was not taken in.
        """
        if self.withdrawn(message):
            return None
        too_long = len(message.text) > self._max_characters
        redacted = redact(clean(message.text[: self._max_characters]))
        name = " ".join(clean(message.author.name).split())
        message = replace(message, author=Author(message.author.id, name))
        mode = await self._core.mode(message.scope)
        stored = "" if mode is Mode.OFF or too_long else redacted.text
        delivery = await self._inbox.receive(message, stored)
        if not delivery.wanted:
            return None
        excess = await self._limit.excess(message.scope)
        if excess > 1:  # the first one too many was told so
            await self.finish(message)
            return None
        if redacted.kinds:  # noted at once: after a crash the text of the inbox does not tell
            await self.remembered(message)
        refusal = _SLOW_DOWN if excess > 0 else ""
        if too_long:
            refusal = _TOO_LONG.format(found=len(message.text), most=self._max_characters)
        return Admitted(
            message=replace(message, text=redacted.text),
            mode=mode,
            removed=redacted.kinds,
            replied=delivery.replied,
            remembered=delivery.remembered,
            refusal=refusal,
        )

    async def known(self, message: IncomingMessage) -> bool:
        """Tell whether this delivery came before."""
        return await self._inbox.knows(message.scope.platform, message.dedupe_key)

    async def withdraw(self, platform: str, guild_id: str, source_ids: Sequence[str]) -> None:
        """Give up what is left to do about messages that are gone, those that wait for their turn included."""
        for source_id in source_ids:
            self._withdrawn[platform, guild_id, source_id] = None
        while len(self._withdrawn) > _MOST_WITHDRAWN:
            self._withdrawn.popitem(last=False)
        await self._inbox.drop(platform, guild_id, source_ids)

    def withdrawn(self, message: IncomingMessage) -> bool:
        """Tell whether a message is gone by now."""
        return (message.scope.platform, message.scope.guild_id, message.source_id) in self._withdrawn

    async def leave(self, platform: str, guild_id: str) -> None:
        """Give up what is left to do about all messages of a guild."""
        await self._inbox.drop_guild(platform, guild_id)

    async def remembered(self, message: IncomingMessage) -> None:
        """Note that there is nothing left to remember of a message; one withdrawn meanwhile teaches nothing."""
        if self.withdrawn(message):
            for scope in (message.scope, message.scope.shared):
                await self._core.forget(scope, Selection(source_id=message.source_id))
        await self._inbox.mark_remembered(message.scope.platform, message.dedupe_key)

    async def replied(self, message: IncomingMessage) -> None:
        """Note that the reply to a message was delivered."""
        await self._inbox.mark_replied(message.scope.platform, message.dedupe_key)

    async def finish(self, message: IncomingMessage) -> None:
        """Note that nothing is left to do about a message."""
        await self.remembered(message)
        await self.replied(message)
