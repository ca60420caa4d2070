"""From a message to its reply: looks around it, asks the assistant, and shows what comes back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

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
from adapters.slack.workspaces import Workspace
from bot.errors import PlatformError
from bot.lanes import Busy
from bot.types import IncomingMessage, MessagesDeleted, PlaceKind, ReplyEnd, Scope

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

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


async def take(services: Services, workspace: Workspace, heard: Heard) -> None:
    """Answer a message, or let it be overheard, after those that its author sent before.

    Raises:
        StoreError: what the guild's admins chose could not be read.
    """
    said = heard.said
    spot = Spot.beside(said, workspace) if heard.addressed else None
    try:
        with services.order.ticket(Scope(PLATFORM, workspace.guild_id, said.user_id)) as ticket:
            await ticket.turn()
            message = await _guarded(spot, said.source_id, _prepared(services, workspace, heard))
    except Busy:
        log.warning("message %s was passed over: too many wait already", said.source_id)
        return
    if message is not None:
        await reply(services, workspace, message)


async def follow(services: Services, workspace: Workspace, heard: Heard) -> None:
    """Let an edit follow its message, which the assistant has to have first.

    Raises:
        StoreError: what was learned could not be changed.
    """
    message = await _read(services, workspace, heard)
    with suppress(Busy), services.order.ticket(message.scope) as ticket:
        await ticket.turn()
    await services.assistant.edited(edit_of(message, heard.said.edited_ts))
    await refreshed(services, workspace, message.scope)


async def unlearn(services: Services, workspace: Workspace, source_id: str, author_id: str) -> None:
    """Forget what a deleted message taught.

    Args:
        author_id: whose home tab shows it; empty when the event does not say.

    Raises:
        StoreError: it could not be forgotten.
    """
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
    await reply(services, workspace, replace(prepared, dedupe_key=f"{prepared.dedupe_key}:again:{again}", again=True))
    return True


async def reply(services: Services, workspace: Workspace, message: IncomingMessage, *, resumes: bool = False) -> None:
    """Show the assistant's reply to a message.

    Args:
        resumes: an earlier run may have shown some of it.
    """
    spot = Spot.of(message, workspace)
    shown = ShownReply(message, spot, services, resumes=resumes)
    try:
        await _guarded(spot, message.source_id, _give(services, message, spot, shown, resumes=resumes), shown)
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
        await reply(services, workspace, message, resumes=True)
        return
    async with aclosing(services.assistant.handle(message)) as parts:
        async for _ in parts:
            pass  # the command that asked is over


async def _prepared(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage | None:
    """A message with what stands beside it; None where the bot is silent."""
    message = await _read(services, workspace, heard)
    if not message.addressed:
        return message
    policy = await services.policies.of(PLATFORM, workspace.guild_id)
    if not policy.answers_in(message.place):
        return None
    if not (message.text or heard.said.files):
        return replace(message, text="/help")
    looking = Looking(
        services.files,
        services.directory,
        earlier=services.settings.context_messages if services.settings.context else 0,
        sees_images=services.openai.images,
    )
    found = await looking.around(heard.said, message.place, workspace)
    return replace(message, context=found.context, images=found.images)


async def _read(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage:
    """A message as the assistant takes it, without what stands beside it."""
    said, directory = heard.said, services.directory
    channel = await directory.channel(workspace, said.channel_id, heard.channel_type)
    person = await directory.person(workspace, said.user_id)
    if heard.is_shared:
        channel = replace(channel, is_shared=True)
    if channel.is_shared and not workspace.is_home_of(said.home):
        person = replace(person, is_admin=False, is_outsider=True)
    is_direct = channel.kind is PlaceKind.DM
    # What is said to the bot in a channel begins a thread, in which the conversation goes on.
    thread_ts = said.thread_ts or (None if is_direct else said.ts)
    text = text_of(said.text, workspace.user_id, await directory.names(workspace, *named_in(said.text)))
    if heard.is_mention or is_direct:
        text = spoken_command(text)
    place = place_of(said.channel_id, channel, thread_ts)
    return incoming(said, text, person, place, workspace, addressed=heard.addressed)


async def _give(services: Services, message: IncomingMessage, spot: Spot, shown: ShownReply, *, resumes: bool) -> None:
    """Show a reply to its end, or to where it is ended."""
    title = message.text[:TITLE_CHARACTERS]
    sign = services.signs.begin(spot, title, resumes=resumes) if message.addressed else None
    try:
        async with services.running.begun(message.author.id, message.source_id, spot.thread) as running:
            if message.addressed and not spot.is_direct and spot.thread_ts is not None:
                # At once, since more may be said there meanwhile; not waited for, since other messages follow in order.
                services.tasks.start("slack thread", services.threads.joins(spot.channel_id, spot.thread_ts))
            await _show(services, message, shown)
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


async def _show(services: Services, message: IncomingMessage, shown: ShownReply) -> None:
    async with aclosing(services.assistant.handle(message)) as parts:
        async for part in parts:
            try:
                await shown.show(part)
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
