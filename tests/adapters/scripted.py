"""An assistant that says what a test lines up, and notes what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeAlias

from bot.errors import PlatformError
from bot.events import IncomingMessage, ReplyEnd, ReplyNotice, ReplyPart, ReplyText
from bot.protocols import LookAround, nowhere, untold
from tests.conformance.adapter import EchoAssistant

Step: TypeAlias = str | ReplyPart | float | asyncio.Event | Exception
"""A piece of the answer, a part, seconds or something to wait for, or an error to raise."""

PATIENCE_S = 10

NOTHING = ReplyNotice("nothing at all")
"""A step after which nothing comes, not even an end: the message was answered already."""


class ScriptedAssistant(EchoAssistant):
    """Gives the same answer to every message, with an end unless the script has one."""

    def __init__(self, *script: Step) -> None:
        super().__init__()
        self.script: Sequence[Step] = script
        self.lost: list[str] = []
        self.begun = asyncio.Event()
        self.over = asyncio.Event()

    async def ended(self) -> None:
        """Wait until an answer has ended, however it did."""
        async with asyncio.timeout(PATIENCE_S):
            await self.over.wait()

    async def handle(
        self, message: IncomingMessage, *, taken: Callable[[], None] = untold, around: LookAround = nowhere
    ) -> AsyncGenerator[ReplyPart, None]:
        """Play the script."""
        self.heard.append(message)
        taken()
        self.beside.append(await around())
        self.begun.set()
        try:
            for step in self.script:
                if step is NOTHING:
                    return
                match step:
                    case str():
                        yield ReplyText(step)
                    case float():
                        await asyncio.sleep(step)
                    case asyncio.Event():
                        await step.wait()
                    case Exception():
                        raise step
                    case _:
                        yield step
            if not any(isinstance(step, ReplyEnd) for step in self.script):
                yield ReplyEnd()
            self.delivered.append(message.text)
        except (GeneratorExit, asyncio.CancelledError):
            self.cut.append(message.text)
            raise
        except PlatformError:
            self.lost.append(message.text)
            raise
        finally:
            self.over.set()
