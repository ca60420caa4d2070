"""/forget: what would go is shown first, then a button forgets exactly that; everything asks twice."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.kit import Block, actions, confirm, cut
from adapters.slack.interface.presses import Press, Verb, Verbs, button
from adapters.slack.interface.responding import Replaced, Response, Said
from adapters.slack.services import Services
from bot.commands.parse import numbers
from bot.types import Memory

_SHOWN = 10
_LINE = 150

_KEPT = "Nothing was forgotten."
_GONE = "It was forgotten already."
_EVERYTHING = "This erases everything that I know about you in this workspace, for good."
_SURE = confirm("I erase everything that I know about you in this workspace, for good.", "Erase everything", "Keep it")


async def forget(services: Services, interaction: Interaction, what: str) -> Response:
    """Return what is to be asked before anything goes: some words, numbers, or everything.

    Raises:
        InputError: there is no such memory of the asker's.
    """
    what = what.strip()
    words = what.casefold().split()
    if words and words[0] in ("everything", "all") and len(words) <= 2:
        return Said(_EVERYTHING, [_sure(interaction.user_id)])
    if named := numbers(what):
        return _asked(services, interaction, await services.bot.panel.numbered(interaction.scope, named))
    page = await services.bot.panel.page(interaction.scope, words=what, size=_SHOWN)
    if not what or not page.memories:  # the assistant names the nearest
        return Said((await tell(services, interaction, "forget", what)).whole)
    return _asked(services, interaction, page.memories, page.total)


def _asked(services: Services, interaction: Interaction, memories: Sequence[Memory], total: int = 0) -> Response:
    """The question whether memories may go, of as many as are shown.

    Args:
        total: how many were meant, if there are more.
    """
    scope, owner = interaction.scope, interaction.user_id
    lines = [cut(services.bot.panel.label(scope, memory), _LINE) for memory in memories[:_SHOWN]]
    left = max(total, len(memories)) - len(lines)
    these = "this memory" if len(lines) == 1 and not left else f"these {len(lines)} memories"
    more = [f"{left:,} more are meant by that; ask again for them."] if left else []
    ids = ".".join(str(memory.id) for memory in memories[:_SHOWN])
    row = actions(
        button("forget", owner, ids, label="Forget", style="danger"),
        button("spare", owner, label="Keep"),
    )
    return Said("\n".join([f"Forget {these}?", *lines, *more]), [row])


def _sure(owner: str) -> Block:
    """There is no everywhere: an id of Slack's may be somebody else's in another workspace."""
    return actions(
        button("raze", owner, label="Erase everything", style="danger", asks=_SURE),
        button("spare", owner, label="Keep it all"),
    )


async def _forget(press: Press) -> Response:
    ids = [int(one) for one in press.about[0].split(".")]
    count = await press.services.bot.panel.forget(press.interaction.scope, ids)
    counted = "1 memory" if count == 1 else f"{count:,} memories"
    return Replaced(f"Forgotten: {counted}. Nothing of it is left on disk." if count else _GONE)


async def _spare(_: Press) -> Response:
    return Replaced(_KEPT)


async def _raze(press: Press) -> Response:
    told = await tell(press.services, press.interaction, "forget", "everything here")
    return Replaced(told.whole)


VERBS: Verbs = {
    "forget": Verb(_forget),
    "spare": Verb(_spare),
    "raze": Verb(_raze),
}
