"""The whole bot as a process of its own, between servers of the tests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE_S = 30.0

GENEROUS = """
[limits]
messages_per_minute_per_person = 100000
messages_per_minute_per_guild = 100000
queue_per_scope = 1000
queue_total = 5000
"""
"""Limits that are in no test's way."""


@dataclass
class BotProcess:
    """A running bot, and what it said on standard error."""

    process: asyncio.subprocess.Process
    told: list[str] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Take in standard error until it ends."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.told.append(line.decode().rstrip("\n"))
            if self.told[-1].startswith("ready: "):
                self.ready.set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal. asyncio's own `kill` reaps a process that is dead already, which its watcher complains of."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    async def ended(self) -> int:
        """Wait for its end and return the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()


@asynccontextmanager
async def running(
    folder: Path, environment: Mapping[str, str], settings: str = GENEROUS, program: str = "bot"
) -> AsyncIterator[BotProcess]:
    """Start `forgetmenot run` with a data folder and wait until it is ready; killed at the end of the block.

    Args:
        environment: tokens and addresses.
        settings: what its config.toml says.
        program: the module to run in place of the bot.
    """
    config = _written(folder, settings)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", program, "run", "--config", str(config), "--data", str(folder / "data")),
        cwd=ROOT,
        env={**kept, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    bot = BotProcess(process)
    reading = asyncio.create_task(bot.read())
    try:
        await _ready_or_over(bot, reading)
        yield bot
    finally:
        bot.send(signal.SIGKILL)
        await bot.ended()
        await reading


def _written(folder: Path, settings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    config.write_text(settings, "utf-8")
    return config


async def _ready_or_over(bot: BotProcess, reading: asyncio.Task[None]) -> None:
    """Wait until the bot is ready; its end before that is an error that shows what it told."""
    waiting = asyncio.create_task(bot.ready.wait())
    await asyncio.wait({waiting, reading}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert bot.ready.is_set(), "\n".join(bot.told)
