"""A script at the terminal: one message a line in, one reply each out, whatever the bytes are."""

from __future__ import annotations

import asyncio
import json
import os
import tracemalloc
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.terminal import TerminalAdapter
from adapters.terminal.descriptors import read_lines
from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText
from bot.types import Action, Author, Hit, Kind, Memory, Outcome, Place, PlaceKind, Reach, Scope, ScoreParts, Status
from tests.conformance.adapter import HOLD, PATIENCE_S, EchoAssistant, running
from tests.terminal.conftest import MakeWire, PipedWire

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCOPE = Scope("terminal", "home", "me")
DIRECT = Place(PlaceKind.DM, "terminal")
MEMORY = Memory(
    id=7,
    scope=SCOPE,
    text="I like tea",
    kind=Kind.PREFERENCE,
    status=Status.CURRENT,
    place=DIRECT,
    reach=Reach.HERE,
    author=None,
    created=NOW,
    event_time=NOW,
    importance=0.5,
    pinned=False,
)


class Scripted(EchoAssistant):
    """Answers every message with the same parts."""

    def __init__(self, *parts: ReplyPart) -> None:
        super().__init__()
        self._parts = parts

    async def parts(self, message: IncomingMessage) -> AsyncGenerator[ReplyPart, None]:
        """Give the parts."""
        self.holding.set()
        for part in self._parts:
            yield part


async def conversation(wire: PipedWire, assistant: EchoAssistant, typed: bytes) -> str:
    """Write what fits into a pipe, end the input, and give all that is on standard output at the end."""
    wire.push_bytes(typed)
    wire.end()
    async with asyncio.timeout(PATIENCE_S):
        await wire.adapter.run(assistant, lambda: None, asyncio.Event())
    wire.adapter._stdout.close()
    return await wire.everything()


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        pytest.param(b"tea\ncocoa\n", ["tea", "cocoa"], id="lines"),
        pytest.param(b"tea\ncocoa", ["tea", "cocoa"], id="last line without an end"),
        pytest.param(b"tea\r\ncocoa\r\n", ["tea", "cocoa"], id="line ends of Windows"),
        pytest.param(b"\n \t \n\x00\x1b\ntea\n\n", ["tea"], id="empty lines"),
        pytest.param(b"\xef\xbb\xbftea\n", ["tea"], id="byte order mark"),
        pytest.param(b"caf\xff tea\n", ["caf\ufffd tea"], id="invalid UTF-8"),
        pytest.param(b"t\x00e\x1b[31ma\x07\n", ["te[31ma"], id="control characters"),
        pytest.param("茶 чай ☕\n".encode(), ["茶 чай ☕"], id="other scripts"),
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"x" * 1000 + b"\n", ["x" * 1000], id="the longest line"),
        pytest.param("☕".encode() * 1000 + b"\r\n", ["☕" * 1000], id="the longest line in bytes"),
    ],
)
async def test_lines_become_messages(make_wire: MakeWire, typed: bytes, heard: list[str]) -> None:
    """Each line that says something is heard as one message; steering characters are not."""
    assistant = EchoAssistant()

    shown = await conversation(await make_wire(), assistant, typed)

    assert [message.text for message in assistant.heard] == heard
    assert shown == "".join(f"You said {text}\n\n" for text in heard)


async def test_too_long_lines_get_one_clear_reply_each(make_wire: MakeWire) -> None:
    """A line past the limit is not heard and says why; the lines after it are answered."""
    assistant = EchoAssistant()

    shown = await conversation(await make_wire(), assistant, b"x" * 1001 + b"\n" + b"y" * 20_000 + b"\ntea\n")

    refused = (
        "That line has more than 1,000 characters, the most I read at once. None of it was kept; please send less."
    )
    assert shown == f"{refused}\n\n{refused}\n\nYou said tea\n\n"


async def test_endless_line_takes_no_memory(tmp_path: Path) -> None:
    """Sixteen megabytes without a line end are read in the space of a few chunks."""
    path = tmp_path / "typed"
    path.write_bytes(b"x" * (16 << 20) + b"\ntea\n")
    with path.open("rb") as file:
        tracemalloc.start()
        lines = [line async for line in read_lines(file.fileno(), 1000)]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert [(line.text, line.whole) for line in lines] == [("", False), ("tea", True)]
    assert peak < 1 << 20


async def test_input_is_not_read_ahead(make_wire: MakeWire) -> None:
    """While a reply runs, a writer that sends more than a pipe and a chunk hold has to wait."""
    wire, assistant = await make_wire(), EchoAssistant()
    os.set_blocking(wire.typing.fileno(), False)
    async with running(wire.adapter, assistant):
        await wire.push(HOLD)
        async with asyncio.timeout(PATIENCE_S):
            await assistant.holding.wait()
        written = 0
        for _ in range(64):
            written += wire.typing.write(b"tea\n" * 4096) or 0
            await asyncio.sleep(0)  # it would read now

    assert written < 4 * 4096 * 16


async def test_plain_file_is_read_to_its_end(tmp_path: Path) -> None:
    """Input and output may be files, which no event loop can watch."""
    typed, replies = tmp_path / "typed", tmp_path / "replies"
    typed.write_bytes(b"tea\ncocoa\n")
    with typed.open() as stdin, replies.open("w") as stdout:
        await TerminalAdapter(stdin=stdin, stdout=stdout).run(EchoAssistant(), lambda: None, asyncio.Event())

    assert replies.read_text("utf-8") == "You said tea\n\nYou said cocoa\n\n"


async def test_nothing_at_all_ends_quietly() -> None:
    """Run by a service manager without input, it ends."""
    silence = os.open(os.devnull, os.O_RDWR)
    with os.fdopen(silence) as stdin, os.fdopen(os.dup(silence), "w") as stdout:
        await TerminalAdapter(stdin=stdin, stdout=stdout).run(EchoAssistant(), lambda: None, asyncio.Event())


async def test_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started with standard input closed, which Python shows as None, it says what is needed."""
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(PlatformError, match="standard input or output is closed"):
        await TerminalAdapter().run(EchoAssistant(), lambda: None, asyncio.Event())


async def test_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    """As behind `| head -1`: the reply that nobody reads is not delivered, and nothing more is heard."""
    typed = tmp_path / "typed"
    typed.write_bytes(b"tea\ncocoa\n")
    assistant = EchoAssistant()
    reading, written = os.pipe()
    os.close(reading)
    with typed.open() as stdin, os.fdopen(written, "w") as stdout:
        await TerminalAdapter(stdin=stdin, stdout=stdout).run(assistant, lambda: None, asyncio.Event())

    assert [message.text for message in assistant.heard] == ["tea"]
    assert assistant.delivered == []
    assert assistant.cut == ["tea"]


async def test_cut_reply_is_marked(make_wire: MakeWire) -> None:
    """Who reads along sees that an answer is not whole."""
    wire, assistant = await make_wire(), EchoAssistant()
    async with running(wire.adapter, assistant):
        await wire.push(HOLD)
        async with asyncio.timeout(PATIENCE_S):
            await assistant.holding.wait()

    assert [await wire.reply(), await wire.reply()] == ["You said ", "(cut off)"]


async def test_reader_that_stalls_does_not_keep_it_from_stopping(make_wire: MakeWire) -> None:
    """More than a pipe holds was written and nobody reads on, as in a pager: told to stop, it stops."""
    wire, assistant = await make_wire(), Scripted(ReplyText("x" * (1 << 20)), ReplyEnd())
    wire.replies._transport.pause_reading()  # type: ignore[attr-defined] # the reading end of the pipe
    async with running(wire.adapter, assistant):
        await wire.push("tea")
        async with asyncio.timeout(PATIENCE_S):
            await assistant.holding.wait()


async def test_messages_left_over_are_answered_unseen(make_wire: MakeWire) -> None:
    """What a crashed run did not answer is done first, and prints nothing: a script expects one reply a line."""
    wire, assistant = await make_wire(), EchoAssistant()
    left = IncomingMessage("key", SCOPE, DIRECT, Author("me", "me"), "from before", "source", NOW)
    assistant.unfinished = [left]

    shown = await conversation(wire, assistant, b"tea\n")

    assert assistant.delivered == ["from before", "tea"]
    assert shown == "You said tea\n\n"


async def test_notice_is_a_paragraph_of_its_own(make_wire: MakeWire) -> None:
    """A notice before and one after the answer are set apart by empty lines; spare line ends go."""
    assistant = Scripted(
        ReplyNotice("I am a bot."), ReplyText("\nTea"), ReplyText(" it is.\n\n"), ReplyNotice("Noted."), ReplyEnd()
    )

    shown = await conversation(await make_wire(), assistant, b"hello\n")

    assert shown == "I am a bot.\n\nTea it is.\n\nNoted.\n\n"


@pytest.mark.parametrize("json_lines", [False, True])
async def test_file_is_shown_as_the_reply(make_wire: MakeWire, json_lines: bool) -> None:
    """Its lines and nothing else, so that whoever reads them can read them again."""
    file = ReplyFile("memories.jsonl", '{"text": "I like *tea*"}\n{"text": "I keep bees"}\n', "Everything.")

    shown = await conversation(await make_wire(json_lines=json_lines), Scripted(file, ReplyEnd()), b"/export\n")

    assert (json.loads(shown)["reply"] if json_lines else shown.removesuffix("\n")) == file.content


async def test_reply_cannot_steer_the_terminal(make_wire: MakeWire) -> None:
    """Escape sequences in an answer, as a memory could hold them, are shown without their escape."""
    shown = await conversation(await make_wire(), Scripted(ReplyText("a\x1b[2Jb\x9b1mc\rd"), ReplyEnd()), b"hello\n")

    assert shown == "a[2Jb1mcd\n\n"


async def test_silence_is_said(make_wire: MakeWire) -> None:
    """Where the assistant gives no answer at all, the line still gets its paragraph."""
    assert await conversation(await make_wire(), Scripted(), b"hello\n") == "(no answer)\n\n"


async def test_json_tells_what_was_kept_and_used(make_wire: MakeWire) -> None:
    """One object a line, with the documented fields; what waits for a yes or was dropped is not called kept."""
    end = ReplyEnd(
        outcomes=(
            Outcome(Action.KEPT, "tells what you like", MEMORY),
            Outcome(Action.PROPOSED, "it is about health", MEMORY),
            Outcome(Action.DROPPED, "small talk"),
        ),
        used=(Hit(MEMORY, 1.5, ScoreParts(lexical=1.0, semantic=0.5)),),
    )
    assistant = Scripted(ReplyNotice("Noted."), ReplyText("Tea.\n"), end)

    shown = await conversation(await make_wire(json_lines=True), assistant, b"hello\n")

    assert shown.count("\n") == 1
    assert json.loads(shown) == {
        "reply": "Tea.\n",
        "kept": [
            {"id": 7, "text": "I like tea", "kind": "preference", "action": "kept", "reason": "tells what you like"}
        ],
        "used": [{"id": 7, "text": "I like tea", "score": 1.5, "parts": {"lexical": 1.0, "semantic": 0.5}}],
        "notice": "Noted.",
        "failed": False,
    }


async def test_json_line_is_one_line_even_when_refused(make_wire: MakeWire) -> None:
    """A line past the limit gets an object that says it failed."""
    shown = await conversation(await make_wire(json_lines=True), EchoAssistant(), b"x" * 1001 + b"\ntea\n")

    refused, answered = map(json.loads, shown.splitlines())
    assert refused["failed"]
    assert "1,000 characters" in refused["reply"]
    assert (answered["failed"], answered["reply"]) == (False, "You said tea")
