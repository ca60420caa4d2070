"""The check-up tells what is well, what is lost and what is broken, each with what to do, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from bot.cli.doctor import check_up, report
from bot.cli.life_sign import life_findings, said
from bot.config import BotSettings, EmbeddingsSettings, OpenAISettings, Secret, Settings
from bot.embedders.static import SPACE
from bot.events import Health
from bot.findings import Finding, Findings, Level, clock_finding, fine, problem, warning, within
from bot.health import SignOfLife
from bot.protocols import Assistant
from bot.store.checking import folder_findings
from bot.store.database import Database
from bot.store.folder import hold_folder
from bot.store.rows import SqliteRows
from tests.cli.conftest import Call
from tests.conformance.row_store import ANNA, saying
from tests.servers.openai_server import OpenAIServer

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
async def service() -> AsyncIterator[OpenAIServer]:
    """A model service."""
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def kept(folder: Path) -> Path:
    """A data folder in which one memory is kept."""
    async with Database.open(folder, lambda: NOW) as database:
        vector = np.full(SPACE.dim, SPACE.dim**-0.5, np.float32)
        await SqliteRows(database, SPACE).add(ANNA, [saying("I like oolong tea", vector=vector)])
    return folder


def settings_of(
    folder: Path, openai: OpenAISettings | None = None, embeddings: EmbeddingsSettings | None = None
) -> Settings:
    """Settings with a data folder."""
    bot = BotSettings(data=folder)
    return Settings(bot=bot, openai=openai or OpenAISettings(), embeddings=embeddings or EmbeddingsSettings())


async def examined(settings: Settings) -> dict[str, list[Finding]]:
    """Check everything, and return the findings by what they are about."""
    found: dict[str, list[Finding]] = {}
    for finding in await check_up(settings, lambda: datetime.now(UTC)):
        found.setdefault(finding.about, []).append(finding)
    return found


def life_sign(folder: Path, age: timedelta, **changes: object) -> None:
    """Leave a bot's sign of life in a folder, by default that of this process."""
    folder.mkdir(mode=0o700, exist_ok=True)
    adapters = {"discord": {"connected": True, "alive_at": NOW.isoformat(), "event_at": None}}
    path = folder / "health.json"
    path.write_text(json.dumps({"pid": os.getpid(), "version": "0.1.0", "adapters": adapters, **changes}))
    path.chmod(0o600)
    written = (NOW - age).timestamp()
    os.utime(path, (written, written))


def ended_process() -> int:
    """Return a process id that belongs to nobody any more."""
    with subprocess.Popen(["true"]) as process:  # noqa: S607 - a program of every system
        return process.pid


def only(findings: Iterator[Finding]) -> Finding:
    """Return the one finding of a check."""
    (finding,) = findings
    return finding


# The whole


def test_fresh_machine_has_nothing_to_put_right(forgetmenot: Call, folder: Path) -> None:
    """Without accounts and data all is well, exit code 0, and the look leaves nothing behind."""
    result = forgetmenot("doctor")

    assert (result.code, result.err) == (0, "")
    assert f"ok       data folder: {folder} will be made at the first start\n" in result.out
    assert "ok       database: none yet" in result.out
    assert "ok       Discord: not configured (set DISCORD_TOKEN)\n" in result.out
    assert "ok       Slack: not configured (set SLACK_BOT_TOKEN and SLACK_APP_TOKEN)\n" in result.out
    assert result.out.endswith("\nnothing to put right\n")
    assert not folder.exists()


def test_one_object_for_programs(forgetmenot: Call) -> None:
    """With --json everything is one object, and nothing else is said."""
    result = forgetmenot("doctor", "--json")

    told = json.loads(result.out)
    assert (result.code, told["ok"]) == (0, True)
    assert set(told["findings"][0]) == {"level", "about", "text", "fix"}
    assert {finding["level"] for finding in told["findings"]} == {"ok"}


def test_wrong_setting_is_a_problem(forgetmenot: Call, tmp_path: Path) -> None:
    """Where the settings cannot be read there is nothing else to check."""
    (tmp_path / "config.toml").write_text("[memory]\nrecall_limit = 0\n")

    result = forgetmenot("doctor")

    assert result.code == 1
    assert result.out.startswith(f"problem  settings: {tmp_path}/config.toml: [memory] recall_limit is 0, expected")
    assert result.out.endswith("\n1 problem\n")


def test_running_bot_is_not_in_the_way(forgetmenot: Call, kept: Path) -> None:
    """The folder's lock is not asked for."""
    with hold_folder(kept):
        result = forgetmenot("doctor")

    assert result.code == 0
    assert "memories: 1, people: 1\n" in result.out


def test_every_check_fails_alone(forgetmenot: Call, kept: Path) -> None:
    """A damaged database keeps nobody from hearing about the disk."""
    (kept / "memory.db").write_bytes(b"SQLite format 3\0" + bytes(4096))

    result = forgetmenot("doctor")

    assert result.code == 1
    assert "problem  database: " in result.out
    assert "       disk: " in result.out


def test_process_exits_with_1_and_tells_no_secret(folder: Path, canary: str) -> None:
    """As a program: a token that cannot be one is a problem, and is not shown."""
    environment = {"PATH": os.environ["PATH"], "FORGETMENOT_DATA": str(folder), "DISCORD_TOKEN": f"{canary} x"}
    command = [sys.executable, "-m", "bot", "doctor"]
    done = subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert "problem  Discord: [discord] token holds a space" in done.stdout
    assert canary not in done.stdout


async def test_deadline_ends_what_does_not_end() -> None:
    """What came in time is told, and that the rest did not."""

    async def endless() -> Findings:
        yield fine("sea", "is there")
        async for finding in _never():
            yield finding

    first, last = await within(0.05, "sea", endless())

    assert first.text == "is there"
    assert (last.level, last.text) == (Level.PROBLEM, "not checked to the end within 0.05 s")


async def _never() -> Findings:
    await asyncio.Event().wait()
    yield fine("never", "comes")


def test_report_counts_and_shows_no_control_characters() -> None:
    """Names of servers are other people's words, and must not move the cursor."""
    lines = list(
        report([fine("a", "well"), warning("b\x1b[2J", "lost", "press x"), problem("c", "no"), problem("d", "no")])
    )

    assert lines == [
        "ok       a: well",
        "warning  b?[2J: lost",
        "         → press x",
        "problem  c: no",
        "problem  d: no",
        "2 problems, 1 warning",
    ]


# The data folder


def test_open_folder_and_file_are_told(kept: Path) -> None:
    """Others on the machine see names through the folder's mode, and texts through a file's."""
    kept.chmod(0o755)
    (kept / "memory.db").chmod(0o644)

    folder, file = (finding for finding in folder_findings(kept) if finding.about == "data folder")

    assert (folder.level, folder.fix) == (Level.WARNING, f"chmod 700 {kept}")
    assert (file.level, file.fix) == (Level.PROBLEM, f"chmod 600 {kept}/memory.db")


def test_private_folder_is_well(kept: Path) -> None:
    """One that the bot made has the right modes."""
    assert {finding.level for finding in folder_findings(kept) if finding.about == "data folder"} == {Level.OK}


async def test_file_in_the_folders_place_is_a_problem(tmp_path: Path) -> None:
    """The text says what to do about it."""
    (tmp_path / "data").write_text("")

    found = await examined(settings_of(tmp_path / "data"))

    (finding,) = found["data folder"]
    assert finding.level is Level.PROBLEM
    assert finding.text.endswith("data is no folder; move it away, or set FORGETMENOT_DATA to another folder")


# The database


async def test_database_of_a_newer_version_is_a_problem(kept: Path) -> None:
    """It is said, not opened."""
    change(kept, "PRAGMA user_version = 999")

    found = await examined(settings_of(kept))

    (finding,) = found["database"]
    assert finding.level is Level.PROBLEM
    assert "start the newer version" in finding.text


async def test_missing_vectors_are_told(kept: Path) -> None:
    """Memories without a vector are found by words alone until somebody does something."""
    change(kept, "DELETE FROM vectors")

    found = await examined(settings_of(kept))

    _, finding = found["database"]
    assert (finding.level, finding.fix.rpartition(": ")[2]) == (Level.WARNING, "forgetmenot reindex")
    assert finding.text.startswith("memories without a vector of static-")


async def test_what_is_not_yet_checked_in_is_read_too(kept: Path) -> None:
    """A log beside the file counts, and is still there afterwards: nothing is written."""
    with hold_folder(kept):
        writer = sqlite3.connect(kept / "memory.db", isolation_level=None)
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("DELETE FROM vectors")
        before = (kept / "memory.db").read_bytes(), (kept / "memory.db-wal").read_bytes()
        found = await examined(settings_of(kept))
        after = (kept / "memory.db").read_bytes(), (kept / "memory.db-wal").read_bytes()
        writer.close()

    assert [finding.level for finding in found["database"]] == [Level.OK, Level.WARNING]
    assert before == after


def change(folder: Path, statement: str) -> None:
    """Change a database behind the bot's back."""
    connection = sqlite3.connect(folder / "memory.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


# The model services


async def test_offered_model_is_well(folder: Path, service: OpenAIServer) -> None:
    """The list of models is asked for, and nothing that costs."""
    chosen = OpenAISettings(base_url=service.base_url, api_key=Secret("sk-local"), model="local")
    found = await examined(settings_of(folder, openai=chosen))

    (finding,) = found["chat model"]
    assert finding == fine("chat model", "local is offered at 127.0.0.1")
    assert found["clock"] == [fine("clock", "agrees with that of 127.0.0.1")]
    assert service.requests == []


async def test_unknown_model_is_told_with_others(folder: Path, service: OpenAIServer) -> None:
    """A server of one's own may take more names than it lists, so it is a warning."""
    chosen = OpenAISettings(base_url=service.base_url, model="llama", more_models=("local",))
    found = await examined(settings_of(folder, openai=chosen))

    first, second = found["chat model"]
    assert (first.level, second.level) == (Level.WARNING, Level.OK)
    assert first.fix.startswith("set [openai] model to one that is, such as: local")


async def test_unreachable_service_is_a_problem(folder: Path) -> None:
    """It names the setting that holds the address."""
    chosen = OpenAISettings(base_url="http://127.0.0.1:9/v1")
    found = await examined(settings_of(folder, openai=chosen))

    (finding,) = found["chat model"]
    assert (finding.level, finding.fix) == (Level.PROBLEM, "its address is [openai] base_url, now 127.0.0.1")
    assert "not reachable" in finding.text


@pytest.mark.parametrize(
    ("status", "body", "level", "text", "fix"),
    [
        (401, "{}", Level.PROBLEM, "127.0.0.1 refused the key (HTTP 401)", "set OPENAI_API_KEY to it"),
        (404, "{}", Level.WARNING, "127.0.0.1 answers, and does not list its models", "check [openai] base_url"),
        (200, "<p>Sign in", Level.PROBLEM, "not JSON", "its address is [openai] base_url"),
        (200, '{"data": null}', Level.WARNING, "does not list its models", "check [openai] base_url"),
        (
            500,
            "{}",
            Level.PROBLEM,
            "[openai] service reported HTTP 500: it is busy",
            "its address is [openai] base_url",
        ),
    ],
)
async def test_failing_service_is_one_line(
    folder: Path, *, status: int, body: str, level: Level, text: str, fix: str
) -> None:
    """What it answers with decides whether the key, the address or time is at fault."""
    async with answering(status, body) as address:
        chosen = OpenAISettings(base_url=address, api_key=Secret("sk-local"))
        found = await examined(settings_of(folder, openai=chosen))

    (finding,) = found["chat model"]
    assert finding.level is level
    assert text in finding.text
    assert fix in finding.fix


@asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[str]:
    """Serve one answer to every question, and give the address."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/models", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


async def test_embedding_service_is_checked_by_itself(folder: Path, service: OpenAIServer) -> None:
    """Its address and model are its own."""
    chosen = EmbeddingsSettings(embedder="openai", base_url=service.base_url, model="text-embedding-3-small")
    found = await examined(settings_of(folder, embeddings=chosen))

    assert found["embedder"] == [fine("embedder", "text-embedding-3-small is offered at 127.0.0.1")]


# The clock


@pytest.mark.parametrize(
    ("ahead_s", "text"),
    [(42, "42 s ahead of that of x, so memories get wrong times"), (-60, "60 s behind that of x")],
)
def test_wrong_clock_is_told(ahead_s: float, text: str) -> None:
    """More than a few seconds to either side are a warning."""
    finding = clock_finding("x", "Sun, 22 Nov 2026 12:00:00 GMT", NOW + timedelta(seconds=ahead_s))

    assert finding is not None
    assert finding.level is Level.WARNING
    assert finding.text.startswith(text)


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 22 Nov 2026 12:00:00 -0000"])
def test_untold_time_says_nothing_of_the_clock(date: str) -> None:
    """A service that tells no time, or no zone with it, is no measure."""
    assert clock_finding("x", date, NOW) is None


# A running bot


def test_connected_bot_is_well(folder: Path) -> None:
    """Its process, version and platforms are told."""
    life_sign(folder, timedelta(seconds=10))

    finding = only(life_findings(folder, lambda: NOW))

    text = f"process {os.getpid()}, version 0.1.0, alive 10 s ago: discord is connected"
    assert finding == fine("running bot", text)


class Quiet:
    """An adapter of which nothing but its health is asked."""

    platform = "discord"

    def health(self) -> Health:
        """Tell that nothing was heard for a while."""
        return Health(connected=True, alive_at=datetime.now(UTC) - timedelta(hours=2))

    async def run(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Nothing."""


async def test_sign_is_read_as_the_bot_writes_it(kept: Path) -> None:
    """The running bot and the check-up mean the same by every name."""
    await SignOfLife(kept, [Quiet()]).write()

    finding = only(life_findings(kept, lambda: datetime.now(UTC)))

    assert finding.level is Level.WARNING
    assert finding.text.startswith(f"process {os.getpid()}, version ")
    assert ": discord was last heard of " in finding.text


def test_connection_that_is_down_is_a_problem(folder: Path) -> None:
    """The bot runs, and a platform does not hear it."""
    life_sign(folder, timedelta(seconds=10), adapters={"discord": {"connected": False, "alive_at": None}})

    finding = only(life_findings(folder, lambda: NOW))

    assert finding.level is Level.PROBLEM
    assert finding.text.endswith("discord is not connected")


def test_connection_that_went_quiet_is_told(folder: Path) -> None:
    """Connected and without a heartbeat for minutes is worth a look."""
    adapters = {"discord": {"connected": True, "alive_at": (NOW - timedelta(minutes=5)).isoformat()}}
    life_sign(folder, timedelta(seconds=10), adapters=adapters)

    finding = only(life_findings(folder, lambda: NOW))

    assert finding.level is Level.WARNING
    assert finding.text.endswith("discord was last heard of 5 minutes ago")


@pytest.mark.parametrize(("number", "level"), [(1, Level.OK), (2, Level.WARNING)])
def test_second_bot_on_one_app_is_told(folder: Path, number: int, level: Level) -> None:
    """A platform that counts connections tells of somebody else who gets some of the messages."""
    adapters = {"slack": {"connected": True, "alive_at": NOW.isoformat(), "connections": number}}
    life_sign(folder, timedelta(seconds=10), adapters=adapters)

    finding = only(life_findings(folder, lambda: NOW))

    assert finding.level is level
    assert (": slack counts 2 connections of this app" in finding.text) is (number == 2)
    assert finding.fix.startswith("stop the other bot" if number == 2 else "")


def test_process_that_hangs_is_a_problem(folder: Path) -> None:
    """It lives, and has stopped giving signs of life."""
    life_sign(folder, timedelta(minutes=5))

    finding = only(life_findings(folder, lambda: NOW))

    assert finding.level is Level.PROBLEM
    assert f"kill {os.getpid()}" in finding.fix


@pytest.mark.parametrize(("age", "text"), [(timedelta(hours=3), "3 hours"), (timedelta(seconds=2), "2 s")])
def test_bot_that_ended_is_no_problem(folder: Path, age: timedelta, text: str) -> None:
    """A sign of a process that is gone says when it last ran, also of one that was killed just now."""
    life_sign(folder, age, pid=ended_process())

    assert only(life_findings(folder, lambda: NOW)) == fine("running bot", f"none; the last one was alive {text} ago")


@pytest.mark.parametrize("text", ["", "[]", '{"pid": 1}', '{"pid": 1, "version": "1", "adapters": {"discord": 3}}'])
def test_unreadable_sign_is_told(folder: Path, text: str) -> None:
    """A file that is not a sign of life is named, and can be removed."""
    folder.mkdir()
    (folder / "health.json").write_text(text)

    finding = only(life_findings(folder, lambda: NOW))

    assert (finding.level, finding.fix) == (Level.WARNING, f"remove it: rm {folder}/health.json")


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0 s"), (119, "119 s"), (120, "2 minutes"), (7200, "2 hours"), (200_000, "2 days")]
)
def test_spans_are_said_in_one_unit(seconds: float, text: str) -> None:
    """The largest of which there are two."""
    assert said(timedelta(seconds=seconds)) == text
