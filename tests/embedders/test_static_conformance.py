"""The embedded embedder keeps the contract of every embedder."""

from __future__ import annotations

import pytest

from bot.embedders.static import StaticEmbedder
from tests.conformance.embedder import EmbedderConformance


class TestStaticEmbedder(EmbedderConformance):
    """The embedder that ships with the package."""

    @pytest.fixture
    def embedder(self) -> StaticEmbedder:
        """Give it as the bot loads it."""
        return StaticEmbedder.load()
