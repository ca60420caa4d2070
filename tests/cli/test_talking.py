"""The bot as a process behind pipes: what is said, what is remembered, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30


def talk(folder: Path, typed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the bot, type lines, and wait for its end."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *arguments, "--data", str(folder)],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.fixture
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A bot that takes messages."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", "chat", "--data", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line == "ready: terminal\n":
                break
        yield process
        process.kill()


def test_person_is_remembered_after_a_restart(folder: Path) -> None:
    """What one process was told, the next one knows; only replies are on standard output."""
    first = talk(folder, "Remember that my favourite tea is oolong.\n", "run")
    second = talk(folder, "What is my favourite tea?\n", "run", "--json")

    assert (first.returncode, second.returncode) == (0, 0)
    assert "ready: terminal" in first.stderr
    assert "ready" not in first.stdout
    (used,) = json.loads(second.stdout)["used"]
    assert "oolong" in used["text"]


def test_people_are_kept_apart(folder: Path) -> None:
    """Another name at the terminal is another person, however it is written."""
    talk(folder, "Remember that my favourite tea is oolong.\n", "chat", "--as", "Ana Lima")
    other = talk(folder, "What is my favourite tea?\n", "chat", "--as", "bo", "--json")
    same = talk(folder, "What is my favourite tea?\n", "chat", "--as", "ana-lima", "--json")

    assert json.loads(other.stdout)["used"] == []
    assert "oolong" in json.loads(same.stdout)["used"][0]["text"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_a_waiting_bot(started: subprocess.Popen[str], number: signal.Signals) -> None:
    """Nothing is said on standard output, and there is no traceback."""
    started.send_signal(number)
    out, err = started.communicate(timeout=PATIENCE_S)

    assert out == ""
    assert "Traceback" not in err
    assert started.returncode in {0, 130}


def test_reader_that_leaves_ends_it_quietly(started: subprocess.Popen[str]) -> None:
    """As behind `| head -1`."""
    assert started.stdin is not None
    assert started.stdout is not None
    started.stdout.close()
    started.stdin.write("hello\nhello again\n")
    started.stdin.close()
    assert started.stderr is not None
    told = started.stderr.read()

    assert started.wait(PATIENCE_S) == 0
    assert told == ""


def test_closed_standard_input_is_an_error(folder: Path) -> None:
    """It is told in one line, with exit code 1."""
    command = f"exec {sys.executable} -m bot chat --data {folder} <&-"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("forgetmenot: terminal: standard input or output is closed")
