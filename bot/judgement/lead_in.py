"""Finds an explicit wish to have something remembered at the start of a message ("remember that ...")."""

from __future__ import annotations

import re
from functools import cache

from bot.judgement.lexicon import UNSPACED, every_lexicon
from bot.judgement.text import clean

_MAX_LEAD_IN = 160  # characters in which a lead-in and its politeness must fit
_POLITE = (
    r"(?:(?:hey|hi|hello|ok|okay|please|pls|bot|bitte|hallo|s'il te plaît|svp|stp|por favor|porfa|per favore"
    r"|alsjeblieft|пожалуйста|привет|请|你好|ねえ|also|and|so|oh|btw|und|et|y|e|en|и)[\s,!.:]*)*"
)


def strip_lead_in(text: str) -> str | None:
    """Return what a message asks to remember, or None when it has no such lead-in or nothing follows it."""
    text = clean(text[: _MAX_LEAD_IN * 40]).strip()
    found = _lead_ins().match(text[:_MAX_LEAD_IN])
    if not found:
        return _japanese_tail(text)
    said = text[found.end() :].lstrip(" ,:;-\u2013\u2014\uff1a\uff0c\u3001")
    return said if len(said) > 1 else None


def _japanese_tail(text: str) -> str | None:
    """Japanese and Korean ask at the end: "... と覚えておいて"."""
    found = re.search(
        r"^(.{3,}?)(?:って|と|を|こと|だと)*(?:覚えて|忘れないで|メモして|記憶して|기억해|잊지 ?마)[^\n]{0,12}$",
        text[:2000],
    )
    # "何を覚えていますか" asks what is remembered; "覚えておいてくれる?" asks politely to remember.
    asks_back = (
        found is not None and re.search(r"覚えてい?(?:ます|る)?(?:か|の)?[?？]?$|기억해[?？]$", text) is not None
    )
    return found.group(1) if found and not asks_back else None


@cache
def _lead_ins() -> re.Pattern[str]:
    """Match any lead-in of any language; those that are also plain words need a colon after them."""
    spaced, unspaced, nouns = set[str](), set[str](), set[str]()
    for lexicon in every_lexicon():
        for phrase in lexicon.remember.phrases():
            pattern = r"[\s,'\u2019]+".join(re.escape(token) for token in phrase)
            if lexicon.code in UNSPACED:
                unspaced.add(pattern)
            elif len(phrase) == 1 and phrase[0] in _PLAIN_WORDS:
                nouns.add(pattern)
            else:
                spaced.add(pattern)
    ordered = [sorted(found, key=len, reverse=True) for found in (spaced, unspaced, nouns)]
    return re.compile(
        rf"{_POLITE}(?:(?:{'|'.join(ordered[0])})(?![\w'])|(?:{'|'.join(ordered[1])})|(?:{'|'.join(ordered[2])})\s*:)",
        re.IGNORECASE,
    )


_PLAIN_WORDS = frozenset({"note", "nota", "notiz", "wichtig", "hinweis", "memo", "obs", "not", "let"})
