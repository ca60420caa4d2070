"""The home tabs that people looked at, also before a restart: what each shows, and which are to follow a change."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, replace

from adapters.slack.interface.screens import Screen
from bot.store.notes import Notes
from bot.types import SHARED_USER, Scope

MOST_HOMES = 1000
"""Home tabs that are known; the one that was quiet longest is forgotten first, until it is opened again."""

SETTLE_S = 0.25
"""Seconds for which changes are gathered before home tabs follow: one thing that is said may lead to several."""

_NOTE = "home tabs"


@dataclass(frozen=True, slots=True)
class HomeTab:
    """A home tab as it was last sent: which page, and a number that stands for what it showed but for its notice.

    content: None when an earlier run sent it.
    """

    metadata: str = ""
    content: int | None = None

    @classmethod
    def of(cls, screen: Screen) -> HomeTab:
        """Return what is kept of a screen."""
        return cls(screen.metadata, hash(json.dumps(replace(screen, notice="").home())))


class Homes:
    """Knows the home tabs by whose they are. Which page a tab shows, and what was looked for on it, no note holds."""

    def __init__(self, platform: str, notes: Notes) -> None:
        self._platform = platform
        self._notes = notes
        self._known: OrderedDict[Scope, HomeTab] = OrderedDict()
        self._due: set[Scope] = set()
        self._is_due = asyncio.Event()

    async def load(self) -> None:
        """Remember what an earlier run knew.

        Raises:
            StoreError: it could not be read.
        """
        for line in (await self._notes.get(_NOTE) or "").splitlines():
            guild_id, user_id = line.split()
            self._known[Scope(self._platform, guild_id, user_id)] = HomeTab()

    def get(self, scope: Scope) -> HomeTab | None:
        """Return a person's home tab; None when they never looked at it, or too long ago."""
        return self._known.get(scope)

    async def sent(self, scope: Scope, home: HomeTab) -> None:
        """Note what a person's home tab shows by now.

        Raises:
            StoreError: it could not be written.
        """
        is_new = scope not in self._known
        self._known[scope] = home
        self._known.move_to_end(scope)
        while len(self._known) > MOST_HOMES:
            self._known.popitem(last=False)
        if is_new:
            await self._save()

    async def forget(self, guild_id: str) -> None:
        """Forget the home tabs of a guild that is no more.

        Raises:
            StoreError: it could not be written.
        """
        gone = [scope for scope in self._known if scope.guild_id == guild_id]
        for scope in gone:
            del self._known[scope]
        if gone:
            await self._save()

    def changed(self, scope: Scope) -> None:
        """Note that what is kept of a scope was changed; a note for everyone is listed to whoever made it."""
        for home in self._known:
            here = (home.platform, home.guild_id) == (scope.platform, scope.guild_id)
            if here and scope.user_id in (home.user_id, SHARED_USER):
                self._due.add(home)
                self._is_due.set()

    async def due(self) -> set[Scope]:
        """Wait until something was changed, and a moment more; return whose tabs are to follow."""
        await self._is_due.wait()
        await asyncio.sleep(SETTLE_S)
        self._is_due.clear()
        due, self._due = self._due, set()
        return due

    async def _save(self) -> None:
        await self._notes.put(_NOTE, "\n".join(f"{scope.guild_id} {scope.user_id}" for scope in self._known))
