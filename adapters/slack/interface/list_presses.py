"""What can be done on the list of memories, on the home tab and in a modal: look, turn pages, change, pin, forget.

One that is proposed takes a yes or a no there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from urllib.parse import quote, unquote

from adapters.slack.interface.forms import Filed, Form, Forms, Submission
from adapters.slack.interface.home import home_screen
from adapters.slack.interface.kit import INPUT_CHARACTERS, Block, field, line
from adapters.slack.interface.memory_list import (
    CALLBACK,
    TITLE,
    Listing,
    kind_named,
    listing_from,
    listing_of,
    looked_for,
    memory_screen,
)
from adapters.slack.interface.presses import Press, Verb, Verbs, button
from adapters.slack.interface.responding import Response, Shown
from adapters.slack.interface.screens import Screen
from bot.errors import InputError

CHANGE = "Change a memory"

_CALLBACK = "memory"
_TOO_LONG = (
    f"That is longer than the {INPUT_CHARACTERS:,} characters that a form of Slack takes. Forget it, and say it anew."
)


def list_button(owner_id: str, listing: Listing) -> Block:
    """Return the button that opens a list as a modal; it holds words, so only its owner may see the message."""
    about = (listing.kind or "all", quote(listing.words, safe=""))
    return button("list", owner_id, *about, label="Change, pin or forget")


def _shown(press: Press, listing: Listing) -> Shown:
    """The list, on the home tab or in the modal where something was pressed."""
    build = home_screen if press.interaction.on_home else memory_screen
    interaction = press.interaction
    return Shown(partial(build, press.services, interaction.workspace, interaction.scope, listing))


def _here(press: Press) -> Listing:
    return listing_of(press.interaction.view)


async def _list(press: Press) -> Response:
    kind, words = press.about
    listing = Listing(kind_named(kind), words=unquote(words))
    interaction = press.interaction
    return Shown(partial(memory_screen, press.services, interaction.workspace, interaction.scope, listing))


async def _search(press: Press) -> Response:
    return _shown(press, replace(_here(press), words=looked_for(press.chosen), number=1))


async def _kind(press: Press) -> Response:
    return _shown(press, replace(_here(press), kind=kind_named(press.chosen), number=1))


async def _turn(press: Press) -> Response:
    return _shown(press, replace(_here(press), number=int(press.about[0])))


async def _pin(press: Press) -> Response:
    return await _pinned(press, pinned=True)


async def _unpin(press: Press) -> Response:
    return await _pinned(press, pinned=False)


async def _pinned(press: Press, *, pinned: bool) -> Response:
    await press.services.bot.panel.pin(press.interaction.scope, int(press.about[0]), pinned=pinned)
    return _shown(press, _here(press))


async def _accept(press: Press) -> Response:
    return await _decided(press, keep=True)


async def _refuse(press: Press) -> Response:
    return await _decided(press, keep=False)


async def _decided(press: Press, *, keep: bool) -> Response:
    await press.services.bot.panel.decide(press.interaction.scope, int(press.about[0]), keep=keep)
    return _shown(press, _here(press))


async def _erase(press: Press) -> Response:
    await press.services.bot.panel.forget(press.interaction.scope, [int(press.about[0])])
    return _shown(press, _here(press))


async def _edit(press: Press) -> Response:
    memory = await press.services.bot.panel.get(press.interaction.scope, int(press.about[0]))
    if len(memory.text) > INPUT_CHARACTERS:
        raise InputError(_TOO_LONG)
    metadata = json.dumps({"memory": memory.id, "list": _here(press).metadata})
    text = field("text", "What I am to remember instead", line("text", memory.text, long=True))

    async def build() -> Screen:
        return Screen(CHANGE, [text], metadata, _CALLBACK, submit="Save", close="Cancel")

    return Shown(build)


async def _changed(submission: Submission) -> Filed:
    """Change a memory; the list that the form was opened from, if it lies below, shows it then."""
    interaction, services = submission.interaction, submission.services
    about = json.loads(submission.metadata)
    await services.bot.panel.edit(interaction.scope, about["memory"], submission.text("text"))
    if not submission.below:
        return Filed()
    listing = listing_from(about["list"])
    return Filed(below=Shown(partial(memory_screen, services, interaction.workspace, interaction.scope, listing)))


async def _closed(_: Submission) -> Filed:
    return Filed()


VERBS: Verbs = {
    "list": Verb(_list, opens=TITLE),
    "search": Verb(_search),
    "kind": Verb(_kind),
    "previous": Verb(_turn),
    "next": Verb(_turn),
    "pin": Verb(_pin),
    "unpin": Verb(_unpin),
    "accept": Verb(_accept),
    "refuse": Verb(_refuse),
    "erase": Verb(_erase),
    "edit": Verb(_edit, opens=CHANGE),
}

FORMS: Forms = {
    _CALLBACK: Form(_changed),
    CALLBACK: Form(_closed),
}
