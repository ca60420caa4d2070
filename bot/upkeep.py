"""What a bot that stays open does by itself: missing vectors are made, and what is over goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from bot.commands.pending import VALID_FOR
from bot.errors import ProviderError, StoreError
from bot.memory.core import MemoryCore
from bot.policies import Policies
from bot.protocols import Clock
from bot.store.inbox import KEPT, Inbox
from bot.store.ledger import Ledger

log = logging.getLogger(__name__)

REINDEX_RETRY_S = 60.0
"""Pause between two tries to make missing vectors."""

EXPIRE_S = 600.0
"""Pause between two removals of what is over."""

REPLIES_KEPT = timedelta(days=30)
"""For so long it can be told what a reply was built from."""

Purge = Callable[[str, str], Awaitable[None]]
"""Forgets a guild, given its platform and id."""


async def keep_indexed(core: MemoryCore) -> None:
    """Make missing vectors, now and whenever some turn up."""
    while True:
        try:
            if made := await core.reindex():
                log.info("made %d missing vectors", made)
        except ProviderError as error:
            log.warning("vectors wait to be made: %s", error)
        await asyncio.sleep(REINDEX_RETRY_S)


class Expiry:
    """Removes what is over; each sort by itself, so that one that fails leaves the others."""

    def __init__(
        self, core: MemoryCore, *, inbox: Inbox, ledger: Ledger, policies: Policies, purge: Purge, clock: Clock
    ) -> None:
        self._core = core
        self._inbox = inbox
        self._ledger = ledger
        self._policies = policies
        self._purge = purge
        self._clock = clock

    async def run(self) -> None:
        """Remove it now and every ten minutes."""
        while True:
            await self.once()
            await asyncio.sleep(EXPIRE_S)

    async def once(self) -> None:
        """Remove finished inbox rows, old replies, questions without a yes, idle memories, and guilds that are left."""
        now = self._clock()
        for remove in (
            partial(self._inbox.prune, now - KEPT),
            partial(self._ledger.prune_replies, now - REPLIES_KEPT),
            partial(self._core.expire_proposals, now - VALID_FOR),
            self._erase_idle,
            self._purge_left,
        ):
            try:
                await remove()
            except StoreError as error:
                log.warning("what is over stays for now: %s", error)

    async def _erase_idle(self) -> None:
        if gone := await self._core.erase_idle(self._policies.retention_days):
            log.info("erased %d memories that nothing had used for long", gone)

    async def _purge_left(self) -> None:
        for platform, guild_id in await self._ledger.due_purges(self._clock()):
            await self._purge(platform, guild_id)
            log.info("forgot a guild of %s that had removed the bot", platform)
