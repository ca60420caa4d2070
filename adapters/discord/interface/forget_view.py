"""/forget: what would go is shown first, then a button forgets exactly that; everything asks where, and twice."""

from __future__ import annotations

import re

import discord
from discord.utils import escape_markdown

from adapters.discord.interface.custom_ids import packed, unpacked
from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here, tell
from adapters.discord.interface.presses import Press, Verb, Verbs, button, view_of
from adapters.discord.interface.responding import Changed, Response, Said
from adapters.discord.services import Services
from bot.commands.parse import numbers
from bot.types import DM_GUILD, Memory, Scope

_EXACT = re.compile(r"#([0-9]{10,19})")
"""A memory's id as a suggestion gives it; numbers that people write are shorter."""

_SHOWN = 10
_LINE = 150

_KEPT = "Nothing was forgotten."
_GONE = "It was forgotten already."
_EVERYTHING = "This erases what I know about you, for good. Where?"
_SURE = {
    "here": "Erase everything I know about you {here}, for good?",
    "everywhere": "Erase everything I know about you on all of Discord, for good?",
}


def exact(memory: Memory) -> str:
    """Return the text that means one memory and cannot be taken for words or for a number that a person writes."""
    return f"#{memory.id:010d}"


async def forget(interaction: Interaction, services: Services, what: str) -> Response:
    """Return what is to be asked, or what was forgotten: some words, a number, a suggestion, or everything."""
    what = what.strip()
    if what.casefold() in ("everything", "all"):
        return Said(_EVERYTHING, _where_view(interaction))
    if chosen := _EXACT.fullmatch(what):
        return Said(await _forgotten(interaction, services, [int(chosen[1])]))
    if not what or numbers(what):
        return Said((await tell(interaction, services, "forget", what)).text)
    return await _preview(interaction, services, what)


async def _preview(interaction: Interaction, services: Services, words: str) -> Response:
    scope = scope_here(interaction)
    page = await services.panel.page(scope, words=words, size=_SHOWN)
    if not page.memories:  # the assistant names the nearest
        return Said((await tell(interaction, services, "forget", words)).text)
    ids, count = packed([memory.id for memory in page.memories])
    lines = [_line(services, scope, memory) for memory in page.memories[:count]]
    these = "this memory" if page.total == 1 else f"these {count} memories"
    more = [f"-# {page.total - count:,} more have these words; ask again for them."] if page.total > count else []
    view = view_of(
        button("forget", scope.user_id, ids, label="Forget", style=discord.ButtonStyle.danger),
        button("spare", scope.user_id, label="Keep"),
    )
    return Said("\n".join([f"Forget {these}?", *lines, *more]), view)


def _line(services: Services, scope: Scope, memory: Memory) -> str:
    label = " ".join(escape_markdown(services.panel.label(scope, memory)).split())
    return label if len(label) <= _LINE else f"{label[: _LINE - 1]}…"


def _where_view(interaction: Interaction) -> discord.ui.View:
    owner = str(interaction.user.id)
    return view_of(
        button("all", owner, "here", label=_here(scope_here(interaction)).capitalize()),
        button("all", owner, "everywhere", label="Everywhere on Discord"),
        button("spare", owner, label="Keep it all"),
    )


def _here(scope: Scope) -> str:
    return "in our direct messages" if scope.guild_id == DM_GUILD else "in this server"


async def _forgotten(interaction: Interaction, services: Services, ids: list[int]) -> str:
    count = await services.panel.forget(scope_here(interaction), ids)
    counted = "1 memory" if count == 1 else f"{count:,} memories"
    return f"Forgotten: {counted}. Nothing of it is left on disk." if count else _GONE


async def _forget(press: Press) -> Response:
    return Changed(await _forgotten(press.interaction, press.services, unpacked(press.about[0])))


async def _spare(_: Press) -> Response:
    return Changed(_KEPT)


async def _all(press: Press) -> Response:
    where = press.about[0]
    text = _SURE[where].format(here=_here(scope_here(press.interaction)))
    view = view_of(
        button("raze", press.owner_id, where, label="Erase everything", style=discord.ButtonStyle.danger),
        button("spare", press.owner_id, label="Keep it all"),
    )
    return Changed(text, view)


async def _raze(press: Press) -> Response:
    told = await tell(press.interaction, press.services, "forget", f"everything {press.about[0]}")
    return Changed(told.text)


VERBS: Verbs = {
    "forget": Verb(_forget),
    "spare": Verb(_spare),
    "all": Verb(_all),
    "raze": Verb(_raze),
}
