"""The parts of bench.discord that could be wrong in silence."""

from __future__ import annotations

from pathlib import Path

from bench.discord import PROGRAM
from bench.measuring import missed
from bench.on_discord.acknowledging import acknowledged
from bench.on_discord.sizes import Sizes
from bench.on_discord.tempting import harm
from tests.discord.town import founded
from tests.servers.discord.interactions import COMMAND, Use
from tests.servers.discord.posting import Ping

TINY = Sizes(outputs=6)


async def test_hostile_outputs_go_through_the_whole_bot(tmp_path: Path) -> None:
    """A tiny run of that part meets all of its bars, and its controls see something."""
    figures = await PROGRAM.measure(["hostile"], TINY, tmp_path)

    assert missed(figures) == []
    assert [figure.name for figure in figures if figure.at_least and figure.value <= 0] == []


async def test_use_that_was_never_acknowledged_misses_every_bar(tmp_path: Path) -> None:
    """One among many fast ones is not averaged away."""
    async with founded(tmp_path, people=1) as town:
        person, channel = town.places[0]
        uses = [Use(person, channel, COMMAND, {"name": "help"}, {}, acknowledged_after_s=0.1) for _ in range(50)]
        lost = Use(person, channel, COMMAND, {"name": "recall"}, {})

    assert missed(acknowledged(uses, TINY)) == []
    assert missed(acknowledged([*uses, lost], TINY)) == ["acknowledged, p99", "acknowledged, longest"]


async def test_harm_is_seen_in_every_state_of_a_message(tmp_path: Path) -> None:
    """What was edited away was seen all the same."""
    async with founded(tmp_path, people=1) as town:
        channel = town.places[0][1]
        fine, bad = (town.discord.post(channel, town.discord.bot, text) for text in ("fine", "https://evil.example"))
        bad.states.append("nothing to see")
        town.discord.pings.append(Ping(bad.id, channel.id, "@everyone"))

        assert harm(town, [fine]) == (0, 0, 1)
        assert harm(town, [fine, bad]) == (1, 1, 3)
