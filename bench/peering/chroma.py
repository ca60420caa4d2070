"""chromadb: a persistent client, one collection, vectors given. It has no setting for durability."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import chromadb  # type: ignore[import-not-found]  # lives in an environment of its own
from chromadb.config import Settings  # type: ignore[import-not-found]  # as above

from bench.peering.workload import LIMIT, Given, Vectors, run


class Chroma:
    """One collection."""

    def __init__(self, folder: Path, _: Given) -> None:
        client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
        configuration = {"hnsw": {"space": "cosine"}}
        self._memories = client.get_or_create_collection(
            "memories", embedding_function=None, configuration=configuration
        )

    def add(self, numbers: Sequence[int], texts: Sequence[str], vectors: Vectors) -> None:
        """Store texts with their vectors."""
        self._memories.add(ids=[str(n) for n in numbers], documents=list(texts), embeddings=vectors)

    def search(self, _: str, vector: Vectors) -> list[int]:
        """Return the numbers of the best."""
        found = self._memories.query(query_embeddings=[vector], n_results=LIMIT)
        return [int(name) for name in found["ids"][0]]

    def delete(self, number: int) -> None:
        """Delete one."""
        self._memories.delete(ids=[str(number)])

    def close(self) -> None:
        """Do nothing: the client ends with the process."""


if __name__ == "__main__":
    run(Chroma)
