"""The command line, called as a process would call it, on a data folder of its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from bot.cli import main


@dataclass(frozen=True, slots=True)
class Result:
    """What a call left: its exit code and what it said."""

    code: int
    out: str
    err: str


class Call(Protocol):
    """Calls the command line."""

    def __call__(self, *arguments: str | Path) -> Result:
        """Run it with arguments and give what it left."""
        ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder; the working folder beside it holds no settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORGETMENOT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def forgetmenot(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command line on that folder."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main sets it for the process

    def call(*arguments: str | Path) -> Result:
        code = main([str(argument) for argument in arguments])
        return Result(code, *capfd.readouterr())

    return call
