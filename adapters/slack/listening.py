"""Hears what Slack tells of: decides which messages are for the bot, and hands them on. Everything is acknowledged."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.answering import Heard, follow, take, unlearn
from adapters.slack.reading import PLATFORM, Json, changed_in, deleted_in, names_bot, said_in
from adapters.slack.removal import Membership, takes_bot_away
from adapters.slack.services import Services
from adapters.slack.spot import thread_name
from adapters.slack.workspaces import Workspace

log = logging.getLogger(__name__)

_ANYTHING = re.compile("")


def listen(app: AsyncApp, services: Services, on_removed: Callable[[], None]) -> None:
    """Register what is done about events.

    The library acknowledges an event before its listener runs, and runs the first listener that fits.

    Args:
        on_removed: called when a workspace has removed the app and is forgotten.
    """
    ears = _Ears(app, services, on_removed)
    app.event("app_mention")(ears.mentioned)
    app.event("message")(ears.said)
    app.event("agent_session_stopped")(ears.stopped)
    app.event("app_uninstalled")(ears.removed)
    app.event("tokens_revoked")(ears.removed)


def listen_to_the_rest(app: AsyncApp) -> None:
    """Take every event that nothing was registered for until now: without a listener none is acknowledged."""
    app.event(_ANYTHING)(_nothing)


class _Ears:
    """The listeners of one app. Each hands its work to the task runner and returns."""

    def __init__(self, app: AsyncApp, services: Services, on_removed: Callable[[], None]) -> None:
        self._app = app
        self._services = services
        self._membership = Membership(services)
        self._on_removed = on_removed

    async def mentioned(self, event: Json, body: Json, context: AsyncBoltContext) -> None:
        """Somebody mentioned the bot in a channel."""
        said = said_in(event)
        if said is not None:
            heard = Heard(said, is_shared=_is_shared(body), is_mention=True)
            self._take(self._services.workspaces.heard(context), heard)

    async def said(self, event: Json, body: Json, context: AsyncBoltContext) -> None:
        """Somebody said, changed or deleted something."""
        workspace, services = self._services.workspaces.heard(context), self._services
        channel_type = str(event.get("channel_type") or "")
        match event.get("subtype"):
            case "message_deleted" | "message_changed" if deleted_ts := deleted_in(event):
                self._deleted(workspace, f"{event.get('channel')}:{deleted_ts}", event)
            case "message_changed":
                said = changed_in(event)
                if said is not None:
                    is_mention = names_bot(said.text, workspace.user_id)
                    heard = Heard(said, channel_type, _is_shared(body), is_mention)
                    self._start("edit", follow(services, workspace, heard))
            case _:
                said = said_in(event)
                if said is not None:
                    is_mention = names_bot(said.text, workspace.user_id)
                    heard = Heard(said, channel_type, _is_shared(body), is_mention)
                    self._hear(workspace, heard, has_files=event.get("subtype") == "file_share")

    async def stopped(self, event: Json) -> None:
        """Somebody pressed the button of Slack's own that stops an agent's answer."""
        thread = thread_name(str(event.get("channel")), str(event.get("thread_ts")))
        self._services.running.stop(str(event.get("user")), thread)

    async def removed(self, event: Json, context: AsyncBoltContext) -> None:
        """A workspace removed the app, or took its token away."""
        if takes_bot_away(event):
            self._start("removal", self._remove(context))

    async def _remove(self, context: AsyncBoltContext) -> None:
        await self._membership.removed(self._app, context)
        self._on_removed()

    def _hear(self, workspace: Workspace, heard: Heard, *, has_files: bool) -> None:
        """Take a message if it is for the bot, or to be overheard."""
        if heard.channel_type == "im":
            self._take(workspace, heard)
        elif heard.is_mention:
            if has_files:  # not every mention with files comes as one; what comes twice is answered once
                self._take(workspace, heard)
        elif heard.said.text or heard.said.files:
            self._start("message", self._consider(workspace, heard))

    async def _consider(self, workspace: Workspace, heard: Heard) -> None:
        """Take what is said in a thread that the bot takes part in, or in a channel in which it is to listen."""
        said, threads = heard.said, self._services.threads
        policy = await self._services.policies.of(PLATFORM, workspace.guild_id)
        takes_part = said.thread_ts is not None and (
            said.parent_user_id == workspace.user_id or threads.takes_part(said.channel_id, said.thread_ts)
        )
        if takes_part and said.channel_id not in policy.strict:
            self._take(workspace, heard)
        elif said.channel_id in policy.listening and said.text:
            self._take(workspace, replace(heard, addressed=False))

    def _take(self, workspace: Workspace, heard: Heard) -> None:
        self._start("message", take(self._services, workspace, heard))
        self._start("membership", self._membership.present(workspace.guild_id))

    def _deleted(self, workspace: Workspace, source_id: str, event: Json) -> None:
        self._services.running.withdraw([source_id])
        author_id = str((event.get("previous_message") or {}).get("user") or "")
        self._start("deletion", unlearn(self._services, workspace, source_id, author_id))

    def _start(self, what: str, work: Coroutine[object, object, None]) -> None:
        self._services.tasks.start(f"slack {what}", work)


def _is_shared(body: Json) -> bool:
    """Tell whether people of another organisation read along."""
    return bool(body.get("is_ext_shared_channel"))


async def _nothing() -> None:
    """For an event that needs nothing but its acknowledgement."""
