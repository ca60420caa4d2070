"""What every chat model must do; subclass it and give the fixture `chat`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

import pytest

from bot.protocols import ChatMessage, ChatModel, Completion

PROMPT = (ChatMessage("system", "You answer in few words."), ChatMessage("user", "What is the capital of Portugal?"))


async def text_of(completion: Completion) -> str:
    """Return the whole answer."""
    return "".join([piece async for piece in completion])


class ChatModelConformance(ABC):
    """Subclass as `class TestX(ChatModelConformance)` and override `chat`; close it in the fixture."""

    @pytest.fixture
    @abstractmethod
    def chat(self) -> object:
        """Give a `ChatModel` that is ready for use."""

    def test_it_has_a_name(self, chat: ChatModel) -> None:
        """The name is something to show to people."""
        assert chat.name.strip()

    async def test_answer_comes_in_pieces_with_text(self, chat: ChatModel) -> None:
        """Each piece carries text, and together they say something."""
        pieces = [piece async for piece in chat.stream(PROMPT, 200)]

        assert pieces
        assert all(pieces)
        assert "".join(pieces).strip()

    async def test_usage_is_known_at_the_end(self, chat: ChatModel) -> None:
        """Tokens are unknown before the answer and positive after it."""
        completion = chat.stream(PROMPT, 200)
        before = completion.usage
        await text_of(completion)

        assert before is None
        assert completion.usage is not None
        assert completion.usage.prompt_tokens > 0
        assert completion.usage.completion_tokens > 0

    async def test_answer_keeps_to_its_limit(self, chat: ChatModel) -> None:
        """An answer of three tokens is shorter than one without a narrow limit."""
        completion = chat.stream(PROMPT, 3)
        short = await text_of(completion)
        long = await text_of(chat.stream(PROMPT, 200))

        assert completion.usage is not None
        assert completion.usage.completion_tokens <= 3
        assert len(short) <= len(long)

    async def test_unread_answer_costs_nothing(self, chat: ChatModel) -> None:
        """An answer that nobody reads is never started."""
        completion = chat.stream(PROMPT, 200)

        assert completion.usage is None

    async def test_reader_may_stop_early(self, chat: ChatModel) -> None:
        """After a reader that stopped at the first piece, the next answer is whole."""
        whole = await text_of(chat.stream(PROMPT, 200))

        async for _ in chat.stream(PROMPT, 200):
            break

        assert await text_of(chat.stream(PROMPT, 200)) == whole

    async def test_answers_run_side_by_side(self, chat: ChatModel) -> None:
        """Five answers at a time are all whole."""
        answers = await asyncio.gather(*(text_of(chat.stream(PROMPT, 200)) for _ in range(5)))

        assert all(answers)

    async def test_earlier_turns_are_taken(self, chat: ChatModel) -> None:
        """A prompt may hold turns of both sides."""
        turns = (*PROMPT, ChatMessage("assistant", "Lisbon."), ChatMessage("user", "And of Spain?"))

        assert await text_of(chat.stream(turns, 200))

    async def test_another_model_answers(self, chat: ChatModel) -> None:
        """Another model of the same service can be asked for one answer, and changes nothing for the next."""
        name = chat.name

        assert await text_of(chat.stream(PROMPT, 200, model="another"))
        assert await text_of(chat.stream(PROMPT, 200, model=""))
        assert chat.name == name

    async def test_images_are_taken(self, chat: ChatModel) -> None:
        """A message may come with images, and may have no other words."""
        for text in ("What is this?", ""):
            message = ChatMessage("user", text, ("https://cdn.invalid/a.png", "https://cdn.invalid/b.png"))

            assert await text_of(chat.stream([PROMPT[0], message], 200))

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("tea " * 25_000, id="100 kB"),
            pytest.param("\x00\x01 tea \x7f\x1b[31m\u202e", id="control characters"),
            pytest.param("tea \ud83d half a character", id="lone surrogate"),
            pytest.param("", id="empty"),
        ],
    )
    async def test_any_text_is_answered(self, chat: ChatModel, text: str) -> None:
        """Long, odd or empty messages get an answer."""
        assert await text_of(chat.stream([ChatMessage("user", text)], 50))

    async def test_close_may_be_called_twice(self, chat: ChatModel) -> None:
        """Closing again does nothing."""
        await chat.close()
        await chat.close()
