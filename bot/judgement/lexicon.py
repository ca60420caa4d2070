"""Word lists by language: which words carry no content, which phrases open a thanks, a question, a request."""

from __future__ import annotations

import re
import sys
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
_PHRASE_LISTS = ("formulas", "open", "swallow", "unswallow", "ask", "request", "implied", "want", "naming")
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
    """What is known of one language. `tails` end a sentence (Japanese, Chinese, Korean put the verb last).

    light: words without content; backdrop, calendar: weather and drinks, days and months, content only with a "me";
    so: words that make what follows an exclamation; me_shape, request_shape: how verbs of "we" and imperatives with
    "me" are formed.
    """

    code: str
    light: frozenset[str]
    backdrop: frozenset[str]
    calendar: frozenset[str]
    so: frozenset[str]
    negation: frozenset[str]
    known: frozenset[str]
    longest: int
    formulas: Phrases
    open: Phrases
    swallow: Phrases
    unswallow: Phrases
    me: frozenset[str]
    me_shape: re.Pattern[str]
    you: Phrases
    vague: Phrases
    but: Phrases
    ask: Phrases
    want: Phrases
    naming: Phrases
    request: Phrases
    request_shape: re.Pattern[str]
    remember: Phrases
    implied: Phrases
    ask_tails: tuple[str, ...]
    request_tails: tuple[str, ...]
    naming_tails: tuple[str, ...]
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
    lists = _Lists(code)
    shown = [lists.text(key).replace(",", " ") for key in ("want", "naming")]
    backdrop = _words_of(lists.text("backdrop"))
    calendar = _words_of(lists.text("calendar"))
    # "tea" is light in "spill the tea" alone, which is a phrase.
    light = _words_of(lists.text("light"), lists.shared("light"), *shown) - backdrop - calendar
    me = {part for word in lists.text("me").split() for part in lists.tokens_of(word)}
    if lists.unspaced:
        light |= me | {part for tokens in lists.entries("formulas") for part in tokens}
    in_phrases = {part for key in _PHRASE_LISTS for tokens in lists.entries(key) for part in tokens}
    known = light | backdrop | calendar | me | in_phrases
    return Lexicon(
        code=code,
        light=frozenset(light),
        backdrop=frozenset(backdrop),
        calendar=frozenset(calendar),
        so=frozenset(_words_of(lists.text("so"))),
        negation=frozenset(_words_of(lists.text("negation"))),
        known=frozenset(known),
        longest=max(len(word) for word in known),
        me=frozenset(me),
        me_shape=lists.shape("me_shape"),
        you=Phrases((fold(word),) for word in lists.text("you").split()),
        request_shape=lists.shape("request_shape"),
        ask_tails=tuple(lists.text("ask_end").split()),
        request_tails=tuple(lists.text("request_end").split()),
        naming_tails=tuple(lists.text("naming_end").split()),
        chat_tails=tuple(lists.text("chat_end").split()),
        formulas=lists.phrases("formulas"),
        open=lists.phrases("open"),
        swallow=lists.phrases("swallow"),
        unswallow=lists.phrases("unswallow"),
        vague=lists.phrases("vague"),
        but=lists.phrases("but"),
        ask=lists.phrases("ask"),
        want=lists.phrases("want"),
        naming=lists.phrases("naming"),
        request=lists.phrases("request"),
        remember=lists.phrases("remember"),
        implied=lists.phrases("implied"),
        preference=lists.cues("preference"),
        decision=lists.cues("decision"),
        event=lists.cues("event"),
        fact=lists.cues("fact"),
    )


class _Lists:
    """The lists of one language's file, as text and as tokens."""

    def __init__(self, code: str) -> None:
        self.unspaced = code in UNSPACED
        self._own = _read(code)
        self._shared = _read("any")
        self._entries: dict[str, list[Tokens]] = {}

    def text(self, key: str) -> str:
        """Return a list as it is written; empty when the language has none."""
        return self._own.get(key, "")

    def shared(self, key: str) -> str:
        """Return a list of what all languages share."""
        return self._shared.get(key, "")

    def shape(self, key: str) -> re.Pattern[str]:
        """Return a pattern for folded words, one that matches nothing where the language has none."""
        return re.compile(self._own.get(key, "(?!)"))

    def entries(self, key: str) -> list[Tokens]:
        """Return the comma-separated phrases of a list, as tokens."""
        if key not in self._entries:
            given = _entries(self.text(key)) + (_entries(self.shared(key)) if key == "open" else [])
            self._entries[key] = [tokens for entry in given if (tokens := self.tokens_of(entry))]
        return self._entries[key]

    def phrases(self, key: str) -> Phrases:
        """Return a list for matching."""
        return Phrases(iter(self.entries(key)))

    def tokens_of(self, entry: str) -> Tokens:
        """Return the folded tokens of a phrase."""
        folded = fold(entry)
        if self.unspaced:
            return (sys.intern(folded),)
        tokens = folded.split() if folded.replace(" ", "").isalpha() else split(folded)
        return tuple(map(sys.intern, tokens))  # a word stands in many lists; one copy of each saves 1.5 MB

    def cues(self, key: str) -> tuple[str, ...]:
        """Return cue phrases as text that is looked for in a text of folded, space-separated words."""
        joined = self.text("light").lstrip()[0] > "\u2fff"
        entries = _entries(self.text(key))
        return tuple(fold(entry) if joined else f" {' '.join(split(entry))} " for entry in entries)


def _words_of(*texts: str) -> set[str]:
    """Return the folded words of lists, those with an apostrophe or a hyphen in parts as well."""
    entries = fold(" ".join(texts)).split()
    parts = (part for word in entries if not word.isalpha() for part in split(word))
    return set(map(sys.intern, (*entries, *parts)))


def _read(code: str) -> dict[str, str]:
    """Return the lists of one file by name."""
    lists: dict[str, str] = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return lists


def _entries(listed: str) -> list[str]:
    """Return the comma-separated phrases of a list."""
    return [entry for part in listed.split(",") if (entry := " ".join(part.split()))]
