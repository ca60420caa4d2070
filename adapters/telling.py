"""A platform's own command with its whole answer, which is shown at once and not as it grows."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyText
from bot.protocols import Assistant

_ONCE_IS_ENOUGH = "I have answered that already."


@dataclass(frozen=True, slots=True)
class Told:
    """A command's answer, the notices beside it, and how it ended; a file in place of its text. Texts are plain."""

    text: str
    end: ReplyEnd
    notices: tuple[str, ...] = ()
    file: ReplyFile | None = None

    @property
    def whole(self) -> str:
        """The text with the notices before it."""
        return "\n".join([*self.notices, self.text])


async def told_by(assistant: Assistant, message: IncomingMessage) -> Told:
    """Give the assistant a command, and return its whole answer."""
    texts, notices, file, end = [], [], None, ReplyEnd()
    async with aclosing(assistant.handle(message)) as parts:
        async for part in parts:
            match part:
                case ReplyText(words):
                    texts.append(words)
                case ReplyNotice(words):
                    notices.append(words)
                case ReplyFile():
                    file = part
                case ReplyEnd():
                    end = part
    # Whatever it was: a command is no message that could be answered anew.
    return Told("".join(texts).strip() or _ONCE_IS_ENOUGH, replace(end, repeatable=False), tuple(notices), file)
