"""What the buttons under a reply do; `marks` puts them there."""

from __future__ import annotations

import discord
from discord.utils import escape_markdown

from adapters.discord.answering import HasAnswering, answer
from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import place_here, scope_here
from adapters.discord.interface.presses import Press, Verb, Verbs, without
from adapters.discord.interface.responding import Changed, Response, Said, Unchanged
from adapters.discord.interface.sources import linked
from adapters.discord.reading import text_of
from adapters.discord.sending import MESSAGE_CHARACTERS
from adapters.discord.services import PLATFORM
from bot.commands.parse import parse

_STOPPED_ALREADY = "That answer is finished already."
_GONE = "I can't find that message any more, so I can't answer it again."
_A_COMMAND = "That was a command, and I don't do it a second time by itself. Give it again if you mean it."
_NOT_HERE = "I am not to be used here any more: this server's admins chose other channels."
_MAY_NOT_WRITE = "I may not write in this channel, so I can't answer again here."
_MUTED = "I could not write in this channel a moment ago, so I leave it alone for ten minutes. Please try again then."

_QUESTION = "Shall I remember that?"
"""Begins the line under which the buttons for yes and no stand; see `bot.commands.keeping`."""
_TAKEN_BACK = "taken back"


async def _undo(press: Press) -> Response:
    said = await press.services.bot.panel.undo(scope_here(press.interaction), press.about[0])
    message = _pressed(press)
    # What it was, which may have been said elsewhere, is for the asker alone.
    return _changed(message, f"{message.content}\n-# {_TAKEN_BACK}", "undo", aside=escape_markdown(said))


async def _keep(press: Press) -> Response:
    return await _decided(press, keep=True)


async def _decline(press: Press) -> Response:
    return await _decided(press, keep=False)


async def _decided(press: Press, *, keep: bool) -> Response:
    said = await press.services.bot.panel.decide(scope_here(press.interaction), int(press.about[0]), keep=keep)
    message = _pressed(press)
    return _changed(message, _answered(message.content, said), "keep", "decline")


def _answered(text: str, said: str) -> str:
    """A message with what was decided in place of its question, or of the first of several."""
    lines = text.splitlines()
    asking = [number for number, line in enumerate(lines) if line.removeprefix("-# ").startswith(_QUESTION)]
    kept = [line for number, line in enumerate(lines) if number not in asking[:1]]
    return "\n".join([*kept, f"-# {said}"])


def _pressed(press: Press) -> discord.Message:
    """The message that a button stands under, which comes with every press."""
    message = press.interaction.message
    if message is None:
        raise TypeError("expected a button's interaction, found one without a message")
    return message


def _changed(message: discord.Message, text: str, *verbs: str, aside: str = "") -> Changed:
    """The message with another text, if that fits into one, and without the buttons that are done with."""
    return Changed(text if len(text) <= MESSAGE_CHARACTERS else None, without(message, *verbs), aside=aside)


async def _why(press: Press) -> Response:
    said = await press.services.bot.panel.why(scope_here(press.interaction), press.about[0])
    return Said(await linked(press.interaction, press.services, escape_markdown(said)))


async def _stop(press: Press) -> Response:
    stopped = press.services.running.stop(press.owner_id, press.about[0])
    return Unchanged() if stopped else Said(_STOPPED_ALREADY)


async def _again(press: Press) -> Response:
    interaction, services = press.interaction, press.services
    message = await _source(interaction.channel, int(press.about[0]))
    if message is None or str(message.author.id) != press.owner_id:
        return Said(_GONE)
    if refusal := await _refusal(press, message):
        return Said(refusal)
    work = answer(interaction.client, message, again=str(interaction.id))
    services.tasks.start("answer again", work)
    return Unchanged()


async def _refusal(press: Press, message: discord.Message) -> str:
    """Why a message is not answered anew; empty when it is."""
    interaction = press.interaction
    if parse(text_of(message, interaction.application_id)) is not None:
        return _A_COMMAND
    policy = await press.services.bot.policies.of(PLATFORM, scope_here(interaction).guild_id)
    if not policy.answers_in(place_here(interaction)):
        return _NOT_HERE
    if not _may_write(interaction):
        return _MAY_NOT_WRITE
    client = interaction.client
    is_muted = isinstance(client, HasAnswering) and client.answering.muted(message.channel.id)
    return _MUTED if is_muted else ""


def _may_write(interaction: Interaction) -> bool:
    if interaction.guild_id is None:  # what Discord tells of direct messages leaves out writing there
        return True
    may = interaction.app_permissions
    is_thread = isinstance(interaction.channel, discord.Thread)
    return may.send_messages_in_threads if is_thread else may.send_messages


async def _source(channel: object, message_id: int) -> discord.Message | None:
    if not isinstance(channel, discord.abc.Messageable):
        return None
    try:
        return await channel.fetch_message(message_id)
    except (discord.NotFound, discord.Forbidden):
        return None


VERBS: Verbs = {
    "undo": Verb(_undo),
    "keep": Verb(_keep),
    "decline": Verb(_decline),
    "why": Verb(_why, changes=False),
    "stop": Verb(_stop),
    "again": Verb(_again),
}
