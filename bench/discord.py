"""What the whole bot does on a local Discord, as figures: python -m bench.discord [--quick] [--only NAME].

Prints a table, and one JSON object as the last line. Exits with 0 whatever the figures are: `missed` names the bars
that were not met. docs/benchmarks.md says what each figure means.
"""

from __future__ import annotations

from bench.choosing import Program
from bench.connected import idling_on_discord
from bench.on_discord.acknowledging import acknowledging
from bench.on_discord.sizes import FULL, QUICK
from bench.on_discord.speaking import speaking
from bench.on_discord.tempting import tempting

PROGRAM = Program(
    {
        "idle": idling_on_discord,
        "words": speaking,
        "acknowledged": acknowledging,
        "hostile": tempting,
    },
    FULL,
    QUICK,
)

if __name__ == "__main__":
    PROGRAM.run(__doc__)
