"""Model outputs that try to notify people on Slack, composed of known tricks from a seed; some bring a link along."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.adapters.hostile import hostile_texts

LIMIT = 11_000
"""Characters of a message; a mention that lies across it is written in two."""

MOST_PIECES = 4

MENTIONS: tuple[str, ...] = (
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<!here|here>",
    "<!CHANNEL>",
    "< !channel>",
    "<! channel>",
    "<<!channel>>",
    "\\<!channel\\>",
    "<\u200b!channel>",
    "<!channel|<!here>>",
    "&lt;!channel&gt;",
    "&#60;!channel&#62;",
    "&amp;lt;!channel>",
    "＜!channel＞",
    "<!subteam^S012AB>",
    "<!subteam^S012AB|@admins>",
    "<@U000000005>",
    "<@W000000005>",
    "<@U000000005|ann>",
    "<<@U000000005>",
    "<@U000000005><!here>",
    "<!date^1392734382^{date}^https://evil.com/x|when>",
    "@channel",
    "@here @everyone",
)
_AROUND: tuple[Callable[[str], str], ...] = (
    lambda mention: mention,
    lambda mention: mention,
    lambda mention: f"`{mention}`",
    lambda mention: f"``{mention}``",
    lambda mention: f"```\n{mention}\n```",
    lambda mention: f"```py\nprint('{mention}')",
    lambda mention: f"~~~\n{mention}\n~~~",
    lambda mention: f"**{mention}**",
    lambda mention: f"> {mention}",
    lambda mention: f"# {mention}",
    lambda mention: f"- a\n  - {mention}",
    lambda mention: f"| who |\n|---|\n| {mention} |",
    lambda mention: f"[{mention}](https://evil.com/)",
    lambda mention: f"[click](https://evil.com/{mention} '{mention}')",
    lambda mention: f"<https://evil.com/{mention}>",
    lambda mention: f"<https://evil.com|{mention}>",
    lambda mention: f"![{mention}](https://evil.com/x.png)",
    lambda mention: f"[1]: https://evil.com '{mention}'\n[{mention}][1]",
    lambda mention: f"\u200b\n{mention}\n\u200b",
    lambda mention: f"\u202e{mention}\n",
    lambda mention: f"<!--{mention}-->",
    lambda mention: f"<b>{mention}</b>",
)


def hostile_outputs(seed: int, count: int) -> Iterator[tuple[str, ...]]:
    """Yield outputs, each in the pieces in which a model streams it; the same for the same seed."""
    chance = random.Random(seed)
    for link in hostile_texts(seed, count):
        yield _cut(chance, _output(chance, link))


def _output(chance: random.Random, link: str) -> str:
    tricks = [chance.choice(_AROUND)(chance.choice(MENTIONS)) for _ in range(chance.randint(1, 3))]
    kind = chance.random()
    if kind < 0.15:
        tricks.append(link)
    elif kind < 0.17:
        begin = LIMIT - chance.randint(0, len(tricks[0]))
        return ("word " * (LIMIT // 5 + 1))[:begin] + tricks[0]
    return chance.choice(("\n", "\n\n", " ", "")).join(tricks)


def _cut(chance: random.Random, text: str) -> tuple[str, ...]:
    """Return a text in pieces, cut anywhere."""
    cuts = chance.sample(range(1, len(text)), min(chance.randrange(MOST_PIECES), max(len(text) - 1, 0)))
    return tuple(text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)]))
