"""Judgement around a ranking: whom a question names, what fits it at all, and what fits the budget. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from bot.memory.lexical import Mask, Word
from bot.memory.ranking import Ranking
from bot.memory.stopwords import STOP_WORDS
from bot.tokens import estimate_tokens
from bot.types import Author, Hit, Memory, ScoreParts

_NEAR_FLOOR, _NEAR_TOP = 0.8, 0.35
"""What comes near the best memory: these shares of the floor and of the best relevance, whichever is more."""

_FOLLOWS = 1.5
"""Neighbour part of an answer whose question, said just before, is what is asked about."""

_KNOWING = frozenset(
    """
    know known remember remembered recall tell told said say learn learned everything anything something memory memories
    weißt weisst erinnerst gemerkt erzählt gesagt alles etwas sais souviens dit raconté tout sabes recuerdas dije dicho
    contado todo sai ricordi detto raccontato tutto sabe lembra lembras disse contei tudo weet herinner verteld gezegd
    alles знаешь помнишь рассказал рассказала сказал сказала обо
    """.split()  # noqa: SIM905 - a list would be one word a line
)
"""Words for knowing and telling."""

_KNOWING_UNSPACED = re.compile(
    r"(?:知道|记得|记住|了解|記得).{0,4}我|我.{0,4}(?:什么|什麼)[?？]?$|(?:私|僕|俺).{0,8}(?:覚え|知って)"
)

_SHORT = 20  # characters of scripts without spaces in which nothing else is asked

_WORD = re.compile(r"[^\W_]+")


def named_author(question: str, authors: Collection[str]) -> str | None:
    """Return the one author whom a question names; None when it names nobody, or several."""
    words = set(_WORD.findall(question))
    words |= {word.casefold() for word in words if word.casefold() not in STOP_WORDS}  # "will" is rarely Will
    named = [author for author in authors if words & _name_words(author)]
    return named[0] if len(named) == 1 else None


def asks_for_everything(question: str, words: Sequence[Word]) -> bool:
    """Tell whether a question, given with its words, asks for whatever is remembered: "What do you know about me?"."""
    if words and all(word.surface in _KNOWING for word in words):
        return True
    return len(question) <= _SHORT and _KNOWING_UNSPACED.search(question) is not None


def without_names(question: str, authors: Collection[str]) -> str:
    """Return the question without the authors' names: a name says who, and draws its vector away from what."""
    names = {word for author in authors for word in _WORD.findall(author)}
    if not names:
        return question
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"\b(?:{pattern})(?:['’]s)?\b", " ", question).strip() or question


def best(ranking: Ranking, limit: int, floor: float, pinned: Mask) -> list[int]:
    """Return the positions of the best candidates, best first, and none when nothing fits.

    Args:
        floor: 0 to 1. A question is taken to be about something remembered when one memory reaches it by itself. What
            is recalled beside that memory must come near it, follow what the question is about, or be pinned. At 0
            everything fits.
        pinned: (n,) bool.
    """
    relevance = ranking.relevance
    top = float(relevance.max(initial=0))
    if not len(relevance) or top < floor:
        return []
    near = relevance >= max(floor * _NEAR_FLOOR, top * _NEAR_TOP)
    fits = near | pinned | (ranking.parts["neighbours"] >= _FOLLOWS) | (floor == 0)
    order = np.argsort(-ranking.score, kind="stable")
    return [int(position) for position in order if fits[position]][:limit]


def hit(memory: Memory, ranking: Ranking, position: int) -> Hit:
    """Return a memory as a hit, with its score and parts."""
    parts = {name: round(float(values[position]), 4) for name, values in ranking.parts.items()}
    return Hit(memory, round(float(ranking.score[position]), 4), ScoreParts(**parts))


def within_budget(hits: Sequence[Hit], max_tokens: int, *, once: bool) -> tuple[Hit, ...]:
    """Return the hits that fit, best first.

    A long memory that does not fit is skipped, so that shorter ones after it still count.

    Args:
        once: leave out what the same person said in the same words as a better hit. Every word counts: "no" or "off"
            turns a meaning round.
    """
    chosen: list[Hit] = []
    said: set[tuple[Author | None, tuple[str, ...]]] = set()
    left = max_tokens
    for one in hits:
        words = tuple(_WORD.findall(one.memory.text.casefold()))
        tokens = estimate_tokens(one.memory.text)
        if tokens > left or (once and words and (one.memory.author, words) in said):
            continue
        said.add((one.memory.author, words))
        left -= tokens
        chosen.append(one)
    return tuple(chosen)


def _name_words(author: str) -> set[str]:
    """A name's words as they are written, and in lower case."""
    words = set(_WORD.findall(author))
    return words | {word.casefold() for word in words if word.casefold() not in STOP_WORDS}
