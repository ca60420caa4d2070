"""A made-up town of people who talk in many places, and who may read what there, decided without the product's rules.

Everything is drawn from a seed. Every memory carries a canary, a word of its own; after each recall the prompt that a
model would get is searched for canaries, and what is found is compared with what the asker may see.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.judgement.duplicates import Relation
from bot.memory.core import MemoryCore
from bot.protocols import Selection
from bot.replies.prompt import Ingredients, Manner, build_prompt
from bot.types import Hit, MemoryId, Place, PlaceKind, Reach, Scope
from tests.memory.folders import told

PEOPLE = ("ida", "jon", "kim", "leo")
# The same ids on both platforms and in both guilds: only the whole scope tells people apart.
GUILDS = {"slack": ("north", "south"), "discord": ("north", "south", "@dm")}
CHANNELS = {PlaceKind.PRIVATE: ("vault", "attic"), PlaceKind.PUBLIC: ("square", "market")}
HUDDLES = ("first", "second")
TOPICS = ("tea", "chess", "boats", "bread", "hiking")

_CANARY = re.compile(r"canary[0-9a-f]{12}")
_MANNER = Manner("Forget-me-not", "You are kind.", "auto", UTC)
_NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spot:
    """Somebody, somewhere."""

    platform: str
    guild: str
    person: str
    kind: PlaceKind
    channel: str
    thread: str | None = None
    huddle: str | None = None  # a private thread of the channel
    strangers: bool = False  # whether people from outside the guild are in the channel just now

    @property
    def scope(self) -> Scope:
        """Whose memories are asked for here."""
        return Scope(self.platform, self.guild, self.person)

    @property
    def place(self) -> Place:
        """Where that is."""
        if self.huddle is None:
            return Place(self.kind, self.channel, self.thread, is_shared=self.strangers)
        thread = f"{self.huddle} huddle in {self.channel}"
        return Place(PlaceKind.PRIVATE, thread, thread, self.channel)

    @property
    def heard_by(self) -> str | tuple[str, str]:
        """Who else is there, beside those of public places."""
        return (self.channel, self.huddle) if self.huddle else self.channel


@dataclass(slots=True)
class Known:
    """A memory as the town knows it: where and for whom it was said, and how it reads now."""

    spot: Spot
    reach: Reach
    text: str
    canary: str
    scope: Scope
    id: MemoryId


@dataclass(slots=True)
class Tally:
    """What came of a run. leaked and missing: a line for each memory seen where it may not be, or not seen."""

    recalls: int = 0
    shown: int = 0
    tempted: int = 0
    leaked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class Town:
    """Runs one seed's story against a core."""

    def __init__(self, core: MemoryCore, seed: int) -> None:
        self.tally = Tally()
        self._core = core
        self._random = random.Random(seed)
        self._known: list[Known] = []
        self._old_canaries: dict[str, Known] = {}

    async def live(self, memories: int, recalls: int) -> Tally:
        """Tell memories, then ask, forty questions at a time; in between something is told, changed or forgotten."""
        for _ in range(memories):
            await self._tell()
        for _ in range(recalls // 40):
            await self._random.choice((self._tell, self._tell, self._change, self._forget))()
            await asyncio.gather(*(self._ask() for _ in range(40)))
        return self.tally

    def _spot(self) -> Spot:
        choose = self._random.choice
        platform = choose(tuple(GUILDS))
        guild, person = choose(GUILDS[platform]), choose(PEOPLE)
        if guild == "@dm" or self._random.random() < 0.3:
            return Spot(platform, guild, person, PlaceKind.DM, f"dm of {person}")
        kind = choose(tuple(CHANNELS))
        if self._random.random() < 0.2:
            return Spot(platform, guild, person, PlaceKind.PRIVATE, choose(CHANNELS[kind]), huddle=choose(HUDDLES))
        thread = choose((None, None, "thread 1", choose(CHANNELS[PlaceKind.PRIVATE])))
        channel = choose(CHANNELS[kind])
        if self._random.random() < 0.2:
            return Spot(platform, guild, person, PlaceKind.PRIVATE, channel, thread, strangers=True)
        return Spot(platform, guild, person, kind, channel, thread)

    def _words(self, topic: str) -> tuple[str, str]:
        canary = f"canary{self._random.getrandbits(48):012x}"
        return f"{topic} is what I talk about at home with {canary}", canary

    async def _tell(self) -> None:
        spot = self._spot()
        reach = self._random.choices(tuple(Reach), (6, 2, 2))[0]
        if reach is Reach.EVERYONE and spot.kind is PlaceKind.DM:  # refused: nobody else is there
            reach = Reach.HERE
        text, canary = self._words(self._random.choice(TOPICS))
        statement = told(text, spot.place, f"message {canary}", reach)
        memory = (await self._core.remember(spot.scope, statement)).memory
        assert memory is not None
        self._known.append(Known(spot, reach, text, canary, memory.scope, memory.id))

    async def _change(self) -> None:
        known = self._random.choice(self._known)
        self._old_canaries[known.canary] = known
        known.text, known.canary = self._words(_topic(known.text))
        await self._core.edit(known.scope, known.id, known.text)

    async def _forget(self) -> None:
        known = self._known.pop(self._random.randrange(len(self._known)))
        self._old_canaries[known.canary] = known
        await self._core.forget(known.scope, Selection(ids=(known.id,)))

    async def _ask(self) -> None:
        spot = self._spot()
        question = f"what about {self._random.choice(TOPICS)}?"
        if self._random.random() < 0.5:  # as tempting as can be: the very words of a memory that must not be seen
            hidden = [known for known in self._known if not may_see(spot, known)]
            question = self._random.choice(hidden).text
            self.tally.tempted += 1
        recollection = await self._core.recall(spot.scope, question, place=spot.place)
        self._compare(spot, canaries_of_prompt(recollection.hits))

    def _compare(self, spot: Spot, shown: set[str]) -> None:
        allowed = {known.canary for known in self._known if may_see(spot, known)}
        by_canary = self._old_canaries | {known.canary: known for known in self._known}
        self.tally.recalls += 1
        self.tally.shown += len(shown)
        self.tally.leaked += [f"{by_canary[canary]} shown to {spot}" for canary in shown - allowed]
        self.tally.missing += [f"{by_canary[canary]} not shown to {spot}" for canary in allowed - shown]


def may_see(asker: Spot, known: Known) -> bool:
    """Tell who may read a memory where, from the table of the design: what was said in which place is read where."""
    said = known.spot
    if said.platform != asker.platform:
        return False
    same_guild = said.guild == asker.guild
    if asker.strangers:  # they see what was said in the channel before; of anything else nothing is to reach them
        in_channel = said.kind != "dm" and said.heard_by == asker.channel
        return same_guild and in_channel and (known.reach == "everyone" or said.person == asker.person)
    same_private = asker.kind == "private" and said.kind == "private" and asker.heard_by == said.heard_by
    if known.reach == "everyone":
        return same_guild and asker.kind != "dm" and (said.kind == "public" or same_private)
    if said.person != asker.person:
        return False
    if asker.kind == "dm":  # of a platform without guilds in its DMs: everything of the person there
        return same_guild or asker.guild == "@dm"
    return same_guild and (known.reach == "anywhere" or said.kind == "public" or same_private)


def canaries_of_prompt(hits: Iterable[Hit]) -> set[str]:
    """Return the canaries in the prompt that a model would get; the question is left out, it may hold one itself."""
    given = Ingredients("And now?", "Somebody", tuple(hits), (), _NOW)
    messages, _ = build_prompt(_MANNER, given, max_tokens=100_000)
    return {canary for message in messages for canary in _CANARY.findall(message.content)}


def same_topic_updates(
    old: str, new: str, cosine: float, old_stems: frozenset[str], new_stems: frozenset[str]
) -> Relation:
    """Let every newer statement on a topic replace the older ones that it is compared with."""
    return Relation.UPDATE if _topic(old) == _topic(new) else Relation.DIFFERENT


def _topic(text: str) -> str:
    return text.partition(" ")[0]
