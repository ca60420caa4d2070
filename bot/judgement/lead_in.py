"""Finds an explicit wish to have something remembered at the start of a message ("remember that ...")."""

from __future__ import annotations

import re
from functools import cache

from bot.judgement.lexicon import UNSPACED, every_lexicon
from bot.judgement.text import clean, is_question, sentences

_MAX_LEAD_IN = 160  # characters in which a lead-in and its politeness must fit
_POLITE = (
    r"(?:(?:hey|hi|hello|ok|okay|please|pls|bot|bitte|hallo|s'il te plaît|svp|stp|por favor|porfa|per favore"
    r"|alsjeblieft|пожалуйста|привет|请|你好|ねえ|also|and|so|oh|btw|und|et|y|e|en|и)[\s,!.:]*)*"
)
_MARKS = " ,:;-\u2013\u2014\uff1a\uff0c\u3001"
_ASKING = re.compile(
    r"(?:what|when|where|why|how|who|whose|whom|which|was|wann|wo|woher|wohin|warum|wieso|weshalb|wie|wer|wen|wem|wessen"
    r"|welche[mnrs]?|ce qu[ei]|quand|où|qui|quoi|comment|pourquoi|combien|quel(?:le)?s?|qué|lo que|cu[aá]ndo|d[oó]nde"
    r"|quién|quiénes|cómo|por qué|cuál|cuáles|cuánt[ao]s?|(?:che )?cosa|quando|dove|chi|perché|qual[ei]?|quant[aeio]s?"
    r"|quello che|ciò che|o que|onde|quem|por que|quais|wat|wanneer|waar|waarom|hoe|hoeveel|welke?"
    r"|кто|кого|кому|когда|где|куда|откуда|как|почему|зачем|сколько|чей|чья|чьё|как(?:ой|ая|ое|ие|ую))(?!\w)"
    r"|ce qu['\u2019]|(?:何|なに|いつ|どこ|誰|だれ|なぜ|どうして|どんな|どの|どれ|いくつ|いくら)(?!で?も)"
    r"|(?:为什么|為什麼|什么|什麼|谁|誰|哪|怎么|怎麼|如何|多少)(?!都|也)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r".*\b(?:can|could|kannst|peux|puedes|puoi|pode|kun|wil|можешь)\b.*\b(?:that|dass|que|che|dat|что)", re.IGNORECASE
)
"""Lead-ins that are questions in form alone: "can you remember that I'm vegan?"."""


def strip_lead_in(text: str) -> str | None:
    """Return what a message asks to remember, or None when it has no such lead-in or nothing follows it.

    What asks is none: "remember what I said?", "remember when we met".
    """
    text = clean(text[: _MAX_LEAD_IN * 40]).strip()
    lead_in, said = _divided(text)
    if not lead_in:
        return _japanese_tail(text)
    is_asked = any(map(is_question, sentences(said)[:1])) and not _REQUEST.match(lead_in)
    return said if len(said) > 1 and not is_asked and not asks(lead_in, said) else None


def asks_back(text: str) -> bool:
    """Tell whether a message is a lead-in and one question by its words, whatever its mark: "remember when we met"."""
    lead_in, said = _divided(clean(text[: _MAX_LEAD_IN * 40]).strip())
    return bool(lead_in) and asks(lead_in, said) and len(sentences(said)) == 1


def asks(lead_in: str, said: str) -> bool:
    """Tell whether what follows a lead-in begins with a question word of one of the ten languages.

    With a colon it tells something all the same: "remember: when it rains, I take the bus", "remember who pays: Ann".
    """
    return not {":", "\uff1a"}.intersection(lead_in + said) and _ASKING.match(said) is not None


def _divided(text: str) -> tuple[str, str]:
    """The lead-in with the marks behind it, empty when there is none, and what follows it."""
    found = _lead_ins().match(text[:_MAX_LEAD_IN])
    if not found:
        return "", text
    said = text[found.end() :].lstrip(_MARKS)
    return text[: len(text) - len(said)], said


def _japanese_tail(text: str) -> str | None:
    """Japanese and Korean ask at the end: "... と覚えておいて"."""
    found = re.search(
        r"^(.{3,}?)(?:って|と|を|こと|だと)*(?:覚えて|忘れないで|メモして|記憶して|기억해|잊지 ?마)[^\n]{0,12}$",
        text[:2000],
    )
    # "何を覚えていますか" asks what is remembered; "覚えておいてくれる?" asks politely to remember.
    asked = found is not None and re.search(r"覚えてい?(?:ます|る)?(?:か|の)?[?？]?$|기억해[?？]$", text) is not None
    return found.group(1) if found and not asked and not _ASKING.match(found.group(1)) else None


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
