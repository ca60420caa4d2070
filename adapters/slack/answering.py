"""From a message to its reply: looks around it, asks the assistant, and shows what comes back."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, TypeVar

from adapters.running import Ending
from adapters.slack.context import Looking
from adapters.slack.faults import Gone, Refused, Unsure
from adapters.slack.history import messages_of
from adapters.slack.interface.home import refreshed
from adapters.slack.interface.keywords import spoken_command
from adapters.slack.reading import PLATFORM, Json, Said, edit_of, incoming, named_in, place_of, said_in, text_of
from adapters.slack.sending import Content, safe_post
from adapters.slack.services import Services
from adapters.slack.showing import ShownReply
from adapters.slack.spot import Spot
from adapters.slack.status import Sign
from adapters.slack.workspaces import Workspace
from bot.calling import may_be_answered
from bot.errors import PlatformError
from bot.lanes import Busy
from bot.protocols import LookAround, nowhere, untold
from bot.types import IncomingMessage, MessagesDeleted, PlaceKind, ReplyEnd, ReplyPart, Scope, Surroundings

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_Parts: TypeAlias = AsyncGenerator[ReplyPart, None]

TITLE_CHARACTERS = 60
"""Of an agent's thread, in the list of them."""

_NOTES = {Ending.STOPPED: "stopped", Ending.CUT_OFF: "cut off: I am restarting"}
_FAILED = "Something went wrong, and the mistake is mine. Whoever runs this bot finds it in the log as {reference}."


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came, and what the event says beside it.

    channel_type: empty when it does not say. is_shared: with another organisation. is_mention: it is said to the bot by
    name. addressed: it is for the bot.
    """

    said: Said
    channel_type: str = ""
    is_shared: bool = False
    is_mention: bool = False
    addressed: bool = True


async def take(services: Services, workspace: Workspace, heard: Heard, taken: Callable[[], None]) -> None:
    """Answer a message, or let it be overheard, after those that its author sent before.

    Args:
        taken: called once Slack may forget the message: the assistant has it, or need not have it.
    """
    said = heard.said
    spot = Spot.beside(said, workspace) if heard.addressed else None
    try:
        with services.order.ticket(Scope(PLATFORM, workspace.guild_id, said.user_id)) as ticket:
            message = await _guarded(spot, said.source_id, _prepared(services, workspace, heard))
            await ticket.turn()
    except Busy:
        log.warning("message %s was passed over: too many wait already", said.source_id)
        message = None
    if message is not None:
        around = partial(_looking(services).around, said, message.place, workspace)
        await reply(services, workspace, message, around, taken)
    taken()


async def follow(services: Services, workspace: Workspace, heard: Heard) -> None:
    """Let an edit follow its message, which the assistant has to have first.

    Raises:
        StoreError: what was learned could not be changed.
    """
    message = await _read(services, workspace, heard)
    with suppress(Busy), services.order.ticket(message.scope) as ticket:
        await ticket.turn()
    edit = edit_of(message, heard.said.edited_ts)
    source_id = services.moves.source_id(heard.said.channel_id, heard.said.ts)
    await services.assistant.edited(replace(edit, source_id=source_id))
    await refreshed(services, workspace, message.scope)


async def unlearn(services: Services, workspace: Workspace, channel_id: str, ts: str, author_id: str) -> None:
    """Forget what a deleted message taught.

    Args:
        author_id: whose home tab shows it; empty when the event does not say.

    Raises:
        StoreError: it could not be forgotten.
    """
    source_id = services.moves.source_id(channel_id, ts)
    await services.assistant.deleted(MessagesDeleted(PLATFORM, workspace.guild_id, (source_id,)))
    if author_id:
        await refreshed(services, workspace, Scope(PLATFORM, workspace.guild_id, author_id))


async def answer_again(
    services: Services, workspace: Workspace, source_id: str, *, thread_ts: str | None, user_id: str, again: str
) -> bool:
    """Answer a person's message anew; tell whether it was found, theirs, and where the bot answers.

    Args:
        thread_ts: of the thread that it stands in or began; None outside threads.
        again: what asks for it; the same again is answered once.
    """
    channel_id, _, ts = source_id.rpartition(":")
    told = await _looked_up(workspace, channel_id, ts, thread_ts)
    said = said_in(told, channel_id) if told is not None else None
    if said is None or said.user_id != user_id:
        return False
    prepared = await _prepared(services, workspace, Heard(said))
    if prepared is None:
        return False
    message = replace(prepared, dedupe_key=f"{prepared.dedupe_key}:again:{again}", again=True)
    await reply(services, workspace, message, partial(_looking(services).around, said, message.place, workspace))
    return True


async def reply(
    services: Services,
    workspace: Workspace,
    message: IncomingMessage,
    around: LookAround = nowhere,
    taken: Callable[[], None] = untold,
    *,
    resumes: bool = False,
) -> None:
    """Show the assistant's reply to a message, which is given `around` and `taken`.

    Args:
        resumes: an earlier run may have shown some of it.
    """
    spot = Spot.of(message, workspace)
    shown = ShownReply(message, spot, services, resumes=resumes)
    parts = services.assistant.handle(message, taken=taken, around=around)
    sign = services.signs.begin(spot, message.text[:TITLE_CHARACTERS], resumes=resumes) if message.addressed else None
    try:
        await _guarded(spot, message.source_id, _give(services, spot, shown, parts, sign), shown)
    finally:
        await shown.close()
    await refreshed(services, workspace, message.scope)


async def left_over(services: Services, message: IncomingMessage) -> None:
    """Answer a message that an earlier run took in; what only its author may see is done and shown to nobody."""
    if not message.confidential:
        try:
            workspace = await services.workspaces.of(message.scope.guild_id)
        except PlatformError as error:
            log.warning("message %s was not answered: %s", message.source_id, error)
            return
        await reply(services, workspace, message, partial(_still_around, services, workspace, message), resumes=True)
        return
    async with aclosing(services.assistant.handle(message)) as parts:
        async for _ in parts:
            pass  # the command that asked is over


async def _prepared(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage | None:
    """A message as the assistant takes it; None where the bot is silent."""
    message = await _read(services, workspace, heard)
    if not message.addressed:
        return message
    policy = await services.policies.of(PLATFORM, workspace.guild_id)
    if not may_be_answered(message, policy):
        return None
    if not (message.text or heard.said.files):
        return replace(message, text="/help")
    return message


def _looking(services: Services) -> Looking:
    return Looking(
        services.files,
        services.directory,
        earlier=services.settings.context_messages if services.settings.context else 0,
        sees_images=services.openai.images,
    )


async def _still_around(services: Services, workspace: Workspace, message: IncomingMessage) -> Surroundings:
    """What stands beside a message that an earlier run took in, as far as the app may read it again."""
    channel_id, _, ts = message.source_id.rpartition(":")
    told = await _looked_up(workspace, channel_id, ts, message.place.thread_id)
    said = said_in(told, channel_id) if told is not None else None
    return await _looking(services).around(said, message.place, workspace) if said is not None else Surroundings()


async def _read(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage:
    """A message, with who said it and where; all that Slack has to be asked for that is asked for at once."""
    said, directory = heard.said, services.directory
    user_ids, channel_ids = named_in(said.text)
    channel, person, names = await asyncio.gather(
        directory.channel(workspace, said.channel_id, heard.channel_type),
        directory.person(workspace, said.user_id),
        directory.names(workspace, user_ids, channel_ids),
    )
    if heard.is_shared:
        channel = replace(channel, is_shared=True)
    if channel.is_shared and not workspace.is_home_of(said.home):
        person = replace(person, is_admin=False, is_outsider=True)
    is_direct = channel.kind is PlaceKind.DM
    # What is said to the bot in a channel begins a thread, in which the conversation goes on.
    thread_ts = said.thread_ts or (None if is_direct else said.ts)
    text = text_of(said.text, workspace.user_id, names)
    if heard.is_mention or is_direct:
        text = spoken_command(text)
    if text.startswith("/settings "):  # channels are meant by their ids, which nobody reads
        people = {user_id: name for user_id, name in names.items() if user_id not in channel_ids}
        text = spoken_command(text_of(said.text, workspace.user_id, people))
    place = place_of(said.channel_id, channel, thread_ts)
    return incoming(said, text, person, place, workspace, addressed=heard.addressed)


async def _give(services: Services, spot: Spot, shown: ShownReply, parts: _Parts, sign: Sign | None) -> None:
    """Show a reply to its end, or to where it is ended; what is overheard has no sign."""
    try:
        async with services.running.begun(spot.user_id, spot.source_id, spot.thread) as running:
            if sign is not None and not spot.is_direct and spot.thread_ts is not None:
                # At once, since more may be said there meanwhile; not waited for, since other messages follow in order.
                services.tasks.start("slack thread", services.threads.joins(spot.channel_id, spot.thread_ts))
            await _show(shown, parts, sign)
    except TimeoutError:
        if running.ending is None:
            raise
        if running.ending is Ending.WITHDRAWN:
            await shown.take_back()
        elif shown.visible:
            await shown.finish(ReplyEnd(failed=True), _NOTES[running.ending])
    finally:
        if sign is not None:
            await sign.end()


async def _show(shown: ShownReply, parts: _Parts, sign: Sign | None) -> None:
    async with aclosing(parts):
        async for part in parts:
            try:
                await shown.show(part)
                if sign is not None and isinstance(part, ReplyEnd):
                    await sign.end()  # before the reply counts as given: a run that is killed here would leave it up
            except (Gone, Refused, Unsure):
                raise  # shown as far as it ever will be
            except PlatformError as error:
                await parts.athrow(error)  # the assistant is to know that it was not delivered; gives it back


async def _guarded(
    spot: Spot | None, source_id: str, work: Awaitable[_Result], shown: ShownReply | None = None
) -> _Result | None:
    """Do work for a reply; whatever goes wrong, the person gets an answer and the bot lives on.

    Args:
        spot: where to say so; None when nobody waits.
        shown: the reply, if some of it may stand there already.
    """
    try:
        return await work
    except Gone:
        log.info("the reply to message %s, or its channel, was deleted", source_id)
    except PlatformError as error:
        log.warning("the reply to message %s was not delivered: %s", source_id, error)
    except Exception as error:  # noqa: BLE001 - a person always gets an answer
        reference = secrets.token_hex(3)
        # The type alone: texts of foreign errors may hold what people said.
        log.error("the reply to message %s failed (%s): %s", source_id, reference, type(error).__name__)
        if spot is not None:
            await _apologise(spot, _FAILED.format(reference=reference), shown)
    return None


async def _apologise(spot: Spot, line: str, shown: ShownReply | None) -> None:
    try:
        if shown is not None and shown.visible:
            await shown.finish(ReplyEnd(failed=True), line)
        else:
            await safe_post(spot, Content(line), f"{spot.key}#failed")
    except PlatformError as error:
        log.warning("nor could that be told: %s", error)


async def _looked_up(workspace: Workspace, channel_id: str, ts: str, thread_ts: str | None) -> Json | None:
    """A message as Slack has it; None when it is gone, or where the app may not read it."""
    try:
        told = await messages_of(workspace, channel_id, thread_ts, limit=2, oldest=ts, latest=ts, inclusive=True)
    except PlatformError:
        return None
    return next((message for message in told if message["ts"] == ts), None)
