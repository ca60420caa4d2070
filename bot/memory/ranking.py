"""Which memories bear on a question, and how much: pure arithmetic over columns of the memories that may be read.

Weights were chosen on four of LoCoMo's conversations (bench/locomo.py measures what they give); nothing outside the
given rows can move a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from bot.memory.lexical import Floats, Mask, Matches
from bot.memory.timewords import Interval
from bot.types import Kind

SESSION_GAP_S = 3600.0
"""A silence of this long in a place ends a session."""

_IMAGINED = 4
_UNRELATED_COSINE = 0.1  # the mean over unrelated pairs of sentences is 0.07 to 0.12, by embedder
_SEMANTIC = 1.0
_AUTHOR = 5.0
_IMPORTANCE = 0.45
_QUESTION = -2.0
_DATED = 0.6
_IN_INTERVAL = 1.5
_SESSION = 0.45
_SESSION_BEST = 2
_PREVIOUS, _PREVIOUS_QUESTION, _NEXT, _SECOND = 0.2, 0.4, 0.05, 0.1
_PINNED = 0.5
_AGE = 0.5
_SUPERSEDED = -1.5
_KIND = {Kind.NOTE: 0.2, Kind.PREFERENCE: 0.1, Kind.FACT: 0.1, Kind.DECISION: 0.1}

KINDS = tuple(Kind)
"""Numbers of kinds in columns are places in this tuple."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The memories that may be read, as columns of equal length n.

    ids: int64. matches: against the question's words. cosines: float32, -1 to 1, NaN without a vector.
    by_named: said by the one person whom the question names. conversations: a number for each place.
    times: float64 Unix seconds. kinds: int8, places in KINDS. importance: 0 to 1. dated: speaks of a time.
    """

    ids: npt.NDArray[np.int64]
    matches: Matches
    cosines: Floats
    by_named: Mask
    conversations: npt.NDArray[np.int64]
    times: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.int8]
    importance: Floats
    questions: Mask
    dated: Mask
    pinned: Mask
    superseded: Mask

    @staticmethod
    def join(parts: Sequence[Candidates]) -> Candidates:
        """Return the rows of all parts; conversations of different parts stay apart."""
        if len(parts) == 1:
            return parts[0]
        shift = np.concatenate([np.full(len(p.ids), i << 40, np.int64) for i, p in enumerate(parts)])
        names = [field.name for field in fields(Candidates) if field.name != "matches"]
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        columns["conversations"] = columns["conversations"] + shift
        return Candidates(matches=Matches.join([p.matches for p in parts]), **columns)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, beside its words and vector: whether it asks for a time, or means one."""

    asks_when: bool = False
    interval: Interval | None = None
    now: float = 0.0  # Unix seconds


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of candidates.

    parts: name of a ScoreParts field → (n,) float32. score: their sum. relevance: (n,) float32, 0 to 1, how well a
    memory fits the question by itself, comparable between questions.
    """

    parts: dict[str, Floats]
    score: Floats
    relevance: Floats


def rank(candidates: Candidates, question: Question, half_life_days: dict[Kind, float] | None) -> Ranking:
    """Return each candidate's score and its parts.

    Fusion is a sum of z-scores over the candidates: fusing ranks instead loses 2 to 9 points of recall@10. Session and
    neighbours carry the topic of what was said around a memory, so that an answer is found by its question.

    Args:
        half_life_days: time in which a kind loses half of its freshness; None for no decay.
    """
    lexical = _z(candidates.matches.bm25(), unrelated=0.0)
    semantic = _SEMANTIC * _z(candidates.cosines, unrelated=_UNRELATED_COSINE)
    topic = lexical + semantic
    parts = {
        "lexical": lexical,
        "semantic": semantic,
        "author": _AUTHOR * candidates.by_named,
        "importance": _IMPORTANCE * _z(candidates.importance),
        "question": np.where(candidates.questions, _QUESTION, 0.0),
        "time": _time(candidates, question),
    }
    base = np.sum(list(parts.values()), axis=0)
    context = topic + parts["importance"] + parts["time"]
    parts |= _context_shares(candidates, base, context)
    parts["kind"] = _lookup(candidates.kinds, _KIND)
    parts["pinned"] = _PINNED * candidates.pinned
    parts["history"] = _SUPERSEDED * candidates.superseded
    if half_life_days is not None:
        parts["age"] = _age(candidates, question, half_life_days)
    parts = {name: np.asarray(part, np.float32) for name, part in parts.items()}
    return Ranking(parts, np.sum(list(parts.values()), axis=0), relevance(candidates))


def relevance(candidates: Candidates) -> Floats:
    """Return (n,) float32, 0 to 1: the share of the question that a memory matches by word or by meaning."""
    near = np.clip(np.nan_to_num(candidates.cosines), 0, 1)
    return np.asarray(1 - (1 - near) * (1 - candidates.matches.coverage()), np.float32)


def _z(values: Floats, unrelated: float | None = None) -> Floats:
    """Standard scores; unknown values (NaN) count as average, and no spread gives zeros.

    Args:
        unrelated: what an unrelated memory has. A few such memories are imagined beside the real ones, so that the one
            memory of a new person scores by how well it fits; among hundreds they change nothing.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros_like(values)
    if unrelated is not None:
        known = np.append(known, np.full(_IMAGINED, unrelated, np.float32))
    spread = float(known.std())
    if spread < 1e-6:
        return np.zeros_like(values)
    return np.asarray(np.nan_to_num((values - known.mean()) / spread), np.float32)


def _time(candidates: Candidates, question: Question) -> Floats:
    part = np.zeros(len(candidates.ids), np.float32)
    if question.asks_when:
        part += _DATED * candidates.dated
    if question.interval is not None:
        start, end = question.interval
        part += _IN_INTERVAL * ((candidates.times >= start) & (candidates.times < end))
    return part


def _context_shares(candidates: Candidates, base: Floats, context: Floats) -> dict[str, Floats]:
    """What a memory gains from the session it was said in and from the words just before and after."""
    order = np.lexsort((candidates.ids, candidates.times, candidates.conversations))
    conversations, times = candidates.conversations[order], candidates.times[order]
    starts = np.ones(len(order), bool)
    starts[1:] = (np.diff(conversations) != 0) | (np.diff(times) > SESSION_GAP_S)
    sessions = np.cumsum(starts) - 1
    session, neighbours = np.empty(len(order), np.float32), np.empty(len(order), np.float32)
    session[order] = _SESSION * _session_mean(base[order], sessions)
    neighbours[order] = _neighbour_share(np.maximum(context[order], 0), sessions, candidates.questions[order])
    return {"session": session, "neighbours": neighbours}


def _session_mean(scores: Floats, sessions: npt.NDArray[np.int64]) -> Floats:
    """(n,) the mean of the best scores of each memory's session, floored at 0."""
    by_score = np.lexsort((-scores, sessions))
    ordered, of = scores[by_score], sessions[by_score]
    first = np.flatnonzero(np.diff(of, prepend=-1))
    place = np.arange(len(of)) - np.repeat(first, np.diff(first, append=len(of)))
    best = place < _SESSION_BEST
    sums = np.bincount(of[best], weights=ordered[best])
    means = sums / np.bincount(of[best])
    return np.asarray(np.maximum(means, 0)[sessions], np.float32)


def _neighbour_share(topic: Floats, sessions: npt.NDArray[np.int64], questions: Mask) -> Floats:
    share = np.zeros(len(topic), np.float32)
    together = np.diff(sessions) == 0
    share[1:] += together * topic[:-1] * (_PREVIOUS + _PREVIOUS_QUESTION * questions[:-1])
    share[:-1] += together * topic[1:] * _NEXT
    if len(topic) > 2:
        around = sessions[2:] == sessions[:-2]
        share[2:] += around * topic[:-2] * _SECOND
        share[:-2] += around * topic[2:] * _SECOND
    return share


def _lookup(kinds: npt.NDArray[np.int8], table: dict[Kind, float]) -> Floats:
    return np.array([table.get(kind, 0.0) for kind in KINDS], np.float32)[kinds]


def _age(candidates: Candidates, question: Question, half_life_days: dict[Kind, float]) -> Floats:
    """0 for what was just said, towards -_AGE for what is old; less than one strong word match, so never decisive."""
    age_days = np.maximum(question.now - candidates.times, 0) / 86_400
    half_lives = np.maximum(_lookup(candidates.kinds, half_life_days), 1.0)
    return np.asarray(-_AGE * (1 - np.exp2(-age_days / half_lives)), np.float32)
