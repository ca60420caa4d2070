"""Writers are killed 300 times at random moments: nothing acknowledged is lost, nothing forgotten comes back.

A kill cannot tell synchronous=FULL from NORMAL, because the page cache survives it; test_connection.py asserts FULL.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any


async def _kill_writers(folder: Path, kills: int, *options: str) -> dict[str, Any]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.crash_harness", str(folder), str(kills), *options),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asyncio.wait_for(child.communicate(), 90)
    report: dict[str, Any] = json.loads(printed)
    return report


async def test_three_hundred_kills_lose_nothing(folder: Path) -> None:
    """Every acknowledged memory is there, every forgotten one gone, every erasure finished, no call half done."""
    report = await _kill_writers(folder, 300)

    assert report["violations"] == []
    assert report["kills"] == 300
    assert report["kills_at_start"] > 20
    # Writers live by the clock, so a machine that is busy elsewhere gets less done: enough is enough.
    assert report["kept"] > 500
    assert report["forgotten"] > 10
    assert report["erasures_finished_later"] > 20


async def test_the_check_notices_early_acknowledgements(folder: Path) -> None:
    """Control: writers that acknowledge before COMMIT are found out within a few kills."""
    report = await _kill_writers(folder, 20, "early")

    assert any(violation.startswith("lost") for violation in report["violations"])
