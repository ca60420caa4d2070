"""Hears what Slack tells of: decides which messages are for the bot, and hands them on. Everything is acknowledged."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from time import time
from typing import TypeAlias

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from adapters.slack.answering import follow, take, unlearn
from adapters.slack.channels import channel_gone, channel_moved
from adapters.slack.preparing import Heard
from adapters.slack.reading import PLATFORM, Json, Said, changed_in, deleted_in, is_stamp, names_bot, said_in
from adapters.slack.removal import Membership, takes_bot_away
from adapters.slack.services import Services
from adapters.slack.spot import thread_name
from adapters.slack.workspaces import Workspace

log = logging.getLogger(__name__)

ACKNOWLEDGED_S = 2.5
"""Seconds after which work on an event is not waited for any more: Slack takes no acknowledgement after three
(https://docs.slack.dev/apis/events-api/#responding), and sends the event again."""

_AGAIN = 503
"""Says over HTTP that the event is not acknowledged; by a socket nothing is sent then."""

_ANYTHING = re.compile("")

_Taken: TypeAlias = Callable[[], None]
_Work: TypeAlias = Callable[[_Taken], Coroutine[object, object, None]]


def listen(app: AsyncApp, services: Services, membership: Membership, on_removed: Callable[[], None]) -> None:
    """Register what is done about events.

    The library runs the first listener that fits, and acknowledges the event when that is through, unless it returns
    something else.

    Args:
        on_removed: called when a workspace that is served has removed the app and is forgotten.
    """
    ears = _Ears(app, services, membership, on_removed)
    app.event("app_mention")(ears.mentioned)
    app.event("message")(ears.said)
    app.event("agent_session_stopped")(ears.stopped)
    app.event("channel_deleted")(ears.channel_deleted)
    app.event("group_deleted")(ears.channel_deleted)
    app.event("channel_id_changed")(ears.channel_renamed)
    app.event("app_uninstalled")(ears.removed)
    app.event("tokens_revoked")(ears.removed)


def listen_to_the_rest(app: AsyncApp) -> None:
    """Take every event that nothing was registered for until now: without a listener none is acknowledged."""
    app.event(_ANYTHING)(_nothing)


class _Ears:
    """The listeners of one app. Each hands its work to the task runner, and is through once the event is safe.

    What is acknowledged never comes again, also when the bot is killed the next moment.
    """

    def __init__(
        self, app: AsyncApp, services: Services, membership: Membership, on_removed: Callable[[], None]
    ) -> None:
        self._app = app
        self._services = services
        self._membership = membership
        self._on_removed = on_removed

    async def mentioned(self, event: Json, body: Json, context: AsyncBoltContext) -> BoltResponse | None:
        """Somebody mentioned the bot in a channel."""
        said = said_in(event)
        if said is None:
            return None
        heard = Heard(said, is_shared=_is_shared(body), is_mention=True)
        return await self._take(self._services.workspaces.heard(context), heard)

    async def said(self, event: Json, body: Json, context: AsyncBoltContext) -> BoltResponse | None:
        """Somebody said, changed or deleted something."""
        workspace = self._services.workspaces.heard(context)
        if deleted_ts := deleted_in(event):
            return await self._deleted(workspace, deleted_ts, event)
        is_change = event.get("subtype") == "message_changed"
        said = changed_in(event) if is_change else said_in(event)
        if said is None:
            return None
        is_mention = names_bot(said.text, workspace.user_id)
        heard = Heard(said, str(event.get("channel_type") or ""), _is_shared(body), is_mention)
        if is_change:
            heard = replace(
                heard, addressed=heard.channel_type == "im" or is_mention or self._takes_part(workspace, said)
            )
            return await self._safe("edit", partial(follow, self._services, workspace, heard))
        return await self._hear(workspace, heard, has_files=event.get("subtype") == "file_share")

    async def stopped(self, event: Json) -> None:
        """Somebody pressed the button of Slack's own that stops an agent's answer."""
        thread = thread_name(str(event.get("channel")), str(event.get("thread_ts")))
        self._services.running.stop(str(event.get("user")), thread)

    async def channel_deleted(self, event: Json, context: AsyncBoltContext) -> BoltResponse | None:
        """A channel that the bot was in is gone, with all that was said there."""
        guild_id, channel_id = self._services.workspaces.heard(context).guild_id, str(event.get("channel") or "")
        return await self._done("channel", channel_gone(self._services, guild_id, channel_id))

    async def channel_renamed(self, event: Json, context: AsyncBoltContext) -> BoltResponse | None:
        """A channel has another id from now on, since it is shared with another organisation."""
        guild_id = self._services.workspaces.heard(context).guild_id
        old_id, new_id = str(event.get("old_channel_id") or ""), str(event.get("new_channel_id") or "")
        at = str(event.get("event_ts") or "")
        if not (old_id and new_id and is_stamp(at)):
            return None
        self._services.moves.note(old_id, new_id, at)
        return await self._done("channel", channel_moved(self._services, guild_id, old_id, new_id))

    async def removed(self, event: Json, body: Json, context: AsyncBoltContext) -> BoltResponse | None:
        """A workspace removed the app, or took its token away."""
        at = float(body.get("event_time") or 0) or time()
        return await self._done("removal", self._remove(context, at)) if takes_bot_away(event) else None

    async def _remove(self, context: AsyncBoltContext, at: float) -> None:
        if await self._membership.removed(self._app, context, at):
            self._on_removed()

    async def _hear(self, workspace: Workspace, heard: Heard, *, has_files: bool) -> BoltResponse | None:
        """Take a message if it is for the bot, or to be overheard."""
        if heard.channel_type == "im":
            return await self._take(workspace, heard)
        if heard.is_mention:  # it comes as a mention too, but not always with its files: what comes twice is taken once
            return await self._take(workspace, heard) if has_files else None
        if heard.said.text or heard.said.files:
            return await self._safe("message", partial(self._consider, workspace, heard))
        return None

    async def _consider(self, workspace: Workspace, heard: Heard, taken: _Taken) -> None:
        """Take what is said in a thread that the bot takes part in, or in a channel in which it is to listen."""
        said = heard.said
        policy = await self._services.bot.policies.of(PLATFORM, workspace.guild_id)
        if self._takes_part(workspace, said) and said.channel_id not in policy.strict:
            await take(self._services, workspace, heard, taken)
        elif said.channel_id in policy.listening and said.text:
            await take(self._services, workspace, replace(heard, addressed=False), taken)
        else:
            taken()

    def _takes_part(self, workspace: Workspace, said: Said) -> bool:
        """Whether something is said in a thread that the bot began or wrote in."""
        if said.thread_ts is None:
            return False
        is_ours = said.parent_user_id == workspace.user_id
        return is_ours or self._services.threads.takes_part(said.channel_id, said.thread_ts)

    async def _take(self, workspace: Workspace, heard: Heard) -> BoltResponse | None:
        self._services.tasks.start("slack membership", self._membership.present(workspace.guild_id))
        return await self._safe("message", partial(take, self._services, workspace, heard))

    async def _deleted(self, workspace: Workspace, deleted_ts: str, event: Json) -> BoltResponse | None:
        channel_id = str(event.get("channel") or "")
        source_id = self._services.moves.source_id(channel_id, deleted_ts)
        self._services.running.withdraw({source_id, f"{channel_id}:{deleted_ts}"})
        return await self._safe("deletion", partial(unlearn, self._services, workspace, source_id))

    async def _done(self, what: str, work: Coroutine[object, object, None]) -> BoltResponse | None:
        """Do all of a work before the event is acknowledged."""

        async def done(taken: _Taken) -> None:
            await work
            taken()

        return await self._safe(what, done)

    async def _safe(self, what: str, work: _Work) -> BoltResponse | None:
        """Start a work, and wait until it says that Slack may forget the event; if it ends without, it comes again."""
        safe: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def settle(*, is_safe: bool) -> None:
            if not safe.done():
                safe.set_result(is_safe)

        task = self._services.tasks.start(f"slack {what}", work(partial(settle, is_safe=True)))
        task.add_done_callback(lambda _: settle(is_safe=False))
        try:
            async with asyncio.timeout(ACKNOWLEDGED_S):
                return None if await safe else BoltResponse(status=_AGAIN)
        except TimeoutError:
            return BoltResponse(status=_AGAIN)


def _is_shared(body: Json) -> bool:
    """Tell whether people of another organisation read along."""
    return bool(body.get("is_ext_shared_channel"))


async def _nothing() -> None:
    """For an event that needs nothing but its acknowledgement."""
