"""The bot as a process of its own, killed at random moments: nothing acknowledged is lost, nothing forgotten back."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import statistics
import string
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.assistant.talking import Gate, House, house
from tests.assistant.waiting_driver import TEXTS
from tests.servers.openai_server import OpenAIServer, reply

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20
MOST_STEPS = 20
LONGEST_STEP_S = 0.03
"""Lives are counted in steps, so that a slow machine tests as much; what kills comes in the middle of one."""
READY_WITHIN_S = 3


@dataclass
class Acknowledged:
    """What the bot said about its memories, over all its lives in one folder.

    kept: numbers by text. asked: what may have happened or not.
    """

    kept: dict[str, int | None] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    ready_s: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def check(self, present: list[str], folder: Path) -> None:
        """Note what is wrong with the texts that are there now, and with the bytes of the files."""
        kept = self.kept.keys() - self.asked
        self.violations += [f"lost {text}" for text in kept - set(present)]
        self.violations += [f"came back {text}" for text in self.forgotten & set(present)]
        self.violations += [f"twice {text}" for text in present if present.count(text) > 1]
        unknown = set(present) - kept - self.asked
        self.violations += [f"never said {text}" for text in unknown]
        contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        traces = [text for text in self.forgotten if any(text.encode() in content for content in contents)]
        self.violations += [f"left in a file {text}" for text in traces]


@dataclass(frozen=True)
class Bot:
    """A running process: lines in, replies out."""

    process: asyncio.subprocess.Process

    async def say(self, text: str) -> dict[str, Any]:
        """Return the reply to a line.

        Raises:
            EOFError: the process is gone.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{text}\n".encode())
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        if not line.endswith(b"\n"):
            raise EOFError
        reply: dict[str, Any] = json.loads(line)
        return reply


def kill(process: asyncio.subprocess.Process) -> None:
    """Send SIGKILL. asyncio's own `kill` reaps a process that is dead already, which its watcher complains about."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


@asynccontextmanager
async def running(folder: Path, acknowledged: Acknowledged, *, early: bool) -> AsyncIterator[Bot]:
    """Start the bot and wait until it is ready; killed at the end of the block at the latest."""
    command = (sys.executable, "-m", "tests.assistant.crash_driver", str(folder), *(["early"] if early else []))
    begun = time.monotonic()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while (line := await process.stderr.readline()) != b"ready: terminal\n":
                assert line, "the process ended before it was ready"
        acknowledged.ready_s.append(time.monotonic() - begun)
        yield Bot(process)
    finally:
        kill(process)
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # else its pipes are closed by the collector


async def live(folder: Path, acknowledged: Acknowledged, choose: random.Random, *, early: bool) -> None:
    """Start, look at what is there, then remember, forget and ask until the process is killed at a random moment."""
    async with running(folder, acknowledged, early=early) as bot:
        await _look(bot, folder, acknowledged)
        for _ in range(choose.randint(0, MOST_STEPS)):
            await _step(bot, acknowledged, choose, forgets=not early)
        asyncio.get_running_loop().call_later(choose.uniform(0, LONGEST_STEP_S), kill, bot.process)
        try:
            while True:
                await _step(bot, acknowledged, choose, forgets=not early)  # nothing is erased before a COMMIT
        except (EOFError, ConnectionError):
            return


async def _look(bot: Bot, folder: Path, acknowledged: Acknowledged) -> None:
    exported = (await bot.say("/export"))["reply"]
    records = [json.loads(line) for line in exported.splitlines() if line.startswith("{")]
    present = [record["text"] for record in records]
    acknowledged.check(present, folder)
    # What was asked and not acknowledged has happened by now, or never will.
    acknowledged.kept = {text: acknowledged.kept.get(text) for text in present}
    acknowledged.asked.clear()


async def _step(bot: Bot, acknowledged: Acknowledged, choose: random.Random, *, forgets: bool) -> None:
    numbered = [text for text, number in acknowledged.kept.items() if number]
    act = choose.random()
    if forgets and act < 0.2 and numbered:
        text = choose.choice(numbered)
        acknowledged.asked.add(text)
        reply = await bot.say(f"/forget #{acknowledged.kept[text]}")
        if reply["reply"].startswith("Forgotten: 1 memory."):
            del acknowledged.kept[text]
            acknowledged.asked.discard(text)
            acknowledged.forgotten.add(text)
    elif act < 0.3 and numbered:
        await bot.say(f"What do you know about {choose.choice(numbered)}?")
    else:
        text = "".join(choose.choices(string.ascii_lowercase, k=20))  # digits could look like a card's number
        acknowledged.asked.add(text)
        reply = await bot.say(f"/remember {text}")
        if reply["kept"]:
            acknowledged.kept[text] = reply["kept"][0]["id"] & 0xFFFFFFFF
            acknowledged.asked.discard(text)


async def _lives(folder: Path, seed: int, count: int, *, early: bool = False) -> Acknowledged:
    """Return what came of so many lives in one folder, looked at once more at the end."""
    acknowledged, choose = Acknowledged(), random.Random(seed)
    for _ in range(count):
        await live(folder, acknowledged, choose, early=early)
    async with running(folder, acknowledged, early=early) as bot:
        await _look(bot, folder, acknowledged)
    return acknowledged


async def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    """Over 20 kills every acknowledged memory is there once, every forgotten one gone, and a start takes 3 s."""
    all_lives = await asyncio.gather(*(_lives(tmp_path / str(seed), seed, 10) for seed in range(2)))

    assert [one.violations for one in all_lives] == [[], []]
    assert sum(len(one.ready_s) for one in all_lives) == 22
    assert sum(len(one.forgotten) for one in all_lives) > 5
    assert sum(len(one.kept) for one in all_lives) > 20
    # The median: two bots start at once here, beside whatever else the machine does.
    assert statistics.median(ready_s for one in all_lives for ready_s in one.ready_s) <= READY_WITHIN_S


async def test_the_check_notices_early_acknowledgements(tmp_path: Path) -> None:
    """Control: a bot that acknowledges before COMMIT is found out within a few kills."""
    lives = await asyncio.gather(*(_lives(tmp_path / str(seed), seed, 2, early=True) for seed in range(2)))

    assert any(found.startswith("lost") for one in lives for found in one.violations)


async def _left_waiting(folder: Path, server: OpenAIServer, *options: str) -> House:
    """Kill a bot while one message of three is being answered; return where it lived."""
    gate = Gate()
    server.will(reply("Slow", before_piece=gate))
    command = (sys.executable, "-m", "tests.assistant.waiting_driver", str(folder), server.base_url, *options)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        await gate.reached.wait()
    finally:
        kill(process)
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # else its pipes are closed by the collector
    return house(folder, server.base_url)


async def test_what_waited_is_answered_after_a_kill(tmp_path: Path, server: OpenAIServer) -> None:
    """All three messages of a person, of which two waited for their turn, are answered in the next run, once each."""
    home = await _left_waiting(tmp_path / "data", server)
    heard: list[tuple[str, bool]] = []
    for _ in range(2):
        async with home.opened() as talk:
            left = await talk.app.assistant.unanswered("discord")
            heard += [(message.text, bool((await talk.hear(message)).text)) for message in left]
            redelivered = [await talk.say(text, key=text) for text in TEXTS]
            kept = await talk.texts()

    assert heard == [(text, True) for text in TEXTS]
    assert [again.parts for again in redelivered] == [[], [], []]
    assert kept == list(TEXTS)


async def test_the_check_notices_what_is_entered_late(tmp_path: Path, server: OpenAIServer) -> None:
    """Control: of a bot that enters messages when their turn has come, those that waited are lost."""
    home = await _left_waiting(tmp_path / "data", server, "late")
    async with home.opened() as talk:
        left = await talk.app.assistant.unanswered("discord")

    assert [message.text for message in left] == list(TEXTS[:1])
