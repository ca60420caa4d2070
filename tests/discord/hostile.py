"""Model outputs that try to ping people, composed of known tricks from a seed; some bring a link along."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.adapters.hostile import hostile_texts

LIMIT = 2000
"""Characters of a message; a mention that lies across it is written in two."""

MOST_PIECES = 12


@dataclass(frozen=True, slots=True)
class Targets:
    """Who can be named, by ids; a guild's own id is the role of everybody in it."""

    people: tuple[int, ...]
    roles: tuple[int, ...]


_EVERYONE: tuple[str, ...] = (
    *("@everyone", "@here") * 5,  # mostly as it is
    "@everyone@here",
    "@@everyone",
    "\\@everyone",
    "@everyone's",
    "ping@everyone.example",
    "@EVERYONE",
    "@\u200beveryone",
    "@ever\u00adyone",
    "\u202e@everyone\u202c",
    "\u200f@here\u200f",
    "\u2066@everyone\u2069",
    "＠everyone",
    "@everyοne",
    "&#64;everyone",
    "\x00@everyone",
    "<@everyone>",
    "<@&everyone>",
)
_NAMED: tuple[Callable[[int, int], str], ...] = (
    lambda person, _: f"<@{person}>",
    lambda person, _: f"<@!{person}>",
    lambda _, role: f"<@&{role}>",
    lambda person, role: f"<@{person}><@&{role}>",
    lambda person, _: f"<<@{person}>>",
    lambda person, _: f"\\<@{person}\\>",
    lambda person, _: f"<@\u200b{person}>",
    lambda person, _: f"<@{person}\u200b>",
    lambda person, _: f"<@0{person}>",
    lambda _, role: f"<@& {role}>",
    lambda _, role: f"\u202e<@&{role}>",
    lambda person, _: f"<#{person}>",
    lambda _, role: f"</everyone:{role}>",
    lambda person, _: f"<a:everyone:{person}>",
)
_AROUND: tuple[Callable[[str], str], ...] = (
    lambda mention: mention,
    lambda mention: mention,
    lambda mention: f"`{mention}`",
    lambda mention: f"``{mention}``",
    lambda mention: f"` {mention}",
    lambda mention: f"```\n{mention}\n```",
    lambda mention: f"```{mention}```",
    lambda mention: f"```py\nprint('{mention}')",
    lambda mention: f"````\n```\n{mention}\n````",
    lambda mention: f"~~~\n{mention}\n~~~",
    lambda mention: f"**{mention}**",
    lambda mention: f"~~_{mention}_~~",
    lambda mention: f"||{mention}||",
    lambda mention: f"||a ||{mention}|| b||",
    lambda mention: f"|||| ||||{mention}",
    lambda mention: f"> {mention}",
    lambda mention: f">>> quoted\n{mention}",
    lambda mention: f"-# {mention}",
    lambda mention: f"# {mention}",
    lambda mention: f"- a\n  - {mention}",
    lambda mention: f"| who |\n|---|\n| {mention} |",
    lambda mention: f"[{mention}](https://evil.example/)",
    lambda mention: f"[{mention}](<https://evil.example/{mention}>)",
    lambda mention: f"[click](https://evil.example/{mention} '{mention}')",
    lambda mention: f"https://evil.example/?{mention}",
    lambda mention: f"<https://evil.example/{mention}>",
    lambda mention: f"![{mention}](https://evil.example/x.png)",
    lambda mention: f"[1]: https://evil.example '{mention}'\n[{mention}][1]",
    lambda mention: f"`https://evil.example` {mention}",
    lambda mention: f"\u200b\n{mention}\n\u200b",
    lambda mention: f"\u202e{mention}\n",
)


def hostile_outputs(seed: int, count: int, targets: Targets) -> Iterator[tuple[str, ...]]:
    """Yield outputs, each in the pieces in which a model streams it; the same for the same seed."""
    chance = random.Random(seed)
    for link in hostile_texts(seed, count):
        yield _cut(chance, _output(chance, targets, link))


def _output(chance: random.Random, targets: Targets, link: str) -> str:
    tricks = [_trick(chance, targets) for _ in range(chance.randint(1, 3))]
    kind = chance.random()
    if kind < 0.10:
        tricks.insert(chance.randrange(len(tricks) + 1), link)
    elif kind < 0.20:
        return _across_the_limit(chance, tricks[0])
    elif kind < 0.22:
        return chance.choice(("@everyone ", "||@here||", f"<@{targets.people[0]}>")) * chance.randint(50, 400)
    elif kind < 0.24:
        return chance.choice(("", " \n", "\u200b", "\u2800", "||||", "```", "```\n```", "-# ", "> ", "\u202e"))
    return chance.choice(("\n", "\n\n", " ", "")).join(tricks)


def _trick(chance: random.Random, targets: Targets) -> str:
    if chance.random() < 0.5:
        mention = chance.choice(_EVERYONE)
    else:
        mention = chance.choice(_NAMED)(chance.choice(targets.people), chance.choice(targets.roles))
    return chance.choice(_AROUND)(mention)


def _across_the_limit(chance: random.Random, trick: str) -> str:
    """Return a text in which a trick lies where one message has to end and the next to begin."""
    begin = LIMIT * chance.randint(1, 2) - chance.randint(0, len(trick))
    filler = chance.choice(("a", "word ", "line\n", "||x||", "\u200b"))
    return (filler * (begin // len(filler) + 1))[:begin] + trick + chance.choice(("", " and on", filler * 20))


def _cut(chance: random.Random, text: str) -> tuple[str, ...]:
    """Return a text in pieces, cut anywhere."""
    cuts = chance.sample(range(1, len(text)), min(chance.randrange(MOST_PIECES), max(len(text) - 1, 0)))
    return tuple(text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)]))
