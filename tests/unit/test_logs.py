"""The log: whole for our own ids and counts, and closed to secrets, contents and other libraries' payloads."""

from __future__ import annotations

import asyncio
import io
import logging

import aiosqlite
import pytest

from bot.config import Secret
from bot.logs import configure_logging

OWN = logging.getLogger("bot.somewhere")
FOREIGN = logging.getLogger("elsewhere.client")


@pytest.fixture
def log() -> io.StringIO:
    """Everything that is logged from here on, as it would stand on standard error."""
    stream = io.StringIO()
    configure_logging("info", [Secret("xoxb-hush"), Secret("xoxb-hush-longer"), Secret("abc")], stream)
    return stream


def _raised(text: str) -> ValueError:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_own_records_are_shown_whole(log: io.StringIO) -> None:
    """A line has time, level, module and the message with its arguments."""
    OWN.info("kept %d memories", 3)

    assert log.getvalue().endswith("INFO bot.somewhere: kept 3 memories\n")


def test_level_is_for_our_modules(log: io.StringIO) -> None:
    """Below the level nothing of ours is shown, and below WARNING nothing of others."""
    OWN.debug("quiet")
    FOREIGN.info("quiet")

    assert log.getvalue() == ""


@pytest.mark.parametrize(
    "name", ["aiosqlite", "openai", "httpx2", "httpcore2.http11", "discord.http", "slack_bolt", "asyncio"]
)
def test_debug_of_libraries_stays_shut(name: str) -> None:
    """Level debug is ours alone, even for a library that turns its own level down."""
    stream = io.StringIO()
    configure_logging("debug", stream=stream)
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)

    logger.debug("payload %s", "text")
    logger.info("payload %s", "text")
    logger.setLevel(before)
    OWN.debug("heard")

    assert [line.rpartition(": ")[2] for line in stream.getvalue().splitlines()] == ["heard"]


def test_arguments_of_libraries_are_left_out(log: io.StringIO) -> None:
    """A foreign warning shows its fixed words and its place, not what was filled in."""
    FOREIGN.warning("payload %s was refused", "I am vegan")
    FOREIGN.warning(f"payload {'I am vegan'} was refused")  # as some libraries do it

    first, second = log.getvalue().splitlines()
    assert "payload %s was refused (test_logs.py:" in first
    assert "elsewhere.client: test_logs.py:" in second
    assert "vegan" not in log.getvalue()


def test_the_check_for_contents_can_fail(log: io.StringIO) -> None:
    """The same words in a record of ours are found, so their absence above means something."""
    OWN.warning("payload %s was refused", "I am vegan")

    assert "vegan" in log.getvalue()


def test_exceptions_show_type_and_place(log: io.StringIO) -> None:
    """An exception is one line without its text, ours and others' alike."""
    OWN.error("broken", exc_info=_raised("I am vegan"))
    FOREIGN.error("broken", exc_info=_raised("I am vegan"))
    OWN.error("nothing", exc_info=True)

    first, second, third = log.getvalue().splitlines()
    assert "bot.somewhere: broken [ValueError at test_logs.py:" in first
    assert "[ValueError at test_logs.py:" in second
    assert third.endswith("nothing [no exception at unknown]")
    assert "vegan" not in log.getvalue()


def test_lost_task_of_the_loop_shows_no_text(log: io.StringIO) -> None:
    """asyncio prints the exception of a task that nobody awaited; here only its type is shown."""

    async def lose() -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "Task exception was never retrieved", "exception": _raised("I am vegan")}
        )

    asyncio.run(lose())

    assert "[ValueError at test_logs.py:" in log.getvalue()
    assert "vegan" not in log.getvalue()


async def test_statements_of_the_database_stay_out(canary: str) -> None:
    """aiosqlite logs every statement with its parameters; at our most talkative level none is shown."""
    stream = io.StringIO()
    configure_logging("debug", stream=stream)

    async with aiosqlite.connect(":memory:") as database:
        await database.execute("SELECT ?", (canary,))

    assert stream.getvalue() == ""


def test_secrets_become_stars(log: io.StringIO) -> None:
    """A known secret is taken out of any record; one that is part of another leaves no rest."""
    OWN.warning("tried %s and %s", "xoxb-hush", "xoxb-hush-longer")
    OWN.warning("abc is too short to be told from a word")

    first, second = log.getvalue().splitlines()
    assert first.endswith("tried *** and ***")
    assert second.endswith("abc is too short to be told from a word")


def test_a_record_is_one_line(log: io.StringIO) -> None:
    """Nobody can write a second line, or to the terminal, through a name or an id."""
    OWN.warning("user %s", "x\n2026 ERROR forged\r\x1b[2J\u2028é")

    (line,) = log.getvalue().splitlines()
    assert line.endswith(r"user x\n2026 ERROR forged\r\x1b[2J\u2028é")


def test_broken_log_call_prints_no_arguments(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong format loses its line rather than printing what it was about."""
    broken = logging.LogRecord(OWN.name, logging.WARNING, __file__, 1, "%d memories", ("I am vegan",), None)

    logging.getLogger().handlers[0].handle(broken)  # directly, for the capture of the test run would refuse it

    assert log.getvalue() == ""
    assert capsys.readouterr().err == ""


def test_the_check_for_a_broken_call_can_fail(
    log: io.StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As logging comes, the same call prints what it was about."""
    monkeypatch.setattr(logging, "raiseExceptions", True)
    broken = logging.LogRecord(OWN.name, logging.WARNING, __file__, 1, "%d memories", ("I am vegan",), None)

    logging.getLogger().handlers[0].handle(broken)

    assert log.getvalue() == ""
    assert "vegan" in capsys.readouterr().err


def test_configuring_twice_logs_once(log: io.StringIO) -> None:
    """The second call replaces the first."""
    stream = io.StringIO()
    configure_logging("info", stream=stream)

    OWN.warning("once")

    assert log.getvalue() == ""
    assert len(stream.getvalue().splitlines()) == 1


def test_standard_error_is_where_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the replies."""
    configure_logging("info")

    OWN.warning("heard")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "heard" in captured.err
