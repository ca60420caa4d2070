"""A growing text: shown in its turn, overtaken states dropped, the last state always, one call at a time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from adapters.pacing import LiveText, Pace, Paces
from bot.errors import PlatformError
from bot.tasks import TaskRunner

INTERVAL_S = 1.5


class TickingClock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        """Return the seconds that passed."""
        return self.now_s

    async def sleep(self, duration_s: float) -> None:
        """Wait until that much time has passed."""
        if duration_s <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now_s + duration_s, id(woken), woken))
        await woken

    async def pass_by(self, duration_s: float) -> None:
        """Let time pass, waking everybody at their moment."""
        until_s = self.now_s + duration_s
        await settled()
        while self._sleepers and self._sleepers[0][0] <= until_s:
            self.now_s, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await settled()
        self.now_s = until_s


async def settled() -> None:
    """Let every task run until it waits; nothing here takes more rounds of the loop."""
    for _ in range(12):
        await asyncio.sleep(0)


class Channel:
    """A platform that notes what it was asked to show and when; it can hold a call, and refuse one."""

    def __init__(self, clock: TickingClock) -> None:
        self._clock = clock
        self.shown: list[tuple[float, str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.refuses: set[str] = set()
        self.calls = 0
        self.most_calls = 0

    async def show(self, text: str) -> None:
        """Show a text."""
        self.calls += 1
        self.most_calls = max(self.most_calls, self.calls)
        try:
            await asyncio.sleep(0)
            await self.open.wait()
        finally:
            self.calls -= 1
        if text in self.refuses:
            raise PlatformError("The channel refused an edit.")
        self.shown.append((self._clock.now_s, text))


@pytest.fixture
def clock() -> TickingClock:
    """Time of this test alone."""
    return TickingClock()


@pytest.fixture
def pace(clock: TickingClock) -> Pace:
    """The pace of the one channel."""
    return Pace(INTERVAL_S, clock.time, clock.sleep)


@pytest.fixture
def channel(clock: TickingClock) -> Channel:
    """The one channel."""
    return Channel(clock)


@pytest.fixture
async def tasks() -> AsyncIterator[TaskRunner]:
    """Where edits run."""
    async with TaskRunner(drain_s=0) as runner:
        yield runner


Begin = Callable[[], LiveText[str]]


@pytest.fixture
def begin(channel: Channel, pace: Pace, tasks: TaskRunner) -> Begin:
    """Begin another reply in the channel."""
    return lambda: LiveText(channel.show, pace, tasks, "reply")


async def test_first_state_goes_at_once(begin: Begin, channel: Channel) -> None:
    """Nobody waits for the first words."""
    begin().offer("a")
    await settled()

    assert channel.shown == [(0, "a")]


async def test_overtaken_states_are_dropped(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """Ten states within one interval become one edit, of the newest."""
    live = begin()
    for text in "abcdefghij":
        live.offer(text)
        await clock.pass_by(0.1)
    await clock.pass_by(10)

    assert channel.shown == [(0, "a"), (INTERVAL_S, "j")]


async def test_edits_keep_the_interval(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """A text that grows all the time is edited once per interval."""
    live = begin()
    for number in range(100):
        live.offer(str(number))
        await clock.pass_by(0.1)
    times = [moment for moment, _ in channel.shown]

    assert len(times) == 7
    assert all(after - before >= INTERVAL_S for before, after in itertools.pairwise(times))


async def test_last_state_waits_for_what_is_left_of_the_interval(
    begin: Begin, channel: Channel, clock: TickingClock
) -> None:
    """The last edit comes an interval after the one before, and no later."""
    live = begin()
    live.offer("a")
    await clock.pass_by(1)
    finishing = asyncio.ensure_future(live.finish("ab"))
    await clock.pass_by(1)
    await finishing

    assert channel.shown == [(0, "a"), (INTERVAL_S, "ab")]


async def test_last_state_after_a_pause_goes_at_once(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """Whoever waited long enough does not wait again."""
    live = begin()
    live.offer("a")
    await clock.pass_by(5)
    await live.finish("ab")

    assert channel.shown == [(0, "a"), (5, "ab")]


async def test_only_state_goes_at_once(begin: Begin, channel: Channel) -> None:
    """A reply that came in one piece is shown without a wait, although the channel was used just now."""
    begin().offer("another reply")
    await settled()
    await begin().finish("whole")

    assert channel.shown == [(0, "another reply"), (0, "whole")]


async def test_last_state_that_stands_there_is_not_shown_again(begin: Begin, channel: Channel) -> None:
    """An edit that changes nothing is not made."""
    live = begin()
    live.offer("a")
    await settled()
    await live.finish("a")

    assert channel.shown == [(0, "a")]


async def test_waiting_state_gives_way_to_the_last(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """What was offered and not shown yet is never shown once the last state is known."""
    live = begin()
    live.offer("a")
    await settled()
    live.offer("ab")
    finishing = asyncio.ensure_future(live.finish("abc"))
    await clock.pass_by(10)
    await finishing
    live.offer("late")
    await clock.pass_by(10)

    assert channel.shown == [(0, "a"), (INTERVAL_S, "abc")]


async def test_calls_never_overlap(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """A slow call holds up the next state and the last."""
    channel.open.clear()
    live = begin()
    live.offer("a")
    await clock.pass_by(5)
    live.offer("ab")
    finishing = asyncio.ensure_future(live.finish("abc"))
    await clock.pass_by(5)
    shown_meanwhile = list(channel.shown)
    channel.open.set()
    await clock.pass_by(5)
    await finishing

    assert shown_meanwhile == []
    assert [text for _, text in channel.shown] == ["a", "abc"]
    assert channel.most_calls == 1


async def test_overlapping_calls_would_be_seen(channel: Channel) -> None:
    """The check above notices two calls at once."""
    await asyncio.gather(channel.show("a"), channel.show("b"))

    assert channel.most_calls == 2


async def test_replies_share_the_channel(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """Three replies that grow together make no more edits than one."""
    lives = [begin(), begin(), begin()]
    for number in range(100):
        for name, live in zip("abc", lives, strict=True):
            live.offer(f"{name}{number}")
        await clock.pass_by(0.1)
    edits = channel.shown[3:]  # after the first words of each

    assert len(edits) == 6
    assert {text[0] for _, text in edits} == {"a", "b", "c"}


async def test_last_edit_goes_before_others(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """A reply that ends takes the next turn, although another waited longer."""
    growing, ending = begin(), begin()
    growing.offer("g")
    ending.offer("e")
    await settled()
    growing.offer("g2")
    await settled()
    finishing = asyncio.ensure_future(ending.finish("e2"))
    await clock.pass_by(10)
    await finishing

    assert channel.shown[2:] == [(INTERVAL_S, "e2"), (2 * INTERVAL_S, "g2")]


async def test_failure_surfaces_at_the_next_offer(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """Whoever offers on learns that an edit failed, once, and may go on."""
    channel.refuses = {"a"}
    live = begin()
    live.offer("a")
    await clock.pass_by(5)

    with pytest.raises(PlatformError):
        live.offer("ab")
    live.offer("abc")
    await clock.pass_by(5)
    assert [text for _, text in channel.shown] == ["abc"]


async def test_failure_of_the_last_state_surfaces(begin: Begin, channel: Channel) -> None:
    """A last state that could not be shown is the caller's to handle."""
    channel.refuses = {"a"}

    with pytest.raises(PlatformError):
        await begin().finish("a")


async def test_last_state_makes_up_for_a_failure(
    begin: Begin, channel: Channel, clock: TickingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A whole answer is shown even if an edit before it failed, and the failure leaves a line."""
    channel.refuses = {"a"}
    live = begin()
    live.offer("a")
    await clock.pass_by(5)
    await live.finish("ab")

    assert channel.shown == [(5, "ab")]
    assert caplog.messages == ["reply: an edit failed before the last: PlatformError"]


async def test_last_state_is_shown_again_after_an_unclear_failure(
    begin: Begin, channel: Channel, clock: TickingClock
) -> None:
    """After a refused edit nobody knows what stands there, so an earlier state is shown anew."""
    channel.refuses = {"ab"}
    live = begin()
    live.offer("a")
    await clock.pass_by(5)
    live.offer("ab")
    await clock.pass_by(5)
    await live.finish("a")

    assert [text for _, text in channel.shown] == ["a", "a"]


async def test_stop_shows_nothing_more(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """A reply that is given up leaves no edit behind, not even one that waits for its turn."""
    live = begin()
    live.offer("a")
    await settled()
    live.offer("ab")
    await settled()
    await live.stop()
    live.offer("abc")
    await clock.pass_by(10)

    assert channel.shown == [(0, "a")]


async def test_cancelled_finish_tears_no_call(begin: Begin, channel: Channel, clock: TickingClock) -> None:
    """A caller that is cancelled while a call runs leaves that call whole, and none after it."""
    channel.open.clear()
    live = begin()
    live.offer("a")
    await settled()
    live.offer("ab")
    finishing = asyncio.ensure_future(live.finish("abc"))
    await settled()
    finishing.cancel()
    await settled()
    channel.open.set()
    await clock.pass_by(10)

    assert finishing.cancelled()
    assert channel.shown == [(0, "a")]


async def test_cancelled_wait_frees_its_turn(pace: Pace, clock: TickingClock) -> None:
    """Whoever gives up waiting does not hold up the next."""
    pace.take()
    first, second = asyncio.ensure_future(pace.turn()), asyncio.ensure_future(pace.turn())
    await settled()
    first.cancel()
    await clock.pass_by(INTERVAL_S)

    assert second.done()


async def test_pace_belongs_to_its_channel(clock: TickingClock) -> None:
    """The same channel has one pace, another has its own."""
    paces = Paces(INTERVAL_S, clock.time, clock.sleep)

    assert paces.of("1") is paces.of("1")
    assert paces.of("1") is not paces.of("2")


async def test_paces_are_bounded(clock: TickingClock) -> None:
    """The channel that was quiet longest is forgotten first."""
    paces = Paces(INTERVAL_S, clock.time, clock.sleep, most=2)
    one, two = paces.of("1"), paces.of("2")
    paces.of("1")
    paces.of("3")

    assert paces.of("1") is one
    assert paces.of("2") is not two


async def test_pace_runs_on_the_loop_clock() -> None:
    """Without a clock of its own it goes by the loop's."""
    pace = Pace(0.001)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for _ in range(3):
        await pace.turn()

    assert loop.time() - began_s >= 0.002
