"""/export: everything that is kept of a person, in a message for their eyes only, or as a file in direct messages."""

from __future__ import annotations

from adapters.slack.faults import Refused, our_errors
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.presses import Press, Verb, Verbs
from adapters.slack.interface.responding import MOST_MESSAGES, SECTIONS_EACH, Response, Said
from adapters.slack.services import Services

_MESSAGE = 2500  # characters that are shown in a message
_SHOWN = 2000 * MOST_MESSAGES * SECTIONS_EACH  # characters of which no answer loses any
_NAME = "memories.jsonl"
_COMMENT = "Everything I keep about you, one memory a line."
_SENT = "Everything I keep about you is in our direct messages, as a file."
_NO_FILES = "I may not send files here: the app lacks the permission files:write, which whoever runs me can add."
_ELSEWHERE = f"{_NO_FILES} /export shows what fits into messages."
_FITS = f"{_NO_FILES} This is everything, one memory a line:"
_BEGINNING = f"{_NO_FILES} This is the beginning, {{shown:,}} of {{total:,}} memories:"


async def export(services: Services, interaction: Interaction) -> Response:
    """Return everything of the asker, or where it is."""
    text = (await tell(services, interaction, "export")).text
    if not text.startswith("{"):  # a line that says why there is nothing
        return Said(text)
    if len(text) <= _MESSAGE and interaction.view is None:
        return Said(f"{_COMMENT}\n{text}")
    try:
        await _upload(interaction, text)
    except Refused:
        return Said(_ELSEWHERE if interaction.view is not None else _without_file(text))
    return Said(_SENT)


async def _upload(interaction: Interaction, text: str) -> None:
    with our_errors("the direct messages of somebody"):
        opened = await interaction.client.conversations_open(users=[interaction.user_id])
    with our_errors("a file"):
        await interaction.client.files_upload_v2(
            channel=str((opened.get("channel") or {}).get("id")),
            filename=_NAME,
            content=f"{text}\n",
            initial_comment=_COMMENT,
        )


def _without_file(text: str) -> str:
    lines, shown, room = text.splitlines(), [], _SHOWN
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    first = _FITS if len(shown) == len(lines) else _BEGINNING.format(shown=len(shown), total=len(lines))
    return "\n".join([first, *shown])


async def _export(press: Press) -> Response:
    return await export(press.services, press.interaction)


VERBS: Verbs = {"export": Verb(_export)}
