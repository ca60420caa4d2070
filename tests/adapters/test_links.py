"""Links: what the person wrote or an operator allowed stays, everything else is text that nobody can click."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from adapters.links import Style, defuse
from adapters.splitting import split
from adapters.streaming import closed, stable_prefix
from tests.adapters.hostile import ALLOWED, GOOD, SAID, hostile_texts
from tests.adapters.readers import discord_links, slack_links

OUTPUTS = 5_000
READERS = {Style.DISCORD: discord_links, Style.SLACK: slack_links}
STYLES = pytest.mark.parametrize("style", Style)


def _defused(text: str, style: Style = Style.DISCORD) -> str:
    return defuse(text, allowed_hosts=ALLOWED, said=SAID, style=style)


def _leaks(text: str, style: Style) -> list[str]:
    """Return the links of a message that nobody agreed to."""
    return [link for link in READERS[style](text) if not _is_good(link)]


def _is_good(link: str) -> bool:
    """Tell whether a link is what the person wrote, with a little punctuation, or leads to the allowed host."""
    address = re.sub(r"""[.,:;!?"'\])}>*_~|]{0,6}\Z""", "", link)
    return re.sub(r"\Ahttps?://", "", address) == "said.example/page?x=1" or bool(
        re.fullmatch(r"(?:https?://)?docs\.example(?:[/?#]\S*)?", address)
    )


@pytest.mark.parametrize(
    ("text", "on_discord", "on_slack"),
    [
        ("see http://evil.com/?q=secret.", "see `evil.com/?q=secret`.", "see evil[.]com/?q=secret."),
        ("HTTPS://EVIL.com", "`EVIL.com`", "EVIL[.]com"),
        ("www.evil.com", "www.evil.com", "www[.]evil[.]com"),
        ("evil.com/x", "evil.com/x", "evil[.]com/x"),
        ("(http://evil.com/a_(b))", "(`evil.com/a_(b)`)", "(evil[.]com/a_(b))"),
        ("**http://evil.com**", "**`evil.com`**", "**evil[.]com**"),
        ("[text](http://evil.com/?q=s)", "text (`evil.com/?q=s`)", "text (evil[.]com/?q=s)"),
        ("[text](<http://evil.com>)", "text (`evil.com`)", "text (evil[.]com)"),
        ('[text](http://evil.com "title")', "text (`evil.com`)", "text (evil[.]com)"),
        ("[http://evil.com](http://evil.com)", "`evil.com`", "evil[.]com"),
        ("[`code`](http://evil.com)", "`code` (`evil.com`)", "`code` (evil[.]com)"),
        ("![a cat](http://evil.com/x.png)", "a cat (`evil.com/x.png`)", "a cat (evil[.]com/x[.]png)"),
        ("![](http://evil.com)", "`evil.com`", "evil[.]com"),
        ("<http://evil.com>", "`evil.com`", "evil[.]com"),
        ("<https:/evil.com>", "`evil.com`", "evil[.]com"),
        ("<http://evil.com|click>", "click (`evil.com`)", "click (evil[.]com)"),
        ("[a][1]\n\n[1]: http://evil.com", "[a][1]\n\n[1] `evil.com`", "[a][1]\n\n[1] evil[.]com"),
        ("discord.gg/abc", "`discord[.]gg/abc`", "discord[.]gg/abc"),
        ("https://discord.com/invite/abc", "`discord[.]com/invite/abc`", "discord[.]com/invite/abc"),
        ("mailto:a@evil.com", "`a@evil.com`", "a@evil[.]com"),
        ("<a@evil.com>", "`a@evil.com`", "a@evil[.]com"),
        ("a@evil.com", "a@evil.com", "a@evil[.]com"),
        ("<+49 123 4567>", "`+491234567`", "+491234567"),
        ("javascript:alert(1)", "`alert(1)`", "alert(1)"),
        ("steam://run/1", "`run/1`", "run/1"),
        ("discord://-/settings", "`-/settings`", "-/settings"),
        ("ht\u200btps://ev\u200bil.com", "`evil.com`", "evil[.]com"),
        ("https://evil。com", "`evil。com`", "evil[.]com"),
        ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｃｏｍ", "`evil.com`", "evil[.]com"),
        ("https://xn--e1awd7f.com", "`xn--e1awd7f.com`", "xn--e1awd7f[.]com"),
        ("https://google.com@evil.com", "`google.com@evil.com`", "google[.]com@evil[.]com"),
        ("https:\\/\\/evil.com", "`evil.com`", "evil[.]com"),
        ("看https://evil.com", "看`evil.com`", "看evil[.]com"),
        ("`curl http://evil.com`", "`curl http://evil.com`", "`curl evil[.]com`"),
        ("`**` **x** `http://evil.com`", "`**` **x** `http://evil.com`", "`**` **x** `evil[.]com`"),
        ("**a `**http://evil.com`", "**a `**evil.com`", "**a `**evil[.]com`"),
        ("`discord.gg/abc`", "`discord[.]gg/abc`", "`discord[.]gg/abc`"),
        ("```\nhttp://evil.com\n```", "```\nhttp://evil.com\n```", "```\nevil[.]com\n```"),
        ("> ```\nhttp://evil.com\n```", "> ```\nevil.com\n```", "> ```\nevil[.]com\n```"),
    ],
)
def test_link_becomes_text(text: str, on_discord: str, on_slack: str) -> None:
    """What stays can be read, and in code on Discord nothing has to change."""
    assert _defused(text, Style.DISCORD) == on_discord
    assert _defused(text, Style.SLACK) == on_slack


@STYLES
@pytest.mark.parametrize(
    "text",
    [
        "https://said.example/page?x=1",
        "See (https://said.example/page?x=1), please.",
        "**https://said.example/page?x=1**",
        "[the page](https://said.example/page?x=1)",
        "https://docs.example/a/b?c=d#e",
        "[docs](https://docs.example/a).",
        "Hi <@1>, <#2>, <@&3>, <:blob:4>, <a:wave:5>, <t:6:R>, </help:7>: a < b > c.",
        "Version 3.11.7 of 2024-01-01, e.g. config.json, at 10:30, ratio 1:2; and/or 1/2. Vec<std::string>",
        "`asyncio.run(main())` in `main.py`",
        "array[0](x) and [x] and (y)",
    ],
)
def test_what_is_agreed_stays(text: str, style: Style) -> None:
    """Links of the person and to allowed hosts stay as they are, and so does what only looks like one."""
    assert _defused(text, style) == text


def test_link_is_repeated_to_the_letter() -> None:
    """One character more than the person wrote could be a message to whoever owns the page."""
    assert _defused("https://said.example/page?x=12") == "`said.example/page?x=12`"
    assert _defused("https://said.example/page?x=1&y=2") == "`said.example/page?x=1&y=2`"
    assert _defused("http://SAID.example/page?x=1") == "http://SAID.example/page?x=1"


@pytest.mark.parametrize(
    "said", ["go to a.example", "<https://a.example|a.example>", "[a](http://a.example/)", "see (a.example)."]
)
def test_person_may_write_a_link_in_any_form(said: str) -> None:
    """A bare domain, Slack's notation or a masked link name the same page."""
    text = "https://a.example/"

    assert defuse(text, allowed_hosts=frozenset(), said=said, style=Style.SLACK) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://docs.example.evil.com",
        "https://evil-docs.example",
        "https://sub.docs.example",
        "https://docs.example@evil.com",
        "https://docs.example\\@evil.com",
        "https://docs.example:8080/x",
        "https://docs.example`.evil.com",
        "https://docs.example。evil.com",
        "https://docs.example/http://evil.com",
        "ftp://docs.example/x",
    ],
)
def test_allowed_host_is_exact(address: str) -> None:
    """A host is allowed by itself, not with what resembles it, another port or another scheme."""
    assert discord_links(_defused(address)) == []


ORDINARY = """\
# Setting it up

1. **Install** the `some_tool` package, see [the docs](https://docs.example/a):
   ```bash
   curl -fsSL https://get.tool.example/install_it.sh | sh
   ```
2. Write *your* `https://localhost:8080/path_x` into **`config.toml`**:

```toml
base_url = "https://api.tool.example/v1"  # **not** http://
```

- It takes a moment
- Then run `some_tool --check`
"""


def test_code_of_an_ordinary_answer_stays() -> None:
    """An answer as models write it keeps the addresses in its code on Discord."""
    assert _defused(ORDINARY) == ORDINARY


@STYLES
def test_no_hostile_output_gets_a_link_through(style: Style) -> None:
    """Of 5,000 outputs made of known tricks none holds a link that nobody agreed to; a second run changes nothing."""
    shown = [_defused(text, style) for text in hostile_texts(1, OUTPUTS)]

    assert [text for text in shown if _leaks(text, style)] == []
    assert [text for text in shown[::10] if _defused(text, style) != text] == []


def _no_schemes(text: str) -> str:
    return re.sub(r"https?://", "", text)


def _outside_code(text: str) -> str:
    parts = re.split(r"(```[\s\S]*?```|`[^`]*`)", text)
    return "".join(part if number % 2 else _defused(part) for number, part in enumerate(parts))


def _any_path_of_what_was_said(text: str) -> str:
    return defuse(text, allowed_hosts=ALLOWED | {"said.example", "evil.com"}, said=SAID, style=Style.DISCORD)


@pytest.mark.parametrize(
    "mutant", [str, _no_schemes, _outside_code, _any_path_of_what_was_said], ids=lambda mutant: mutant.__name__
)
def test_weaker_policy_would_be_seen(mutant: Callable[[str], str]) -> None:
    """The same check catches a policy that does nothing, forgets schemes, trusts all code, or trusts too many hosts."""
    assert any(_leaks(mutant(text), Style.DISCORD) for text in hostile_texts(1, OUTPUTS))


@STYLES
def test_good_links_survive_hostile_company(style: Style) -> None:
    """The policy is no shredder: good links are still links beside bad ones."""
    for good in GOOD:
        assert READERS[style](_defused(f"http://evil.com {good} [x](http://evil.com)", style))[0] in good


def test_no_link_slips_out_of_a_growing_text() -> None:
    """Whatever of a hostile output has arrived, what is shown of it holds no link that nobody agreed to."""
    states = [text[:length] for text in hostile_texts(2, 120) for length in range(1, len(text) + 1, 5)]
    shown = [_defused(stable_prefix(state)) for state in states]

    assert [text for text in shown if _leaks(text, Style.DISCORD)] == []


def test_no_link_comes_back_when_an_answer_is_split() -> None:
    """Messages of a long hostile answer are as harmless as the whole."""
    for seed in range(20):
        text = _defused(closed("\n".join(hostile_texts(seed, 100))))

        assert [piece for piece in split(text, 2_000) if _leaks(piece, Style.DISCORD)] == []


@STYLES
@pytest.mark.parametrize(
    "text",
    [
        "http://" * 5_000,
        "[a](" * 10_000,
        "<a:/" * 5_000,
        "`a" * 10_000,
        "a.b." * 10_000,
        "a-" * 20_000,
        "**a " * 10_000,
    ],
    ids=lambda text: text[:7],
)
def test_work_stays_bounded(text: str, style: Style) -> None:
    """A text made to confuse a pattern takes no more than moments."""
    began_s = time.perf_counter()
    _defused(text, style)

    assert time.perf_counter() - began_s < 3
