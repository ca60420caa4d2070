"""The terminal keeps the contract of every platform, in text and in JSON."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import pytest

from adapters.terminal import answering
from adapters.terminal.adapter import TerminalAdapter
from adapters.terminal.shown import Shown
from bot.events import ReplyEnd, ReplyPart
from bot.protocols import Assistant
from tests.conformance.adapter import AdapterConformance, EchoAssistant
from tests.terminal.conftest import MakeWire, PipedWire


class TestText(AdapterConformance):
    """Replies as paragraphs."""

    @pytest.fixture
    async def wire(self, make_wire: MakeWire) -> PipedWire:
        """Two pipes."""
        return await make_wire()


class TestJsonLines(AdapterConformance):
    """Replies as objects."""

    @pytest.fixture
    async def wire(self, make_wire: MakeWire) -> PipedWire:
        """Two pipes."""
        return await make_wire(json_lines=True)


class TestBroken:
    """The suite catches an adapter that breaks a promise. Patched, because no such adapter should exist."""

    async def test_repeated_key_is_caught(self, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch) -> None:
        """One dedupe key for every message."""
        constant = uuid.UUID(int=1)
        monkeypatch.setattr(uuid, "uuid4", lambda: constant)

        with pytest.raises(AssertionError):
            await TestText().test_same_words_are_another_message(await make_wire(), EchoAssistant())

    async def test_undelivered_reply_is_caught(self, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch) -> None:
        """Closing the reply at its end instead of asking for more."""

        async def careless(parts: AsyncGenerator[ReplyPart, None], shown: Shown) -> None:
            async with aclosing(parts):
                async for part in parts:
                    await shown.show(part)
                    if isinstance(part, ReplyEnd):
                        return

        monkeypatch.setattr(answering, "answer", careless)

        with pytest.raises(AssertionError):
            await TestText().test_message_gets_its_reply(await make_wire(), EchoAssistant())

    async def test_second_ready_is_caught(self, make_wire: MakeWire, monkeypatch: pytest.MonkeyPatch) -> None:
        """Being ready again and again."""
        run = TerminalAdapter.run

        async def eager(
            self: TerminalAdapter, assistant: Assistant, ready: Callable[[], None], stopping: asyncio.Event
        ) -> None:
            ready()
            await run(self, assistant, ready, stopping)

        monkeypatch.setattr(TerminalAdapter, "run", eager)

        with pytest.raises(AssertionError, match="ready once"):
            await TestText().test_idle_adapter_stops_at_once(await make_wire(), EchoAssistant())
