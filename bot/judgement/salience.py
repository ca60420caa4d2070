"""Decides without a model whether a message is worth a memory, and how much it says about the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bot.judgement.clauses import LONG_ENOUGH, Act, Sentence, read_sentences
from bot.judgement.kinds import guess_kind
from bot.judgement.lead_in import asks_back, strip_lead_in
from bot.judgement.text import clean, is_question, length_in_words, words
from bot.types import Kind

__all__ = ["Verdict", "judge", "strip_lead_in"]

MAX_EXAMINED = 4_000
"""Characters of a message that are looked at; what is worth a memory shows long before."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a message.

    reason: a short phrase for people; importance: 0 to 1, how much it says about the person; question: it ends
    with a question mark.
    """

    keep: bool
    reason: str
    kind: Kind
    importance: float
    question: bool


def judge(text: str) -> Verdict:
    """Return whether a message is worth a memory, and why. Never raises, whatever the text."""
    text = clean(text[:MAX_EXAMINED]).strip()
    question = is_question(text)
    noise = _noise(text)
    if noise:
        return Verdict(False, noise, Kind.MESSAGE, 0.0, question)
    if asks_back(text):
        return Verdict(False, _REASONS[Act.QUESTION], Kind.MESSAGE, 0.0, question)
    said = strip_lead_in(text)
    prose = _prose(said or text)
    if not words(prose):
        return Verdict(False, _nothing_said(text), Kind.MESSAGE, 0.0, question)
    read = read_sentences(prose)
    kind = guess_kind(prose)
    importance = _importance(read, kind, prose)
    if said:
        return Verdict(True, "you asked to remember it", kind, max(importance, 0.6), question)
    keep, reason = _decide(read, kind, prose)
    return Verdict(keep, reason, kind if keep else Kind.MESSAGE, importance, question)


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


_LINK = r"<?https?://[^\s>|]+(?:\|[^>\n]*)?>?|\bwww\.[^\s]+"
_MARKUP = r"<a?:\w+:\d+>|<[@#!][^>\s]{1,80}>|(?<!\w):[a-z0-9_+-]{2,40}:(?!\w)"


def _noise(text: str) -> str:
    """Return why a text is not prose at all, or "" when it may be."""
    if not text:
        return "empty"
    if _pattern(r"[/!][a-zA-Z][\w-]*(?:\s|$)").match(text):
        return "command"
    if _looks_like_code(text):
        return "code"
    return ""


def _prose(text: str) -> str:
    """Return the person's own words: no code, links, mentions, emoji names or quoted lines."""
    text = _pattern(r"(?s)```.*?(?:```|\Z)|`[^`\n]{40,}`").sub(" ", text)
    text = _pattern(_LINK).sub(" ", text)
    text = _pattern(_MARKUP).sub(" ", text)
    text = _pattern(r"(?m)^\s*(?:>|&gt;)\s.*$").sub(" ", text)
    return _pattern(r"^\s*@[\w.-]{1,40}[,:]?\s").sub(" ", text).strip()


def _nothing_said(text: str) -> str:
    """Return what a message without any word of its own is."""
    if _pattern(_LINK).search(text):
        return "only a link"
    if "```" in text:
        return "code"
    return "only emoji or symbols"


def _looks_like_code(text: str) -> bool:
    """Return whether most lines of an unfenced text read like a program, a log or a data dump."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return False
    code = sum(1 for line in lines if _pattern(_CODE_LINE).search(line))
    return code >= 2 and code * 2 > len(lines)


_CODE_LINE = (
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|for|while|elif|else|try|except|function|const|let|var|public|private|"
    r"#include|package|func|fn|use|SELECT|INSERT|UPDATE)\b.*[(:;={]|^\s*[\w.]+\([^)]*\)\s*$|^\s*[\w.\[\]]+\s*[-+*/]?=\s*\S|"
    r"^\s*File \".*\", line \d+|^\s*at [\w.$<>]+\(|^\s*[\"'][\w-]+[\"']\s*:|^\s*</?\w+[^>]*>|^\s*\$ \w|^\s*(?://|/\*|\*/)"
)

_REASONS = {
    Act.STATEMENT: "tells something",
    Act.REQUEST: "asks the bot to do something",
    Act.QUESTION: "only a question",
    Act.REMARK: "says nothing about the person",
    Act.CHAT: "small talk",
}


def _decide(read: list[Sentence], kind: Kind, prose: str) -> tuple[bool, str]:
    """Return whether the sentences of a message are worth a memory, and why."""
    stated = [sentence for sentence in read if sentence.act is Act.STATEMENT]
    if stated:
        if kind is Kind.PREFERENCE:
            return True, "states a preference"
        if kind is Kind.DECISION:
            return True, "states a decision"
        return True, "tells something about you" if any(s.first_person for s in stated) else "tells something"
    if _remarks_add_up(read, length_in_words(prose)):
        return True, "tells something"
    acts = {sentence.act for sentence in read}
    return False, next(_REASONS[act] for act in (Act.REQUEST, Act.QUESTION, Act.REMARK, Act.CHAT) if act in acts)


def _remarks_add_up(read: list[Sentence], length: float) -> bool:
    """Return whether remarks too slight on their own tell something together, in a message long enough (words)."""
    weight = sum(sentence.weight for sentence in read if sentence.act is Act.REMARK)
    if length >= 1.5 * LONG_ENOUGH:
        return weight >= 1
    return length >= LONG_ENOUGH and (weight >= 2 or (weight >= 1 and any(sentence.mentions_me for sentence in read)))


def _importance(read: list[Sentence], kind: Kind, prose: str) -> float:
    """Return how much a message says about the person, 0 to 1: a ranking prior, smooth in what is said."""
    stated = [sentence for sentence in read if sentence.act in {Act.STATEMENT, Act.REMARK}]
    weight = sum(sentence.weight for sentence in stated)
    first_person = any(sentence.first_person for sentence in stated)
    strong = any(sentence.strong for sentence in stated)
    share = len(stated) / len(read) if read else 0.0
    score = 0.3 * weight / (weight + 4) + 0.25 * first_person + 0.15 * strong + 0.15 * share
    score += 0.15 * (kind is not Kind.MESSAGE)
    return round(score if words(prose) else 0.0, 3)
