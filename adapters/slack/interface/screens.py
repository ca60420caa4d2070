"""What modals and home tabs show, and whose turn it is to change one."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from adapters.slack.interface.kit import Block, plain, small
from bot.types import Scope

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

MOST_KEPT = 1000
"""Home tabs, and views whose turn is kept; the one that was quiet longest is forgotten first."""

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


@dataclass(frozen=True, slots=True)
class HomeTab:
    """A home tab as it was last sent: which page, and a number that stands for all that it showed."""

    metadata: str
    content: int

    @classmethod
    def of(cls, screen: Screen) -> HomeTab:
        """Return what is kept of a screen."""
        return cls(screen.metadata, hash(json.dumps(screen.home())))


class Screens:
    """Keeps the changes of each view in order, and knows the home tabs that were looked at since the start.

    A view is built and sent in one turn. Two changes at once would else leave the older state on the screen, which
    the hash of a view could only tell of afterwards.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[object, asyncio.Lock] = OrderedDict()
        self._homes: OrderedDict[Scope, HomeTab] = OrderedDict()

    def turn(self, view: object) -> asyncio.Lock:
        """Return what is to be held while a view is built and sent; by its id, a home tab by its person's scope."""
        lock = self._turns.setdefault(view, asyncio.Lock())
        _touch(self._turns, view)
        return lock

    def note_home(self, scope: Scope, home: HomeTab) -> None:
        """Note what a person's home tab shows by now."""
        self._homes[scope] = home
        _touch(self._homes, scope)

    def home(self, scope: Scope) -> HomeTab | None:
        """Return a person's home tab; None when they did not look at it since the start."""
        return self._homes.get(scope)


def _touch(kept: OrderedDict[_Key, _Value], key: _Key) -> None:
    kept.move_to_end(key)
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
