"""mem0ai: its local qdrant store, vectors given, no language model (`infer=False`), telemetry off."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bench.peering.workload import LIMIT, Given, Vectors, run


class _GivenVectors:
    """Takes the place of mem0's embedder: looks the vector of a text up."""

    def __init__(self, given: Given) -> None:
        self._by_text: dict[str, list[float]] = dict(zip(given.texts, given.vectors.tolist(), strict=True))
        self._by_text |= dict(zip(given.questions, given.question_vectors.tolist(), strict=True))

    def embed(self, text: str, _: object = None) -> list[float]:
        """Return a text's vector."""
        return self._by_text[text]

    def embed_batch(self, texts: Sequence[str], _: object = None) -> list[list[float]]:
        """Return the vectors of texts."""
        return [self._by_text[text] for text in texts]


class MemZero:
    """One user's memories."""

    def __init__(self, folder: Path, given: Given) -> None:
        os.environ |= {"MEM0_TELEMETRY": "False", "MEM0_DIR": str(folder / "mem0")}  # read when mem0 is imported
        from mem0 import Memory  # type: ignore[import-not-found]  # noqa: PLC0415 - see above; an environment of its own

        nobody = {"provider": "openai", "config": {"api_key": "none"}}
        store = {"path": str(folder / "qdrant"), "embedding_model_dims": given.vectors.shape[1], "on_disk": True}
        self._memory = Memory.from_config(
            {
                "vector_store": {"provider": "qdrant", "config": store},
                "embedder": nobody,
                "llm": nobody,
                "history_db_path": str(folder / "history.db"),
            }
        )
        self._memory.embedding_model = _GivenVectors(given)
        self._ids: dict[int, str] = {}

    def add(self, numbers: Sequence[int], texts: Sequence[str], _: Vectors) -> None:
        """Store texts, one call with a message for each."""
        said = [{"role": "user", "content": text} for text in texts]
        stored = self._memory.add(said, user_id="person", infer=False)["results"]
        self._ids |= dict(zip(numbers, (one["id"] for one in stored), strict=True))

    def search(self, text: str, _: Vectors) -> list[int]:
        """Return the numbers of the best."""
        found = self._memory.search(text, top_k=LIMIT, filters={"user_id": "person"}, threshold=0.0)["results"]
        numbers = {name: number for number, name in self._ids.items()}
        return [numbers.get(one["id"], -1) for one in found]

    def delete(self, number: int) -> None:
        """Delete one."""
        self._memory.delete(self._ids[number])

    def close(self) -> None:
        """Close its stores."""
        self._memory.vector_store.client.close()
        self._memory.close()


if __name__ == "__main__":
    run(MemZero)
