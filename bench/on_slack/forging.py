"""What the bot's port takes: everything that Slack signed, once, and nothing else.

The same forgeries then go to bots that lack one of the checks, each of which has to take some.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from adapters.slack.interface.commands import UMBRELLA
from bench.measuring import Figure
from bench.on_slack.careless import AGE, REPLAY, SIGNATURE
from bench.on_slack.sizes import Sizes
from bench.on_slack.towns import Town, founded
from tests.servers.slack import Forgery, Posted

SEED = 5
REPLAYED = "sent once more, to the letter"

_KINDS = (*Forgery, REPLAYED)
_TAKEN = 200
_REFUSED = 401


@dataclass(slots=True)
class Statuses:
    """What the bot's port said to requests."""

    genuine: list[int] = field(default_factory=list)
    forged: list[int] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Genuine requests that were taken."""
        return self.genuine.count(_TAKEN)

    @property
    def let_in(self) -> int:
        """Forged requests that were not refused."""
        return len(self.forged) - self.forged.count(_REFUSED)


async def forging(folder: Path, sizes: Sizes) -> list[Figure]:
    """Measure what is taken of genuine requests, and of a forgery made of each of them."""
    found = await _statuses(folder / "careful", sizes.forged)
    kinds = f"of {len(found.forged):,}, of {len(_KINDS)} kinds"
    figures = [
        Figure("forged requests: taken", found.let_in, "requests", 0.0, note=kinds),
        Figure("genuine requests: taken", found.taken, "requests", len(found.genuine), at_least=True),
    ]
    for check in (SIGNATURE, AGE, REPLAY):
        found = await _statuses(folder / check, sizes.controls, without=check)
        name, among = f"control, {check} not checked: taken", f"of {len(found.forged):,} forged ones"
        figures.append(Figure(name, found.let_in, "requests", 1.0, at_least=True, note=among))
    return figures


async def _statuses(folder: Path, count: int, without: str = "") -> Statuses:
    """Send so many genuine requests, and after each of them one that somebody forged of it.

    Args:
        without: the check that the bot lacks; none when empty.
    """
    chosen, statuses = random.Random(SEED), Statuses()
    async with founded(1, by_http=True) as town, town.served(folder, without):
        for number in range(count):
            posted = await _posted(town, number)
            statuses.genuine.append(posted.status)
            statuses.forged.append((await _forged(town, posted, chosen.choice(_KINDS))).status)
    return statuses


async def _posted(town: Town, number: int) -> Posted:
    """Let somebody use a command, or say something that is not for the bot; return the request of it."""
    person, channel = town.places[0]
    if number % 2:
        await person.commands(channel, f"/{UMBRELLA}", "help")
    else:
        await person.says(channel, f"number {number}")
        await town.slack.until(lambda: all(one.done.is_set() for one in town.slack.deliveries.sent))
    return town.slack.http.posted[-1]


async def _forged(town: Town, posted: Posted, kind: Forgery | str) -> Posted:
    """Send what somebody made of a request that they overheard."""
    http = town.slack.http
    if isinstance(kind, Forgery):
        return await http.forge(kind, f"{posted.body}\n")  # the very same would be refused as sent again, too
    return await http.replay(posted)
