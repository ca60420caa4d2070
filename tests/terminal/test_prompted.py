"""A person at a real terminal: a process behind a pseudo-terminal, read until what is expected appears."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from adapters.terminal.prompted import summary
from bot.events import ReplyEnd
from bot.types import Action, Hit, Outcome, ScoreParts
from tests.conformance.adapter import HOLD
from tests.terminal.test_piped import MEMORY

ROOT = Path(__file__).parents[2]
PATIENCE_S = 15

CTRL_C, CTRL_D, ENTER, TAB, UP = "\x03", "\x04", "\r", "\t", "\x1b[A"


class Person:
    """Somebody who types at a pseudo-terminal and reads what it shows."""

    def __init__(self, keyboard: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._keyboard = keyboard
        self._unread = ""
        self.shown = ""

    def types(self, keys: str | bytes) -> None:
        """Press keys."""
        os.write(self._keyboard, keys.encode() if isinstance(keys, str) else keys)

    def reads(self, expected: str) -> str:
        """Read until a text appears; give what was shown up to its end since the last read."""
        deadline = time.monotonic() + PATIENCE_S
        while expected not in self._unread:
            left_s = max(deadline - time.monotonic(), 0)
            assert select.select([self._keyboard], [], [], left_s)[0], f"{expected!r} not in {self._unread!r}"
            try:
                chunk = os.read(self._keyboard, 65536).decode("utf-8", "replace")
            except OSError:  # the other end was closed
                chunk = ""
            assert chunk, f"the terminal was closed before {expected!r}, after {self._unread!r}"
            self._unread += chunk
            self.shown += chunk
        end = self._unread.index(expected) + len(expected)
        read, self._unread = self._unread[:end], self._unread[end:]
        return read

    def asked(self) -> None:
        """Read until the bot waits for input."""
        self.reads(">")
        self.reads("\x1b[?25h")  # the cursor is shown when all is drawn

    def leaves(self) -> str:
        """Wait until the process ends; give what it said on standard error."""
        _, told = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0
        return told.decode()


SitDown: TypeAlias = Callable[..., Person]


@pytest.fixture
def sit_down() -> Iterator[SitDown]:
    """Start the terminal and give the person before it.

    Takes whose messages an earlier run left unanswered, and variables to set in the environment.
    """
    with ExitStack() as stack:

        def start(*left_over: str, **variables: str) -> Person:
            keyboard, screen = pty.openpty()
            stack.callback(os.close, keyboard)
            fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **variables}
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.terminal.echo_terminal", *left_over],
                cwd=ROOT,
                env=environment,
                stdin=screen,
                stdout=screen,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            os.close(screen)
            return Person(keyboard, process)

        yield start


def test_person_talks_and_leaves(sit_down: SitDown) -> None:
    """Who they are is said, a line is answered, Ctrl-D ends the conversation with exit code 0."""
    person = sit_down()
    person.reads("You are ana.")
    person.asked()
    person.types("good morning" + ENTER)
    person.reads("You said good morning")
    person.asked()
    person.types(CTRL_D)

    assert "heard 1, cut 0" in person.leaves()


@pytest.mark.parametrize("word", ["/quit", "/exit"])
def test_leaving_word_ends(sit_down: SitDown, word: str) -> None:
    """Two commands leave; the assistant hears neither."""
    person = sit_down()
    person.asked()
    person.types(word + ENTER)

    assert "heard 0" in person.leaves()


def test_unanswered_message_is_answered_first(sit_down: SitDown) -> None:
    """What this person said before a crash is answered aloud; what somebody else said is not shown."""
    person = sit_down("bo", "ana")
    shown = person.reads("You said ana was here")
    person.asked()
    person.types(CTRL_D)

    assert "You had not been answered yet: ana was here" in shown
    assert "bo" not in person.shown
    assert "heard 2, cut 0" in person.leaves()


def test_ctrl_c_at_the_empty_prompt_says_how_to_leave(sit_down: SitDown) -> None:
    """Nothing is lost by a key pressed out of habit."""
    person = sit_down()
    person.asked()
    person.types(CTRL_C)
    person.reads("Ctrl-D or /quit leaves.")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_ctrl_c_gives_up_the_line(sit_down: SitDown) -> None:
    """What was typed so far is not sent."""
    person = sit_down()
    person.asked()
    person.types("not this")
    person.reads("not")
    person.types(CTRL_C)
    person.asked()
    person.types("but this" + ENTER)
    person.reads("You said but this")
    person.asked()
    person.types(CTRL_D)

    assert "heard 1" in person.leaves()


def test_reply_shows_as_it_arrives_and_ctrl_c_cuts_it(sit_down: SitDown) -> None:
    """The first piece of an unending answer is on the screen before Ctrl-C ends it; then the next line works."""
    person = sit_down()
    person.asked()
    person.types(HOLD + ENTER)
    person.reads("You said ")
    person.types(CTRL_C)
    person.reads("(cut off)")
    person.asked()
    person.types("go on" + ENTER)
    person.reads("You said go on")
    person.asked()
    person.types(CTRL_D)

    assert "heard 2, cut 1" in person.leaves()


def test_typing_during_a_reply_waits_for_the_next_prompt(sit_down: SitDown) -> None:
    """Keys pressed meanwhile do not show up inside the reply; they stand in the next input line."""
    person = sit_down()
    person.asked()
    person.types(HOLD + ENTER)
    person.reads("You said ")
    person.types("typed ahead" + ENTER)
    person.types(CTRL_C)

    assert "typed" not in person.reads("(cut off)")
    person.reads("You said typed ahead")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_tab_completes_a_command(sit_down: SitDown) -> None:
    """Tab goes on as far as there is one way."""
    person = sit_down()
    person.asked()
    person.types("/rem" + TAB + " this" + ENTER)

    person.reads("You said /remember this")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_arrow_brings_back_the_last_line(sit_down: SitDown) -> None:
    """The history of this conversation can be sent again."""
    person = sit_down()
    person.asked()
    person.types("tea" + ENTER)
    person.reads("You said tea")
    person.asked()
    person.types(UP + " again" + ENTER)

    person.reads("You said tea again")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_no_color_is_honoured(sit_down: SitDown) -> None:
    """Without the variable the greeting is dimmed, with it nothing is."""
    plain, dimmed = sit_down(NO_COLOR="1"), sit_down()
    for person in (plain, dimmed):
        person.asked()
        person.types(CTRL_D)
        person.leaves()

    assert "\x1b[2m" in dimmed.shown
    assert "\x1b[2m" not in plain.shown


def test_resized_terminal_goes_on(sit_down: SitDown) -> None:
    """A narrower window redraws the input line, and what was typed is still sent whole."""
    person = sit_down()
    person.asked()
    person.types("half a ")
    person.reads("half a")
    fcntl.ioctl(person._keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 20, 0, 0))
    person.process.send_signal(signal.SIGWINCH)
    person.types("sentence" + ENTER)

    person.reads("You said half a sentence")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_odd_bytes_do_no_harm(sit_down: SitDown) -> None:
    """What is no UTF-8 is replaced; the assistant gets text that can be stored."""
    person = sit_down()
    person.asked()
    person.types(b"caf\xff tea" + ENTER.encode())

    person.reads("You said caf\ufffd tea")
    person.asked()
    person.types(CTRL_D)
    person.leaves()


def test_term_signal_ends_at_once(sit_down: SitDown) -> None:
    """A process that waits for input ends when told to, and leaves the terminal as it was."""
    person = sit_down()
    person.asked()
    person.process.terminate()

    assert "heard 0" in person.leaves()


def test_too_long_a_line_is_refused(sit_down: SitDown) -> None:
    """A pasted file is answered with the limit, and not heard."""
    person = sit_down()
    person.asked()
    person.types("x" * 1001 + ENTER)
    person.reads("more than 1,000 characters")
    person.asked()
    person.types(CTRL_D)

    assert "heard 0" in person.leaves()


def hits(count: int) -> tuple[Hit, ...]:
    """Give some memories as an answer was built from them."""
    return (Hit(MEMORY, 1.0, ScoreParts(lexical=1.0)),) * count


@pytest.mark.parametrize(
    ("end", "line"),
    [
        (ReplyEnd(), ""),
        (ReplyEnd(used=hits(1)), "used 1 memory · /why"),
        (ReplyEnd((Outcome(Action.KEPT, "", MEMORY),), hits(2)), "remembered · used 2 memories · /why"),
        (ReplyEnd((Outcome(Action.MERGED, "", MEMORY),)), "remembered"),
        (ReplyEnd((Outcome(Action.PROPOSED, "", MEMORY), Outcome(Action.DROPPED, ""))), ""),
    ],
)
def test_line_below_says_what_is_true(end: ReplyEnd, line: str) -> None:
    """Remembered is what is on disk, not what waits for a yes."""
    assert summary(end) == line
