"""One scope in memory: the columns and words that ranking reads. Made from rows, and thrown away at any time."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.memory.lexical import Analyzer, Floats, LexicalIndex, Mask, Word, WordSimilarity
from bot.memory.ranking import KINDS, Candidates
from bot.memory.readable import Rule, Setting
from bot.memory.timewords import speaks_of_time
from bot.protocols import IndexRow
from bot.types import Kind, MemoryId, PlaceKind, Reach, Status

_KIND_NUMBER = {kind.value: number for number, kind in enumerate(KINDS)}
_CAPTION = re.compile(r"\[[^\[\]]*\]\s*$")
"""What is in brackets at the end, such as the caption of an image, is not part of what was said."""
_ROW = np.dtype(
    [
        ("id", np.int64),
        ("time", np.float64),
        ("importance", np.float32),
        ("setting", np.int32),  # number of (place kind, channel, reach)
        ("author", np.int32),
        ("kind", np.int8),
        ("question", np.bool_),
        ("dated", np.bool_),
        ("pinned", np.bool_),
        ("superseded", np.bool_),
    ]
)


class ScopeEntry:
    """The cached columns and words of one scope's memories, in order of id."""

    def __init__(self, analyzer: Analyzer, similarity: WordSimilarity) -> None:
        self._analyzer = analyzer
        self._lexical = LexicalIndex(analyzer, similarity)
        self._rows = np.empty(0, _ROW)
        self._size = 0
        self._settings: dict[Setting, int] = {}
        self._setting_numbers: dict[tuple[str, str, str], int] = {}  # the same by what rows hold, to spare the types
        self._authors: dict[str, int] = {}

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return int(self._rows.nbytes) + self._lexical.nbytes

    @property
    def last_id(self) -> MemoryId:
        """The highest id held; 0 when empty."""
        return int(self._rows["id"][self._size - 1]) if self._size else 0

    def authors(self, allowed: Mask) -> frozenset[str]:
        """Return the names of those who said an allowed row, beside the scope's own person."""
        if len(self._authors) < 2 and "" in self._authors:
            return frozenset()
        seen = np.unique(self._view["author"][allowed])
        return frozenset(name for name, number in self._authors.items() if name and number in seen)

    def add(self, rows: Sequence[IndexRow]) -> None:
        """Append rows; their ids must be above `last_id`. A named author counts as a memory's first word."""
        words = [self._analyzer.surfaces(f"{r.author_name}: {r.text}" if r.author_name else r.text) for r in rows]
        self._lexical.add(words)
        end = self._size + len(rows)
        if end > len(self._rows):
            grown = np.empty(max(end, 2 * len(self._rows)), _ROW)
            grown[: self._size] = self._view
            self._rows = grown
        self._rows[self._size : end] = [self._packed(row, said) for row, said in zip(rows, words, strict=True)]
        self._size = end

    def mark(self, memory_id: MemoryId, *, pinned: bool | None = None, status: Status | None = None) -> None:
        """Follow a changed flag; an id that is not held is ignored."""
        here = self._view["id"] == memory_id
        if pinned is not None:
            self._view["pinned"][here] = pinned
        if status is not None:
            self._view["superseded"][here] = status is Status.SUPERSEDED

    def allowed(self, rule: Rule) -> Mask:
        """Return (n,) bool: what the rule permits. Each distinct setting is judged once."""
        permitted = [rule.permits(setting) for setting in self._settings]
        return np.array(permitted or [False], np.bool_)[self._view["setting"]] if self._size else np.zeros(0, np.bool_)

    def ids(self, allowed: Mask) -> npt.NDArray[np.int64]:
        """Return the ids of the allowed rows, in order."""
        return self._view["id"][allowed]

    def candidates(self, allowed: Mask, query: Sequence[Word], cosines: Floats, named: str | None) -> Candidates:
        """Return the columns of the allowed rows.

        Args:
            cosines: (m,) float32 of the allowed rows, NaN where there is no vector.
            named: the one author whom the question names.
        """
        view = self._view[allowed]
        author = self._authors.get(named, -1) if named else -1
        return Candidates(
            ids=view["id"],
            matches=self._lexical.match(query, allowed),
            cosines=cosines,
            by_named=view["author"] == author,
            conversations=self._channel_numbers()[view["setting"]],
            times=view["time"],
            kinds=view["kind"],
            importance=view["importance"],
            questions=view["question"],
            dated=view["dated"],
            pinned=view["pinned"],
            superseded=view["superseded"],
        )

    @property
    def _view(self) -> npt.NDArray[np.void]:
        return self._rows[: self._size]

    def _channel_numbers(self) -> npt.NDArray[np.int64]:
        """(settings,) number of each setting's channel: what is said there is one conversation, whatever its reach."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(s.channel_id, len(numbers)) for s in self._settings] or [0], np.int64)

    def _packed(
        self, row: IndexRow, words: Sequence[str]
    ) -> tuple[int, float, float, int, int, int, bool, bool, bool, bool]:
        return (
            row.id,
            row.event_time,
            row.importance,
            self._setting_number(row),
            self._authors.setdefault(row.author_name, len(self._authors)),
            _KIND_NUMBER.get(row.kind, _KIND_NUMBER[Kind.MESSAGE]),
            _asks(row.text),
            speaks_of_time(row.text, words),
            row.pinned,
            row.status == Status.SUPERSEDED,
        )

    def _setting_number(self, row: IndexRow) -> int:
        stored = (row.place_kind, row.channel_id, row.reach)
        number = self._setting_numbers.get(stored)
        if number is None:
            setting = Setting(PlaceKind(row.place_kind), row.channel_id, Reach(row.reach))
            number = self._setting_numbers[stored] = self._settings.setdefault(setting, len(self._settings))
        return number


def _asks(text: str) -> bool:
    """Tell whether a text ends with a question, the caption of an image aside."""
    if text.rstrip().endswith("]"):
        text = _CAPTION.sub("", text)
    return text.rstrip(" \t\n\"'”»)").endswith(("?", "？", "؟"))
