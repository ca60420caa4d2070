"""Shows one reply as it grows: the first message answers the person's, it is edited in turns, and more follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import discord

from adapters.discord.attaching import files_of
from adapters.discord.draft import Draft
from adapters.discord.interface.marks import stopping_view, view_for, words_for
from adapters.discord.line import Line
from adapters.discord.sending import Gone, Refused, safe_delete, safe_edit, safe_send
from adapters.discord.services import Services
from adapters.discord.spot import Spot
from adapters.discord.typing_sign import TypingSign
from adapters.growing import Growing
from adapters.pacing import Pace
from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText

AGAIN_S = 1.0
"""Seconds after which a call is made again that failed on its way, or for reasons of Discord's own."""

_LOST = (Gone, Refused)
"""Errors after which nothing more of a reply can be shown."""

_Result = TypeVar("_Result")


class _Buttons(Enum):
    NONE = 0
    STOP = 1
    END = 2


@dataclass(slots=True)
class _Sent:
    """A message of the reply as Discord has it now."""

    id: int
    text: str
    buttons: _Buttons


class ShownReply:
    """One reply on Discord.

    Args:
        sign: taken down before the first message is sent.
        pace: the channel's; its other replies are edited in the same turns.
        begun: the message with which an earlier run began this reply, which goes on in it.
        seen: called whenever more of it is shown.
    """

    def __init__(
        self,
        message: IncomingMessage,
        spot: Spot,
        services: Services,
        line: Line,
        *,
        sign: TypingSign,
        pace: Pace,
        begun: int | None,
        seen: Callable[[], None],
    ) -> None:
        self._message = message
        self._spot = spot
        self._services = services
        self._line = line
        self._sign = sign
        self._pace = pace
        self._draft = Draft(services.bot.replies.linked_hosts, message.text)
        self._growing = Growing(
            self._show,
            self._draft.so_far,
            lost=_LOST,
            pace=pace,
            tasks=services.tasks,
            name="discord reply",
        )
        self._sent = [_Sent(begun, "", _Buttons.NONE)] if begun is not None else []
        self._seen = seen
        self._end: ReplyEnd | None = None
        self._files: list[tuple[str, bytes]] = []

    @property
    def begun(self) -> bool:
        """Whether a message of it stands there, if only one of an earlier run."""
        return bool(self._sent)

    @property
    def visible(self) -> bool:
        """Whether the person can see something of what was shown here."""
        return any(sent.text for sent in self._sent)

    async def show(self, part: ReplyPart) -> None:
        """Show a part of the reply: an end at once, everything else when its turn comes.

        Raises:
            Gone, Refused: nothing more can be shown.
            PlatformError: the end could not be shown.
        """
        match part:
            case ReplyNotice(text):
                self._draft.notice(text)
            case ReplyText(text, plain):
                self._draft.answer.grow(text, plain=plain)
            case ReplyFile():
                self._files = files_of(part)
                self._draft.answer.grow(part.about, plain=True)
                return  # it is shown with the end
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
        self._draft.note(note)
        if self._services.bot.replies.marks == "words":
            self._draft.note(words_for(end))
        self._end = end
        await self._growing.finish()

    async def abandon(self) -> None:
        """Leave what is shown as it is, without a button that stops what has ended.

        Raises:
            PlatformError: the button could not be taken away.
        """
        await self.close()
        for sent in self._sent:
            if sent.buttons is not _Buttons.NONE:
                await self._change(sent, sent.text, _Buttons.NONE)

    async def take_back(self) -> None:
        """Delete what is shown.

        Raises:
            PlatformError: it could not be deleted.
        """
        await self.close()
        while self._sent:
            await self._withdraw(self._sent.pop())

    async def close(self) -> None:
        """Show nothing more; returns when no call is under way."""
        await self._growing.stop()
        await self._sign.end()

    async def _show(self) -> None:
        await self._sign.end()
        texts = self._draft.so_far() if self._end is None else self._draft.whole()
        last_buttons = self._buttons()  # those of these texts: the end may come while they are being shown
        edits = 0
        for number, text in enumerate(texts):
            buttons = last_buttons if number == len(texts) - 1 else _Buttons.NONE
            if number == len(self._sent):
                await self._send(text, buttons)
            sent = self._sent[number]
            if (sent.text, sent.buttons) != (text, buttons):
                if edits:
                    await self._pace.turn()
                await self._change(sent, text, buttons)
                edits += 1
        while len(self._sent) > len(texts):
            await self._withdraw(self._sent.pop())
        self._seen()

    def _buttons(self) -> _Buttons:
        if self._end is not None:
            return _Buttons.END
        return _Buttons.STOP if self._growing.is_stoppable else _Buttons.NONE

    async def _send(self, text: str, buttons: _Buttons) -> None:
        number, view = len(self._sent), self._view(buttons)
        reply_to = self._spot.reference if number == 0 else None
        nonce = self._spot.nonce_of(number)
        files = self._files if buttons is _Buttons.END else ()
        message = await self._reach(
            lambda client: safe_send(
                self._spot.channel(client), text, nonce=nonce, reply_to=reply_to, view=view, files=files
            )
        )
        # The nonce may have given back an earlier run's message, which shows something else.
        is_as_sent = message.content.strip() == text.strip() and bool(message.components) == (view is not None)
        self._sent.append(_Sent(message.id, text, buttons) if is_as_sent else _Sent(message.id, "", _Buttons.NONE))

    async def _change(self, sent: _Sent, text: str, buttons: _Buttons) -> None:
        view, files = self._view(buttons), self._files if buttons is _Buttons.END else ()
        await self._reach(lambda client: safe_edit(self._spot.message(client, sent.id), text, view=view, files=files))
        sent.text, sent.buttons = text, buttons

    async def _withdraw(self, sent: _Sent) -> None:
        await self._reach(lambda client: safe_delete(self._spot.message(client, sent.id)))

    def _view(self, buttons: _Buttons) -> discord.ui.View | None:
        author, source = self._message.author.id, self._message.source_id
        match buttons:
            case _Buttons.STOP:
                return stopping_view(author, source)
            case _Buttons.END if self._end is not None:
                return view_for(self._end, author, source, self._services)
        return None

    async def _reach(self, call: Callable[[discord.Client], Awaitable[_Result]]) -> _Result:
        """Make a call, once more if it failed: soon, or on the next connection. The nonce keeps it from being two."""
        client = await self._line.client()
        try:
            return await call(client)
        except _LOST:
            raise
        except PlatformError:
            if not client.is_closed():
                await asyncio.sleep(AGAIN_S)
        return await call(await self._line.client())
