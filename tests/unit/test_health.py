"""The sign of life: what it says, that it is private and whole, and that the disk may refuse it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import health
from bot.app import opened, serve
from bot.config import BotSettings, Settings
from bot.events import Health
from bot.health import FILE, SignOfLife
from bot.protocols import Assistant
from bot.tasks import TaskRunner

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Platform:
    """An adapter whose health a test sets; `asked` gets an entry each time it is asked for."""

    def __init__(self, platform: str, state: Health) -> None:
        self.platform = platform
        self.state = state
        self.asked: asyncio.Queue[None] = asyncio.Queue()

    def health(self) -> Health:
        """Return what the test set."""
        self.asked.put_nowait(None)
        return self.state

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Take messages until the first sign of life was given, then end as a platform that went away."""
        ready()
        await self.asked.get()
        self.state = Health(False)


class Connecting(Platform):
    """An adapter that takes messages once the sign of life said that it is not connected, and ends at the next one.

    `written` is what the file said of it.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__("discord", Health(False))
        self.folder = folder
        self.written: list[bool] = []

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Connect."""
        await self._noted(connected=False)
        self.state = Health(True)
        ready()
        await self._noted(connected=True)

    async def _noted(self, *, connected: bool) -> None:
        """Wait until the file says how the connection is."""
        while not ((self.folder / FILE).exists() and self._said() is connected):  # noqa: ASYNC110 - of a file's content
            await asyncio.sleep(0.005)
        self.written.append(connected)

    def _said(self) -> bool:
        return bool(read(self.folder)["adapters"]["discord"]["connected"])


def read(folder: Path) -> dict[str, Any]:
    """Return what is written."""
    content: dict[str, Any] = json.loads((folder / FILE).read_text("utf-8"))
    return content


async def test_it_says_who_runs_and_how_the_platforms_are(tmp_path: Path) -> None:
    """Process, version, and of each platform the connection and ISO times, absent ones too."""
    platforms = [Platform("discord", Health(True, NOON, NOON)), Platform("slack", Health(False, connections=2))]
    noon = NOON.isoformat()

    await SignOfLife(tmp_path, platforms).write()

    written = read(tmp_path)
    assert written["pid"] == os.getpid()
    assert isinstance(written["version"], str)
    assert written["adapters"] == {
        "discord": {"connected": True, "alive_at": noon, "event_at": noon, "connections": None},
        "slack": {"connected": False, "alive_at": None, "event_at": None, "connections": 2},
    }


async def test_it_is_private_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    """Mode 0600 whatever the umask, written aside and then put in place."""
    (tmp_path / FILE).write_text("an older one")

    await SignOfLife(tmp_path, []).write()

    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == [FILE]  # noqa: PTH208 - pathlib's way is blocking too, and says so
    assert read(tmp_path)["adapters"] == {}


async def test_it_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written at the start and again and again. A shorter pause keeps the test short."""
    monkeypatch.setattr(health, "EVERY_S", 0.01)
    platform = Platform("discord", Health(True))
    sign = SignOfLife(tmp_path, [platform])

    async with asyncio.timeout(5), TaskRunner(drain_s=5) as tasks:
        tasks.start("sign of life", sign.keep())
        for _ in range(3):
            await platform.asked.get()
        sign.end()

    assert read(tmp_path)["adapters"]["discord"]["connected"]


async def test_the_last_one_is_written_when_all_has_ended(tmp_path: Path) -> None:
    """It does not wait for its time, and says how the platforms ended."""
    platform = Platform("discord", Health(True))
    sign = SignOfLife(tmp_path, [platform])

    async with asyncio.timeout(5), TaskRunner(drain_s=5) as tasks:
        tasks.start("sign of life", sign.keep())
        await platform.asked.get()
        platform.state = Health(False)
        sign.end()

    assert not read(tmp_path)["adapters"]["discord"]["connected"]


async def test_a_platform_that_is_ready_is_told_of_at_once(tmp_path: Path) -> None:
    """What was written while it connected is not left standing for a quarter of a minute."""
    folder = tmp_path / "data"
    platform = Connecting(folder)
    async with asyncio.timeout(5), opened(Settings(bot=BotSettings(data=folder))) as app:
        await serve(app, [platform])

    assert platform.written == [False, True]


async def test_a_served_bot_leaves_it_in_its_data_folder(tmp_path: Path) -> None:
    """From the start on, and a last time when the platforms have ended."""
    folder = tmp_path / "data"
    async with opened(Settings(bot=BotSettings(data=folder))) as app:
        code = await serve(app, [Platform("discord", Health(True))])

    assert code == 0
    discord = {"connected": False, "alive_at": None, "event_at": None, "connections": None}
    assert read(folder)["adapters"] == {"discord": discord}


async def test_a_disk_that_refuses_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised, one line is logged until it works again, and then it is written."""
    folder = tmp_path / "gone"
    sign = SignOfLife(folder, [])
    for _ in range(3):
        await sign.write()
    refused = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    folder.mkdir()
    await sign.write()

    assert refused == [f"no sign of life can be left: {folder / FILE} cannot be written: No such file or directory"]
    assert read(folder)["pid"] == os.getpid()
