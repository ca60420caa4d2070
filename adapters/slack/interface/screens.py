"""What modals and home tabs show, and whose turn it is to change one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.slack.interface.kit import Block, plain, small

MOST_KEPT = 1000
"""Views whose turn is kept; the one that was quiet longest is forgotten first."""

NOTICE = "notice"
"""The block that says what just happened."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A modal, or a home tab, which has no title and no buttons below.

    title: at most 24 characters. metadata: what Slack gives back when something in it is used. submit: what the button
    that sends a form is called; without one it is none. notice: a line on top.
    """

    title: str
    blocks: Sequence[Block]
    metadata: str = ""
    callback_id: str = ""
    submit: str = ""
    close: str = "Close"
    notice: str = ""

    def modal(self) -> Block:
        """Return it as a modal is sent."""
        submit = {"submit": plain(self.submit)} if self.submit else {}
        return {
            "type": "modal",
            "title": plain(self.title),
            "close": plain(self.close),
            "callback_id": self.callback_id,
            "private_metadata": self.metadata,
            "blocks": self._noticed(),
            **submit,
        }

    def home(self) -> Block:
        """Return it as a home tab is sent."""
        return {"type": "home", "private_metadata": self.metadata, "blocks": self._noticed()}

    def _noticed(self) -> list[Block]:
        return [*([small(self.notice, NOTICE)] if self.notice else []), *self.blocks]


class Screens:
    """Keeps the changes of each view in order.

    A view is built and sent in one turn. Two changes at once would else leave the older state on the screen, which
    the hash of a view could only tell of afterwards.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[object, asyncio.Lock] = OrderedDict()

    def turn(self, view: object) -> asyncio.Lock:
        """Return what is to be held while a view is built and sent; by its id, a home tab by its person's scope."""
        lock = self._turns.setdefault(view, asyncio.Lock())
        self._turns.move_to_end(view)
        while len(self._turns) > MOST_KEPT:
            self._turns.popitem(last=False)
        return lock
