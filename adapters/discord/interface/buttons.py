"""What the buttons under a reply do; `marks` puts them there."""

from __future__ import annotations

import discord

from adapters.discord.answering import answer
from adapters.discord.interface.interactions import scope_here
from adapters.discord.interface.presses import Press, Verb, Verbs, without
from adapters.discord.interface.responding import Changed, Response, Said, Unchanged

_STOPPED_ALREADY = "That answer is finished already."
_GONE = "I can't find that message any more, so I can't answer it again."


async def _undo(press: Press) -> Response:
    said = await press.services.panel.undo(scope_here(press.interaction), press.about[0])
    return _struck(press, said, "undo")


async def _keep(press: Press) -> Response:
    return await _decided(press, keep=True)


async def _decline(press: Press) -> Response:
    return await _decided(press, keep=False)


async def _decided(press: Press, *, keep: bool) -> Response:
    scope = scope_here(press.interaction)
    said = await press.services.panel.decide(scope, int(press.about[0]), keep=keep)
    return _struck(press, said, "keep", "decline")


def _struck(press: Press, said: str, *verbs: str) -> Response:
    """The message without the buttons that are done with, and what was done, for the asker alone."""
    message = press.interaction.message
    return Changed(None, without(message, *verbs) if message else None, aside=said)


async def _why(press: Press) -> Response:
    return Said(await press.services.panel.why(scope_here(press.interaction), press.about[0]))


async def _stop(press: Press) -> Response:
    stopped = press.services.running.stop(press.owner_id, press.about[0])
    return Unchanged() if stopped else Said(_STOPPED_ALREADY)


async def _again(press: Press) -> Response:
    interaction, services = press.interaction, press.services
    message = await _source(interaction.channel, int(press.about[0]))
    if message is None or str(message.author.id) != press.owner_id:
        return Said(_GONE)
    work = answer(services, interaction.client, message, again=str(interaction.id))
    services.tasks.start("answer again", work)
    return Unchanged()


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
