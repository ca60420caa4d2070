"""Answers prompts with a model behind the OpenAI chat protocol; knows nothing of memories or platforms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.errors import CompletionError, Problem
from bot.openai_service.chunks import ChunkReader
from bot.openai_service.client import open_client, sendable
from bot.openai_service.dialect import Dialect
from bot.openai_service.faults import Fault, broken, describe, foreign_errors, said, timed_out
from bot.openai_service.retry import ServiceError, with_retries
from bot.protocols import ChatMessage, ChatModel, Completion, Usage

if TYPE_CHECKING:
    from typing import TypeAlias

    from openai import AsyncStream
    from openai.types.chat import ChatCompletionChunk

    Stream: TypeAlias = AsyncStream[ChatCompletionChunk]

SECTION = "[openai]"

TAIL_S = 2.0
"""Seconds granted to the token count once the answer is whole."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one answer may take, in seconds, and how often it may be tried again before its first piece."""

    deadline_s: float
    idle_s: float
    max_retries: int


class OpenAIChat(ChatModel):
    """A `ChatModel` over OpenAI or a server that speaks its protocol.

    Args:
        api_key: None or empty for servers that want none; then `base_url` must be given.
        base_url: address up to and with `/v1`; None is OpenAI's own.
        proxy: the only proxy that is used; proxy variables of the environment are not.
        deadline_s: seconds for the whole answer, retries and the reader's own pauses included.
        idle_s: seconds between two pieces; before the first one only the deadline counts, since a model may think.
        connect_s: seconds to reach the server.
        max_retries: further tries before the first piece; none follows after it.

    Raises:
        ConfigError: key, address or proxy cannot be used.
    """

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        model: str,
        proxy: str | None = None,
        deadline_s: float = 60,
        idle_s: float = 20,
        connect_s: float = 5,
        max_retries: int = 2,
    ) -> None:
        self._client = open_client(
            section=SECTION,
            api_key=api_key,
            base_url=base_url,
            proxy=proxy,
            connect_s=connect_s,
            deadline_s=deadline_s,
        )
        self._create = self._client.chat.completions.create  # Loads the rest of the library now, not in a conversation.
        self._model = model
        self._limits = Limits(deadline_s, idle_s, max_retries)
        self._dialect = Dialect.of(base_url)

    @property
    def name(self) -> str:
        """The model's name, for people."""
        return self._model

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int, model: str = "") -> OpenAICompletion:
        """Start an answer of at most `max_tokens` tokens. Nothing is sent before the first iteration.

        Args:
            model: another model of the same service; its own when empty.
        """
        prompt = tuple(messages)
        open_stream = partial(self._open_stream, prompt, max_tokens, model or self._model)
        return OpenAICompletion(prompt, open_stream, self._limits)

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _open_stream(self, prompt: Sequence[ChatMessage], max_tokens: int, model: str) -> Stream:
        """Return a stream, after dropping the optional parameters that the server refuses."""
        from openai import APIStatusError  # noqa: PLC0415 - loaded with the first client only

        messages = [{"role": message.role, "content": _content(message)} for message in prompt]
        while True:  # Ends: each round takes a parameter away for good.
            dialect = self._dialect
            try:
                return await self._create(
                    model=model,
                    messages=[],
                    stream=True,
                    # 2026-11-22, openai 3.54: given as `messages=`, 42 messages are walked through for 5 ms of CPU.
                    extra_body={"messages": messages, **dialect.parameters(max_tokens)},
                )
            except APIStatusError as error:
                learned = dialect.without(said(error)) if _is_about_parameters(error) else None
                if learned is None:
                    raise
                self._dialect = learned


class OpenAICompletion(Completion):
    """One running answer.

    A reader that stops early closes the connection when its iterator is closed or collected; each iteration asks anew.
    """

    usage: Usage | None = None

    def __init__(
        self, prompt: Sequence[ChatMessage], open_stream: Callable[[], Awaitable[Stream]], limits: Limits
    ) -> None:
        self._prompt = prompt
        self._open_stream = open_stream
        self._limits = limits

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        """Yield the text in pieces.

        Raises:
            CompletionError: before the first piece, or after some with problem `cut`, `timeout` or `refused`.
        """
        ends_at = asyncio.get_running_loop().time() + self._limits.deadline_s
        answer = await self._begin(ends_at)
        try:
            async with answer.stream:
                piece: str | None = answer.first_piece
                while piece is not None:
                    yield piece
                    piece = await self._next_piece(answer, ends_at)
        finally:
            self.usage = answer.reader.usage(self._prompt)  # Half an answer costs tokens too.

    async def _begin(self, ends_at: float) -> _Begun:
        limits = self._limits
        try:
            return await with_retries(
                self._read_to_first_piece,
                section=SECTION,
                deadline_s=limits.deadline_s,
                ends_at=ends_at,
                max_retries=limits.max_retries,
            )
        except ServiceError as failed:
            raise _completion_error(failed.fault) from None

    async def _read_to_first_piece(self) -> _Begun:
        async with AsyncExitStack() as on_failure:
            stream = await on_failure.enter_async_context(await self._open_stream())
            reader = ChunkReader(SECTION)
            while (chunk := await anext(stream, None)) is not None:
                piece = reader.read(chunk)
                if piece:
                    on_failure.pop_all()
                    return _Begun(stream, reader, piece)
        raise ServiceError(_no_text(reader, stream))

    async def _next_piece(self, answer: _Begun, ends_at: float) -> str | None:
        """Return the next piece, None at the end of a whole answer."""
        try:
            return await self._read_to_next_piece(answer, ends_at)
        except ServiceError as failed:
            if answer.reader.finish_reason and failed.fault.problem != Problem.REFUSED:
                return None  # Only the token count is missing.
            problem = failed.fault.problem
            if problem not in (Problem.TIMEOUT, Problem.REFUSED):
                problem = Problem.CUT
            raise _completion_error(replace(failed.fault, problem=problem)) from None

    async def _read_to_next_piece(self, answer: _Begun, ends_at: float) -> str | None:
        reader = answer.reader
        while True:
            chunk = await self._next_chunk(answer, ends_at)
            if chunk is None:
                if reader.finish_reason:
                    return None
                # A connection that closes politely half-way says nothing of it.
                raise ServiceError(broken(SECTION, "ended the answer without a finish_reason"))
            piece = reader.read(chunk)
            if piece:
                return piece

    async def _next_chunk(self, answer: _Begun, ends_at: float) -> ChatCompletionChunk | None:
        idle_s = min(self._limits.idle_s, TAIL_S) if answer.reader.finish_reason else self._limits.idle_s
        idle_ends_at = asyncio.get_running_loop().time() + idle_s
        try:
            # Around the read alone: a timeout that spans a yield would cancel the reader of this generator.
            async with asyncio.timeout_at(min(ends_at, idle_ends_at)):
                return await anext(answer.stream, None)
        except TimeoutError:
            if idle_ends_at < ends_at:
                raise ServiceError(timed_out(SECTION, idle_s, "further piece")) from None
            raise ServiceError(timed_out(SECTION, self._limits.deadline_s, "whole answer")) from None
        except foreign_errors() as error:
            raise ServiceError(describe(error, SECTION)) from None


@dataclass(frozen=True, slots=True)
class _Begun:
    """An answer of which the first piece has arrived."""

    stream: Stream
    reader: ChunkReader
    first_piece: str


def _content(message: ChatMessage) -> str | list[dict[str, object]]:
    """A message's text, or its text and images as parts (API reference, chat, "Image content part").

    Low detail: it costs the same for every image, and a screenful of one is not worth 25,000 tokens of gpt-4o-mini.
    """
    text = sendable(message.content)
    if not message.images:
        return text
    images: list[dict[str, object]] = [
        {"type": "image_url", "image_url": {"url": sendable(address), "detail": "low"}} for address in message.images
    ]
    return [{"type": "text", "text": text}, *images] if text else images


def _no_text(reader: ChunkReader, stream: Stream) -> Fault:
    """Return why a stream ended without any text."""
    if reader.finish_reason == "length":
        return Fault(
            Problem.BROKEN, f"{SECTION} model used up its tokens before the first word; raise max_reply_tokens"
        )
    if "html" in stream.response.headers.get("content-type", ""):
        return broken(SECTION, "answered a web page")
    return broken(SECTION, "sent an empty answer")


def _is_about_parameters(error: Exception) -> bool:
    """Return whether the server may have refused a parameter, rather than the length, model or key."""
    status = getattr(error, "status_code", 0)
    return (
        status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
        and describe(error, SECTION).problem == Problem.BROKEN
    )


def _completion_error(fault: Fault) -> CompletionError:
    return CompletionError(fault.message, fault.problem, fault.retry_after)
