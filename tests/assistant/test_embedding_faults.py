"""An embedding service that fails: words alone find memories, /remember succeeds, vectors are made later."""

from __future__ import annotations

import pytest

from bot.errors import EmbeddingError
from bot.types import Action
from tests.assistant.talking import House, Talk
from tests.servers.openai_server import Behaviour, Json, OpenAIServer, cut, embeddings, raw, stall, status


@pytest.fixture
def home(home: House) -> House:
    """A bot that gets its vectors from the service, and its answers from memory alone."""
    return home.changed(
        openai={"api_key": type(home.settings.openai.api_key)(), "base_url": ""},
        embeddings={
            "embedder": "openai",
            "api_key": home.settings.openai.api_key,
            "base_url": home.settings.openai.base_url,
            "dimensions": 64,
            "deadline_s": 0.3,
        },
    )


def _without_last(data: list[Json]) -> list[Json]:
    return data[:-1]


FAULTS: dict[str, Behaviour] = {
    "500": status(500),
    "429": status(429, "rate_limit_exceeded"),
    "quota": status(429, "insufficient_quota"),
    "key": status(401, "invalid_api_key"),
    "cut": cut(),
    "stall": stall(),
    "no JSON": raw("{"),
    "other size": embeddings(dimensions=32),
    "one missing": embeddings(change=_without_last),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_fault_costs_no_memory_and_no_reply(home: House, server: OpenAIServer, fault: str) -> None:
    """While vectors cannot be made, memories are kept and found by their words; afterwards the vectors are made."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(*[FAULTS[fault]] * 20)
        kept = await talk.say("/remember My cat is called Minka")
        heard = await talk.say("What is my cat called?")
        waiting = await talk.app.core.without_vector()
        server.script.clear()
        made = await _recover(talk)
        waiting_then = await talk.app.core.without_vector()
        found = await talk.say("What is my cat called?")

    assert kept.actions == [Action.KEPT]
    assert "“My cat is called Minka”" in heard.text
    assert waiting == made == 1
    assert waiting_then == 0
    assert found.end.used[0].parts.semantic > 0


async def test_failing_pass_stores_nothing(home: House, server: OpenAIServer) -> None:
    """A background pass that fails leaves the memory waiting, and says so to whoever called it."""
    async with home.opened() as talk:
        await talk.meet()
        server.will(*[status(401, "invalid_api_key")] * 3)
        await talk.say("/remember My cat is called Minka")

        with pytest.raises(EmbeddingError):
            await talk.app.core.reindex()

        assert await talk.app.core.without_vector() == 1


async def test_one_embedding_request_a_message(home: House, server: OpenAIServer) -> None:
    """A message that is searched with and kept is embedded once."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.")
        before = len(server.requests)
        await talk.say("I live in Lisbon.")

        assert len(server.requests) - before == 1
        assert len(await talk.memories()) == 2


async def _recover(talk: Talk) -> int:
    """Run the background pass once."""
    return await talk.app.core.reindex()
