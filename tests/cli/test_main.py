"""Whatever goes wrong on the command line is one line on standard error and a fixed exit code."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.folder import hold_folder
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]


def test_version_is_told(forgetmenot: Call) -> None:
    """One line on standard output."""
    result = forgetmenot("--version")

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("forgetmenot ")
    assert result.out.count("\n") == 1


def test_command_line_alone_loads_nothing_heavy() -> None:
    """Asking for the version or making a mistake does not wait for numpy, faiss or a chat platform."""
    heavy = {"numpy", "faiss", "openai", "aiosqlite", "msgspec", "prompt_toolkit", "asyncio"}
    code = "import sys, bot.cli; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own

    assert heavy.isdisjoint(loaded.stdout.split())


def test_no_command_shows_help(forgetmenot: Call) -> None:
    """Called bare it lists the commands, and counts as wrong usage."""
    result = forgetmenot()

    assert (result.code, result.out) == (2, "")
    for command in ("run", "chat", "demo", "import", "export", "reindex", "stats"):
        assert f"  {command} " in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["remind"], "(see: forgetmenot --help)"),
        (["stats", "--everything"], "(see: forgetmenot stats --help)"),
        (["import"], "(see: forgetmenot import --help)"),
        (["import", "nowhere.jsonl"], "File 'nowhere.jsonl' does not exist"),
        (["import", "/dev/null", "--map", "Ana"], "--map 'Ana' is no pair such as Ana=me"),
        (["import", "/dev/null", "--map", "Ana=@guild"], "begins with @"),
        (["import", "/dev/null", "--platform", "slack"], "--platform slack needs --guild"),
        (["chat", "--place", "town"], "'town' is not one of 'dm', 'private', 'public'"),
        (["chat", "--as", "!!"], "--as: a person's name needs a letter or digit"),
        (["chat", "--guild", " "], "--guild is empty"),
        (["export", "--as", "ana", "--all"], "--as, --user and --all exclude each other"),
        (["--config", "nowhere.toml", "stats"], "nowhere.toml: cannot be read"),
        (["stats", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_wrong_usage_is_one_line(forgetmenot: Call, arguments: list[str], said: str) -> None:
    """It names what was found and what to do, and exits with 2."""
    result = forgetmenot(*arguments)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("forgetmenot: ")
    assert said in result.err
    assert result.err.count("\n") == 1


def test_wrong_setting_is_one_line(forgetmenot: Call, tmp_path: Path) -> None:
    """The file, the key, what was found and what was expected."""
    (tmp_path / "config.toml").write_text("[memory]\nrecall_limit = 0\n")

    result = forgetmenot("stats")

    assert result.code == 2
    assert result.err == (
        f"forgetmenot: {tmp_path}/config.toml: [memory] recall_limit is 0, expected a whole number from 1 to 100\n"
    )


def test_folder_in_use_is_exit_code_3(forgetmenot: Call, folder: Path) -> None:
    """A running bot keeps others off its data."""
    with hold_folder(folder):
        result = forgetmenot("stats")

    assert result.code == 3
    assert "is in use by process" in result.err


def test_newer_data_are_exit_code_4(forgetmenot: Call, folder: Path) -> None:
    """What a newer version wrote is left alone."""
    forgetmenot("stats")
    connection = sqlite3.connect(folder / "memory.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()

    result = forgetmenot("stats")

    assert result.code == 4
    assert result.err.count("\n") == 1


def test_unusable_folder_is_exit_code_1(forgetmenot: Call, tmp_path: Path) -> None:
    """A file where the data folder should be is said to be the problem."""
    (tmp_path / "occupied").write_text("")

    result = forgetmenot("stats", "--data", tmp_path / "occupied")

    assert result.code == 1
    assert "cannot be used" in result.err


def test_data_option_wins_over_the_environment(forgetmenot: Call, folder: Path, tmp_path: Path) -> None:
    """Before the command or behind it, it names the folder that is used."""
    for place, arguments in (("one", ["--data", "one", "stats"]), ("two", ["stats", "--data", "two"])):
        result = forgetmenot(*arguments)

        assert f"data: {tmp_path / place}\n" in result.out
    assert not folder.exists()


def test_mistake_in_the_program_is_one_line(forgetmenot: Call, capfd: pytest.CaptureFixture[str]) -> None:
    """It says where, not what: an exception's text may hold what somebody said."""
    forgetmenot("--version")
    try:
        raise ValueError("the secret diary")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)

    told = capfd.readouterr().err
    assert told.startswith("forgetmenot: stopped by a mistake in the program (ValueError at test_main.py:")
    assert "diary" not in told


def test_stats_count_and_tell_nothing(forgetmenot: Call, tmp_path: Path, canary: str) -> None:
    """Memories by platform, kind and status; no word of them."""
    lines = tmp_path / "log.jsonl"
    lines.write_text(
        f'{{"text": "I like {canary} tea", "author": "Ana", "time": "2026-03-01", "kind": "preference"}}\n'
        f'{{"text": "I live in {canary} town", "author": "Bo", "time": "2026-03-01", "kind": "fact"}}\n'
    )
    forgetmenot("import", lines)

    result = forgetmenot("stats")

    assert result.code == 0
    assert "memories: 2\n  terminal fact current: 1\n  terminal preference current: 1\n" in result.out
    assert "people on terminal: 2" in result.out
    assert "vectors missing: 0" in result.out
    assert "memory.db: " in result.out
    assert canary not in result.out


def test_reindex_says_what_it_made(forgetmenot: Call) -> None:
    """With nothing to do it says so."""
    result = forgetmenot("reindex")

    assert (result.code, result.out) == (0, "0 vectors made, none is missing\n")
