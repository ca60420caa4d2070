"""Cuts texts into requests and checks the vectors that come back; sends nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.protocols import Vectors
from bot.tokens import estimate_tokens

MAX_BATCH_TEXTS = 256

MAX_BATCH_TOKENS = 250_000
"""Estimated tokens in one request; OpenAI takes 300,000 (API reference, embeddings, input)."""


class VectorsError(ValueError):
    """An embeddings answer breaks the protocol; its text says how, without numbers or texts of the answer."""


class DimensionError(VectorsError):
    """The vectors have another size than configured."""

    def __init__(self, found: int) -> None:
        super().__init__(f"vectors of {found} dimensions")
        self.found = found


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Return the texts in order, in groups that one request may hold; a text is never split."""
    groups: list[list[str]] = []
    tokens = 0
    for text in texts:
        size = estimate_tokens(text)
        if not groups or len(groups[-1]) == MAX_BATCH_TEXTS or tokens + size > MAX_BATCH_TOKENS:
            groups.append([])
            tokens = 0
        groups[-1].append(text)
        tokens += size
    return groups


def unit_rows(answer: object, count: int, dim: int) -> Vectors:
    """Return the vectors of an embeddings answer in the order of its texts: (count, dim) float32, unit rows.

    Args:
        answer: the parsed answer; entries may come in any order, as base64 of float32 or as numbers.

    Raises:
        VectorsError: too few, too many, repeated, empty or not finite vectors, or no such answer at all.
    """
    entries = getattr(answer, "data", None)
    if not isinstance(entries, list):
        raise VectorsError("no list of vectors")
    by_index = {_index(entry): entry for entry in entries}
    if len(entries) != count or sorted(by_index) != list(range(count)):
        raise VectorsError(f"{len(entries)} vectors for {count} texts, or indexes that do not match them")
    rows = np.stack([_numbers(getattr(by_index[index], "embedding", None), dim) for index in range(count)])
    with np.errstate(over="ignore"):  # An overflow is found as an infinite length.
        norms = np.linalg.norm(rows, axis=1, keepdims=True)  # (count, 1)
    if not np.isfinite(norms).all() or not norms.all():
        raise VectorsError("a vector that is zero or not finite")
    units: Vectors = (rows / norms).astype(np.float32)
    return units


def _index(entry: object) -> int:
    index = getattr(entry, "index", None)
    if not isinstance(index, int):
        raise VectorsError("a vector without an index")
    return index


def _numbers(vector: object, dim: int) -> npt.NDArray[np.float64]:
    """Return one vector of `dim` numbers. Wide floats, so that large ones do not overflow before they are scaled."""
    try:
        if isinstance(vector, str):
            row = np.frombuffer(base64.b64decode(vector, validate=True), dtype="<f4").astype(np.float64)
        else:
            row = np.asarray(vector, dtype=np.float64)
    except (ValueError, TypeError):
        raise VectorsError("a vector that is neither numbers nor base64") from None
    if row.ndim != 1:
        raise VectorsError("a vector that is not one row of numbers")
    if row.size != dim:
        raise DimensionError(row.size)
    return row
