"""From a message to its reply: hears it, looks around it, asks the assistant, and shows what comes back."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

import discord

from adapters.discord.context import Looking
from adapters.discord.earlier import reply_to
from adapters.discord.files import Files
from adapters.discord.following import Followed
from adapters.discord.hearing import Heard, Hearing
from adapters.discord.line import Line
from adapters.discord.reading import guild_id_of, incoming, is_hidden, scope_of
from adapters.discord.refusals import Refusals
from adapters.discord.sending import FAULTS, Gone, Refused, safe_send
from adapters.discord.services import PLATFORM, Services
from adapters.discord.showing import ShownReply
from adapters.discord.spot import Spot
from adapters.discord.threads import Threads
from adapters.discord.typing_sign import TypingSigns
from adapters.discord.wording import FAILED
from adapters.pacing import Paces
from adapters.running import Ending
from bot.calling import may_be_answered
from bot.errors import PlatformError
from bot.events import IncomingMessage, MessageEdited, ReplyEnd, Surroundings
from bot.lanes import Busy, Lanes
from bot.limits import OnceAMinute
from bot.protocols import LookAround, nowhere, untold
from bot.types import Mode, Scope

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_NOTES = {Ending.STOPPED: "-# stopped", Ending.CUT_OFF: "-# cut off: I am restarting"}
_HIDDEN = (
    "I can't read that: Discord hides from me what a message says unless it mentions {name} itself, not its role, "
    "or is a reply that pings me."
)
_BARE = "help"
"""The command that a message is which says nothing but the bot's name."""


class Answering:
    """Answers what is said to the bot, in the order in which each person says it.

    Args:
        files: reads what is attached.
    """

    def __init__(self, services: Services, line: Line, threads: Threads, files: Files) -> None:
        self._services = services
        self._line = line
        self._threads = threads
        self._hearing = Hearing(services.bot.policies, threads)
        self._looking = Looking(
            files,
            earlier=services.settings.context_messages,
            sees_images=services.bot.openai.images,
            opted_out=partial(_opted_out, services),
        )
        self._signs = TypingSigns(line, services.tasks)
        self._paces = Paces(services.settings.edit_interval_s)
        self._refusals = Refusals(services, line)
        self._followed = Followed()
        self._told_hidden = OnceAMinute(services.bot.clock)
        # Twice what the assistant queues, so that it is the one that says what is too much.
        most = services.bot.limits.queue_total * 2
        self._order = Lanes(most, most)

    async def take(
        self,
        message: discord.Message,
        own_id: int,
        *,
        reads_all: bool,
        taken: Callable[[], None] = untold,
        begun: int | None = None,
    ) -> None:
        """Answer a message if it is for the bot.

        Args:
            reads_all: whether Discord shows the bot what is not said to it.
            taken: called once the assistant has the message, or will never have it.
            begun: the bot's message with which an earlier run began to answer, if one did.

        Raises:
            StoreError: whether it is for the bot could not be read.
        """
        try:
            with self._order.ticket(scope_of(message.author.id, guild_id_of(message))) as ticket:
                await ticket.turn()
                read = await self._heard(message, own_id, reads_all=reads_all, begun=begun)
        except Busy:
            log.warning("message %d was passed over: too many wait already", message.id)
            return
        if read is not None:
            around = partial(self._looking.around, message, own_id, reads_all=reads_all)
            await self.reply(read, around, taken, begun)

    async def edited(self, event: MessageEdited) -> None:
        """Let an edit follow its message, which the assistant has to have first, unless it was told of before.

        Raises:
            StoreError: what was learned could not be changed.
        """
        with suppress(Busy), self._order.ticket(event.scope) as ticket:
            await ticket.turn()
        if self._followed.first(event):
            await self._services.assistant.edited(event)

    def muted(self, channel_id: int) -> bool:
        """Tell whether a channel refused the bot a short while ago, so that nothing is answered in it."""
        return self._refusals.muted(channel_id)

    async def again(self, message: discord.Message, own_id: int, *, reads_all: bool, interaction_id: str) -> None:
        """Answer a message anew, whoever it was said to; the id is that of the press that asks for it."""
        read = incoming(message, own_id, again=interaction_id)
        prepared = await self._guarded(Spot.of(read), self._prepared(message, read, own_id, reads_all=reads_all))
        if prepared is not None:
            await self.reply(prepared, partial(self._looking.around, message, own_id, reads_all=reads_all))

    async def reply(
        self,
        message: IncomingMessage,
        around: LookAround = nowhere,
        taken: Callable[[], None] = untold,
        begun: int | None = None,
    ) -> None:
        """Show the assistant's reply to a message; `taken` and `begun` as for `take`."""
        if not message.addressed:
            await self._unshown(message, taken)
            return
        spot = Spot.of(message)
        shown = ShownReply(
            *(message, spot, self._services, self._line),
            sign=self._signs.begin(spot),
            pace=self._paces.of(str(spot.channel_id)),
            begun=begun,
            seen=partial(self._seen, message),
        )
        await self._guarded(spot, self._give(message, shown, around, taken), shown)

    async def left_over(self, message: IncomingMessage) -> None:
        """Answer a message that an earlier run took in; what only its author may see is done and shown to nobody.

        Raises:
            PlatformError: there was no connection for too long.
        """
        if message.confidential:
            await self._unshown(message)  # the interaction that asked is over
            return
        client, spot = await self._line.client(), Spot.of(message)
        own_id = client.user.id if client.user else 0
        begun = await reply_to(spot.channel(client), spot.message_id, own_id)
        await self.reply(message, partial(self._still_around, spot, own_id), begun=begun)

    async def _still_around(self, spot: Spot, own_id: int) -> Surroundings:
        """What stands beside a message that an earlier run took in, as far as the bot may read it again."""
        client = await self._line.client()
        channel = client.get_channel(spot.channel_id)
        try:
            readable = channel if isinstance(channel, discord.abc.Messageable) else spot.channel(client)
            found = await readable.fetch_message(spot.message_id)
        except FAULTS:
            return Surroundings()
        return await self._looking.around(found, own_id, reads_all=client.intents.message_content)

    async def _unshown(self, message: IncomingMessage, taken: Callable[[], None] = untold) -> None:
        """Hand over a message whose reply nobody is to see: what is overheard gets none."""
        async with aclosing(self._services.assistant.handle(message, taken=taken)) as parts:
            async for _ in parts:
                pass

    async def _heard(
        self, message: discord.Message, own_id: int, *, reads_all: bool, begun: int | None
    ) -> IncomingMessage | None:
        """The message as the assistant is to be given it; None when it is not."""
        heard = await self._hearing.hear(message, own_id)
        if heard is Heard.NOTHING:
            return None
        read = incoming(message, own_id, addressed=heard is Heard.ADDRESSED)
        if heard is Heard.OVERHEARD:
            return read
        work = self._prepared(message, read, own_id, reads_all=reads_all, begun=begun)
        return await self._guarded(Spot.of(read), work)

    async def _prepared(
        self, message: discord.Message, read: IncomingMessage, own_id: int, *, reads_all: bool, begun: int | None = None
    ) -> IncomingMessage | None:
        """A message that is to be answered; None where the bot is silent, and for one that cannot be read."""
        spot = Spot.of(read)
        policy = await self._services.bot.policies.of(PLATFORM, read.scope.guild_id)
        if self._refusals.muted(spot.channel_id) or not may_be_answered(read, policy):
            return None
        if is_hidden(message, own_id, reads_all=reads_all):
            if begun is None and self._told_hidden.may_tell(read.scope):
                await self._say(spot, _HIDDEN.format(name=self._services.bot.name))
            return None
        if not (read.text or message.attachments or message.message_snapshots or message.reference):
            return replace(read, command=_BARE)
        return read

    def _seen(self, message: IncomingMessage) -> None:
        """Take part in a thread from the reply's first words on: people go on while it is being given."""
        thread_id = message.place.thread_id
        if thread_id is not None and self._threads.wrote_in(int(thread_id)):
            self._services.tasks.start("discord threads", self._threads.save())

    async def _give(
        self, message: IncomingMessage, shown: ShownReply, around: LookAround, taken: Callable[[], None]
    ) -> None:
        """Show a reply to its end, or to where it is ended."""
        try:
            async with self._services.running.begun(message.author.id, message.source_id) as running:
                await self._show(message, shown, around, taken)
        except TimeoutError:
            if running.ending is None:
                raise
            await self._end_early(message, shown, running.ending)
        finally:
            await shown.close()

    async def _show(
        self, message: IncomingMessage, shown: ShownReply, around: LookAround, taken: Callable[[], None]
    ) -> None:
        async with aclosing(self._services.assistant.handle(message, taken=taken, around=around)) as parts:
            async for part in parts:
                try:
                    await shown.show(part)
                except (Gone, Refused):
                    raise  # shown as far as it ever will be
                except PlatformError as error:
                    await parts.athrow(error)  # the assistant is to know that it was not delivered; gives it back
                except asyncio.CancelledError:
                    if not shown.visible:
                        with suppress(PlatformError):
                            await parts.athrow(PlatformError("cut off before anything of it could be seen"))
                    raise

    async def _end_early(self, message: IncomingMessage, shown: ShownReply, ending: Ending) -> None:
        if ending is Ending.WITHDRAWN:
            await shown.take_back()
        elif shown.visible:
            await shown.finish(ReplyEnd(failed=True), _NOTES[ending])
        elif ending is Ending.STOPPED:
            await self._services.assistant.stopped(message)  # else the next run would answer it

    async def _guarded(self, spot: Spot, work: Awaitable[_Result], shown: ShownReply | None = None) -> _Result | None:
        """Do work for a reply; whatever goes wrong, the person gets an answer and the bot lives on."""
        try:
            return await work
        except Refused:
            await self._refusals.note(spot)
        except Gone:
            log.info("the reply to message %d, or its channel, was deleted or closed", spot.message_id)
        except PlatformError as error:
            log.warning("the reply to message %d was not delivered: %s", spot.message_id, error)
            if shown is not None:
                await _told(shown.abandon())
        except Exception as error:  # noqa: BLE001 - a person always gets an answer
            reference = secrets.token_hex(3)
            # The type alone: texts of foreign errors may hold what people said.
            log.error("the reply to message %d failed (%s): %s", spot.message_id, reference, type(error).__name__)
            text = FAILED.format(reference=reference)
            if shown is not None and shown.begun:
                await _told(shown.finish(ReplyEnd(failed=True), text))
            else:
                await _told(self._say(spot, text))
        return None

    async def _say(self, spot: Spot, text: str) -> None:
        """Say a line of the adapter's own."""
        client = await self._line.client()
        await safe_send(spot.channel(client), text, nonce=spot.nonce_of(0), reply_to=spot.reference)


async def _told(work: Awaitable[None]) -> None:
    """Do the last thing about a reply that failed."""
    try:
        await work
    except PlatformError as error:
        log.warning("nor could that be told: %s", error)


async def _opted_out(services: Services, scope: Scope) -> bool:
    return (await services.bot.panel.standing(scope)).mode is Mode.OFF


@runtime_checkable
class HasAnswering(Protocol):
    """The bot's own client."""

    answering: Answering


async def answer(client: discord.Client, message: discord.Message, *, again: str = "") -> None:
    """Answer a message of a person anew.

    Args:
        again: the id of the interaction that asks for it.

    Raises:
        TypeError: the client is not the bot's own, or not logged in.
    """
    if not isinstance(client, HasAnswering) or client.user is None:
        raise TypeError(f"expected the bot's own client, logged in; found {type(client).__name__}")
    reads_all = client.intents.message_content
    await client.answering.again(message, client.user.id, reads_all=reads_all, interaction_id=again)
