"""Plants memories that can be recognised byte by byte, and looks for what is left of them in a folder's files."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.protocols import NewMemory, RowStore, Space, Vectors
from bot.types import Author, Memory, Scope, Source
from tests.conformance.row_store import NOON, TEMPLATE

SPACE = Space("remains", 64)
OWNER = Scope("discord", "guild", "owner")


@dataclass(frozen=True, slots=True)
class Planted:
    """A memory whose every part is random."""

    token: str
    author: str
    source: str
    vector: Vectors
    memory: Memory

    def forms(self) -> list[bytes]:
        """Return the byte strings of which none may be left: tails too, for stores that share prefixes."""
        half = self.vector.astype("<f2").tobytes()
        full = self.vector.astype("<f4").tobytes()
        words = [word.encode() for word in (self.token, self.author, self.source)]
        return [
            *words,
            *(word[-8:] for word in words),
            self.token.encode("utf-16-le"),
            self.token.encode("utf-16-be"),
            *(part for whole in (half, full) for part in (whole[:16], whole[-16:])),
        ]


async def plant(rows: RowStore, count: int, filler_characters: int = 40) -> list[Planted]:
    """Store memories of random 16-character tokens in one call."""
    parts = [(secrets.token_hex(8), secrets.token_hex(8), secrets.token_hex(8), _random_unit()) for _ in range(count)]
    added = await rows.add(OWNER, [_memory_of(*each, filler_characters) for each in parts])
    return [Planted(*each, memory) for each, memory in zip(parts, added, strict=True)]


def found_in(folder: Path, planted: Iterable[Planted]) -> int:
    """Return how many of the planted memories have left anything in any file of a folder."""
    forms = [(each.token, form) for each in planted for form in each.forms()]
    starts = np.array([int.from_bytes(form[:8], "little") for _, form in forms], np.uint64)
    left: set[str] = set()
    for content in contents(folder):
        likely = np.isin(starts, _eights(content))
        left |= {token for (token, form), may_be in zip(forms, likely, strict=True) if may_be and form in content}
    return len(left)


def contents(folder: Path) -> list[bytes]:
    """Return what every file of a folder holds."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _eights(content: bytes) -> npt.NDArray[np.uint64]:
    """Return every eight bytes in a row, at any offset, as one number: a few looks instead of thousands of searches."""
    at_offsets = [np.frombuffer(content[at : at + (len(content) - at) // 8 * 8], "<u8") for at in range(8)]
    return np.concatenate([some[some != 0] for some in at_offsets])


def _memory_of(token: str, author: str, source: str, vector: Vectors, filler_characters: int) -> NewMemory:
    return replace(
        TEMPLATE,
        text=f"{'x' * filler_characters} {token}",
        author=Author("u1", author),
        source=Source(source, NOON),
        vector=vector,
    )


def _random_unit() -> Vectors:
    vector = np.random.default_rng(secrets.randbits(64)).normal(size=SPACE.dim).astype(np.float32)
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def now() -> datetime:
    """Return the time, as a clock for data folders."""
    return datetime.now(UTC)
