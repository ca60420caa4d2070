"""A local server that speaks the OpenAI protocol, checks requests as the service does and fails on demand.

In tests: `async with OpenAIServer() as server`, then `server.base_url`, `server.will(...)`, `server.requests`.
For a person: `python -m tests.servers.openai_server --port 8001`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import functools
import hashlib
import json
import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from aiohttp import web

MAX_INPUTS = 2048
WORD = re.compile(r"\w+")
NATIVE_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
OTHER_DIMENSIONS = 768  # what every other model gives, as nomic-embed-text does
ROLES = {"system", "developer", "user", "assistant"}
DETAILS = {"auto", "low", "high"}

Json: TypeAlias = dict[str, Any]
Floats: TypeAlias = npt.NDArray[np.float32]
Pause: TypeAlias = Callable[[int], Awaitable[object]]
"""Awaited before each piece of a reply; is given the piece's number."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way to an answer."""

    server: OpenAIServer
    http: web.Request
    body: Json

    @property
    def prompt(self) -> str:
        """The contents of all messages, or of all inputs."""
        return "\n".join([text_of(m) for m in self.body.get("messages", [])] or inputs_of(self.body))


Behaviour: TypeAlias = Callable[[Exchange], Awaitable[web.StreamResponse]]
"""Answers one request; the functions below make them."""


@dataclass
class OpenAIServer:
    """Listens on a loopback port while it is entered.

    `context_characters` makes longer prompts fail, `refused_parameters` requests that carry one of them.
    """

    port: int = 0
    context_characters: int | None = None
    refused_parameters: frozenset[str] = frozenset()
    requests: list[Json] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    script: deque[Behaviour] = field(default_factory=deque)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._answer(check_chat, reply()))
        app.router.add_post("/v1/embeddings", self._answer(check_embeddings, embeddings()))
        app.router.add_get("/v1/models", _models)
        # With handler_cancellation a client that hangs up is noticed at once, as OpenAI's servers do.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.port}/v1"

    def will(self, *behaviours: Behaviour) -> None:
        """Line up the answers to the next requests; after them the server answers properly again."""
        self.script.extend(behaviours)

    def _answer(
        self, check: Callable[[Json], Iterable[str]], usual: Behaviour
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body: Json = await request.json()
            self.requests.append(body)
            self.headers.append(dict(request.headers))
            found = [*check_key(request), *check(body)]
            self.violations += found
            if "messages" in body and body.get("store") is not False and "store" not in self.refused_parameters:
                self.violations.append("store must be false")  # OpenAI would answer, and keep the conversation
            behaviour = self.script.popleft() if self.script else self._refusal(body, found) or usual
            try:
                return await behaviour(Exchange(self, request, body))
            except (asyncio.CancelledError, ConnectionError):
                self.hung_up.set()
                raise

        return handle

    def _refusal(self, body: Json, found: Sequence[str]) -> Behaviour | None:
        """Return the answer to a request that the service would not take, None for a good one."""
        for name in sorted(self.refused_parameters & body.keys()):
            return status(
                400, "unsupported_parameter", f"Unsupported parameter: '{name}' is not supported with this model.", name
            )
        if found:
            return status(401 if "key" in found[0] else 400, "invalid_request", found[0])
        texts = [text_of(m) for m in body["messages"]] if "messages" in body else inputs_of(body)
        length = sum(map(len, texts)) if "messages" in body else max(map(len, texts))
        if self.context_characters is not None and length > self.context_characters:
            return too_long()
        return None


def check_key(request: web.Request) -> Iterable[str]:
    """Yield what is wrong with the credentials."""
    if not re.fullmatch(r"Bearer \S+", request.headers.get("Authorization", "")):
        yield "no bearer key"


def check_chat(body: Json) -> Iterable[str]:
    """Yield what is wrong with a chat request."""
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "model must be a name"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        yield "messages must be a non-empty list"
        messages = []
    for message in messages:
        content = message.get("content")
        if message.get("role") not in ROLES or not isinstance(content, str | list):
            yield "a message needs a known role and a string or parts as content"
        elif isinstance(content, list) and not (content and all(map(is_part, content))):
            yield "a part is a non-empty text, or the address of an image"
    limits = [body[name] for name in ("max_tokens", "max_completion_tokens") if name in body]
    if len(limits) > 1 or any(not isinstance(limit, int) or limit < 1 for limit in limits):
        yield "one positive limit of tokens is allowed"


def is_part(part: Json) -> bool:
    """Tell whether a part of a message is one that the service takes."""
    image = part.get("image_url", {})
    is_image = re.match(r"https?://|data:image/", image.get("url", "")) and image.get("detail", "auto") in DETAILS
    return bool({"text": part.get("text"), "image_url": is_image}.get(part.get("type", "")))


def text_of(message: Json) -> str:
    """Return the text of a message, without its images."""
    content = message["content"]
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def check_embeddings(body: Json) -> Iterable[str]:
    """Yield what is wrong with an embeddings request."""
    model = str(body.get("model") or "")
    if not model:
        yield "model must be a name"
    if "dimensions" in body and not 1 <= body["dimensions"] <= NATIVE_DIMENSIONS.get(model, 0):
        yield "this model does not take these dimensions"
    inputs = inputs_of(body)
    if not 1 <= len(inputs) <= MAX_INPUTS:
        yield f"input must hold 1 to {MAX_INPUTS} texts"
    if not all(isinstance(text, str) and text for text in inputs):
        yield "input cannot be an empty string"


def inputs_of(body: Json) -> list[str]:
    """Return the texts of an embeddings request; a single one may come without its list."""
    given = body.get("input", [])
    return [given] if isinstance(given, str) else list(given)


# Behaviours: proper answers


def reply(
    text: str | None = None,
    *,
    pieces: Sequence[str] | None = None,
    before_piece: Pause | None = None,
    finish_reason: str = "stop",
    usage: bool = True,
) -> Behaviour:
    """Answer with a text, by default one that quotes the last message and counts the prompt's characters.

    The text is cut at the request's limit, one token a piece.
    """

    async def answer(exchange: Exchange) -> web.StreamResponse:
        said = list(pieces) if pieces is not None else re.findall(r"\s*\S+|\s+$", text or echo(exchange))
        limit = exchange.body.get("max_completion_tokens") or exchange.body.get("max_tokens") or len(said)
        kept, reason = said[:limit], "length" if len(said) > limit else finish_reason
        if not exchange.body.get("stream"):
            return web.json_response(completion("".join(kept), reason, count(exchange, kept)))
        async with events(exchange) as send:
            await send(chunk({"role": "assistant", "content": "", "refusal": None}))
            for number, piece in enumerate(kept):
                if before_piece is not None:
                    await before_piece(number)
                await send(chunk({"content": piece}))
            await send(chunk({}, reason))
            if usage and (exchange.body.get("stream_options") or {}).get("include_usage"):
                await send(chunk(usage=count(exchange, kept)))
            await send("[DONE]")
            return send.response

    return answer


def embeddings(change: Callable[[list[Json]], list[Json]] | None = None, dimensions: int | None = None) -> Behaviour:
    """Answer with bag-of-words vectors; `change` may spoil the list, `dimensions` the size."""

    async def answer(exchange: Exchange) -> web.StreamResponse:
        body = exchange.body
        size = dimensions or body.get("dimensions") or NATIVE_DIMENSIONS.get(body["model"], OTHER_DIMENSIONS)
        data = [
            {"object": "embedding", "index": index, "embedding": encoded(vector_of(text, size), body)}
            for index, text in enumerate(inputs_of(body))
        ]
        tokens = sum(len(WORD.findall(text)) for text in inputs_of(body))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        data = change(data) if change else data
        return web.json_response({"object": "list", "data": data, "model": body["model"], "usage": usage})

    return answer


# Behaviours: faults


def status(
    number: int,
    code: str | None = None,
    message: str = "refused",
    param: str | None = None,
    *,
    retry_after: float | None = None,
) -> Behaviour:
    """Answer with an HTTP error in OpenAI's shape."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return raw(json.dumps({"error": error}), number=number, headers=headers)


def too_long() -> Behaviour:
    """Answer as to a prompt beyond the context length."""
    message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages."
    return status(400, "context_length_exceeded", message, "messages")


def raw(
    text: str, *, number: int = 200, content_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Behaviour:
    """Answer with any body at all."""

    async def answer(_: Exchange) -> web.StreamResponse:
        return web.Response(text=text, status=number, content_type=content_type, headers=headers)

    return answer


def web_page() -> Behaviour:
    """Answer with a page and status 200, as a captive portal does."""
    return raw("<!doctype html><title>Sign in</title><p>data: none</p>", content_type="text/html")


def event_stream(*data: str | Json, finished: bool = True) -> Behaviour:
    """Answer with these events and, unless `finished`, cut the connection after them."""

    async def answer(exchange: Exchange) -> web.StreamResponse:
        async with events(exchange) as send:
            for item in data:
                await send(item)
            if not finished:
                hang_up(exchange)
            return send.response

    return answer


def stall(*pieces: str) -> Behaviour:
    """Send these pieces, then nothing more until the client leaves; without pieces not even headers."""

    async def answer(exchange: Exchange) -> web.StreamResponse:
        if pieces:
            async with events(exchange) as send:
                for piece in pieces:
                    await send(chunk({"content": piece}))
                await asyncio.Event().wait()
        await asyncio.Event().wait()
        raise AssertionError("nothing ends this wait but the client")

    return answer


def cut(*pieces: str) -> Behaviour:
    """Send these pieces and break the connection; without pieces before any header."""
    if pieces:
        return event_stream(*(chunk({"content": piece}) for piece in pieces), finished=False)

    async def answer(exchange: Exchange) -> web.StreamResponse:
        hang_up(exchange)
        return web.Response()

    return answer


def error_event(code: str, *pieces: str, message: str = "The server had an error") -> Behaviour:
    """Send these pieces, then an error inside the stream."""
    said = [chunk({"content": piece}) for piece in pieces]
    return event_stream(*said, {"error": {"message": message, "type": code, "param": None, "code": code}})


def drip(interval_s: float) -> Behaviour:
    """Send one letter every `interval_s` seconds and never come to an end that matters."""
    return reply(pieces=["a"] * 1000, before_piece=lambda _: asyncio.sleep(interval_s))


# The wire


@dataclass(frozen=True, slots=True)
class Sender:
    """Writes server-sent events."""

    response: web.StreamResponse

    async def __call__(self, data: str | Json) -> None:
        """Send one event."""
        text = data if isinstance(data, str) else json.dumps(data)
        await self.response.write(f"data: {text}\n\n".encode())


@asynccontextmanager
async def events(exchange: Exchange) -> AsyncIterator[Sender]:
    """Open an event stream."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(exchange.http)
    yield Sender(response)


def hang_up(exchange: Exchange) -> None:
    """Break the connection without a proper end."""
    if exchange.http.transport is not None:
        exchange.http.transport.close()


def chunk(delta: Json | None = None, finish_reason: str | None = None, usage: Json | None = None) -> Json:
    """Return one chunk of a streamed answer; without a delta the one that carries the token count."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-local",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "local",
        "choices": [] if delta is None else [choice],
        "usage": usage,
    }


def completion(text: str, finish_reason: str, usage: Json) -> Json:
    """Return a whole answer."""
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
    shape = {"id": "chatcmpl-local", "object": "chat.completion", "created": 0, "model": "local"}
    return {**shape, "choices": [choice], "usage": usage}


def count(exchange: Exchange, pieces: Sequence[str]) -> Json:
    """Return the token count: words in, pieces out."""
    prompt = max(1, len(exchange.prompt.split()))
    return {"prompt_tokens": prompt, "completion_tokens": len(pieces), "total_tokens": prompt + len(pieces)}


def echo(exchange: Exchange) -> str:
    """Return the usual answer."""
    last = text_of(exchange.body["messages"][-1])
    return f"You said: {last[:500]!r} (prompt of {len(exchange.prompt)} characters)"


def encoded(vector: Floats, body: Json) -> str | list[float]:
    """Return a vector in the format that the request asks for."""
    if body.get("encoding_format") == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return vector.tolist()  # type: ignore[no-any-return]  # numpy types tolist as Any


def vector_of(text: str, size: int) -> Floats:
    """Return a (size,) float32 unit vector: the sum of its words' vectors, shortened as OpenAI shortens."""
    words = WORD.findall(text.lower()) or [text]
    total = np.sum([word_vector(word) for word in words], axis=0)[:size]
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


@functools.lru_cache(4096)
def word_vector(word: str) -> Floats:
    """Return the (3072,) float32 vector of a word, the same in every run."""
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(3072, dtype=np.float32)


async def _models(_: web.Request) -> web.Response:
    names = ["local", *NATIVE_DIMENSIONS]
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "local"} for name in names]
    return web.json_response({"object": "list", "data": data})


async def serve(port: int) -> None:
    """Run until interrupted."""
    async with OpenAIServer(port=port) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A local server that speaks the OpenAI protocol.")
    parser.add_argument("--port", type=int, default=8001)
    try:
        asyncio.run(serve(parser.parse_args().port))
    except KeyboardInterrupt:
        sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main()
