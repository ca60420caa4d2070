"""What a message is to the assistant: who says it, where, in which words, and what stands beside it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from adapters.slack.context import Looking
from adapters.slack.history import messages_of
from adapters.slack.interface.keywords import spoken_command
from adapters.slack.reading import PLATFORM, Json, Said, incoming, named_in, place_of, said_in, text_of
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace
from bot.calling import may_be_answered
from bot.errors import PlatformError
from bot.events import IncomingMessage, Surroundings
from bot.protocols import LookAround
from bot.types import Place, PlaceKind


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


async def prepared(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage | None:
    """A message as the assistant takes it; None where the bot is silent."""
    message = await read(services, workspace, heard)
    if not message.addressed:
        return message
    policy = await services.bot.policies.of(PLATFORM, workspace.guild_id)
    if not may_be_answered(message, policy):
        return None
    if not (message.text or heard.said.files):
        return replace(message, text="/help")
    return message


def beside(services: Services, workspace: Workspace, said: Said, place: Place) -> LookAround:
    """Return what gives the surroundings of a message, when it is asked."""
    return partial(_looking(services).around, said, place, workspace)


def _looking(services: Services) -> Looking:
    return Looking(
        services.files,
        services.directory,
        earlier=services.settings.context_messages if services.settings.context else 0,
        sees_images=services.bot.openai.images,
    )


async def still_around(services: Services, workspace: Workspace, message: IncomingMessage) -> Surroundings:
    """What stands beside a message that an earlier run took in, as far as the app may read it again."""
    channel_id, _, ts = message.source_id.rpartition(":")
    told = await looked_up(workspace, channel_id, ts, message.place.thread_id)
    said = said_in(told, channel_id) if told is not None else None
    return await beside(services, workspace, said, message.place)() if said is not None else Surroundings()


async def read(services: Services, workspace: Workspace, heard: Heard) -> IncomingMessage:
    """A message, with who said it and where; all that Slack has to be asked for that is asked for at once."""
    said, directory = heard.said, services.directory
    user_ids, channel_ids = named_in(said.text)
    channel, person, names = await asyncio.gather(
        directory.channel(workspace, said.channel_id, heard.channel_type),
        directory.person(workspace, said.user_id),
        directory.names(workspace, [one for one in user_ids if one != workspace.user_id], channel_ids),
    )
    if heard.is_shared:
        channel = replace(channel, is_shared=True)
    if channel.is_shared and not workspace.is_home_of(said.home):
        person = replace(person, is_admin=False, is_outsider=True)
    is_direct = channel.kind is PlaceKind.DM
    # What is said to the bot in a channel begins a thread, in which the conversation goes on.
    thread_ts = said.thread_ts or (None if is_direct else said.ts)
    text = text_of(said.text, workspace.user_id, names)
    if heard.addressed:
        text = spoken_command(text)
    if text.startswith("/settings "):  # channels are meant by their ids, which nobody reads
        people = {user_id: name for user_id, name in names.items() if user_id not in channel_ids}
        text = spoken_command(text_of(said.text, workspace.user_id, people))
    place = place_of(said.channel_id, channel, thread_ts)
    return incoming(said, text, person, place, workspace, addressed=heard.addressed)


async def looked_up(workspace: Workspace, channel_id: str, ts: str, thread_ts: str | None) -> Json | None:
    """A message as Slack has it; None when it is gone, or where the app may not read it."""
    try:
        told = await messages_of(workspace, channel_id, thread_ts, limit=2, oldest=ts, latest=ts, inclusive=True)
    except PlatformError:
        return None
    return next((message for message in told if message["ts"] == ts), None)
