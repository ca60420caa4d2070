"""What the buttons under a reply do; `marks` puts them there."""

from __future__ import annotations

from adapters.slack.answering import answer_again
from adapters.slack.interface.presses import Press, Verb, Verbs
from adapters.slack.interface.responding import Response, Said, Struck, Unchanged

_STOPPED_ALREADY = "That answer is finished already."
_NOT_AGAIN = "I can't find that message any more, or am not to answer here now, so I can't answer it again."


async def _undo(press: Press) -> Response:
    said = await press.services.bot.panel.undo(press.interaction.scope, press.about[0])
    return Struck(frozenset({"undo"}), said)


async def _keep(press: Press) -> Response:
    return await _decided(press, keep=True)


async def _decline(press: Press) -> Response:
    return await _decided(press, keep=False)


async def _decided(press: Press, *, keep: bool) -> Response:
    said = await press.services.bot.panel.decide(press.interaction.scope, int(press.about[0]), keep=keep)
    return Struck(frozenset({"keep", "decline"}), said)


async def _why(press: Press) -> Response:
    return Said(await press.services.bot.panel.why(press.interaction.scope, press.about[0]))


async def _stop(press: Press) -> Response:
    stopped = press.services.running.stop(press.owner_id, press.about[0])
    return Unchanged() if stopped else Said(_STOPPED_ALREADY)


async def _again(press: Press) -> Response:
    """Answer anew; over when that answer is."""
    interaction = press.interaction
    found = await answer_again(
        press.services,
        interaction.workspace,
        press.about[0],
        thread_ts=interaction.thread_ts,
        user_id=press.owner_id,
        again=interaction.trigger_id,
    )
    return Unchanged() if found else Said(_NOT_AGAIN)


VERBS: Verbs = {
    "undo": Verb(_undo),
    "keep": Verb(_keep),
    "decline": Verb(_decline),
    "why": Verb(_why),
    "stop": Verb(_stop),
    "again": Verb(_again),
}
