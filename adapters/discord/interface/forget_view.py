"""/forget: what would go is shown first, then a button forgets exactly that; everything asks where, and twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord
from discord.utils import escape_markdown

from adapters.discord.interface.custom_ids import packed, unpacked
from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here, shown, tell
from adapters.discord.interface.presses import Press, Verb, Verbs, button, view_of
from adapters.discord.interface.responding import Changed, Response, Said
from adapters.discord.services import Services
from bot.commands.call import here
from bot.commands.parse import numbers
from bot.types import Memory, Scope

_EXACT = re.compile(r"#([0-9]{10,19})")
"""A memory's id as a suggestion gives it; numbers that people write are shorter."""

_EVERYTHING = re.compile(r"(?:everything|all)(?: (here|everywhere))?", re.IGNORECASE)

_SHOWN = 10
_LINE = 150

_KEPT = "Nothing was forgotten."
_GONE = "It was forgotten already."
_WHERE = "This erases what I know about you, for good. Where?"
_SURE = {
    "here": "Erase everything I know about you {here}, for good?",
    "everywhere": "Erase everything I know about you on all of Discord, for good?",
}


def exact(memory: Memory) -> str:
    """Return the text that means one memory and cannot be taken for words or for a number that a person writes."""
    return f"#{memory.id:010d}"


async def forget(interaction: Interaction, services: Services, what: str) -> Response:
    """Return what is to be asked before anything goes: some words, numbers, a suggestion, or everything.

    Raises:
        InputError: there is no such memory of the asker's.
    """
    scope, what = scope_here(interaction), " ".join(what.split())
    if everything := _EVERYTHING.fullmatch(what):
        where = (everything[1] or "").casefold()
        asked = _sure(scope, where) if where else Changed(_WHERE, _where_view(scope))
        return Said(asked.text or "", asked.view)
    if chosen := _EXACT.fullmatch(what):
        return _asked(services, scope, [await services.bot.panel.get(scope, int(chosen[1]))])
    if named := numbers(what):
        return _asked(services, scope, await services.bot.panel.numbered(scope, named))
    page = await services.bot.panel.page(scope, words=what, size=_SHOWN)
    if not what or not page.memories:  # the assistant names the nearest
        return Said(shown(await tell(interaction, services, "forget", what)))
    return _asked(services, scope, page.memories, page.total)


def _asked(services: Services, scope: Scope, memories: Sequence[Memory], total: int = 0) -> Response:
    """The question whether memories may go, of as many as there is room for.

    Args:
        total: how many were meant, if there are more.
    """
    ids, count = packed([memory.id for memory in memories[:_SHOWN]])
    lines = [_line(services, scope, memory) for memory in memories[:count]]
    left = max(total, len(memories)) - count
    these = "this memory" if count == 1 and not left else f"these {count} memories"
    more = [f"-# {left:,} more are meant by that; ask again for them."] if left else []
    view = view_of(
        button("forget", scope.user_id, ids, label="Forget", style=discord.ButtonStyle.danger),
        button("spare", scope.user_id, label="Keep"),
    )
    return Said("\n".join([f"Forget {these}?", *lines, *more]), view)


def _line(services: Services, scope: Scope, memory: Memory) -> str:
    label = " ".join(escape_markdown(services.bot.panel.label(scope, memory)).split())
    return label if len(label) <= _LINE else f"{label[: _LINE - 1]}…"


def _where_view(scope: Scope) -> discord.ui.View:
    owner = scope.user_id
    return view_of(
        button("all", owner, "here", label=here(scope).capitalize()),
        button("all", owner, "everywhere", label="Everywhere on Discord"),
        button("spare", owner, label="Keep it all"),
    )


def _sure(scope: Scope, where: str) -> Changed:
    """The last question before everything goes, "here" or "everywhere"."""
    view = view_of(
        button("raze", scope.user_id, where, label="Erase everything", style=discord.ButtonStyle.danger),
        button("spare", scope.user_id, label="Keep it all"),
    )
    return Changed(_SURE[where].format(here=here(scope)), view)


async def _forgotten(interaction: Interaction, services: Services, ids: list[int]) -> str:
    count = await services.bot.panel.forget(scope_here(interaction), ids)
    counted = "1 memory" if count == 1 else f"{count:,} memories"
    return f"Forgotten: {counted}. Nothing of it is left on disk." if count else _GONE


async def _forget(press: Press) -> Response:
    return Changed(await _forgotten(press.interaction, press.services, unpacked(press.about[0])))


async def _spare(_: Press) -> Response:
    return Changed(_KEPT)


async def _all(press: Press) -> Response:
    return _sure(scope_here(press.interaction), press.about[0])


async def _raze(press: Press) -> Response:
    told = await tell(press.interaction, press.services, "forget", f"everything {press.about[0]}")
    return Changed(shown(told))


VERBS: Verbs = {
    "forget": Verb(_forget),
    "spare": Verb(_spare),
    "all": Verb(_all),
    "raze": Verb(_raze),
}
