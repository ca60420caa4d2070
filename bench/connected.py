"""Memory and start-up time of the whole bot on local platforms where nobody says anything.

Linux only: memory and processor time are read from /proc.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

from bench.footprint import cpu_s, resident_mb
from bench.measuring import Figure
from tests.discord.town import founded
from tests.process import running
from tests.servers.openai_server import OpenAIServer
from tests.servers.slack import SlackServer
from tests.slack.town import KEY, without_model

MOST_MB = 120.0
MOST_CPU_S = 2.0

Platforms: TypeAlias = Callable[[], AbstractAsyncContextManager[Mapping[str, str]]]
"""Starts servers, and gives what a bot without a chat model is told of them."""


class Starts(Protocol):
    """How often a bot is started, and the seconds after which it is idle."""

    @property
    def starts(self) -> int: ...

    @property
    def settle_s(self) -> float: ...


async def idling_on_discord(folder: Path, sizes: Starts) -> list[Figure]:
    """Measure `bot run` on Discord."""
    return await _idling(folder, sizes, "on Discord", _discord)


async def idling_on_slack(folder: Path, sizes: Starts) -> list[Figure]:
    """Measure `bot run` on Slack, and on both platforms at once."""
    return [
        *await _idling(folder / "slack", sizes, "on Slack", _slack),
        *await _idling(folder / "both", sizes, "on both platforms", _both),
    ]


async def _idling(folder: Path, sizes: Starts, where: str, platforms: Platforms) -> list[Figure]:
    """Measure with a chat model and without one."""
    figures = []
    for with_model, told in ((False, "no model"), (True, "with a model")):
        measured = [
            await _connected(folder / f"{told}-{number}", sizes.settle_s, platforms, with_model=with_model)
            for number in range(sizes.starts)
        ]
        ready_cpu_s, wall_s, idle_mb = (statistics.median(values) for values in zip(*measured, strict=True))
        note, by_the_clock = f"median of {sizes.starts}", f"{wall_s:.2f} s by the clock"
        figures += [
            Figure(f"memory of an idle bot {where}, {told}", idle_mb, "MB", MOST_MB, note=note),
            Figure(f"start to ready {where}, {told}", ready_cpu_s, "s CPU", MOST_CPU_S, note=by_the_clock),
        ]
    return figures


async def _connected(
    folder: Path, settle_s: float, platforms: Platforms, *, with_model: bool
) -> tuple[float, float, float]:
    """Start the bot: seconds of processor time and of the clock until it is ready, and then MB."""
    async with platforms() as told, OpenAIServer() as model:
        more = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": model.base_url} if with_model else {}
        began = time.perf_counter()
        async with running(folder, {**told, **more}) as bot:
            wall_s, ready_cpu_s = time.perf_counter() - began, cpu_s(bot.process.pid)
            await asyncio.sleep(settle_s)
            return ready_cpu_s, wall_s, resident_mb(bot.process.pid)


@asynccontextmanager
async def _discord() -> AsyncIterator[Mapping[str, str]]:
    async with founded(Path(), people=1) as town:
        yield town.without_model


@asynccontextmanager
async def _slack() -> AsyncIterator[Mapping[str, str]]:
    async with SlackServer() as slack:
        yield without_model(slack)


@asynccontextmanager
async def _both() -> AsyncIterator[Mapping[str, str]]:
    async with _discord() as on_discord, _slack() as on_slack:
        yield {**on_discord, **on_slack}
