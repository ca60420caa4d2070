"""The lexical side of recall: words and stems of a text, and BM25 with soft matches over one scope's memories.

Knows texts and numbers only; which memories may be searched is decided by the caller.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import Stemmer

from bot.memory.stopwords import STOP_WORDS

Floats: TypeAlias = npt.NDArray[np.float32]
Rows: TypeAlias = npt.NDArray[np.int32]
Mask: TypeAlias = npt.NDArray[np.bool_]

K1, B = 0.9, 0.4
"""BM25's saturation and length norm (Robertson & Zaragoza 2009); these values suit short messages."""

SOFT_FROM = 0.25
"""Cosine of two words from which one counts as a weak match of the other."""

_ENOUGH_WORDS = 3
_MAX_CHARACTERS = 20_000
# Scripts written without spaces between words; searched by pairs of characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_SPACED_WORD = re.compile(r"[^\W_]+")
_ASCII_LETTERS = str.maketrans({code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)})
_WORD_OR_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_RUN = re.compile(rf"[{_UNSPACED}]")


class WordSimilarity(Protocol):
    """Knows which words mean nearly the same."""

    def rows(self, words: Sequence[str]) -> Rows:
        """Return (n,) int32 row numbers of words; -1 for one that is unknown."""
        ...

    def similarities(self, queries: Rows, rows: Rows) -> Floats:
        """Return (q, v) float32 cosines, -1 to 1, of known query words and vocabulary words; unknown give 0."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text as it was written (lower case) and its stem."""

    surface: str
    stem: str


class Analyzer:
    """Turns text into words for the index and for queries alike.

    Args:
        language: a Snowball stemmer's name, such as "english".
    """

    def __init__(self, language: str = "english") -> None:
        self._stemmer = Stemmer.Stemmer(language)

    def words(self, text: str) -> list[Word]:
        """Return the words that carry a topic, in order, with repetitions."""
        surfaces = self.surfaces(text)
        return [Word(s, t) for s, t in zip(surfaces, self.stemmed(surfaces), strict=True)]

    def surfaces(self, text: str) -> list[str]:
        """Return the same words as they were written, in lower case."""
        return [surface for surface in _surfaces(text) if surface not in STOP_WORDS]

    def stemmed(self, surfaces: Sequence[str]) -> list[str]:
        """Return the stem of each word."""
        stems: list[str] = self._stemmer.stemWords(surfaces)
        return stems

    def stems(self, text: str) -> frozenset[str]:
        """Return the distinct stems of a text."""
        return frozenset(word.stem for word in self.words(text))


def _surfaces(text: str) -> list[str]:
    text = text[:_MAX_CHARACTERS]
    if text.isascii():
        return text.translate(_ASCII_LETTERS).split()  # a third faster than a pattern
    normal = unicodedata.normalize("NFKC", text).lower()
    if not _RUN.search(normal):
        return _SPACED_WORD.findall(normal)
    surfaces: list[str] = []
    for token in _WORD_OR_RUN.findall(normal):
        paired = _RUN.match(token)
        surfaces += [token[i : i + 2] for i in range(max(1, len(token) - 1))] if paired else [token]
    return surfaces


class LexicalIndex:
    """The words of one scope's memories, as a forward index: one row of term numbers per memory.

    Short texts make a forward index faster than posting lists once matches are soft: a query word touches many terms,
    and one gather over all tokens (15 for a typical memory) scores every memory at once.
    """

    def __init__(self, analyzer: Analyzer, similarity: WordSimilarity) -> None:
        self._analyzer = analyzer
        self._similarity = similarity
        # Forms are kept apart: were a stem compared by the form that came first, a hidden memory could be that form.
        self._forms: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._rows = _Growing()  # (v,) row of each form
        self._stem_of = _Growing()  # (v,) stem number of each form
        self._tokens = _Growing()  # (tokens,) form numbers, memory after memory
        self._starts = _Growing()  # (n,) where each memory's tokens begin

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken, dictionary entries estimated at 110."""
        arrays = (self._rows, self._stem_of, self._tokens, self._starts)
        return sum(array.nbytes for array in arrays) + 110 * (len(self._forms) + len(self._stems))

    def add(self, texts: Iterable[Sequence[str]]) -> None:
        """Append memories, given as their words as `Analyzer.surfaces` returns them."""
        forms, known = self._forms, len(self._forms)
        starts: list[int] = []
        tokens: list[int] = []
        for words in texts:
            starts.append(len(self._tokens) + len(tokens))
            # Never empty, so that reduceat sees one segment per memory; form -1 matches nothing.
            tokens += [forms.setdefault(surface, len(forms)) for surface in words] or [-1]
        self._starts.append(starts)
        self._tokens.append(tokens)
        fresh = list(islice(forms, known, None))
        self._rows.append(self._similarity.rows(fresh))
        stems = self._analyzer.stemmed(fresh)
        self._stem_of.append([self._stems.setdefault(stem, len(self._stems)) for stem in stems])

    def match(self, query: Sequence[Word], allowed: Mask | None) -> Matches:
        """Return how well each allowed memory matches each distinct query word.

        Args:
            query: words of the question; those said twice count once.
            allowed: (n,) bool; None when all are. No figure of the result depends on the others.
        """
        distinct = list({word.stem: word for word in query}.values())
        tokens, starts = self._selected(allowed)
        lengths = np.diff(starts, append=len(tokens)).astype(np.float32)
        counts = np.zeros((len(distinct), len(starts)), np.float32)
        if len(starts) and distinct:
            soft = self._soft_weights(distinct)
            for i, word in enumerate(distinct):
                counts[i] = _frequency(tokens, starts, self._forms_of(word.stem), soft[i])
        return Matches(counts, lengths)

    def _selected(self, allowed: Mask | None) -> tuple[Rows, Rows]:
        tokens, starts = self._tokens.view, self._starts.view
        if allowed is None or allowed.all():
            return tokens, starts
        lengths = np.diff(starts, append=len(tokens))
        kept = lengths[allowed]
        return tokens[np.repeat(allowed, lengths)], (np.cumsum(kept) - kept).astype(np.int32)

    def _forms_of(self, stem: str) -> Mask:
        """(v + 1,) bool: which forms have this stem; the last place is for the form -1."""
        return np.append(self._stem_of.view == self._stems.get(stem, -1), False)

    def _soft_weights(self, query: Sequence[Word]) -> Floats:
        """(q, v + 1) float32, 0 to 1; the last column is for the form -1."""
        rows = self._similarity.rows([word.surface for word in query])
        cosines = self._similarity.similarities(rows, self._rows.view)
        weights = np.zeros((len(query), len(self._forms) + 1), np.float32)
        weights[:, :-1] = np.clip((cosines - SOFT_FROM) / (1 - SOFT_FROM), 0, 1)
        return weights


def _frequency(tokens: Rows, starts: Rows, forms: Mask, soft: Floats) -> Floats:
    """(n,) float32: how often a memory holds one of the forms, else its best weak match, below 1."""
    best = np.maximum.reduceat(soft[tokens], starts)
    if not forms.any():
        return best
    exact = np.add.reduceat(forms[tokens].astype(np.float32), starts)
    return np.where(exact > 0, exact, best)


@dataclass(frozen=True, slots=True)
class Matches:
    """How memories match the words of a question.

    counts: (q, n) float32, occurrences of a word, or below 1 for the best weak match.
    lengths: (n,) float32, words of each memory.
    """

    counts: Floats
    lengths: Floats

    @staticmethod
    def join(parts: Sequence[Matches]) -> Matches:
        """Return the matches of several groups of memories as one, so that word weights come from all of them."""
        return Matches(np.concatenate([p.counts for p in parts], axis=1), np.concatenate([p.lengths for p in parts]))

    def bm25(self) -> Floats:
        """Return (n,) float32 BM25 scores, 0 upwards; term weights come from these memories alone."""
        count = self.lengths.shape[0]
        if not count:
            return np.zeros(0, np.float32)
        norm = K1 * (1 - B + B * self.lengths / max(float(self.lengths.mean()), 1e-6))
        saturated = self.counts * (K1 + 1) / (self.counts + norm)
        return np.asarray(self._idf() @ saturated, np.float32)

    def coverage(self) -> Floats:
        """Return (n,) float32, 0 to 1: the share of the question's words that a memory matches, rare words first.

        Three words matched are all: who chats uses many words for one question. Weak matches count squared: several
        vague ones must not add up to a word that is there.
        """
        weights = self._idf()
        enough = float(np.sort(weights)[-_ENOUGH_WORDS:].sum())
        if not enough:
            return np.zeros(self.counts.shape[1], np.float32)
        return np.asarray(np.minimum(weights @ np.minimum(self.counts, 1) ** 2 / enough, 1), np.float32)

    def _idf(self) -> Floats:
        """(q,) float32; a word found nowhere is weighed by its weak matches."""
        count = self.counts.shape[1]
        exact = (self.counts >= 1).sum(axis=1)
        frequency = np.where(exact > 0, exact, self.counts.sum(axis=1))
        return np.asarray(np.log1p((count - frequency + 0.5) / (frequency + 0.5)), np.float32)


class _Growing:
    """An int32 array that grows at its end in amortised constant time."""

    def __init__(self) -> None:
        self._array = np.empty(16, np.int32)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def nbytes(self) -> int:
        return int(self._array.nbytes)

    @property
    def view(self) -> Rows:
        return self._array[: self._size]

    def append(self, values: Sequence[int] | Rows) -> None:
        end = self._size + len(values)
        if end > len(self._array):
            grown = np.empty(max(end, 2 * len(self._array)), np.int32)
            grown[: self._size] = self.view
            self._array = grown
        self._array[self._size : end] = values
        self._size = end
