"""The bot as a process of its own, told to stop in the middle of a reply."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.assistant.talking import Gate
from tests.assistant.test_killed import kill
from tests.servers.openai_server import Behaviour, Exchange, OpenAIServer, reply, stall

ROOT = Path(__file__).parents[2]
SHUTDOWN_S = 1
PATIENCE_S = 20
STATEMENT = "My cat is called Minka."


@pytest.fixture
def environment(tmp_path: Path, server: OpenAIServer) -> dict[str, str]:
    """Settings of a bot that asks the local service and has one second to stop."""
    (tmp_path / "config.toml").write_text(f"[limits]\nshutdown_s = {SHUTDOWN_S}\n")
    return os.environ | {
        "FORGETMENOT_CONFIG": str(tmp_path / "config.toml"),
        "FORGETMENOT_DATA": str(tmp_path / "data"),
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": "sk-nobodys",
        "OPENAI_MODEL": "local",
    }


@asynccontextmanager
async def running(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the bot and wait until it is ready."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "chat", "--json"),
        cwd=ROOT,
        env=environment,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while (line := await process.stderr.readline()) != b"ready: terminal\n":
                assert line, "the process ended before it was ready"
        yield process
    finally:
        kill(process)
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]  # else its pipes are closed by the collector


async def say(process: asyncio.subprocess.Process, text: str) -> dict[str, Any]:
    """Return the reply to a line."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{text}\n".encode())
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
    return answer


async def stopped_midway(environment: dict[str, str], server: OpenAIServer, gate: Gate) -> tuple[dict[str, Any], int]:
    """Send SIGTERM while the service is at work, open its gate, and return the reply and the exit code."""
    async with running(environment) as process:
        await say(process, STATEMENT)
        talking = asyncio.create_task(say(process, "How are you?"))
        async with asyncio.timeout(PATIENCE_S):
            await gate.reached.wait()
        process.terminate()
        gate.open.set()
        heard = await talking
        return heard, await asyncio.wait_for(process.wait(), PATIENCE_S)


async def test_quick_reply_is_finished(environment: dict[str, str], server: OpenAIServer) -> None:
    """A reply that comes to its end in time is whole, and the process ends well."""
    gate = Gate()
    server.will(reply(), reply("Fine, thank you!", before_piece=gate))

    heard, code = await stopped_midway(environment, server, gate)

    assert heard["reply"] == "Fine, thank you!"
    assert not heard["failed"]
    assert code == 0


async def test_slow_reply_is_cut_and_nothing_acknowledged_is_lost(
    environment: dict[str, str], server: OpenAIServer
) -> None:
    """A reply that takes too long is cut within the time there is; exit code 0, and what was kept is there."""
    gate = Gate()
    server.will(reply(), _stalling(gate))
    begun = time.monotonic()

    heard, code = await stopped_midway(environment, server, gate)

    assert heard["failed"]
    assert code == 0
    assert time.monotonic() - begun < SHUTDOWN_S + 8
    async with running(environment) as process:
        listed = await say(process, "/memories")
    assert STATEMENT in listed["reply"]


def _stalling(gate: Gate) -> Behaviour:
    """Stall for ever, and let the gate know."""
    endless = stall("Well")

    async def answer(exchange: Exchange) -> web.StreamResponse:
        gate.reached.set()
        return await endless(exchange)

    return answer
