"""A bot without a model, a bot with the local service as its model, and both opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.assistant.talking import House, Talk, house
from tests.servers.openai_server import OpenAIServer


@pytest.fixture
def alone(tmp_path: Path) -> House:
    """A bot that answers from memory alone."""
    return house(tmp_path / "data")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    """The service; whatever was asked of it was well formed."""
    async with OpenAIServer() as server:
        yield server

        assert server.violations == []


@pytest.fixture
def home(tmp_path: Path, server: OpenAIServer) -> House:
    """A bot that asks the service."""
    return house(tmp_path / "data", server.base_url)


@pytest.fixture
async def offline(alone: House) -> AsyncIterator[Talk]:
    """A conversation with a bot without a model, past the first notice."""
    async with alone.opened() as talk:
        await talk.meet()
        yield talk


@pytest.fixture
async def online(home: House) -> AsyncIterator[Talk]:
    """A conversation with a bot that has a model, past the first notice."""
    async with home.opened() as talk:
        await talk.meet()
        yield talk
