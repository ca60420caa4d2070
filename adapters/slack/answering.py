"""What is done about a message that came, was changed or deleted, is asked about anew, or was left over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial

from adapters.slack.faults import patiently
from adapters.slack.preparing import Heard, beside, looked_up, prepared, read, still_around
from adapters.slack.reading import PLATFORM, edit_of, said_in
from adapters.slack.replying import guarded, reply
from adapters.slack.services import Services
from adapters.slack.spot import Spot
from adapters.slack.workspaces import Workspace
from bot.errors import PlatformError
from bot.events import IncomingMessage, MessagesDeleted
from bot.lanes import Busy
from bot.types import Scope

log = logging.getLogger(__name__)


async def take(services: Services, workspace: Workspace, heard: Heard, taken: Callable[[], None]) -> None:
    """Answer a message, or let it be overheard, after those that its author sent before.

    Args:
        taken: called once Slack may forget the message: the assistant has it, or need not have it.
    """
    said = heard.said
    spot = Spot.beside(said, workspace) if heard.addressed else None
    try:
        with services.order.ticket(Scope(PLATFORM, workspace.guild_id, said.user_id)) as ticket:
            message = await guarded(spot, said.source_id, prepared(services, workspace, heard))
            await ticket.turn()
    except Busy:
        log.warning("message %s was passed over: too many wait already", said.source_id)
        message = None
    if message is not None:
        await reply(services, workspace, message, beside(services, workspace, said, message.place), taken)
    taken()


async def follow(services: Services, workspace: Workspace, heard: Heard, taken: Callable[[], None]) -> None:
    """Let an edit follow its message, which the assistant has to have first.

    Args:
        taken: called once Slack may forget the edit.

    Raises:
        StoreError: what was learned could not be changed.
    """
    said, scope = heard.said, Scope(PLATFORM, workspace.guild_id, heard.said.user_id)
    source_id = services.moves.source_id(said.channel_id, said.ts)
    with suppress(Busy), services.order.ticket(scope) as ticket:
        await ticket.turn()
    if not await services.assistant.knows(scope, source_id):
        taken()  # of what was never for the bot nothing is looked up
        return
    message = await read(services, workspace, heard)
    edit = edit_of(message, said.edited_ts)
    await services.assistant.edited(replace(edit, source_id=source_id), taken=taken)


async def unlearn(services: Services, workspace: Workspace, source_id: str, taken: Callable[[], None]) -> None:
    """Forget what a deleted message taught.

    Args:
        taken: called once Slack may forget the deletion.

    Raises:
        StoreError: it could not be forgotten.
    """
    await services.assistant.deleted(MessagesDeleted(PLATFORM, workspace.guild_id, (source_id,)))
    taken()


async def answer_again(
    services: Services, workspace: Workspace, source_id: str, *, thread_ts: str | None, user_id: str, again: str
) -> bool:
    """Answer a person's message anew; tell whether it was found, theirs, and where the bot answers.

    Args:
        thread_ts: of the thread that it stands in or began; None outside threads.
        again: what asks for it; the same again is answered once.
    """
    channel_id, _, ts = source_id.rpartition(":")
    told = await looked_up(workspace, channel_id, ts, thread_ts)
    said = said_in(told, channel_id) if told is not None else None
    if said is None or said.user_id != user_id:
        return False
    message = await prepared(services, workspace, Heard(said))
    if message is None:
        return False
    asked = replace(message, dedupe_key=f"{message.dedupe_key}:again:{again}", again=True)
    await reply(services, workspace, asked, beside(services, workspace, said, message.place))
    return True


async def left_over(services: Services, message: IncomingMessage) -> None:
    """Answer a message that an earlier run took in; what only its author may see is done and shown to nobody."""
    if not message.confidential:
        try:
            workspace = await patiently(partial(services.workspaces.of, message.scope.guild_id))
        except PlatformError as error:
            log.warning("message %s was not answered: %s", message.source_id, error)
            return
        await reply(services, workspace, message, partial(still_around, services, workspace, message), resumes=True)
        return
    async with aclosing(services.assistant.handle(message)) as parts:
        async for _ in parts:
            pass  # the command that asked is over
