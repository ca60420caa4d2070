"""The door: each delivery once, within limits, with control characters and secrets taken out before it is stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.arrivals import Arrival
from bot.events import IncomingMessage, MessageEdited
from bot.judgement.secrets import Redacted, redact
from bot.judgement.text import clean
from bot.limits import RateLimit
from bot.memory.core import MemoryCore
from bot.protocols import Clock, LookAround, Selection, nowhere
from bot.store.inbox import KEPT, Delivery, Inbox
from bot.types import Author, Mode, Policy, Scope

_SLOW_DOWN = "That's a lot at once. I'll answer again in a minute; nothing you sent just now was kept."
_TOO_LONG = "That's {found:,} characters, more than I read at once ({most:,}). None of it was kept; please send less."

_MOST_WITHDRAWN = 10_000


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is in the inbox and waits for its turn. excess: by how many messages its limit is passed."""

    delivery: Delivery
    excess: int = 0


@dataclass(frozen=True, slots=True)
class Admitted:
    """A message that is to be worked on.

    around: gives what stands beside it. guest: nothing is recalled for its author, and nothing of theirs is stored.
    removed: kinds of secrets that were taken out of the text. replied, remembered: steps an earlier run did already.
    refusal: why it is answered with one line only.
    """

    message: IncomingMessage
    mode: Mode
    policy: Policy = Policy()  # noqa: RUF009 - frozen
    around: LookAround = nowhere
    guest: bool = False
    removed: tuple[str, ...] = ()
    replied: bool = False
    remembered: bool = False
    refusal: str = ""


class Reception:
    """Enters messages into the inbox when they come, and admits them when it is their turn."""

    def __init__(self, inbox: Inbox, core: MemoryCore, limit: RateLimit, max_characters: int, clock: Clock) -> None:
        self._inbox = inbox
        self._core = core
        self._limit = limit
        self._max_characters = max_characters
        self._clock = clock
        self._withdrawn: OrderedDict[tuple[str, str, str], None] = OrderedDict()  # the newest, of this run

    async def receive(self, arrival: Arrival) -> Received | None:
        """Enter a message; None for what was answered before, is being answered, was withdrawn, or floods.

        Of guests and of somebody who opted out, nothing but the fact of a message is stored.

        Raises:
            StoreError: the inbox could not be written; the message was not taken in.
        """
        if self.withdrawn(arrival.message):
            return None
        arrival.message = _tidied(arrival.message)
        mode = await self._core.mode(arrival.message.scope)
        arrival.redacted = self._redacted(arrival.message.text)  # no wait from here on: an edit would be missed
        message, stored = arrival.message, self._storable(arrival.message.text, arrival.redacted, mode)
        if stored is None or arrival.guest:
            message, stored = _wordless(message), ""
        delivery = await self._inbox.receive(message, stored, teaches=not arrival.guest)
        if not delivery.wanted:
            return None
        _follow(arrival, delivery.restated)
        excess = await self._limit.excess(message.scope, delivery.number)
        if excess > 1 or (excess > 0 and not arrival.message.addressed):  # the first one too many is told so
            await self.finish(message)
            return None
        if arrival.guest or (arrival.redacted and arrival.redacted.kinds):
            await self.remembered(message)  # at once: after a crash the text of the inbox does not tell
        return Received(delivery, excess)

    async def admit(self, arrival: Arrival, received: Received) -> Admitted | None:
        """Return what to work on, as it stands when its turn has come; None for what was withdrawn meanwhile."""
        message, delivery = arrival.message, received.delivery
        if self.withdrawn(message):
            await self.finish(message)  # it may have been entered after that
            return None
        redacted = arrival.redacted or self._redacted(message.text)
        refusal = _SLOW_DOWN if received.excess > 0 else ""
        if self._is_too_long(message.text):
            refusal = _TOO_LONG.format(found=len(message.text), most=self._max_characters)
        return Admitted(
            message=replace(message, text=redacted.text, place=arrival.policy.seen_from(message.place)),
            mode=await self._core.mode(message.scope),
            policy=arrival.policy,
            around=arrival.around,
            guest=arrival.guest,
            removed=redacted.kinds,
            replied=delivery.replied,
            remembered=delivery.remembered,
            refusal=refusal,
        )

    async def room_to_overhear(self, message: IncomingMessage) -> bool:
        """Tell whether the limits have room for a message that nobody expects an answer to."""
        return not await self._limit.half_used(message.scope)

    async def known(self, message: IncomingMessage) -> bool:
        """Tell whether this delivery came before."""
        return await self._inbox.knows(message.scope.platform, message.dedupe_key)

    async def taken_in(self, scope: Scope, source_id: str) -> bool:
        """Tell whether a message of a person was taken in, or taught something."""
        if await self._inbox.knows_source(scope, source_id):
            return True
        return bool(await self._core.list(scope, Selection(source_id=source_id)))

    async def followed(self, event: MessageEdited) -> bool:
        """Tell whether an edit was followed before, or is too old to know: platforms tell of it with every change.

        A link preview, a pin or a new thread brings the last edit of a message again, whatever happened since to what
        it taught.
        """
        is_old = self._clock() - event.sent_at > KEPT
        return is_old or await self._inbox.knows(event.scope.platform, event.dedupe_key)

    async def note_followed(self, event: MessageEdited) -> None:
        """Note that an edit was followed."""
        await self._inbox.enter_edit(event)

    async def restate(self, event: MessageEdited) -> None:
        """Let what the inbox holds of a message that is not answered yet follow an edit."""
        redacted = self._redacted(event.text)
        text = self._storable(event.text, redacted, await self._core.mode(event.scope))
        await self._inbox.restate(event.scope, event.source_id, text or "", remembered=bool(redacted.kinds))

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

    async def release(self, message: IncomingMessage) -> None:
        """Note that the reply to a message was not delivered: it is given again when the message comes again."""
        await self._inbox.release(message.scope.platform, message.dedupe_key)

    async def finish(self, message: IncomingMessage) -> None:
        """Note that nothing is left to do about a message."""
        await self.remembered(message)
        await self.replied(message)

    def _redacted(self, text: str) -> Redacted:
        return redact(clean(text[: self._max_characters]))

    def _is_too_long(self, text: str) -> bool:
        return len(text) > self._max_characters

    def _storable(self, text: str, redacted: Redacted, mode: Mode) -> str | None:
        """What may be stored of a text; None when not a word of it may."""
        return None if mode is Mode.OFF or self._is_too_long(text) else redacted.text


def _tidied(message: IncomingMessage) -> IncomingMessage:
    """The message with everything beside its text cleaned."""
    name = " ".join(clean(message.author.name).split())
    options = tuple((option, redact(clean(value)).text) for option, value in message.options)
    return replace(message, author=Author(message.author.id, name), options=options)


def _wordless(message: IncomingMessage) -> IncomingMessage:
    """The fact of a message; without its words it cannot be answered after a crash."""
    return replace(message, author=Author(message.author.id, ""), command="", options=(), addressed=False)


def _follow(arrival: Arrival, restated: str) -> None:
    """Let a message that came again say what an edit meanwhile made of it, unless one came just now."""
    if restated and arrival.redacted is not None and restated != arrival.redacted.text:
        arrival.message = replace(arrival.message, text=restated)
        arrival.redacted = Redacted(restated, ())
