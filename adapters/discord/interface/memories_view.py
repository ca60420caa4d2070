"""The list of a person's memories, and one of them to look at, change, pin and forget; only they see it.

Page, kind and memory are in the custom ids. The words of a search are read back from the message's first line, which
the bot wrote, so that nothing of the list is held in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord
from discord.utils import escape_markdown, format_dt

from adapters.discord.interface.forms import Field, form_of
from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here
from adapters.discord.interface.presses import Press, Verb, Verbs, button, id_of, view_of
from adapters.discord.interface.responding import Changed, Opened, Response, Said
from adapters.discord.interface.sources import link_to
from adapters.discord.services import Services
from adapters.marks import NO, YES
from bot.panel import Page
from bot.types import Kind, Memory, Status

PAGE = 10
"""Memories on a page; a list to choose from takes 25, a message 2,000 characters."""

_LINE = 150  # characters of one memory in the list
_WHOLE = 1600  # characters of one memory by itself
_CHOICE = 100  # characters of one option: https://discord.com/developers/docs/components/reference#string-select
_WORDS = 100

_NOTHING = "I remember nothing about you yet."
_NOTHING_FITS = "I remember nothing that fits."
_BEGINNING = "Only its beginning is shown"
_CUT = f"{_BEGINNING}; Edit shows all of it."
_SURE = "Forget this for good?"
_OLDER = {"superseded": "replaced by a newer one", "proposed": "waits for your yes"}
_HEADING = re.compile(r"^\*\*Your memories with “(.*)”\*\*$", re.MULTILINE)
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of which list; it is carried along to where "back" leads."""

    kind: Kind | None = None
    number: int = 1
    words: str = ""

    @property
    def heading(self) -> str:
        """The first line of every message of this list, but for a notice; `_listing` reads the words back from it."""
        return f"**Your memories with “{self.words}”**" if self.words else "**Your memories**"

    @property
    def ids(self) -> tuple[str, str]:
        """What of it stands in custom ids."""
        return (self.kind or _ALL, str(self.number))


async def memories(interaction: Interaction, services: Services, kind: Kind | None, words: str) -> Response:
    """Return the first page of the asker's memories, of one kind and with some words if given."""
    shown = await _page(interaction, services, Listing(kind, words=" ".join(words.split())[:_WORDS]))
    return Said(shown.text or "", shown.view)


async def _page(interaction: Interaction, services: Services, wanted: Listing) -> Changed:
    scope = scope_here(interaction)
    page = await services.bot.panel.page(scope, words=wanted.words, kind=wanted.kind, number=wanted.number, size=PAGE)
    if not page.memories:
        return Changed(f"{wanted.heading}\n{_NOTHING_FITS if wanted.words or wanted.kind else _NOTHING}")
    listing = Listing(wanted.kind, page.number, wanted.words)
    labels = [services.bot.panel.label(scope, memory) for memory in page.memories]
    lines = [f"{_cut(escape_markdown(label), _LINE)} – {memory.kind}" for label, memory in _pairs(labels, page)]
    kind = f" of kind {wanted.kind}" if wanted.kind else ""
    counted = f"-# {page.total:,}{kind} in all, page {page.number} of {page.pages}"
    return Changed("\n".join([listing.heading, *lines, counted]), _page_view(interaction, listing, page, labels))


def _page_view(interaction: Interaction, listing: Listing, page: Page, labels: list[str]) -> discord.ui.View:
    owner = str(interaction.user.id)
    options = [
        discord.SelectOption(label=_cut(label, _CHOICE), value=str(memory.id)) for label, memory in _pairs(labels, page)
    ]
    chosen = id_of("open", owner, *listing.ids)
    items: list[discord.ui.Item[Any]] = [
        discord.ui.Select(custom_id=chosen, placeholder="Choose one to change or forget", options=options)
    ]
    kind, number = listing.ids[0], page.number
    if number > 1:
        items.append(button("page", owner, kind, number - 1, label="Previous"))
    if number < page.pages:
        items.append(button("page", owner, kind, number + 1, label="Next"))
    return view_of(*items)


def _pairs(labels: list[str], page: Page) -> zip[tuple[str, Memory]]:
    return zip(labels, page.memories, strict=True)


def _detail(interaction: Interaction, services: Services, memory: Memory, listing: Listing) -> Changed:
    label = services.bot.panel.label(scope_here(interaction), memory)
    number = label.partition(" ")[0]
    notes = [memory.kind.value, f"said {format_dt(memory.event_time, 'd')}"]
    notes += ["pinned"] if memory.pinned else []
    notes += [_OLDER[memory.status]] if memory.status in _OLDER else []
    text = f"{number} {escape_markdown(memory.text)}"
    cut = [_BEGINNING if memory.status is Status.PROPOSED else _CUT] if len(text) > _WHOLE else []
    lines = [listing.heading, _shortened(text, _WHOLE), f"-# {' · '.join([*notes, *cut])}"]
    return Changed("\n".join(lines), _detail_view(interaction, memory, listing))


def _detail_view(interaction: Interaction, memory: Memory, listing: Listing) -> discord.ui.View:
    owner, about = str(interaction.user.id), (memory.id, *listing.ids)
    deeds = _asked(owner, about) if memory.status is Status.PROPOSED else _deeds(owner, about, memory)
    items: list[discord.ui.Item[Any]] = [*deeds, button("page", owner, *listing.ids, label="Back")]
    if link := _link(memory):
        items.append(discord.ui.Button(label="Where it came from", url=link))
    return view_of(*items)


def _asked(owner: str, about: tuple[object, ...]) -> Iterator[discord.ui.Item[Any]]:
    """The answers that a proposed memory waits for."""
    yield button("accept", owner, *about, label=YES, style=discord.ButtonStyle.primary)
    yield button("refuse", owner, *about, label=NO)


def _deeds(owner: str, about: tuple[object, ...], memory: Memory) -> Iterator[discord.ui.Item[Any]]:
    pinning = ("unpin", "Unpin") if memory.pinned else ("pin", "Pin")
    yield button("edit", owner, *about, label="Edit")
    yield button(pinning[0], owner, *about, label=pinning[1])
    yield button("drop", owner, *about, label="Forget", style=discord.ButtonStyle.danger)


def _link(memory: Memory) -> str:
    """The address of the message that a memory came from; empty when it came from none."""
    messages = [source.id for source in memory.sources if source.id.isdecimal()]
    return link_to(memory, messages[-1]) if messages else ""


def _listing(press: Press) -> Listing:
    """Which list a press came from: by its custom id's end, and by the message that it stands under."""
    *_, kind, number = press.about
    message = press.interaction.message
    found = _HEADING.search(message.content) if message else None
    return Listing(None if kind == _ALL else Kind(kind), int(number), found[1] if found else "")


async def _turn(press: Press) -> Response:
    return await _page(press.interaction, press.services, _listing(press))


async def _open(press: Press) -> Response:
    return await _show(press, int(press.values[0]))


async def _back_to_it(press: Press) -> Response:
    return await _show(press, int(press.about[0]))


async def _show(press: Press, memory_id: int) -> Response:
    memory = await press.services.bot.panel.get(scope_here(press.interaction), memory_id)
    return _detail(press.interaction, press.services, memory, _listing(press))


async def _pin(press: Press) -> Response:
    return await _pinned(press, pinned=True)


async def _unpin(press: Press) -> Response:
    return await _pinned(press, pinned=False)


async def _pinned(press: Press, *, pinned: bool) -> Response:
    memory = await press.services.bot.panel.pin(scope_here(press.interaction), int(press.about[0]), pinned=pinned)
    return _detail(press.interaction, press.services, memory, _listing(press))


async def _accept(press: Press) -> Response:
    await press.services.bot.panel.decide(scope_here(press.interaction), int(press.about[0]), keep=True)
    return await _back_to_it(press)


async def _refuse(press: Press) -> Response:
    await press.services.bot.panel.decide(scope_here(press.interaction), int(press.about[0]), keep=False)
    return await _turn(press)


async def _edit(press: Press) -> Response:
    memory = await press.services.bot.panel.get(scope_here(press.interaction), int(press.about[0]))
    field = Field("text", "What I am to remember instead", memory.text, long=True, required=True)
    return Opened(form_of("Change a memory", id_of("reword", press.owner_id, *press.about), field))


async def _reword(press: Press) -> Response:
    scope = scope_here(press.interaction)
    changed = await press.services.bot.panel.edit(scope, int(press.about[0]), press.written["text"])
    return _detail(press.interaction, press.services, changed, _listing(press))


async def _drop(press: Press) -> Response:
    """Ask once, under the memory itself."""
    memory = await press.services.bot.panel.get(scope_here(press.interaction), int(press.about[0]))
    shown = _detail(press.interaction, press.services, memory, _listing(press))
    owner, about = press.owner_id, press.about
    view = view_of(
        button("erase", owner, *about, label="Forget it", style=discord.ButtonStyle.danger),
        button("show", owner, *about, label="Keep it"),
    )
    return Changed(f"{shown.text}\n{_SURE}", view)


async def _erase(press: Press) -> Response:
    await press.services.bot.panel.forget(scope_here(press.interaction), [int(press.about[0])])
    return await _page(press.interaction, press.services, _listing(press))


def _cut(text: str, most: int) -> str:
    """A text in one line of at most so many characters."""
    return _shortened(" ".join(text.split()), most)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


VERBS: Verbs = {
    "page": Verb(_turn),
    "open": Verb(_open),
    "show": Verb(_back_to_it),
    "pin": Verb(_pin),
    "unpin": Verb(_unpin),
    "accept": Verb(_accept),
    "refuse": Verb(_refuse),
    "edit": Verb(_edit),
    "reword": Verb(_reword),
    "drop": Verb(_drop),
    "erase": Verb(_erase),
}
