"""The list of a person's memories as blocks: what is looked for, a page of it, and what can be done with each memory.

What is looked for travels in the metadata of the screen, which Slack gives back with every press, so that nothing of it
is held in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.marks import NO, YES
from adapters.slack.interface.commands import as_called
from adapters.slack.interface.kit import Block, actions, choose_one, confirm, field, line, section, small
from adapters.slack.interface.presses import button
from adapters.slack.interface.screens import Screen
from adapters.slack.reading import Json
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace
from bot.panel import Page
from bot.types import Kind, Memory, Scope, Status

PAGE = 10
"""Memories on a page; each takes two of the 100 blocks of a view."""

TITLE = "My memory"
CALLBACK = "memory_list"

_WORDS = 100  # characters that are looked for
_TEXT = 2500  # characters of one memory
_ALL = "all"
_NOTHING = "I remember nothing about you yet."
_NOTHING_FITS = "I remember nothing that fits."


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of which list. number: from 1."""

    kind: Kind | None = None
    number: int = 1
    words: str = ""

    @property
    def metadata(self) -> str:
        """What a screen carries of it."""
        return json.dumps({"kind": self.kind, "page": self.number, "words": self.words})


def listing_from(metadata: str) -> Listing:
    """Return what a screen's metadata says; the whole list for none."""
    if not metadata:
        return Listing()
    told = json.loads(metadata)
    return Listing(Kind(told["kind"]) if told["kind"] else None, int(told["page"]), str(told["words"]))


def listing_of(view: Json | None) -> Listing:
    """Return which list a view shows."""
    return listing_from(str((view or {}).get("private_metadata") or ""))


def looked_for(words: str) -> str:
    """Return words as they are looked for: in one line, and not too many."""
    return " ".join(words.split())[:_WORDS]


def kind_named(name: str) -> Kind | None:
    """Return the kind that an entry of the list of kinds means; None for all."""
    return None if name == _ALL else Kind(name)


async def memory_screen(services: Services, _: Workspace, scope: Scope, wanted: Listing, *, notice: str = "") -> Screen:
    """Return the list as a modal."""
    blocks, shown = await listed(services, scope, wanted)
    notice = as_called(notice, services.settings.command_prefix)
    return Screen(TITLE, blocks, shown.metadata, CALLBACK, submit="Done", notice=notice)


async def listed(services: Services, scope: Scope, wanted: Listing) -> tuple[list[Block], Listing]:
    """Return the blocks of a list, and which one it is: a page beyond the last is the last."""
    page = await services.bot.panel.page(scope, words=wanted.words, kind=wanted.kind, number=wanted.number, size=PAGE)
    listing = Listing(wanted.kind, page.number, wanted.words)
    rows = [block for memory in page.memories for block in _row(services, scope, memory)]
    nothing = _NOTHING_FITS if listing.words or listing.kind else _NOTHING
    return [*_search(listing), *(rows or [section(nothing)]), *_turning(scope, page)], listing


def _search(listing: Listing) -> list[Block]:
    """What is looked for. It is in the block ids too: Slack keeps what was written as long as those stay the same."""
    words = field(f"search {listing.words}", "Search", line("search", listing.words, hint="Some words", most=_WORDS))
    kinds = [(_ALL, "Every kind"), *((kind.value, kind.value.capitalize()) for kind in Kind)]
    chosen = choose_one("kind", kinds, listing.kind or _ALL)
    return [
        {**words, "dispatch_action": True, "optional": True},
        {**actions(chosen), "block_id": f"kind {listing.kind or _ALL}"},
    ]


def _row(services: Services, scope: Scope, memory: Memory) -> list[Block]:
    label = services.bot.panel.label(scope, memory)
    text = label if len(label) <= _TEXT else f"{label[: _TEXT - 1]}…"
    said = memory.event_time.astimezone(services.bot.clock().tzinfo)
    return [
        section(f"{text}\n{memory.kind.value}, said {said.day} {said:%B %Y}"),
        actions(*_deeds(scope.user_id, memory)),
    ]


def _deeds(owner: str, memory: Memory) -> Iterator[Block]:
    """What can be done with a memory; one that is proposed waits for a yes or a no, and nothing else."""
    if memory.status is Status.PROPOSED:
        yield button("accept", owner, memory.id, label=YES, style="primary")
        yield button("refuse", owner, memory.id, label=NO)
        return
    pinning = ("unpin", "Unpin") if memory.pinned else ("pin", "Pin")
    yield button("edit", owner, memory.id, label="Edit")
    yield button(pinning[0], owner, memory.id, label=pinning[1])
    yield button("erase", owner, memory.id, label="Forget", style="danger", asks=_SURE)


_SURE = confirm("I forget this for good, and nothing of it is left on disk.", "Forget it", "Keep it")


def _turning(scope: Scope, page: Page) -> list[Block]:
    if not page.total:
        return []
    owner, turns = scope.user_id, []
    if page.number > 1:
        turns.append(button("previous", owner, page.number - 1, label="Previous"))
    if page.number < page.pages:
        turns.append(button("next", owner, page.number + 1, label="Next"))
    counted = small(f"{page.total:,} in all, page {page.number} of {page.pages}")
    return [*([actions(*turns)] if turns else []), counted]
