"""The OpenAI chat model and embedder against the suites that every implementation passes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.openai_service.chat import OpenAIChat
from bot.openai_service.embedder import OpenAIEmbedder
from tests.conformance.chat_model import ChatModelConformance
from tests.conformance.embedder import EmbedderConformance
from tests.servers.openai_server import OpenAIServer


class TestOpenAIChat(ChatModelConformance):
    """Chat with a key, as with OpenAI."""

    @pytest.fixture
    async def chat(self) -> AsyncIterator[OpenAIChat]:
        async with OpenAIServer() as server:
            chat = OpenAIChat(api_key="sk-test", base_url=server.base_url, model="local", deadline_s=5)
            yield chat
            await chat.close()
            assert server.violations == []


class TestOpenAIEmbedder(EmbedderConformance):
    """Embeddings that OpenAI shortens to 512 dimensions."""

    @pytest.fixture
    async def embedder(self) -> AsyncIterator[OpenAIEmbedder]:
        async with OpenAIServer() as server:
            embedder = OpenAIEmbedder(api_key="sk-test", base_url=server.base_url, deadline_s=5)
            yield embedder
            await embedder.close()
            assert server.violations == []


class TestCompatibleEmbedder(EmbedderConformance):
    """Embeddings of a self-hosted model of fixed size, without a key."""

    @pytest.fixture
    async def embedder(self) -> AsyncIterator[OpenAIEmbedder]:
        async with OpenAIServer() as server:
            embedder = OpenAIEmbedder(
                api_key=None, base_url=server.base_url, model="nomic-embed-text", dimensions=768, deadline_s=5
            )
            yield embedder
            await embedder.close()
            assert server.violations == []
