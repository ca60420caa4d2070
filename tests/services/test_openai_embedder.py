"""What OpenAIEmbedder sends, how it checks what comes back, and every way in which the service fails."""

from __future__ import annotations

import base64
import json
import time
import traceback
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from bot.errors import EmbeddingError
from bot.openai_service.embedder import CERTAIN_BYTES, OpenAIEmbedder
from bot.openai_service.faults import PAUSE_S
from bot.protocols import Space
from tests.servers.openai_server import (
    Behaviour,
    Json,
    OpenAIServer,
    cut,
    embeddings,
    raw,
    stall,
    status,
    too_long,
    web_page,
)

SECRET = "canary-text"
DEADLINE_S = 3
HURRY_S = 0.4  # where the test waits for the deadline
SLACK_S = 0.5  # what a busy test machine may add


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def embedder(server: OpenAIServer) -> AsyncIterator[OpenAIEmbedder]:
    embedder = OpenAIEmbedder(api_key="sk-canary", base_url=server.base_url, deadline_s=DEADLINE_S)
    yield embedder
    await embedder.close()


async def failure(embedder: OpenAIEmbedder) -> EmbeddingError:
    """Return the error of embedding two texts."""
    with pytest.raises(EmbeddingError) as raised:
        await embedder.embed([SECRET, "tea"])
    return raised.value


async def test_request_is_what_the_service_expects(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """All texts go out in one request, with the size that is wanted."""
    await embedder.embed(["tea", "coffee"])

    (body,) = server.requests
    assert server.violations == []
    assert body == {
        "model": "text-embedding-3-small",
        "input": ["tea", "coffee"],
        "encoding_format": "base64",
        "dimensions": 512,
    }
    assert embedder.space == Space("text-embedding-3-small", 512)


async def test_blank_texts_are_not_sent(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """The service rejects empty strings, so they stay here."""
    await embedder.embed(["", "tea", " \n"])
    await embedder.embed(["", "\t"])

    assert [body["input"] for body in server.requests] == [["tea"]]


async def test_many_texts_are_split_into_requests(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """No request holds more than 256 texts."""
    await embedder.embed(["tea"] * 600)

    assert [len(body["input"]) for body in server.requests] == [256, 256, 88]


async def test_long_text_is_cut(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """At most 8,000 estimated tokens of a text are sent."""
    await embedder.embed(["tea " * 10_000])

    assert len(server.requests[0]["input"][0]) == 24_000


async def test_text_denser_than_estimated_is_cut_further(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """When the service still finds a text too long, a size that always fits is sent, once."""
    server.context_characters = CERTAIN_BYTES

    rows = await embedder.embed(["0123456789 " * 1000, "tea"])

    assert [[len(text) for text in body["input"]] for body in server.requests] == [[11_000, 3], [CERTAIN_BYTES, 3]]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


async def test_size_is_not_asked_of_other_models(server: OpenAIServer) -> None:
    """A model of a fixed size gets no `dimensions`, which its server would reject."""
    embedder = OpenAIEmbedder(api_key=None, base_url=server.base_url, model="nomic-embed-text", dimensions=768)

    rows = await embedder.embed(["tea"])
    await embedder.close()

    assert "dimensions" not in server.requests[0]
    assert server.violations == []
    assert rows.shape == (1, 768)


async def test_other_size_than_configured_is_named(server: OpenAIServer) -> None:
    """The error says which setting makes it right, and a retry would not."""
    embedder = OpenAIEmbedder(api_key=None, base_url=server.base_url, model="nomic-embed-text", dimensions=512)

    error = await failure(embedder)
    await embedder.close()

    assert "gives 768 dimensions, configured 512; set [embeddings] dimensions = 768" in str(error)
    assert error.retry_after is None
    assert len(server.requests) == 1


async def test_size_may_be_asked_of_a_server_that_takes_it(server: OpenAIServer) -> None:
    """A setting overrules what the model's name suggests."""
    embedder = OpenAIEmbedder(
        api_key="k", base_url=server.base_url, model="qwen3-embedding", dimensions=64, send_dimensions=True
    )
    server.will(embeddings())

    rows = await embedder.embed(["tea"])
    await embedder.close()

    assert server.requests[0]["dimensions"] == 64
    assert rows.shape == (1, 64)


def as_numbers(data: list[Json]) -> list[Json]:
    """Answer in plain numbers although base64 was asked for, as many compatible servers do."""
    return [
        {**entry, "embedding": np.frombuffer(base64.b64decode(entry["embedding"]), "<f4").tolist()} for entry in data
    ]


def doubled(data: list[Json]) -> list[Json]:
    """Answer with vectors that are not of length one."""
    return [{**entry, "embedding": [2 * number for number in entry["embedding"]]} for entry in as_numbers(data)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(as_numbers, id="plain numbers"),
        pytest.param(doubled, id="not normalised"),
        pytest.param(lambda data: data[::-1], id="reversed"),
    ],
)
async def test_sound_answer_in_another_form_is_read(
    server: OpenAIServer, embedder: OpenAIEmbedder, change: Callable[[list[Json]], list[Json]]
) -> None:
    """Order, number format and length of the vectors may differ; the rows do not."""
    expected = await embedder.embed(["tea", "coffee", "water"])
    server.will(embeddings(change))

    rows = await embedder.embed(["tea", "coffee", "water"])

    np.testing.assert_allclose(rows, expected, atol=1e-6)


def first_vector(value: object) -> Callable[[list[Json]], list[Json]]:
    """Replace the first vector."""
    return lambda data: [{**data[0], "embedding": value}, *data[1:]]


UNUSABLE = [
    pytest.param(web_page(), id="web page"),
    pytest.param(raw('{"data": [{"embed'), id="truncated JSON"),
    pytest.param(raw("[]"), id="a list"),
    pytest.param(raw("null"), id="null"),
    pytest.param(raw(f'"{SECRET}"'), id="a string"),
    pytest.param(raw('{"data": null}'), id="no data"),
    pytest.param(raw('{"data": [1, 2]}'), id="numbers for entries"),
    pytest.param(embeddings(lambda _: []), id="no vectors"),
    pytest.param(embeddings(lambda data: data[:1]), id="too few"),
    pytest.param(embeddings(lambda data: [*data, data[0]]), id="too many"),
    pytest.param(embeddings(lambda data: [data[0], data[0]]), id="one twice"),
    pytest.param(embeddings(lambda data: [{**entry, "index": None} for entry in data]), id="no index"),
    pytest.param(embeddings(lambda data: [{**entry, "index": entry["index"] + 1} for entry in data]), id="from one"),
    pytest.param(embeddings(first_vector([float("nan")] * 512)), id="NaN"),
    pytest.param(embeddings(first_vector([1e308] * 512)), id="overflow"),
    pytest.param(embeddings(first_vector([0.0] * 512)), id="zeros"),
    pytest.param(embeddings(first_vector("not base64!")), id="no base64"),
    pytest.param(embeddings(first_vector("AAA=")), id="half a number"),
    pytest.param(embeddings(first_vector(["a", "b"])), id="words"),
    pytest.param(embeddings(first_vector(None)), id="null vector"),
    pytest.param(embeddings(dimensions=100), id="other size"),
]


@pytest.mark.parametrize("behaviour", UNUSABLE)
async def test_unusable_answer_is_an_error(
    server: OpenAIServer, embedder: OpenAIEmbedder, behaviour: Behaviour
) -> None:
    """No wrong vector is let through; one request, and nothing of text or key in the error."""
    server.will(behaviour)

    error = await failure(embedder)

    assert len(server.requests) == 1
    assert "canary" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("behaviour", "requests", "retry_after"),
    [
        pytest.param(status(401, "invalid_api_key", "wrong: sk-canary"), 1, None, id="wrong key"),
        pytest.param(status(429, "insufficient_quota"), 1, None, id="quota"),
        pytest.param(status(429, None, retry_after=90), 1, 90, id="long Retry-After"),
        pytest.param(status(429, None, retry_after=0), 3, 0, id="rate limit"),
        pytest.param(status(500, None, retry_after=0), 3, 0, id="server error"),
        pytest.param(too_long(), 1, None, id="too long however short"),
    ],
)
async def test_failing_service_is_asked_a_bounded_number_of_times(
    server: OpenAIServer, embedder: OpenAIEmbedder, behaviour: Behaviour, requests: int, retry_after: float | None
) -> None:
    """Retries happen where they can help, and the error tells whether a later one may."""
    server.will(*[behaviour] * 5)

    error = await failure(embedder)

    assert (len(server.requests), error.retry_after) == (requests, retry_after)
    assert "canary" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("behaviour", [pytest.param(stall(), id="stall"), pytest.param(cut(), id="hang-ups")])
async def test_call_ends_at_its_deadline(server: OpenAIServer, behaviour: Behaviour) -> None:
    """All requests and retries of a call share one deadline."""
    embedder = OpenAIEmbedder(api_key="k", base_url=server.base_url, deadline_s=HURRY_S)
    server.will(*[behaviour] * 5)
    began = time.monotonic()

    error = await failure(embedder)
    took_s = time.monotonic() - began
    await embedder.close()

    assert took_s < HURRY_S + SLACK_S
    assert error.retry_after == PAUSE_S
    assert len(server.requests) <= 3


async def test_retry_brings_the_vectors(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """A fault that passes is not seen by the caller."""
    server.will(status(503, None, retry_after=0))

    rows = await embedder.embed(["tea"])

    assert len(server.requests) == 2
    assert rows.any()


async def test_failed_batch_fails_the_call(server: OpenAIServer, embedder: OpenAIEmbedder) -> None:
    """Rows are all there or none: zeros would look like texts without words."""
    server.will(embeddings(), raw(json.dumps({"data": []})))

    with pytest.raises(EmbeddingError):
        await embedder.embed(["tea"] * 300)
