"""What can be done from a message's menu, and from the menu beside the composer."""

from __future__ import annotations

from functools import partial

from adapters.slack.interface.commands import FORGET_FROM_THIS, MY_MEMORY, REMEMBER_THIS
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.marks import blocks_for
from adapters.slack.interface.memory_list import TITLE, Listing, memory_screen
from adapters.slack.interface.responding import Response, Said, Shown
from adapters.slack.interface.uses import Use, Uses
from adapters.slack.reading import Said as Message
from adapters.slack.reading import named_in, said_in, text_of
from adapters.slack.services import Services

_ONLY_THEY = "Only whoever wrote a message can have me remember it, so I have not kept this one."
_NO_TEXT = "That message has no words of yours that I could remember."
_FORGET_OWN = "I forget only what came from your own messages, or from those that I answered for you."


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
    return Said(told.text, blocks_for(told.end, interaction.user_id, said.source_id, services, again=False))


async def _forget_from_this(services: Services, interaction: Interaction, _: str) -> Response:
    """Forget what the asker's own message taught, or the one that was answered here."""
    said = _own(interaction)
    source_id = said.source_id if said is not None else _answered(interaction)
    return Said(await services.panel.undo(interaction.scope, source_id) if source_id else _FORGET_OWN)


async def _my_memory(services: Services, interaction: Interaction, _: str) -> Response:
    return Shown(partial(memory_screen, services, interaction.workspace, interaction.scope, Listing()))


def _own(interaction: Interaction) -> Message | None:
    said = said_in(interaction.message or {}, interaction.channel_id)
    return said if said is not None and said.user_id == interaction.user_id else None


def _answered(interaction: Interaction) -> str:
    """The asker's message that a reply of the bot answers, as the buttons under it tell; empty when none do."""
    message = interaction.message or {}
    if message.get("user") != interaction.workspace.user_id:
        return ""
    values = [
        str(element.get("value") or "").split("/")
        for block in message.get("blocks") or ()
        for element in block.get("elements") or ()
        if element.get("action_id") in ("undo", "why", "again")
    ]
    return next((value[1] for value in values if len(value) == 2 and value[0] == interaction.user_id), "")


SHORTCUTS: Uses = {
    REMEMBER_THIS.callback_id: Use(_remember_this, changes=True),
    FORGET_FROM_THIS.callback_id: Use(_forget_from_this, changes=True),
    MY_MEMORY.callback_id: Use(_my_memory, opens=TITLE),
}
