"""What can be done from a message's menu, and from the menu beside the composer."""

from __future__ import annotations

from functools import partial

from adapters.slack.history import messages_of
from adapters.slack.interface.commands import FORGET_FROM_THIS, MY_MEMORY, REMEMBER_THIS
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.marks import blocks_for
from adapters.slack.interface.memory_list import TITLE, Listing, memory_screen
from adapters.slack.interface.responding import Response, Said, Shown
from adapters.slack.interface.uses import Use, Uses
from adapters.slack.reading import Json, named_in, said_in, text_of
from adapters.slack.reading import Said as Message
from adapters.slack.sending import Question, question_of
from adapters.slack.services import Services
from bot.errors import PlatformError

_ONLY_THEY = "Only whoever wrote a message can have me remember it, so I have not kept this one."
_NO_TEXT = "That message has no words of yours that I could remember."
_FORGET_OWN = "I forget only what came from your own messages, or from those that I answered for you."
_UNTOLD = "I can't tell which message that answers. Use this on your own message instead."


async def _remember_this(services: Services, interaction: Interaction, _: str) -> Response:
    """Keep the text of the asker's own message; it follows when that is changed or deleted."""
    said = _own(interaction)
    if said is None:
        return Said(_ONLY_THEY)
    workspace = interaction.workspace
    names = await services.directory.names(workspace, *named_in(said.text))
    text = text_of(said.text, workspace.user_id, names)
    if not text:
        return Said(_NO_TEXT)
    told = await tell(services, interaction, "remember", text, source=said)
    return Said(told.whole, blocks_for(told.end, interaction.user_id, said.source_id, services))


async def _forget_from_this(services: Services, interaction: Interaction, _: str) -> Response:
    """Forget what the asker's own message taught, or the one that was answered here."""
    said = _own(interaction)
    if said is not None:
        return Said(await services.bot.panel.undo(interaction.scope, said.source_id))
    if (interaction.message or {}).get("user") != interaction.workspace.user_id:
        return Said(_FORGET_OWN)
    question = await _answered(interaction)
    if question is None:
        return Said(_UNTOLD)
    if question.asker_id != interaction.user_id:
        return Said(_FORGET_OWN)
    return Said(await services.bot.panel.undo(interaction.scope, question.source_id))


async def _my_memory(services: Services, interaction: Interaction, _: str) -> Response:
    return Shown(partial(memory_screen, services, interaction.workspace, interaction.scope, Listing()))


def _own(interaction: Interaction) -> Message | None:
    said = said_in(interaction.message or {}, interaction.channel_id)
    return said if said is not None and said.user_id == interaction.user_id else None


async def _answered(interaction: Interaction) -> Question | None:
    """The message that a reply of the bot answers; None when neither the reply nor Slack tells."""
    message = interaction.message or {}
    if (told := question_of(message) or _by_buttons(message)) is not None:
        return told
    ts, thread_ts, channel_id = str(message.get("ts")), message.get("thread_ts"), interaction.channel_id
    bounds = {"oldest": ts, "latest": ts, "inclusive": True, "include_all_metadata": True}
    try:
        found = await messages_of(interaction.workspace, channel_id, thread_ts, limit=2, **bounds)
    except PlatformError:  # the app may not read there
        return None
    return next((question_of(one) for one in found if one["ts"] == ts), None)


def _by_buttons(message: Json) -> Question | None:
    """What a reply of an earlier version answers, whose metadata does not say: the buttons under it do, if any."""
    values = [
        str(element.get("value") or "").split("/")
        for block in message.get("blocks") or ()
        for element in block.get("elements") or ()
        if element.get("action_id") in ("undo", "why", "again")
    ]
    return next((Question(value[0], value[1]) for value in values if len(value) == 2), None)


SHORTCUTS: Uses = {
    REMEMBER_THIS.callback_id: Use(_remember_this),
    FORGET_FROM_THIS.callback_id: Use(_forget_from_this),
    MY_MEMORY.callback_id: Use(_my_memory, opens=TITLE),
}
