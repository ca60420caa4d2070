"""A use of the interface as the bot takes it: who uses what and where, and a command with its whole answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.directory import Person
from adapters.slack.reading import Json, Said, place_of, said_at, scope_of
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace
from adapters.telling import Told, told_by
from bot.events import IncomingMessage
from bot.types import BY_COMMAND, Author, Place, PlaceKind, Scope

_SCREEN = Place(PlaceKind.DM, "screen")  # nobody else sees a home tab or a modal


@dataclass(frozen=True, slots=True)
class Interaction:
    """One use of a command, shortcut, button or form.

    channel_id: empty on home tabs and modals. trigger_id: opens a modal, once, within 3 seconds. response_url: takes 5
    messages in 30 minutes, empty where there is none (https://docs.slack.dev/interactivity/handling-user-interaction).
    message, view: what the used element stands in; of a message that only one person sees Slack tells nothing.
    """

    workspace: Workspace
    scope: Scope
    channel_id: str
    thread_ts: str | None
    trigger_id: str
    response_url: str
    message: Json | None
    view: Json | None

    @property
    def client(self) -> AsyncWebClient:
        """The client that acts in the workspace."""
        return self.workspace.client

    @property
    def user_id(self) -> str:
        """Who uses it."""
        return self.scope.user_id

    @property
    def on_home(self) -> bool:
        """Whether it happened on a home tab."""
        return self.view is not None and self.view.get("type") == "home"

    @property
    def source_id(self) -> str:
        """What names it as the source of a memory; it cannot be taken for a message's."""
        return f"{BY_COMMAND}{self.trigger_id}"


def interaction_of(services: Services, context: AsyncBoltContext, body: dict[str, Any]) -> Interaction:
    """Return what a payload tells.

    Raises:
        PlatformError: it belongs to no workspace that the app is installed in.
        ValueError: it names nobody.
    """
    container = body.get("container") or {}
    return Interaction(
        workspace=services.workspaces.heard(context),
        scope=scope_of(context),
        channel_id=context.channel_id or container.get("channel_id") or "",
        thread_ts=context.thread_ts or container.get("thread_ts"),
        trigger_id=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        message=body.get("message"),
        view=body.get("view"),
    )


async def asker(services: Services, interaction: Interaction) -> Person:
    """Return who uses it, as the workspace knows them."""
    return await services.directory.person(interaction.workspace, interaction.user_id)


async def place_here(services: Services, interaction: Interaction) -> Place:
    """Return where it is used. A conversation that the bot is no part of could be anything, so it is private."""
    if not interaction.channel_id:
        return _SCREEN
    channel = await services.directory.channel(interaction.workspace, interaction.channel_id)
    return place_of(interaction.channel_id, channel, interaction.thread_ts)


async def tell(
    services: Services,
    interaction: Interaction,
    command: str,
    text: str = "",
    *,
    options: tuple[tuple[str, str], ...] = (),
    source: Said | None = None,
) -> Told:
    """Give the assistant a command of whoever uses it, and return its whole answer.

    Args:
        text: what the command is about, in the person's words.
        source: the person's own message that the words are from; the interaction itself when not given.
    """
    person = await asker(services, interaction)
    message = IncomingMessage(
        dedupe_key=interaction.source_id,
        scope=interaction.scope,
        place=await place_here(services, interaction),
        author=Author(interaction.user_id, person.name),
        text=text,
        source_id=source.source_id if source else interaction.source_id,
        sent_at=said_at(source.ts) if source else services.bot.clock(),
        command=command,
        options=options,
        confidential=True,
        admin=person.is_admin,
        outsider=person.is_outsider,
        unidentified=not person.is_known,
    )
    return await told_by(services.assistant, message)
