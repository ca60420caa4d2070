"""Shows one reply as it grows: its first message answers in the thread, by a stream or by edits, and more follow it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from adapters.growing import Growing
from adapters.slack.draft import Draft
from adapters.slack.faults import Gone, Passing, Refused, Unsure, patiently
from adapters.slack.filing import SHOWN_CHARACTERS, beginning_of, safe_upload
from adapters.slack.interface.commands import as_called
from adapters.slack.interface.marks import blocks_for, stopping_blocks, words_for
from adapters.slack.messages import Edited, Shown, Streamed
from adapters.slack.mrkdwn import MARKDOWN_CHARACTERS, small_print
from adapters.slack.sending import Content, posted_before
from adapters.slack.services import Services
from adapters.slack.spot import Spot
from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText

_LOST = (Gone, Refused, Unsure)
"""Errors after which nothing more of a reply can be shown, or nobody knows what is."""


class ShownReply:
    """One reply on Slack.

    Args:
        message: what is answered. given: the parts that the assistant gave so far.
        resumes: an earlier run may have shown some of it.
    """

    def __init__(self, message: IncomingMessage, spot: Spot, services: Services, *, resumes: bool = False) -> None:
        self.message = message
        self._spot = spot
        self._services = services
        self._resumes = resumes
        self._draft = Draft(services.bot.replies.linked_hosts, message.text)
        self._pace = services.paces.of(spot.channel_id)
        self._growing = Growing(
            self._show,
            self._draft.so_far,
            lost=_LOST,
            pace=self._pace,
            tasks=services.tasks,
            name="slack reply",
        )
        self.given: list[ReplyPart] = []
        self._messages: list[Shown] = []
        self._states: list[tuple[Content, bool]] = []  # what they show, and whether it is to stay so
        self._end: ReplyEnd | None = None
        self._unsure: Unsure | None = None  # one message may stand there, or not

    def anew(self) -> ShownReply:
        """Return the same reply from its beginning, in the messages that it has already."""
        again = ShownReply(self.message, self._spot, self._services, resumes=True)
        again._messages = self._messages
        return again

    @property
    def is_whole(self) -> bool:
        """Whether the assistant gave all of it."""
        return any(isinstance(part, ReplyEnd) for part in self.given)

    @property
    def visible(self) -> bool:
        """Whether the person can see something of it."""
        return bool(self._messages)

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply: an end at once, everything else when its turn comes.

        Raises:
            Gone, Refused, Unsure: nothing more can be shown, or nobody knows what is.
            Passing: the end, or a file, cannot be shown now.
            PlatformError: it could not be shown.
        """
        self.given.append(part)
        match part:
            case ReplyNotice(text):
                self._draft.notice(self._called(text))
            case ReplyText(text, plain):
                self._draft.answer.grow(self._called(text) if plain else text, plain=plain)
            case ReplyFile():
                await self._send(part)
            case ReplyEnd():
                await self.finish(part)
                return
        self._growing.more()

    async def finish(self, end: ReplyEnd, note: str = "") -> None:
        """Show the reply as it stays.

        Args:
            note: a line that says why it is not whole.

        Raises:
            PlatformError: it could not be shown.
        """
        words = words_for(end) if self._services.bot.replies.marks == "words" else ""
        self._draft.note(*(small_print(line) for line in (note, words) if line))
        self._draft.note(*self._marks(end))
        self._end = end
        await self._growing.finish()

    async def take_back(self) -> None:
        """Delete what is shown.

        Raises:
            PlatformError: it could not be deleted.
        """
        await self.close()
        while self._messages:
            await patiently(self._messages[-1].withdraw)
            self._messages.pop()

    async def close(self) -> None:
        """Show nothing more; what is shown of an unfinished reply stays as it is."""
        await self._growing.stop()
        for message in self._messages if self._end is None else ():
            with suppress(PlatformError):
                await message.leave()

    async def _send(self, file: ReplyFile) -> None:
        """Send a file and say what it holds; where that is not allowed, what fits of it into messages is the answer."""
        try:
            await safe_upload(self._spot, file, resumes=self._resumes)
        except Refused:
            self._draft.answer.grow(beginning_of(file, SHOWN_CHARACTERS), plain=True)
        else:
            self._draft.answer.grow(file.about, plain=True)

    def _called(self, text: str) -> str:
        return as_called(text, self._services.settings.command_prefix)

    def _marks(self, end: ReplyEnd) -> list[dict[str, object]]:
        return blocks_for(
            end,
            self.message.author.id,
            self.message.source_id,
            self._services,
            rereads=self._spot.is_direct or self._services.settings.context,
            feedback=end.repeatable and not end.failed and self._is_agents_thread,
        )

    @property
    def _is_agents_thread(self) -> bool:
        return self._spot.is_direct and self._spot.thread_ts is not None

    async def _show(self) -> None:
        await (self._show_state() if self._end is None else patiently(self._show_state))

    async def _show_state(self) -> None:
        if self._unsure is not None:
            raise self._unsure
        if self._resumes:
            await self._resume()
        contents = self._draft.whole() if self._end is not None else self._with_button(self._draft.so_far())
        edits = 0
        for number, content in enumerate(contents):
            state = (content, self._end is not None or number < len(contents) - 1)
            if number == len(self._messages):
                self._messages.append(await self._begun(number, content))
            elif number < len(self._states) and self._states[number] == state:
                continue
            elif edits:
                await self._pace.turn()
            self._states[number:] = []
            await self._shown(self._messages[number], content, is_final=state[1])
            self._states.append(state)
            edits += 1
        while len(self._messages) > len(contents):
            await self._messages[-1].withdraw()
            self._messages.pop()

    async def _begun(self, number: int, content: Content) -> Shown:
        """The next message of the reply."""
        key = f"{self._spot.key}#{number}"
        flows = number == 0 and self._is_agents_thread and self._end is None and self._draft.may_flow
        text = self._draft.flowing() if flows else ""
        if 0 < len(text) <= MARKDOWN_CHARACTERS:
            try:
                return await Streamed.begun(self._spot, key, text)
            except Unsure:
                await self._resume()  # it may have begun
                if self._messages:
                    return self._messages.pop()
            except PlatformError:
                pass  # not here, or not in this workspace: edits do everywhere
        try:
            return await Edited.posted(self._spot, key, content)
        except Unsure as unsure:
            self._unsure = unsure
            raise
        except Passing:
            self._resumes = True  # it may stand there by the next try
            raise

    async def _shown(self, message: Shown, content: Content, *, is_final: bool) -> None:
        if is_final:
            await message.settle(content)
        elif isinstance(message, Streamed) and message.is_open:
            await message.flow(self._draft.flowing())
        else:
            await message.show(content)

    def _with_button(self, contents: list[Content]) -> list[Content]:
        """An unfinished reply with what stops it; an agent's thread has that of Slack itself."""
        is_wanted = self._services.bot.replies.marks == "buttons" and not self._is_agents_thread
        if not contents or not is_wanted or not self._growing.is_stoppable:
            return contents
        below = tuple(stopping_blocks(self.message.author.id, self.message.source_id))
        return [*contents[:-1], replace(contents[-1], below=below)]

    async def _resume(self) -> None:
        """Take over what was shown of this reply; nothing, where Slack does not tell.

        Raises:
            Passing: Slack does not tell now.
        """
        self._resumes = True  # until it is done
        try:
            before = await posted_before(self._spot)
        except Passing:
            raise
        except PlatformError:
            before = []
        for found in before:
            key = f"{self._spot.key}#{len(self._messages)}"
            if found.key == key:
                self._messages.append(Edited(self._spot, key, found.ts, None))
            elif not (found.key or self._messages) and self._is_agents_thread:  # a stream that broke off
                self._messages.append(await Edited.streamed(self._spot, key, found.ts))
        self._resumes = False
