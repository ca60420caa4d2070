"""Messages of one person in order, only so many at once, only so many a minute, of any size and any characters."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest

from bot.events import ReplyEnd
from bot.types import Scope
from tests.assistant.talking import ANN, BEN, Gate, House, Reply, Talk
from tests.servers.openai_server import OpenAIServer, reply

BUSY = "I'm still busy"
SLOW_DOWN = "That's a lot at once"
STALL_S = 0.05


async def test_messages_of_one_person_are_answered_in_order(home: House, server: OpenAIServer) -> None:
    """Sent all at once, a person's messages reach the model one after the other, each with the turns before it."""
    async with home.opened() as talk:
        await talk.meet()
        await asyncio.gather(*(talk.say(f"Is it {number} o'clock?") for number in range(5)))

    asked = [[m["content"] for m in request["messages"] if m["role"] == "user"] for request in server.requests]
    assert asked == [[f"Is it {number} o'clock?" for number in range(count + 1)] for count in range(5)]


async def test_people_do_not_wait_for_each_other(home: House, server: OpenAIServer) -> None:
    """While one person's answer is slow, another's comes."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.opened() as talk:
        await talk.meet(ANN, BEN)
        slow = asyncio.create_task(talk.say("Hello!"))
        await gate.reached.wait()
        quick = await talk.say("Hello!", scope=BEN)
        waited = not slow.done()
        gate.open.set()

        assert quick.text.startswith("You said")
        assert waited
        assert (await slow).text == "Slow"


@pytest.mark.parametrize("limit", [{"queue_per_scope": 1}, {"queue_per_scope": 5, "queue_total": 2}])
async def test_full_queue_is_said_and_nothing_is_stored(
    home: House, server: OpenAIServer, limit: dict[str, int]
) -> None:
    """While one is answered and one waits, a third is refused in one line; no file holds it, and it may come again."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    async with home.changed(limits=limit).opened() as talk:
        await talk.meet()
        others = [asyncio.create_task(talk.say(text)) for text in ("Hello!", "How are you?")]
        await gate.reached.wait()
        third = talk.message("I live in Tromso.")
        refused, held = await talk.hear(third), home.holds("Tromso")
        gate.open.set()
        await asyncio.gather(*others)
        later = await talk.hear(third)

        assert refused.text.startswith(BUSY)
        assert refused.end.failed
        assert not held
        assert later.text.startswith("You said")
        assert await talk.texts() == ["I live in Tromso."]


async def test_one_too_many_a_minute_is_said_once(alone: House) -> None:
    """The first message over a person's limit gets one line, those after it silence; neither is kept."""
    async with alone.changed(limits={"messages_per_minute_per_person": 3}).opened() as talk:
        await talk.meet(ANN, BEN)
        heard = [await talk.say(f"My locker has number {number}.") for number in range(6)]
        other = await talk.say("lol ok", scope=BEN)

        assert [reply_.text.startswith(SLOW_DOWN) for reply_ in heard[:4]] == [False, False, False, True]
        assert heard[3].end.failed
        assert [reply_.parts for reply_ in heard[4:]] == [[], []]
        assert not other.text.startswith(SLOW_DOWN)
        assert len(await talk.memories()) == 3


async def test_rate_limit_survives_a_restart_and_passes_with_time(alone: House) -> None:
    """The next run counts on, and a minute later messages are answered again."""
    limited = alone.changed(limits={"messages_per_minute_per_person": 2})
    async with limited.opened() as talk:
        await talk.meet()
        await talk.say("lol ok")
        await talk.say("lol ok")
    async with limited.opened() as talk:
        over = await talk.say("lol ok")
        talk.clock.advance(seconds=61)
        again = await talk.say("My cat is called Minka.")

        assert over.text.startswith(SLOW_DOWN)
        assert not again.text.startswith(SLOW_DOWN)
        assert await talk.texts() == ["My cat is called Minka."]


async def test_guild_has_a_limit_of_its_own(alone: House) -> None:
    """Many people of one guild together reach its limit; another guild is not concerned."""
    async with alone.changed(limits={"messages_per_minute_per_guild": 3}).opened() as talk:
        people = [Scope("discord", "guild", f"person {number}") for number in range(4)]
        heard = [await talk.say("lol ok", scope=person) for person in people]
        elsewhere = await talk.say("lol ok", scope=Scope("discord", "other guild", "person 0"))

    assert [reply_.text.startswith(SLOW_DOWN) for reply_ in heard] == [False, False, False, True]
    assert not elsewhere.text.startswith(SLOW_DOWN)


async def test_terminal_has_no_rate(alone: House) -> None:
    """Whoever sits at the terminal is not limited."""
    async with alone.changed(limits={"messages_per_minute_per_person": 1}).opened() as talk:
        own = Scope("terminal", "home", "me")
        heard = [await talk.say("lol ok", scope=own) for _ in range(3)]

    assert not any(reply_.text.startswith(SLOW_DOWN) for reply_ in heard)


async def test_message_too_long_is_said_and_not_kept(home: House, server: OpenAIServer) -> None:
    """A message beyond the limit gets one line with both lengths, reaches no model, and no file holds a word of it."""
    async with home.changed(limits={"max_message_characters": 100}).opened() as talk:
        await talk.meet()
        heard = await talk.say("I live in Tromso. " + "x" * 100)
        kept = await talk.texts()

    assert "118 characters, more than I read at once (100)" in heard.text
    assert heard.end.failed
    assert (kept, server.requests) == ([], [])
    assert not home.holds("Tromso")


@pytest.mark.parametrize("filling", ["a", "ä", "漢", "\u0301", "1 ", "/", "\n", "sk-", "a b. ", "\ud800"], ids=ascii)
async def test_megabytes_do_not_stall_the_others(offline: Talk, filling: str) -> None:
    """A message of 1 MB of anything holds the loop for less than 50 ms, and what came before is still there."""
    await offline.say("My cat is called Minka.")
    text = (filling * (2**20 // len(filling) + 1))[: 2**20]

    heard, stall_s = await _measured(offline, text)

    assert heard.text.startswith("That's 1,048,576 characters")
    assert stall_s < STALL_S
    assert await offline.texts() == ["My cat is called Minka."]


@pytest.mark.parametrize("filling", ["a b. ", "漢字。", "I like tea. ", "x\u0301"], ids=ascii)
async def test_longest_message_does_not_stall_the_others(offline: Talk, filling: str) -> None:
    """A message of the greatest length that is read holds the loop for less than 50 ms."""
    most = offline.app.settings.limits.max_message_characters
    heard, stall_s = await _measured(offline, (filling * most)[:most])

    assert isinstance(heard.parts[-1], ReplyEnd)
    assert stall_s < STALL_S


async def test_the_ticker_sees_a_stall() -> None:
    """Control: a loop held for 60 ms is measured as such."""
    ticker = Ticker()
    async with ticker:
        time.sleep(0.06)  # noqa: ASYNC251 - the stall itself

    assert ticker.longest_s >= STALL_S


@pytest.mark.parametrize(
    "text",
    ["I live\x00 in Lisbon.", "I live in\u202e Lisbon.", "I live in Lisbon\ud83d.", "\u2066I live in Lisbon.\u2069"],
    ids=ascii,
)
async def test_odd_characters_neither_break_nor_stay(home: House, server: OpenAIServer, text: str) -> None:
    """NUL, direction marks and lone surrogates are taken out or replaced before anything else is done."""
    async with home.opened() as talk:
        await talk.meet()
        heard = await talk.say(text, name="An\ud800n\u202e\n")
        (kept,) = await talk.texts()

    assert not heard.end.failed
    assert "Lisbon" in kept
    assert not set(kept) & {"\x00", "\u202e", "\ud83d", "\u2066", "\u2069"}
    assert "Lisbon" in server.requests[0]["messages"][-1]["content"]


class Ticker:
    """Measures for how long the event loop was held while it is entered."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def __aenter__(self) -> Ticker:
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _tick(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest_s, last = max(self.longest_s, now - last), now


async def _measured(talk: Talk, text: str) -> tuple[Reply, float]:
    """Return the reply, and the shortest of three longest stalls: other processes share the processor."""
    await talk.say("lol ok")  # word lists are read once
    stalls = []
    for _ in range(3):
        async with Ticker() as ticker:
            heard = await talk.say(text)
        stalls.append(ticker.longest_s)
    return heard, min(stalls)
