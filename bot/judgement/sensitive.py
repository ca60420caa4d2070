"""Recognises statements about oneself that the law or good manners protect; such a memory waits for a yes."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from bot.judgement.text import clean, is_question, sentences

_MAX_EXAMINED = 8_000  # characters; a longer text is an essay, not a statement about oneself
_MAX_SENTENCE = 600

# Topics whose patterns name the person themselves; the others need a word such as "my" beside them.
_SELF_CONTAINED = {
    "sexuality": "sexuality",
    "religion": "religion",
    "politics": "politics",
    "child": "whereabouts of a child",
}
_ABOUT_ME = {"identity": "identity number", "money": "money", "health": "health"}

# Japanese and Chinese, Russian verbs and clipped English ("diagnosed with ...") speak of the speaker without "I".
_UNSAID_I = (
    r"[\u3040-\u30ff\u4e00-\u9fff]|[а-я]+ю\b"
    r"|^\W*(?:was |been |just |recently |on )?(?:diagnosed|pregnant|taking|got|started|had|on \d|earning|making)\b"
)


def sensitive_topic(text: str) -> str | None:
    """Return what a text tells about the person that is sensitive, None for ordinary things.

    One of "identity number", "money", "health", "sexuality", "religion", "politics", "whereabouts of a child".
    Diets and allergies are ordinary: they are what people want remembered.
    """
    return next((topic for sentence in sentences(clean(text[:_MAX_EXAMINED])) if (topic := _topic_of(sentence))), None)


def _topic_of(sentence: str) -> str | None:
    lowered = sentence[:_MAX_SENTENCE].lower().replace("\u2019", "'")
    if is_question(lowered):
        return None
    for name, topic in _SELF_CONTAINED.items():
        if _pattern(name).search(lowered):
            return topic
    if not (_pattern("mine").search(lowered) or _unsaid().search(lowered)):
        return None
    return next((topic for name, topic in _ABOUT_ME.items() if _pattern(name).search(lowered)), None)


@cache
def _unsaid() -> re.Pattern[str]:
    return re.compile(_UNSAID_I)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of a topic, or of a part, by its name in the word list."""
    parts, topics = _listed()
    sources = topics.get(name) or [parts[name]]
    whole = "|".join(f"(?:{source})" for source in sources)
    return re.compile(re.sub(r"%(\w+)%", lambda found: parts[found[1]], whole), re.IGNORECASE)


@cache
def _listed() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the parts and the topics of the word list."""
    listed = tomllib.loads((Path(__file__).parent / "words" / "sensitive.toml").read_text(encoding="utf-8"))
    return listed["parts"], listed["topics"]
