"""Memories and conversations go in and out, each line once."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30

CONVERSATION = [
    ("Ana Lima", "I'm allergic to walnuts."),
    ("Bo", "lol ok"),
    ("Bo", "I live in Porto."),
    ("Ana Lima", "We decided to meet on Fridays."),
]


def written(path: Path, *lines: Mapping[str, object]) -> Path:
    """Write lines to a file."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def conversation(tmp_path: Path) -> Path:
    """A chat of two people."""
    lines: list[dict[str, object]] = [
        {"text": text, "author": author, "time": f"2026-03-01T12:{minute:02}:00Z"}
        for minute, (author, text) in enumerate(CONVERSATION)
    ]
    return written(tmp_path / "conversation.jsonl", *lines)


def exported(forgetmenot: Call, *arguments: str) -> list[dict[str, object]]:
    """Give the memories that an export writes."""
    result = forgetmenot("export", *arguments)
    assert result.code == 0
    return [json.loads(line) for line in result.out.splitlines()]


def text_of(memory: dict[str, object]) -> str:
    """Give the text of an exported memory."""
    return str(memory["text"])


def texts(memories: list[dict[str, object]]) -> list[str]:
    """Give their texts."""
    return [text_of(memory) for memory in memories]


def test_each_author_gets_a_memory(forgetmenot: Call, conversation: Path) -> None:
    """What is worth it goes into the memory of who said it; small talk does not."""
    result = forgetmenot("import", conversation)

    assert result.code == 0
    assert result.out == "imported: 3 kept, 1 not worth keeping\nfor: ana-lima 2, bo 1\n"
    assert texts(exported(forgetmenot, "--as", "Ana Lima")) == [CONVERSATION[0][1], CONVERSATION[3][1]]
    assert texts(exported(forgetmenot, "--as", "bo")) == [CONVERSATION[2][1]]


def test_second_import_adds_nothing(forgetmenot: Call, conversation: Path) -> None:
    """The same lines are known; what was not worth keeping still is not."""
    forgetmenot("import", conversation)
    before = exported(forgetmenot, "--all")

    result = forgetmenot("import", conversation)

    assert result.out == "imported: 1 not worth keeping, 3 imported before\n"
    assert exported(forgetmenot, "--all") == before


def test_old_line_does_not_replace_a_newer_one(forgetmenot: Call, tmp_path: Path) -> None:
    """Importing a log again does not bring back what it corrected later."""
    log = written(
        tmp_path / "log",
        {"text": "I live in Porto.", "author": "Bo", "time": "2026-03-01"},
        {"text": "I live in Lisbon now.", "author": "Bo", "time": "2026-03-02"},
    )
    forgetmenot("import", log)
    before = exported(forgetmenot, "--as", "bo")

    forgetmenot("import", log)

    assert exported(forgetmenot, "--as", "bo") == before
    assert before[-1]["text"] == "I live in Lisbon now."


def test_mapped_speaker_is_the_person(forgetmenot: Call, conversation: Path) -> None:
    """`--map` says who somebody is, in any spelling; the others keep their own memories."""
    forgetmenot("import", conversation, "--map", "ana lima=me")

    assert texts(exported(forgetmenot)) == [CONVERSATION[0][1], CONVERSATION[3][1]]
    assert texts(exported(forgetmenot, "--as", "bo")) == [CONVERSATION[2][1]]


def test_everybody_else_keeps_their_names(forgetmenot: Call, conversation: Path) -> None:
    """With `*` one memory knows what the others said, and that it was they who said it."""
    forgetmenot("import", conversation, "--map", "Ana Lima=me", "--map", "*=me")

    authors = {str(memory["text"]): memory["author"] for memory in exported(forgetmenot)}
    assert authors == {
        CONVERSATION[0][1]: {"id": "me", "name": "me"},
        CONVERSATION[2][1]: {"id": "Bo", "name": "Bo"},
        CONVERSATION[3][1]: {"id": "me", "name": "me"},
    }


def test_no_filter_keeps_everything(forgetmenot: Call, conversation: Path) -> None:
    """Small talk as well."""
    result = forgetmenot("import", "--no-filter", conversation)

    assert result.out.startswith("imported: 4 kept\n")


def test_dry_run_keeps_nothing(forgetmenot: Call, conversation: Path) -> None:
    """It tells the same counts."""
    result = forgetmenot("import", "--dry-run", conversation)

    assert result.out == "would be imported: 3 kept, 1 not worth keeping\nfor: ana-lima 2, bo 1\n"
    assert exported(forgetmenot, "--all") == []


def test_export_goes_back_in_whole(forgetmenot: Call, tmp_path: Path) -> None:
    """Kind, status, reach, pin, place, author and source of every memory are the same in another folder."""
    kitchen, direct = {"kind": "public", "channel": "kitchen", "thread": "7"}, {"kind": "dm", "channel": "d-1"}
    ana = {"platform": "discord", "guild": "81384788765712384", "user": "80351110224678912"}
    plain: dict[str, object] = {
        "author": {"id": ana["user"], "name": ana["user"]},
        "time": "2026-03-01T12:00:00+00:00",
        "place": direct,
        "kind": "fact",
        "status": "current",
        "reach": "here",
        "pinned": False,
        "scope": ana,
    }
    memories = [
        {**plain, "source": "1", "text": "I like tea", "kind": "preference", "place": kitchen, "reach": "anywhere"},
        {**plain, "source": "2", "text": "lol ok", "kind": "message"},
        {**plain, "source": "2", "text": "My cat is called Mu", "pinned": True},
        {**plain, "source": "3", "text": "Ida moved to Porto", "kind": "event", "author": {"id": "bo", "name": "Bo"}},
        {**plain, "source": "4", "text": "I work at a bakery", "status": "superseded"},
        {**plain, "source": "5", "text": "The code hangs inside", "scope": {**ana, "user": "@guild"}, "place": kitchen},
    ]
    memories[-1]["reach"] = "everyone"
    path = written(tmp_path / "export.jsonl", *memories)

    result = forgetmenot("import", path)
    again = forgetmenot("import", path)

    assert result.out.startswith("imported: 6 kept\n"), result
    assert again.out == "imported: 6 imported before\n"
    assert sorted(exported(forgetmenot, "--all"), key=text_of) == sorted(memories, key=text_of)


def test_export_names_whose(forgetmenot: Call, tmp_path: Path) -> None:
    """A platform's person, everywhere or on one server."""
    lines: list[dict[str, object]] = [
        {
            "text": f"I like tea number {guild}",
            "author": "7",
            "time": "2026-03-01",
            "kind": "fact",
            "scope": {"platform": "discord", "guild": guild, "user": "7"},
        }
        for guild in ("1", "2")
    ]
    forgetmenot("import", written(tmp_path / "log", *lines))

    assert len(exported(forgetmenot, "--platform", "discord", "--user", "7")) == 2
    assert texts(exported(forgetmenot, "--platform", "discord", "--user", "7", "--guild", "2")) == [
        "I like tea number 2"
    ]
    assert exported(forgetmenot) == []


def test_exported_file_is_private_and_whole(forgetmenot: Call, conversation: Path, tmp_path: Path) -> None:
    """Only its owner can read it, even where a public file stood; nothing else is left behind."""
    forgetmenot("import", conversation)
    target = tmp_path / "out" / "memories.jsonl"
    target.parent.mkdir()
    target.touch(0o644)

    result = forgetmenot("export", "--all", "-o", target)

    assert (result.code, result.out) == (0, "")
    assert result.err.endswith("3 memories exported\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(target.read_text("utf-8").splitlines()) == 3
    assert list(target.parent.iterdir()) == [target]


def test_export_to_nowhere_is_said(forgetmenot: Call) -> None:
    """A folder that is not there."""
    result = forgetmenot("export", "-o", "nowhere/memories.jsonl")

    assert result.code == 1
    assert "nowhere/memories.jsonl: cannot be written: No such file or directory" in result.err


def test_refused_lines_are_named(forgetmenot: Call, tmp_path: Path, canary: str) -> None:
    """Each on standard error by its number, with the reason and without its text; the others are imported."""
    good = {"text": "I like tea", "author": "Ana", "time": "2026-03-01"}
    path = written(
        tmp_path / "log",
        good,
        {"text": canary, "author": "Ana"},
        {**good, "text": canary, "kind": "fact", "status": "proposed"},
        {**good, "text": f"{canary} is at https://ana:hunter22xyz@example.org/"},
        {**good, "text": canary * 400},
        {**good, "author": None, "text": canary},
        {**good, "author": "☕", "text": canary},
    )

    result = forgetmenot("import", path)

    assert result.code == 0
    assert result.out == "imported: 1 kept, 6 refused\nfor: ana 1\n"
    refused = result.err.splitlines()
    assert [line.partition(":")[0] for line in refused] == [f"line {number}" for number in range(2, 8)]
    for line, reason in zip(
        refused,
        ['"time" is missing', "never agreed", "a secret", "characters", '"author" is missing', "letter"],
        strict=True,
    ):
        assert reason in line
    assert canary not in result.err


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("tea\n", 1, "every line was refused"),
        ("", 1, "there is no line in it"),
        ("[5", 2, "it begins as an array, but it is no JSON"),
    ],
)
def test_useless_file_is_an_error(forgetmenot: Call, tmp_path: Path, content: str, code: int, said: str) -> None:
    """Nothing of it could be used."""
    path = tmp_path / "log"
    path.write_text(content)

    result = forgetmenot("import", path)

    assert result.code == code
    assert f"forgetmenot: {path}: {said}" in result.err


def test_interrupted_import_goes_on(forgetmenot: Call, folder: Path, tmp_path: Path) -> None:
    """Ctrl-C ends it in one line with 130; run again it adds what is missing, and nothing twice."""
    count = 600
    lines = [
        {"text": f"My cousin number {number} moved to Porto", "author": "Ana", "time": "2026-03-01", "kind": "fact"}
        for number in range(count)
    ]
    broken = 128  # told when the third batch begins
    lines[broken] = {}
    path = written(tmp_path / "log", *lines)
    command = [sys.executable, "-m", "bot", "import", str(path), "--data", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stderr is not None
        assert process.stderr.readline().startswith(f"line {broken + 1}: refused")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE_S)
    kept = len(exported(forgetmenot, "--all"))

    result = forgetmenot("import", path)

    assert process.returncode == 130
    assert told == "forgetmenot: interrupted; what was imported is kept, run it again to go on\n"
    assert broken <= kept < count - 1
    assert f"{kept:,} imported before" in result.out
    assert len(exported(forgetmenot, "--all")) == count - 1
