"""Word lists by language: which words carry no content, which phrases open a thanks, a question, a request."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from bot.judgement.text import HAN_AND_KANA, words

Tokens: TypeAlias = tuple[str, ...]

_FOLDER = Path(__file__).parent / "words"
_PHRASE_LISTS = ("formulas", "open", "swallow", "unswallow", "ask", "request", "implied")
_BY_SCRIPT = {
    "latin": ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "sv"),
    "cyrillic": ("ru", "uk"),
    "kana": ("ja",),
    "han": ("zh", "ja"),
    "hangul": ("ko",),
    "arabic": ("ar",),
    "devanagari": ("hi",),
}
UNSPACED = frozenset({"ja", "zh"})
"""Languages whose words are cut out of runs of characters by the longest known word."""


class Phrases:
    """A set of phrases, each a row of tokens, found by their first token."""

    def __init__(self, phrases: Iterator[Tokens]) -> None:
        self._by_first: dict[str, list[Tokens]] = {}
        for phrase in set(phrases):
            self._by_first.setdefault(phrase[0], []).append(phrase)
        for same_first in self._by_first.values():
            same_first.sort(key=len, reverse=True)

    def match(self, tokens: Sequence[str], at: int) -> int:
        """Return the length of the longest phrase that stands at a position, 0 when none does."""
        for phrase in self._by_first.get(tokens[at], ()):
            if tuple(tokens[at : at + len(phrase)]) == phrase:
                return len(phrase)
        return 0

    def phrases(self) -> Iterator[Tokens]:
        """Yield every phrase."""
        for same_first in self._by_first.values():
            yield from same_first

    def found_in(self, tokens: Sequence[str]) -> bool:
        """Return whether any phrase stands anywhere in the tokens."""
        return any(self.match(tokens, at) for at in range(len(tokens)))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of one language. `tails` end a sentence (Japanese, Chinese, Korean put the verb last)."""

    code: str
    light: frozenset[str]
    known: frozenset[str]
    longest: int
    formulas: Phrases
    open: Phrases
    swallow: Phrases
    unswallow: Phrases
    me: frozenset[str]
    you: Phrases
    vague: Phrases
    but: Phrases
    ask: Phrases
    request: Phrases
    remember: Phrases
    implied: Phrases
    ask_tails: tuple[str, ...]
    request_tails: tuple[str, ...]
    chat_tails: tuple[str, ...]
    preference: tuple[str, ...]
    decision: tuple[str, ...]
    event: tuple[str, ...]
    fact: tuple[str, ...]


def fold(text: str) -> str:
    """Return a text as words are compared: compatibility forms unified, no case, no accents (kana keep their marks)."""
    text = text.casefold()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    kept = (c for c in text if c in "\u3099\u309a" or unicodedata.category(c)[0] != "M")
    return unicodedata.normalize("NFC", "".join(kept)).replace("\u2019", "'")


def split(text: str) -> list[str]:
    """Return the folded words of a text; an apostrophe ends a word, so "I'm" is "i", "m"."""
    return [part for word in words(text) for part in fold(word).split("'") if part]


def script_of(text: str) -> str:
    """Return the script that decides which word lists apply: a key such as "latin", "han" or "" for others."""
    for name, characters in _SCRIPTS:
        if _has(characters).search(text):
            return name
    return ""


# In this order: kana make a text Japanese even among Chinese characters, and Latin words occur in all of them.
_SCRIPTS = (
    ("kana", "\u3041-\u30ff\uff66-\uff9f"),
    ("hangul", "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"),
    ("han", HAN_AND_KANA),
    ("cyrillic", "\u0400-\u052f"),
    ("arabic", "\u0600-\u08ff"),
    ("devanagari", "\u0900-\u097f"),
    ("latin", "A-Za-z\u00c0-\u024f\uff21-\uff5a"),
)


@cache
def _has(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]")


def lexicons(script: str) -> tuple[Lexicon, ...]:
    """Return the languages written in a script."""
    return tuple(load(code) for code in _BY_SCRIPT.get(script, ()))


def every_lexicon() -> tuple[Lexicon, ...]:
    """Return all languages."""
    return tuple(load(code) for code in dict.fromkeys(code for codes in _BY_SCRIPT.values() for code in codes))


@cache
def load(code: str) -> Lexicon:
    """Return the word lists of one language, with the chat words that all of them share."""
    lists = _read(code)
    shared = _read("any")
    unspaced = code in UNSPACED

    def tokens_of(entry: str) -> Tokens:
        return (fold(entry),) if unspaced else tuple(split(entry))

    def phrases(key: str) -> Phrases:
        entries = _entries(lists, key) + (_entries(shared, key) if key == "open" else [])
        return Phrases(tokens for entry in entries if (tokens := tokens_of(entry)))

    light_words = f"{lists['light']} {shared['light']}".split()
    light = {fold(word) for word in light_words} | {part for word in light_words for part in split(word)}
    me = {part for word in lists["me"].split() for part in tokens_of(word)}
    if unspaced:
        light |= me | {fold(entry) for entry in _entries(lists, "formulas")}
    known = light | me | {part for key in _PHRASE_LISTS for entry in _entries(lists, key) for part in tokens_of(entry)}
    return Lexicon(
        code=code,
        light=frozenset(light),
        known=frozenset(known),
        longest=max(len(word) for word in known),
        formulas=phrases("formulas"),
        open=phrases("open"),
        swallow=phrases("swallow"),
        unswallow=phrases("unswallow"),
        me=frozenset(me),
        you=Phrases((fold(word),) for word in lists["you"].split()),
        vague=phrases("vague"),
        but=phrases("but"),
        ask=phrases("ask"),
        request=phrases("request"),
        remember=phrases("remember"),
        implied=phrases("implied"),
        ask_tails=tuple(lists.get("ask_end", "").split()),
        request_tails=tuple(lists.get("request_end", "").split()),
        chat_tails=tuple(lists.get("chat_end", "").split()),
        preference=_cues(lists, "preference"),
        decision=_cues(lists, "decision"),
        event=_cues(lists, "event"),
        fact=_cues(lists, "fact"),
    )


def _read(code: str) -> dict[str, str]:
    """Return the lists of one file by name."""
    lists: dict[str, str] = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return lists


def _entries(lists: dict[str, str], key: str) -> list[str]:
    """Return the comma-separated phrases of a list."""
    return [entry for part in lists.get(key, "").split(",") if (entry := " ".join(part.split()))]


def _cues(lists: dict[str, str], key: str) -> tuple[str, ...]:
    """Return cue phrases as text that is looked for in a text of folded, space-separated words."""
    unspaced = lists["light"].lstrip()[0] > "\u2fff"
    return tuple(fold(entry) if unspaced else f" {' '.join(split(entry))} " for entry in _entries(lists, key))
