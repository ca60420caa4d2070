"""Texts on their way out: whatever a model is talked into writing, nobody is notified, and no link leads anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

import pytest

from adapters.slack import draft, mrkdwn
from adapters.slack.draft import Draft
from adapters.slack.mrkdwn import MARKDOWN_CHARACTERS, fallback, inert, small_print, spelled_out
from bot.events import IncomingMessage, ReplyEnd, ReplyPart, ReplyText
from tests.adapters.readers import slack_links
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack.mentions import pings_in
from tests.servers.slack.rules import block_faults
from tests.slack.hostile import hostile_outputs
from tests.slack.world import World
from tests.worlds import PATIENCE_S

OUTPUTS = 5000
SHOWN_OUTPUTS = 150


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("<!here>", "&lt;!here>"),
        ("`<@U1>`", "`&lt;@U1>`"),
        ("< !Channel>", "&lt; !Channel>"),
        ("<!subteam^S1|x>", "&lt;!subteam^S1|x>"),
        ("<!date^1^{date}^https://x|y>", "&lt;!date^1^{date}^https://x|y>"),
        ("a < b && List<int> <div>", "a < b && List<int> <div>"),
        ("<!DOCTYPE html> <!-- no -->", "<!DOCTYPE html> <!-- no -->"),
        ("<#C1>", "<#C1>"),
        ("&lt;!here&gt;", "&lt;!here&gt;"),
    ],
)
def test_inert(written: str, sent: str) -> None:
    """The bracket of a token that notifies somebody is escaped; code and links to channels stay as they are."""
    assert inert(written) == sent


def test_references_that_hide_links() -> None:
    """Are spelled out, so that the link policy sees them; others stay."""
    assert (
        spelled_out("evil&#46;com https&colon;//x a&#x40;b &lt;b&gt; &amp;") == "evil.com https://x a@b &lt;b&gt; &amp;"
    )


def test_fallback_is_short() -> None:
    """Slack takes 4,000 characters of text with an update, however much the blocks hold."""
    assert len(fallback("<" * MARKDOWN_CHARACTERS)) <= 4000 * 2
    assert fallback("a & b") == "a &amp; b"


def test_small_print_fits() -> None:
    """Of a notice that is too long, the beginning is shown."""
    assert list(block_faults([small_print("word & " * 2000)], "message")) == []


def bodies_of(output: Sequence[str], *, growing_too: bool = True) -> Iterator[dict[str, Any]]:
    """Yield what would be sent of an answer when it is whole, and while it grows."""
    growing = Draft((), "")
    for piece in output:
        growing.answer.grow(piece)
        if not growing_too:
            continue
        if flowing := growing.flowing():
            yield {"markdown_text": flowing}
        for content in growing.so_far():
            yield {"text": content.notification, "blocks": content.blocks}
    for content in growing.whole():
        yield {"text": content.notification, "blocks": content.blocks}


def test_no_output_notifies_or_links() -> None:
    """However the mention is written, cut or wrapped; every tenth also while it grows. Slack takes all of them."""
    pings: list[object] = []
    links: list[object] = []
    faults: list[object] = []
    states = 0
    for number, output in enumerate(hostile_outputs(3, OUTPUTS)):
        for body in bodies_of(output, growing_too=number % 10 == 0):
            states += 1
            pings += pings_in(body)
            links += [link for text in _markdown(body) for link in slack_links(text)]
            faults += block_faults(body.get("blocks") or [], "message")

    assert (pings, links, faults) == ([], [], [])
    assert states > 1.2 * OUTPUTS


def test_mentions_and_links_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a bot that sends what the model wrote."""
    monkeypatch.setattr(draft, "inert", lambda text: text)
    monkeypatch.setattr(draft, "defuse", lambda text, **_: text)
    bodies = [body for output in hostile_outputs(3, 200) for body in bodies_of(output)]

    assert {"<!channel>", "<!here>", "<@U000000005>", "<!subteam^S012AB>"} <= {p for b in bodies for p in pings_in(b)}
    assert [link for body in bodies for text in _markdown(body) for link in slack_links(text)] != []


def test_unescaped_fallback_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control for the text that notifications show."""
    monkeypatch.setattr(mrkdwn, "escaped", lambda text: text)

    assert [ping for output in hostile_outputs(3, 50) for body in bodies_of(output) for ping in pings_in(body)] != []


def _markdown(body: dict[str, Any]) -> list[str]:
    blocks = [block["text"] for block in body.get("blocks") or () if block["type"] == "markdown"]
    return [*blocks, *([body["markdown_text"]] if "markdown_text" in body else [])]


class HostileAssistant(EchoAssistant):
    """Answers a number with that output, now and then with a pause between its pieces."""

    def __init__(self, outputs: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._outputs = outputs

    async def parts(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """Stream the output."""
        number = int(message.text)
        for piece in self._outputs[number]:
            yield ReplyText(piece)
            await asyncio.sleep(0.06 if number % 5 == 0 else 0)
        yield ReplyEnd()


async def test_nobody_is_notified_on_slack(world: World) -> None:
    """By posts, edits and streams alike; what Slack would refuse, the world's end finds."""
    outputs = list(hostile_outputs(5, SHOWN_OUTPUTS))
    assistant = HostileAssistant(outputs)
    channels = [world.server.team.add_channel(f"channel-{number}") for number in range(10)]
    world.server.team.invite(*channels)
    async with world.bot(assistant):
        for number in range(0, SHOWN_OUTPUTS, 2):
            await world.ann.says(channels[number % 10], f"{world.server.mention} {number}")
            await world.ben.chats(str(number + 1))
        await world.server.until(lambda: len(assistant.delivered) == SHOWN_OUTPUTS or None, 3 * PATIENCE_S)

    assert world.server.calls("chat.startStream") != []
    assert world.server.pings == []
