"""Texts that Discord shows to the letter."""

from __future__ import annotations

import pytest

from adapters.discord.literal import literal
from tests.adapters.hostile import hostile_texts
from tests.adapters.readers import discord_links

OUTPUTS = 2000


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("I like **tea** and `jam` and _bread_", r"I like \*\*tea\*\* and \`jam\` and \_bread\_"),
        ("[click](https://x.example/a_b)", r"\[click](https\://x.example/a\_b)"),
        ("<@5> <@&6> <t:1> </forget:7> <:a:8>", r"\<@5> \<@&6> \<t:1> \</forget:7> \<\:a:8>"),
        ("#general <#12345>", "#general <#12345>"),
        ("@everyone and @here, @Ann", r"\@everyone and \@here, @Ann"),
        ("join discord.gg/abc", r"join discord\.gg/abc"),
        (
            "# big\n## less\n-# small\n> said\n- one\n2. two",
            "\\# big\n\\## less\n\\-# small\n\\> said\n\\- one\n2\\. two",
        ),
        ("#12 tea – preference, at 12:30; see /help (3.5)", "#12 tea – preference, at 12:30; see /help (3.5)"),
        (":tea: \\o/ ||so|| ~~no~~", r"\:tea: \\o/ \|\|so\|\| \~\~no\~\~"),
    ],
)
def test_what_is_sent(text: str, sent: str) -> None:
    """A backslash stands before what would be formatting, a mention, an emoji or a link; all else is as it is."""
    assert literal(text) == sent


def test_nothing_is_a_link() -> None:
    """Whatever somebody had the bot remember; as it stands there, much of it would be."""
    texts = list(hostile_texts(3, OUTPUTS))
    shown = [literal(text) for text in texts]

    assert [link for text in shown for link in discord_links(text)] == []
    assert [link for text in texts for link in discord_links(text)] != []
