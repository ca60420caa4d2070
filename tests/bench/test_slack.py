"""The parts of bench.slack that could be wrong in silence."""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path

from bench.measuring import missed
from bench.on_slack.acknowledging import SOCKET, acknowledged, acknowledging_by
from bench.on_slack.forging import Statuses
from bench.on_slack.sizes import Sizes
from bench.on_slack.tempting import harm
from bench.on_slack.towns import founded
from bench.slack import PROGRAM
from tests.servers.slack import Ping
from tests.servers.slack.deliveries import EVENT, Delivery, Outcome

TINY = Sizes(outputs=4, controls=8, hanging=2, rounds=1)


async def test_hostile_outputs_go_through_the_whole_bot(tmp_path: Path) -> None:
    """A tiny run of that part meets all of its bars, its controls included."""
    figures = await PROGRAM.measure(["hostile"], TINY, tmp_path)

    assert missed(figures) == []


async def test_everything_that_people_do_is_acknowledged(tmp_path: Path) -> None:
    """A tiny run uses half a hundred sorts of things, none of them wrongly, and nothing is lost."""
    figures = await acknowledging_by(SOCKET, tmp_path, TINY)

    sorts = next(found for figure in figures if (found := re.search(r"of (\d+) sorts", figure.note)))
    assert int(sorts[1]) >= 50
    assert all(isfinite(figure.value) for figure in figures)
    assert "socket: wrong requests" not in missed(figures)


def _delivery(*outcomes: Outcome) -> Delivery:
    return Delivery(EVENT, {"event": {"type": "message"}}, outcomes=list(outcomes))


def test_what_was_never_acknowledged_misses_every_bar() -> None:
    """One among many fast ones is not averaged away, though Slack sent it again and that went well."""
    fast, lost = Outcome(acknowledged=True, after_s=0.1), Outcome(acknowledged=False, reason="timeout", is_fault=True)
    fine = [_delivery(fast) for _ in range(50)]

    assert missed(acknowledged("socket", fine, TINY)) == []
    assert missed(acknowledged("socket", [*fine, _delivery(lost, fast)], TINY)) == [
        "socket: acknowledged, p99",
        "socket: not acknowledged",
    ]


async def test_harm_is_seen_in_every_state_of_a_message() -> None:
    """What was edited away was seen all the same."""
    async with founded(1) as town:
        channel = town.places[0][1]
        message = town.slack.posts.post(channel, {"text": "<!here> https://evil.example"})
        message.states.append("nothing to see")
        found = harm(town, answered=1)

        assert town.slack.pings == [Ping("chat.postMessage", channel.id, message.ts, "<!here>")]
        assert (found.pings, found.links > 0, found.states) == (1, True, 2)


def test_forgery_is_let_in_unless_it_is_refused() -> None:
    """Also when it breaks the bot, or is taken for something else; a genuine request is taken with one status alone."""
    statuses = Statuses(genuine=[200, 401, 500], forged=[401, 200, 404, 500])

    assert (statuses.taken, statuses.let_in) == (1, 3)
