"""The conversation with a person at a terminal: line editing, the reply as it arrives, Ctrl-C to cut it off.

What is typed is remembered for the arrow keys in memory only: a history file would hold words outside the data
folder, where /forget does not reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import create_output
from prompt_toolkit.shortcuts import CompleteStyle

from adapters.terminal.answering import answer, answer_until, cut_off, cut_when
from adapters.terminal.shown import KEPT, Paragraphs, Unshown
from adapters.terminal.speaker import PLATFORM, Speaker
from adapters.terminal.texts import TOO_LONG, printable
from bot.config import LimitsSettings
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText
from bot.protocols import Assistant

LEAVING = ("/quit", "/exit")

_TYPED_AHEAD = 10_000  # keys pressed during one reply that are kept
_DIM, _NORMAL = "\x1b[2m", "\x1b[0m"


class Prompted:
    """A conversation that ends when the person leaves.

    Args:
        commands: names that Tab completes after a slash.
        coloured: whether the terminal may be told to dim what is not the answer.
    """

    def __init__(
        self,
        speaker: Speaker,
        streams: tuple[TextIO, TextIO],
        commands: Sequence[str],
        limits: LimitsSettings,
        *,
        coloured: bool,
    ) -> None:
        self._speaker = speaker
        self._limits = limits
        self._keys = create_input(streams[0])
        self._screen = Screen(streams[1], coloured=coloured)
        self._session: PromptSession[str] = PromptSession(
            input=self._keys,
            output=self._screen.output,
            history=InMemoryHistory(),
            completer=CommandCompleter((*(f"/{name}" for name in commands), *LEAVING)),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            reserve_space_for_menu=0,
        )

    async def serve(self, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event) -> None:
        """Answer what is typed until the person leaves or `stopping` is set."""
        ready()
        with self._keys.raw_mode():  # all the time, so that keys pressed during a reply do not show up in it
            self._screen.dim(f"You are {self._speaker.scope.user_id}. /help says what I can do, Ctrl-D leaves.\n\n")
            await self._catch_up(assistant, stopping)
            while (text := await self._ask(stopping)) is not None:
                await self._reply(text, assistant, stopping)

    async def _catch_up(self, assistant: Assistant, stopping: asyncio.Event) -> None:
        """Answer what an earlier run left; aloud only what this person said here."""
        for message in await assistant.unanswered(PLATFORM):
            if stopping.is_set():
                return
            if self._speaker.said(message):
                self._screen.dim(f"You had not been answered yet: {message.text}\n\n")
                await self._show_reply(message, assistant, stopping)
            else:
                await answer_until(assistant.handle(message), Unshown(), stopping, self._limits.shutdown_s)

    async def _ask(self, stopping: asyncio.Event) -> str | None:
        """Return what is typed next; None when the person leaves, or has to."""
        while not stopping.is_set():
            try:
                async with cut_when(stopping):
                    typed = await self._session.prompt_async("> ", handle_sigint=False)
            except KeyboardInterrupt:
                if not self._session.default_buffer.text:
                    self._screen.dim("Ctrl-D or /quit leaves.\n")
                continue
            except (EOFError, TimeoutError):
                return None
            # Bytes that are no UTF-8 come as lone surrogates.
            text = printable(typed.encode("utf-8", "surrogateescape").decode("utf-8", "replace")).strip()
            if text in LEAVING:
                return None
            if text:
                return text
        return None

    async def _reply(self, text: str, assistant: Assistant, stopping: asyncio.Event) -> None:
        if len(text) > self._limits.max_message_characters:
            self._screen.write(TOO_LONG.format(most=self._limits.max_message_characters) + "\n\n")
            return
        await self._show_reply(self._speaker.says(text), assistant, stopping)

    async def _show_reply(self, message: IncomingMessage, assistant: Assistant, stopping: asyncio.Event) -> None:
        shown = ShownReply(self._screen)
        try:
            async with cut_when(stopping, self._limits.shutdown_s) as limit:
                with self._typing_ahead(limit):
                    await answer(assistant.handle(message), shown)
        except TimeoutError:
            await cut_off(shown)

    @contextmanager
    def _typing_ahead(self, limit: asyncio.Timeout) -> Iterator[None]:
        """Keep the keys that are pressed meanwhile for the next prompt; Ctrl-C cuts what is limited."""
        typed: list[KeyPress] = []

        def read() -> None:
            for press in self._keys.read_keys():
                if press.key == Keys.ControlC:
                    limit.reschedule(asyncio.get_running_loop().time())
                elif len(typed) < _TYPED_AHEAD:
                    typed.append(press)

        try:
            with self._keys.attach(read):
                yield
        finally:
            store_typeahead(self._keys, typed)


class Screen:
    """Where replies are written, between prompts."""

    def __init__(self, stdout: TextIO, *, coloured: bool) -> None:
        self.output = create_output(stdout)
        self._coloured = coloured

    def write(self, text: str) -> None:
        """Show a text at once."""
        self.output.write(printable(text))
        self.output.flush()

    def dim(self, text: str) -> None:
        """Show what is not part of the conversation."""
        if self._coloured:
            self.output.write_raw(_DIM)
        self.output.write(printable(text))
        if self._coloured:
            self.output.write_raw(_NORMAL)
        self.output.flush()


class ShownReply:
    """One reply on the screen, with a line below on what was remembered and used."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._answer = Paragraphs(self._write)
        self._notice = Paragraphs(self._dim)

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply."""
        if isinstance(part, ReplyText | ReplyFile):
            await self._answer.show(part)
            return
        await self._answer.show(ReplyEnd())
        if isinstance(part, ReplyNotice):
            await self._notice.show(part)
        elif line := summary(part):
            await self._notice.show(ReplyNotice(line))

    async def _write(self, text: str) -> None:
        self._screen.write(text)

    async def _dim(self, text: str) -> None:
        self._screen.dim(text)


def summary(end: ReplyEnd) -> str:
    """Return the line below a reply: whether it taught the bot something, and what it was built from."""
    told = ["remembered"] if any(outcome.action in KEPT for outcome in end.outcomes) else []
    if end.used:
        told += [f"used {len(end.used)} {'memory' if len(end.used) == 1 else 'memories'}", "/why"]
    return " · ".join(told)


class CommandCompleter(Completer):
    """Completes the first word of a line when it begins with a slash."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - the name is prompt_toolkit's
        """Yield the commands that go on as typed."""
        typed = document.text_before_cursor
        if typed.startswith("/"):
            for name in self._names:
                if name.startswith(typed):
                    yield Completion(name, start_position=-len(typed))
