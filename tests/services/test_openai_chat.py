"""What OpenAIChat sends, reads and leaves behind when all goes well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from bot.errors import ConfigError
from bot.openai_service.chat import OpenAIChat
from bot.protocols import ChatMessage, Usage
from bot.tokens import IMAGE_TOKENS
from tests.conformance.chat_model import text_of
from tests.servers.openai_server import OpenAIServer, reply, stall

PROMPT = (ChatMessage("system", "Answer briefly."), ChatMessage("user", "Where does Ana live?"))


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def chat(server: OpenAIServer) -> AsyncIterator[OpenAIChat]:
    chat = OpenAIChat(api_key="sk-test", base_url=server.base_url, model="local", deadline_s=2)
    yield chat
    await chat.close()


async def test_request_is_what_the_service_expects(server: OpenAIServer, chat: OpenAIChat) -> None:
    """Model, messages and limit go out as given, with the key as bearer and nothing left to be stored."""
    await text_of(chat.stream(PROMPT, 50))

    (body,) = server.requests
    assert server.violations == []
    assert body["model"] == "local"
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in PROMPT]
    assert body["max_tokens"] == 50
    assert body["store"] is False
    assert server.headers[0]["Authorization"] == "Bearer sk-test"


async def test_images_go_with_their_message(server: OpenAIServer, chat: OpenAIChat) -> None:
    """Text and images are parts of one message, the images with low detail, and are counted in an estimate."""
    server.will(reply("A cat", usage=False))
    completion = chat.stream([ChatMessage("user", "123456", ("https://cdn.invalid/a.png",))], 50)

    await text_of(completion)

    (message,) = server.requests[0]["messages"]
    image = {"type": "image_url", "image_url": {"url": "https://cdn.invalid/a.png", "detail": "low"}}
    assert message["content"] == [{"type": "text", "text": "123456"}, image]
    assert server.violations == []
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 4 + 2 + IMAGE_TOKENS


async def test_model_of_one_answer(server: OpenAIServer, chat: OpenAIChat) -> None:
    """The model that is named is asked once; the next answer is the usual one's."""
    await text_of(chat.stream(PROMPT, 50, model="larger"))
    await text_of(chat.stream(PROMPT, 50))

    assert [body["model"] for body in server.requests] == ["larger", "local"]


async def test_pieces_arrive_while_the_model_still_writes(server: OpenAIServer, chat: OpenAIChat) -> None:
    """The first piece is readable before the second is written."""
    go_on = asyncio.Event()
    server.will(reply(pieces=["Lis", "bon"], before_piece=lambda number: go_on.wait() if number else asyncio.sleep(0)))

    async with aclosing(aiter(chat.stream(PROMPT, 50))) as pieces:
        first = await anext(pieces)
        go_on.set()
        second = await anext(pieces)

    assert (first, second) == ("Lis", "bon")


async def test_usage_is_what_the_service_counted(server: OpenAIServer, chat: OpenAIChat) -> None:
    """The service's own count wins over an estimate."""
    server.will(reply(pieces=["a", "b", "c"]))
    completion = chat.stream(PROMPT, 50)

    await text_of(completion)

    assert completion.usage == Usage(prompt_tokens=6, completion_tokens=3)


async def test_usage_is_estimated_when_the_service_is_silent(server: OpenAIServer, chat: OpenAIChat) -> None:
    """Without a count, three bytes are a token and a message costs four more."""
    server.will(reply(pieces=["abc", "def", "g"], usage=False))
    completion = chat.stream([ChatMessage("user", "123456")], 50)

    await text_of(completion)

    assert completion.usage == Usage(prompt_tokens=4 + 2, completion_tokens=3)


async def test_nothing_is_sent_before_the_first_iteration(server: OpenAIServer, chat: OpenAIChat) -> None:
    """Starting an answer costs no request."""
    chat.stream(PROMPT, 50)

    assert server.requests == []


async def test_leaving_the_loop_hangs_up(server: OpenAIServer, chat: OpenAIChat) -> None:
    """A reader that breaks off ends the request, so that the model stops writing."""
    server.will(stall("first", "second"))

    async for _ in chat.stream(PROMPT, 50):
        break

    await asyncio.wait_for(server.hung_up.wait(), 2)


async def test_cancelling_the_reader_hangs_up(server: OpenAIServer, chat: OpenAIChat) -> None:
    """A cancelled reader ends the request and stays cancelled."""
    server.will(stall("first"))
    arrived = asyncio.Event()

    async def read() -> None:
        async for _ in chat.stream(PROMPT, 50):
            arrived.set()

    reader = asyncio.create_task(read())
    await arrived.wait()
    reader.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reader
    await asyncio.wait_for(server.hung_up.wait(), 2)


async def test_usage_of_a_broken_off_answer_is_estimated(server: OpenAIServer, chat: OpenAIChat) -> None:
    """What was read before a reader left is counted."""
    server.will(stall("abcdef"))
    completion = chat.stream([ChatMessage("user", "123456")], 50)

    async with aclosing(aiter(completion)) as pieces:
        await anext(pieces)

    assert completion.usage == Usage(prompt_tokens=6, completion_tokens=2)


async def test_server_without_keys_gets_a_placeholder(server: OpenAIServer) -> None:
    """A base_url alone is enough, as with Ollama."""
    chat = OpenAIChat(api_key=None, base_url=server.base_url, model="local")

    answer = await text_of(chat.stream(PROMPT, 50))
    await chat.close()

    assert answer
    assert server.headers[0]["Authorization"] == "Bearer none"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
async def test_proxy_variables_are_ignored(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A proxy of the environment, here one that does not exist, catches nothing."""
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    chat = OpenAIChat(api_key="sk-test", base_url=server.base_url, model="local", deadline_s=2)

    answer = await text_of(chat.stream(PROMPT, 50))
    await chat.close()

    assert answer


async def test_given_proxy_is_used(server: OpenAIServer) -> None:
    """With a proxy set, the request for another host arrives at the proxy."""
    proxy = server.base_url.removesuffix("/v1")
    chat = OpenAIChat(api_key="sk-test", base_url="http://models.invalid/v1", model="local", proxy=proxy, deadline_s=2)

    answer = await text_of(chat.stream(PROMPT, 50))
    await chat.close()

    assert answer
    assert server.headers[0]["Host"] == "models.invalid"


async def test_environment_does_not_redirect(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own variables change neither address nor key."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    chat = OpenAIChat(api_key=None, base_url=server.base_url, model="local", deadline_s=2)

    await text_of(chat.stream(PROMPT, 50))
    await chat.close()

    assert server.headers[0]["Authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({"api_key": None, "base_url": None}, "API key", id="neither key nor address"),
        pytest.param({"api_key": "pw@\n", "base_url": None}, "api_key", id="key with a line end"),
        pytest.param({"api_key": "k", "base_url": "ftp://pw@host/v1"}, "base_url", id="no web address"),
        pytest.param({"api_key": "k", "base_url": "localhost:11434/v1"}, "base_url", id="no scheme"),
        pytest.param({"api_key": "k", "base_url": None, "proxy": "gopher://pw@host"}, "proxy", id="odd proxy"),
    ],
)
def test_unusable_settings_stop_the_start(settings: dict[str, str | None], expected: str) -> None:
    """A wrong address or proxy is reported by its setting, without the address, which may hold a password."""
    with pytest.raises(ConfigError, match=expected) as raised:
        OpenAIChat(model="local", **settings)  # type: ignore[arg-type]  # the table mixes optional and required

    assert "[openai]" in str(raised.value)
    assert "pw@" not in str(raised.value)


async def test_refused_parameter_is_replaced_once(server: OpenAIServer, chat: OpenAIChat) -> None:
    """A server that wants max_completion_tokens gets it, from the second request on at once."""
    server.refused_parameters = frozenset({"max_tokens"})

    first = await text_of(chat.stream(PROMPT, 50))
    second = await text_of(chat.stream(PROMPT, 50))

    assert first
    assert first == second
    assert [sorted(body.keys() & {"max_tokens", "max_completion_tokens"}) for body in server.requests] == [
        ["max_tokens"],
        ["max_completion_tokens"],
        ["max_completion_tokens"],
    ]


async def test_server_that_knows_no_store_is_still_used(server: OpenAIServer, chat: OpenAIChat) -> None:
    """A compatible server that rejects `store` cannot store either, and is asked without it."""
    server.refused_parameters = frozenset({"store", "stream_options", "max_tokens", "max_completion_tokens"})

    answer = await text_of(chat.stream(PROMPT, 50))

    assert answer
    assert server.requests[-1].keys() == {"model", "messages", "stream"}
