"""Every way in which a chat service fails, and the one error, the number of requests and the time it comes to."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from collections.abc import AsyncIterator

import pytest

from bot.errors import CompletionError, Problem
from bot.openai_service.chat import OpenAIChat
from bot.openai_service.faults import PAUSE_S
from bot.openai_service.retry import FIRST_PAUSE_S
from bot.protocols import ChatMessage
from tests.servers.openai_server import (
    Behaviour,
    OpenAIServer,
    chunk,
    cut,
    drip,
    error_event,
    event_stream,
    raw,
    reply,
    stall,
    status,
    too_long,
    web_page,
)

SECRET = "canary-prompt"
PROMPT = (ChatMessage("user", f"My word is {SECRET}"),)

DEADLINE_S = 3
HURRY_S = 0.4  # where the test waits for the deadline
IDLE_S = 0.25
SLACK_S = 0.5  # what a busy test machine may add


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def chat(server: OpenAIServer) -> AsyncIterator[OpenAIChat]:
    chat = OpenAIChat(
        api_key="sk-canary", base_url=server.base_url, model="local", deadline_s=DEADLINE_S, idle_s=IDLE_S
    )
    yield chat
    await chat.close()


@pytest.fixture
async def hurried(server: OpenAIServer) -> AsyncIterator[OpenAIChat]:
    """A chat model that gives up soon."""
    chat = OpenAIChat(api_key="k", base_url=server.base_url, model="local", deadline_s=HURRY_S, idle_s=IDLE_S)
    yield chat
    await chat.close()


async def failure(chat: OpenAIChat) -> tuple[str, CompletionError, float]:
    """Return what arrived, the error that followed and the seconds it took."""
    arrived: list[str] = []

    async def read() -> None:
        async for piece in chat.stream(PROMPT, 50):
            arrived.append(piece)  # noqa: PERF401 - a comprehension would lose what came before the error

    began = time.monotonic()
    with pytest.raises(CompletionError) as raised:
        await read()
    return "".join(arrived), raised.value, time.monotonic() - began


NOT_RETRIED = [
    pytest.param(status(401, "invalid_api_key", "Incorrect API key: sk-canary"), Problem.SETUP, id="wrong key"),
    pytest.param(status(403, "unsupported_country"), Problem.SETUP, id="forbidden"),
    pytest.param(status(404, "model_not_found"), Problem.SETUP, id="no such model"),
    pytest.param(raw("moved", number=307, headers={"Location": "/v1/chat/completions"}), Problem.SETUP, id="redirect"),
    pytest.param(status(429, "insufficient_quota"), Problem.QUOTA, id="quota"),
    pytest.param(status(402, None, "Insufficient Balance"), Problem.QUOTA, id="payment required"),
    pytest.param(too_long(), Problem.TOO_LONG, id="OpenAI context length"),
    pytest.param(status(413), Problem.TOO_LONG, id="body too large"),
    pytest.param(
        status(429, "rate_limit_exceeded", "Request too large for m"), Problem.TOO_LONG, id="above the minute"
    ),
    pytest.param(status(400, "content_filter", f"filtered: {SECRET}"), Problem.REFUSED, id="prompt filtered"),
    pytest.param(status(400, "invalid_value", f"bad: {SECRET}"), Problem.BROKEN, id="unknown refusal"),
    pytest.param(raw(f"{SECRET}", number=400), Problem.BROKEN, id="refusal that is not JSON"),
    pytest.param(web_page(), Problem.BROKEN, id="web page"),
    pytest.param(raw(""), Problem.BROKEN, id="empty body"),
    pytest.param(event_stream("[DONE]"), Problem.BROKEN, id="empty stream"),
    pytest.param(event_stream(chunk({}, "length")), Problem.BROKEN, id="limit used up by thinking"),
    pytest.param(event_stream('{"choices": [{"del'), Problem.BROKEN, id="truncated JSON"),
    pytest.param(event_stream({"choices": 7}), Problem.BROKEN, id="choices of another type"),
    pytest.param(event_stream("17"), Problem.BROKEN, id="no object"),
    pytest.param(event_stream({"choices": [None, {}]}), Problem.BROKEN, id="empty choices"),
    pytest.param(event_stream(chunk({"content": 5}, "stop")), Problem.BROKEN, id="content of another type"),
    pytest.param(event_stream(chunk({"refusal": SECRET})), Problem.REFUSED, id="refusal"),
    pytest.param(event_stream(chunk({}, "content_filter")), Problem.REFUSED, id="answer filtered at once"),
    pytest.param(error_event("context_length_exceeded"), Problem.TOO_LONG, id="too long, said in the stream"),
    pytest.param(error_event("unheard_of", message=SECRET), Problem.BROKEN, id="unknown error event"),
]


@pytest.mark.parametrize(("behaviour", "problem"), NOT_RETRIED)
async def test_fault_that_no_retry_helps_is_asked_once(
    server: OpenAIServer, chat: OpenAIChat, behaviour: Behaviour, problem: str
) -> None:
    """One request, the fitting problem, at once, and nothing of prompt, answer or key in the error."""
    server.will(behaviour)

    arrived, error, took_s = await failure(chat)

    assert (arrived, error.problem, len(server.requests)) == ("", problem, 1)
    assert took_s < DEADLINE_S
    assert "canary" not in "".join(traceback.format_exception(error))


RETRIED = [
    pytest.param(status(429, "rate_limit_exceeded", retry_after=0), Problem.BUSY, id="rate limit"),
    pytest.param(status(500, "server_error", retry_after=0), Problem.BUSY, id="server error"),
    pytest.param(status(503, None, retry_after=0), Problem.BUSY, id="overload"),
]


@pytest.mark.parametrize(("behaviour", "problem"), RETRIED)
async def test_passing_fault_is_tried_three_times(
    server: OpenAIServer, chat: OpenAIChat, behaviour: Behaviour, problem: str
) -> None:
    """Two retries follow a fault that may pass; then the error says that a later try may succeed."""
    server.will(*[behaviour] * 5)

    _, error, took_s = await failure(chat)

    assert (error.problem, len(server.requests)) == (problem, 3)
    assert error.retry_after == 0
    assert took_s < DEADLINE_S


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(status(429, None, retry_after=0.01), id="rate limit"),
        pytest.param(cut(), id="connection reset"),
        pytest.param(error_event("server_error"), id="error event before the first piece"),
    ],
)
async def test_retry_brings_the_answer(server: OpenAIServer, chat: OpenAIChat, behaviour: Behaviour) -> None:
    """A fault that passes is not seen by the reader."""
    server.will(behaviour, reply("Lisbon"))

    answer = "".join([piece async for piece in chat.stream(PROMPT, 50)])

    assert answer == "Lisbon"
    assert len(server.requests) == 2


async def test_long_retry_after_is_not_waited_for(server: OpenAIServer, chat: OpenAIChat) -> None:
    """A pause beyond the deadline ends the call at once and is passed on."""
    server.will(status(429, "rate_limit_exceeded", retry_after=90))

    _, error, took_s = await failure(chat)

    assert (error.problem, error.retry_after, len(server.requests)) == (Problem.BUSY, 90, 1)
    assert took_s < DEADLINE_S


async def test_unreachable_address_is_busy() -> None:
    """A refused connection is retried and may pass later."""
    async with OpenAIServer() as gone:
        address = gone.base_url
    chat = OpenAIChat(api_key="k", base_url=address, model="local", deadline_s=DEADLINE_S, max_retries=1)

    _, error, took_s = await failure(chat)
    await chat.close()

    assert (error.problem, error.retry_after) == (Problem.BUSY, PAUSE_S)
    assert FIRST_PAUSE_S / 2 <= took_s < DEADLINE_S


async def test_silence_before_the_first_piece_ends_at_the_deadline(server: OpenAIServer, hurried: OpenAIChat) -> None:
    """A service that never answers costs one request and the deadline, not the idle limit: models think."""
    server.will(stall())

    _, error, took_s = await failure(hurried)

    assert (error.problem, len(server.requests)) == (Problem.TIMEOUT, 1)
    assert HURRY_S <= took_s < HURRY_S + SLACK_S
    await asyncio.wait_for(server.hung_up.wait(), 2)


async def test_stall_after_the_first_piece_ends_at_the_idle_limit(server: OpenAIServer, chat: OpenAIChat) -> None:
    """What arrived before a stall is kept; the wait is the idle limit."""
    server.will(stall("half ", "an "))

    arrived, error, took_s = await failure(chat)

    assert (arrived, error.problem, len(server.requests)) == ("half an ", Problem.TIMEOUT, 1)
    assert IDLE_S <= took_s < DEADLINE_S
    await asyncio.wait_for(server.hung_up.wait(), 2)


async def test_slow_drip_ends_at_the_deadline(server: OpenAIServer, hurried: OpenAIChat) -> None:
    """Pieces that keep coming slowly do not stretch the deadline."""
    server.will(drip(IDLE_S / 10))

    arrived, error, took_s = await failure(hurried)

    assert error.problem == Problem.TIMEOUT
    assert len(arrived) >= 2
    assert took_s < HURRY_S + SLACK_S


CUT_SHORT = [
    pytest.param(cut("half "), Problem.CUT, id="connection broke"),
    pytest.param(event_stream(chunk({"content": "half "})), Problem.CUT, id="ended without a reason"),
    pytest.param(event_stream(chunk({"content": "half "}), '{"cho'), Problem.CUT, id="truncated JSON"),
    pytest.param(error_event("server_error", "half ", message=SECRET), Problem.CUT, id="error event"),
    pytest.param(
        event_stream(chunk({"content": "half "}), chunk({}, "content_filter")), Problem.REFUSED, id="filtered half-way"
    ),
    pytest.param(
        event_stream(chunk({"content": "half "}), chunk({"refusal": SECRET})), Problem.REFUSED, id="refused half-way"
    ),
]


@pytest.mark.parametrize(("behaviour", "problem"), CUT_SHORT)
async def test_half_an_answer_is_kept_and_not_asked_again(
    server: OpenAIServer, chat: OpenAIChat, behaviour: Behaviour, problem: str
) -> None:
    """After the first piece nothing is retried: the reader has what arrived, and the problem."""
    server.will(behaviour)

    arrived, error, took_s = await failure(chat)

    assert (arrived, error.problem, len(server.requests)) == ("half ", problem, 1)
    assert took_s < DEADLINE_S
    assert "canary" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(event_stream(chunk({"content": "whole"}), chunk({}, "stop"), finished=False), id="cut"),
        pytest.param(event_stream(chunk({"content": "whole"}), chunk({}, "stop"), "{"), id="garbage"),
        pytest.param(event_stream(chunk({"content": "whole"}), chunk({}, "length")), id="limit reached"),
    ],
)
async def test_fault_behind_a_whole_answer_is_no_fault(
    server: OpenAIServer, chat: OpenAIChat, behaviour: Behaviour
) -> None:
    """Once the model has said why it stopped, only the token count can still be lost."""
    server.will(behaviour)
    completion = chat.stream(PROMPT, 50)

    answer = "".join([piece async for piece in completion])

    assert answer == "whole"
    assert completion.usage is not None


TOO_LONG_ELSEWHERE = [
    pytest.param(
        400,
        {"message": "the request exceeds the available context size. try increasing it", "code": 400},
        id="llama.cpp",
    ),
    pytest.param(
        400, {"message": "This model's maximum context length is 20 tokens", "type": "BadRequestError"}, id="vLLM"
    ),
    pytest.param(
        400, {"message": "The decoder prompt (length 9) is longer than the maximum model length of 8."}, id="vLLM 0.6"
    ),
    pytest.param(400, "the input length exceeds the context length", id="Ollama"),
    pytest.param(400, {"message": "Requested tokens (9) exceed context window of 8"}, id="llama-cpp-python"),
]


@pytest.mark.parametrize(("number", "error"), TOO_LONG_ELSEWHERE)
async def test_other_servers_name_the_context_length_in_their_own_words(
    server: OpenAIServer, chat: OpenAIChat, number: int, error: object
) -> None:
    """Self-hosted servers give no common code; their sentences are known."""
    server.will(raw(json.dumps({"error": error}), number=number))

    _, raised, _ = await failure(chat)

    assert (raised.problem, len(server.requests)) == (Problem.TOO_LONG, 1)


async def test_shorter_prompt_passes_after_too_long(server: OpenAIServer, chat: OpenAIChat) -> None:
    """The caller may trim and ask again."""
    server.context_characters = 20

    _, error, _ = await failure(chat)
    answer = "".join([piece async for piece in chat.stream([ChatMessage("user", "short")], 50)])

    assert error.problem == Problem.TOO_LONG
    assert answer


async def test_refusal_that_names_parameters_in_a_list_is_understood(server: OpenAIServer, chat: OpenAIChat) -> None:
    """Mistral's 422 names all parameters that it does not take; one further request leaves them out."""
    detail = [{"type": "extra_forbidden", "loc": ["body", name]} for name in ("store", "stream_options")]
    server.will(raw(json.dumps({"detail": detail}), number=422), reply("Lisbon"))

    answer = "".join([piece async for piece in chat.stream(PROMPT, 50)])

    assert answer == "Lisbon"
    assert server.requests[1].keys() == {"model", "messages", "stream", "max_tokens"}
