"""/export: everything that is kept of a person, as a file in direct messages."""

from __future__ import annotations

from adapters.slack.faults import Refused, our_errors
from adapters.slack.filing import NO_FILES, SHOWN_CHARACTERS, beginning_of, upload
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.presses import Press, Verb, Verbs
from adapters.slack.interface.responding import Response, Said
from adapters.slack.services import Services
from bot.events import ReplyFile

_SENT = "Everything I keep about you is in our direct messages, as a file."
_ELSEWHERE = f"{NO_FILES} /export shows what fits into messages."


async def export(services: Services, interaction: Interaction) -> Response:
    """Return where everything of the asker is, or as much of it as can be shown."""
    told = await tell(services, interaction, "export")
    if told.file is None:  # a line says why there is nothing
        return Said(told.whole)
    try:
        await _sent(interaction, told.file)
    except Refused:
        if interaction.view is not None:
            return Said(_ELSEWHERE)
        return Said(beginning_of(told.file, SHOWN_CHARACTERS), is_exact=True)
    return Said(_SENT)


async def _sent(interaction: Interaction, file: ReplyFile) -> None:
    with our_errors("the direct messages of somebody"):
        opened = await interaction.client.conversations_open(users=[interaction.user_id])
    channel_id = str((opened.get("channel") or {}).get("id"))
    await upload(interaction.client, channel_id, file, comment=file.about)


async def _export(press: Press) -> Response:
    return await export(press.services, press.interaction)


VERBS: Verbs = {"export": Verb(_export)}
