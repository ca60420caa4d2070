"""How near two words are in meaning, by the embedded token table; for word matching that forgives another word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from bot.embedders.table import TokenTable
from bot.protocols import Vectors

Rows: TypeAlias = npt.NDArray[np.int32]

_CHUNK_ROWS = 512  # a float copy of so many rows, 0.5 MB, stays in the processor's cache


class WordVectors:
    """Compares whole words of the vocabulary by the cosine of their vectors.

    Args:
        table: shared with the embedder, so that it is held once.
    """

    def __init__(self, table: TokenTable) -> None:
        self._table = table

    @classmethod
    def load(cls) -> Self:
        """Return word vectors over a table of their own, for a bot with another embedder."""
        return cls(TokenTable.load())

    def rows(self, words: Sequence[str]) -> Rows:
        """Return (n,) int32, the row of each lower-case word; -1 for a word that is not a single token."""
        return np.fromiter((self._table.whole_word(word) for word in words), np.int32, len(words))

    def similarities(self, queries: Rows, rows: Rows) -> Vectors:
        """Return (q, v) float32 cosines, -1 to 1, of query words with others; 0 where either row is -1.

        Args:
            queries: (q,) rows of the query's words, as `rows` gives them.
            rows: (v,) rows of the words to compare them with.
        """
        table = self._table
        words = table.rows[queries].astype(np.float32) / table.norms[queries, None]  # (q, 256), unit rows
        words[queries < 0] = 0
        cosines = np.empty((len(queries), len(rows)), np.float32)
        for start in range(0, len(rows), _CHUNK_ROWS):
            chunk = slice(start, start + _CHUNK_ROWS)
            others = table.rows[rows[chunk]].astype(np.float32)
            for query, word in enumerate(words):  # one by one: the product of two matrices would start BLAS threads
                np.dot(others, word, out=cosines[query, chunk])
        cosines /= table.norms[rows]
        cosines[:, rows < 0] = 0  # until here -1 meant the last row
        return cosines
