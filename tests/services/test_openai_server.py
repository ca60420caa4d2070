"""The local server itself: it speaks the protocol, and notices requests that the service would not take."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiohttp import ClientSession

from tests.servers.openai_server import Json, OpenAIServer, vector_of

CHAT: Json = {"model": "local", "messages": [{"role": "user", "content": "hello"}], "store": False}
EMBEDDINGS: Json = {"model": "text-embedding-3-small", "input": ["tea"], "dimensions": 64}


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


async def ask(server: OpenAIServer, path: str, body: Json, key: str = "Bearer k") -> tuple[int, Json]:
    """Return status and body of a request."""
    headers = {"Authorization": key} if key else {}
    async with (
        ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/{path}", json=body) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("path", "body", "key", "violation"),
    [
        pytest.param("chat/completions", CHAT, "", "key", id="no key"),
        pytest.param("chat/completions", CHAT, "Bearer ", "key", id="empty key"),
        pytest.param("chat/completions", {**CHAT, "model": ""}, "Bearer k", "model", id="no model"),
        pytest.param("chat/completions", {**CHAT, "messages": []}, "Bearer k", "messages", id="no messages"),
        pytest.param(
            "chat/completions", {**CHAT, "messages": [{"role": "bot", "content": ""}]}, "Bearer k", "role", id="role"
        ),
        pytest.param(
            "chat/completions",
            {**CHAT, "messages": [{"role": "user", "content": None}]},
            "Bearer k",
            "string",
            id="null",
        ),
        pytest.param("chat/completions", {**CHAT, "max_tokens": 0}, "Bearer k", "limit", id="no tokens"),
        pytest.param(
            "chat/completions",
            {**CHAT, "max_tokens": 1, "max_completion_tokens": 1},
            "Bearer k",
            "limit",
            id="two limits",
        ),
        pytest.param("embeddings", {**EMBEDDINGS, "input": ["tea", ""]}, "Bearer k", "empty", id="empty input"),
        pytest.param("embeddings", {**EMBEDDINGS, "input": []}, "Bearer k", "2048", id="no input"),
        pytest.param("embeddings", {**EMBEDDINGS, "input": ["a"] * 2049}, "Bearer k", "2048", id="too many"),
        pytest.param("embeddings", {**EMBEDDINGS, "dimensions": 1537}, "Bearer k", "dimensions", id="too wide"),
        pytest.param("embeddings", {**EMBEDDINGS, "model": "ada"}, "Bearer k", "dimensions", id="old model"),
    ],
)
async def test_wrong_request_is_refused_and_recorded(
    server: OpenAIServer, path: str, body: Json, key: str, violation: str
) -> None:
    """What OpenAI would refuse is refused, and stands in the violations that other tests expect to be none."""
    status, answer = await ask(server, path, body, key)

    assert status == (400 if key == "Bearer k" else 401)
    assert "error" in answer
    assert violation in server.violations[0]


@pytest.mark.parametrize("body", [{**CHAT, "store": True}, {name: CHAT[name] for name in ("model", "messages")}])
async def test_conversation_that_would_be_stored_is_recorded(server: OpenAIServer, body: Json) -> None:
    """OpenAI would answer such a request, so it is answered; the violation tells."""
    status, _ = await ask(server, "chat/completions", body)

    assert status == 200
    assert server.violations == ["store must be false"]


async def test_answer_without_streaming_is_whole(server: OpenAIServer) -> None:
    """A plain request gets one object with the text and the count."""
    status, answer = await ask(server, "chat/completions", CHAT)

    assert status == 200
    assert answer["choices"][0]["message"]["content"] == "You said: 'hello' (prompt of 5 characters)"
    assert answer["usage"]["completion_tokens"] == 7


async def test_vectors_are_the_same_in_both_formats(server: OpenAIServer) -> None:
    """base64 and plain numbers carry the same unit vector of the size asked for."""
    _, plain = await ask(server, "embeddings", EMBEDDINGS)
    _, packed = await ask(server, "embeddings", {**EMBEDDINGS, "encoding_format": "base64"})

    numbers = np.asarray(plain["data"][0]["embedding"], dtype=np.float32)
    unpacked = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), dtype="<f4")
    np.testing.assert_array_equal(numbers, unpacked)
    np.testing.assert_array_equal(numbers, vector_of("tea", 64))
    assert np.linalg.norm(numbers) == pytest.approx(1, abs=1e-6)


async def test_models_are_listed(server: OpenAIServer) -> None:
    """A client may ask which models there are."""
    async with ClientSession() as session, session.get(f"{server.base_url}/models") as answer:
        listed = await answer.json()

    assert "text-embedding-3-small" in [model["id"] for model in listed["data"]]
