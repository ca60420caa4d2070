"""/forget: what would go is shown first, then a button forgets exactly that; everything asks where, and once more."""

from __future__ import annotations

from adapters.slack.interactions import Interaction, tell
from adapters.slack.kit import Block, actions, confirm, cut
from adapters.slack.presses import Press, Verb, Verbs, button
from adapters.slack.responding import Replaced, Response, Said
from adapters.slack.services import Services
from bot.commands.parse import numbers

_SHOWN = 10
_LINE = 150

_KEPT = "Nothing was forgotten."
_GONE = "It was forgotten already."
_EVERYTHING = "This erases what I know about you, for good. Where?"
_SURE = "I erase everything that I know about you {where}, for good."
_HERE = confirm(_SURE.format(where="in this workspace"), "Erase everything", "Keep it")
_EVERYWHERE = confirm(_SURE.format(where="on all of Slack"), "Erase everything", "Keep it")


async def forget(services: Services, interaction: Interaction, what: str) -> Response:
    """Return what is to be asked, or what was forgotten: some words, a number, or everything."""
    what = what.strip()
    words = what.casefold().split()
    if words and words[0] in ("everything", "all") and len(words) <= 2:
        return Said(_EVERYTHING, [_where(interaction.user_id)])
    if not what or numbers(what):
        return Said((await tell(services, interaction, "forget", what)).text)
    return await _preview(services, interaction, what)


async def _preview(services: Services, interaction: Interaction, words: str) -> Response:
    scope, owner = interaction.scope, interaction.user_id
    page = await services.panel.page(scope, words=words, size=_SHOWN)
    if not page.memories:  # the assistant names the nearest
        return Said((await tell(services, interaction, "forget", words)).text)
    lines = [cut(services.panel.label(scope, memory), _LINE) for memory in page.memories]
    these = "this memory" if page.total == 1 else f"these {len(lines)} memories"
    more = [f"{page.total - len(lines):,} more have these words; ask again for them."] if page.total > _SHOWN else []
    ids = ".".join(str(memory.id) for memory in page.memories)
    row = actions(
        button("forget", owner, ids, label="Forget", style="danger"),
        button("spare", owner, label="Keep"),
    )
    return Said("\n".join([f"Forget {these}?", *lines, *more]), [row])


def _where(owner: str) -> Block:
    return actions(
        button("raze_here", owner, "here", label="In this workspace", style="danger", asks=_HERE),
        button("raze_everywhere", owner, "everywhere", label="Everywhere on Slack", style="danger", asks=_EVERYWHERE),
        button("spare", owner, label="Keep it all"),
    )


async def _forget(press: Press) -> Response:
    ids = [int(one) for one in press.about[0].split(".")]
    count = await press.services.panel.forget(press.interaction.scope, ids)
    counted = "1 memory" if count == 1 else f"{count:,} memories"
    return Replaced(f"Forgotten: {counted}. Nothing of it is left on disk." if count else _GONE)


async def _spare(_: Press) -> Response:
    return Replaced(_KEPT)


async def _raze(press: Press) -> Response:
    told = await tell(press.services, press.interaction, "forget", f"everything {press.about[0]}")
    return Replaced(told.text)


VERBS: Verbs = {
    "forget": Verb(_forget, changes=True),
    "spare": Verb(_spare),
    "raze_here": Verb(_raze, changes=True),
    "raze_everywhere": Verb(_raze, changes=True),
}
