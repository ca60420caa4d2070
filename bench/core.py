"""What the bot costs, beside what the machine could do at best: python -m bench.core [--quick] [--only NAME].

Prints a table, and one JSON object as the last line. Exits with 0 whatever the figures are: `missed` names the bars
that were not met. docs/benchmarks.md says what each figure means.
"""

from __future__ import annotations

from bench.choosing import Program
from bench.footprint import crowding, idling
from bench.people import FULL, QUICK
from bench.replying import replying
from bench.searching import loading, recalling, vector_search
from bench.storing import adding, forgetting, reindexing

PROGRAM = Program(
    {
        "adding": adding,
        "search": vector_search,
        "recall": recalling,
        "loading": loading,
        "forgetting": forgetting,
        "reindexing": reindexing,
        "reply": replying,
        "idle": idling,
        "crowd": crowding,
    },
    FULL,
    QUICK,
)

if __name__ == "__main__":
    PROGRAM.run(__doc__)
