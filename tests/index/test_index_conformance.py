"""Both indexes keep the contract of every vector index."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.index import faiss_index
from bot.index.faiss_index import FaissIndex
from tests.conformance.vector_index import VectorIndexConformance
from tests.index.plain_index import PlainIndex


class TestFaissIndex(VectorIndexConformance):
    """Small scopes, searched on the event loop."""

    @pytest.fixture
    def index(self, tmp_path: Path) -> FaissIndex:
        """Give an index with files."""
        return FaissIndex(tmp_path, b"key", file_from=10)


class TestFaissIndexInThreads(VectorIndexConformance):
    """The same where every search and add is large enough for a worker thread."""

    @pytest.fixture
    def index(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FaissIndex:
        """Give an index for which nothing is small; rows enough to be truly large would take seconds."""
        monkeypatch.setattr(faiss_index, "LOOP_FLOATS", -1)
        return FaissIndex(tmp_path, b"key", file_from=10)


class TestPlainIndex(VectorIndexConformance):
    """An index without files or threads."""

    @pytest.fixture
    def index(self) -> PlainIndex:
        """Give an empty one."""
        return PlainIndex()
