"""What the whole bot does on a local Slack, as figures: python -m bench.slack [--quick] [--only NAME].

Prints a table, and one JSON object as the last line. Exits with 0 whatever the figures are: `missed` names the bars
that were not met. docs/benchmarks.md says what each figure means.
"""

from __future__ import annotations

from bench.choosing import Program
from bench.connected import idling_on_slack
from bench.on_slack.acknowledging import acknowledging
from bench.on_slack.forging import forging
from bench.on_slack.sizes import FULL, QUICK
from bench.on_slack.speaking import speaking
from bench.on_slack.tempting import tempting

PROGRAM = Program(
    {
        "idle": idling_on_slack,
        "words": speaking,
        "acknowledged": acknowledging,
        "hostile": tempting,
        "forged": forging,
    },
    FULL,
    QUICK,
)

if __name__ == "__main__":
    PROGRAM.run(__doc__)
