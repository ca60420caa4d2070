"""Cleans a text of what people cannot see, and cuts it into sentences and words in any script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

MAX_MARKS = 8
"""Combining marks kept on one base character; real writing stays below this, storms do not."""

_EMOJI = (
    "#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Scripts in which ZWJ and ZWNJ change the shape of letters: Arabic, Syriac, N'Ko, Indic, Sinhala, Myanmar, Khmer.
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff"
_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# `\w` leaves out the vowel signs and other marks without which Hindi, Thai or pointed Hebrew words fall apart.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece"
    "\u1000-\u109f\u1780-\u17d3\u200c\u200d"
)
HAN_AND_KANA = (
    "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_THAI_AND_KIN = "\u0e01-\u0eff\u1780-\u17ff"

_HAN_CHARACTERS_PER_WORD = 2.0
_THAI_CHARACTERS_PER_WORD = 4.0


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


def clean(text: str) -> str:
    """Return the text as it is stored and compared: NFC, without invisible, control and direction characters.

    New lines and tabs stay, as do joiners inside emoji and between letters of scripts that need them. Lone
    surrogates become U+FFFD; more than MAX_MARKS marks on a character are dropped. Applying it twice changes nothing.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _pattern("[\x00-\x08\x0b-\x1f\x7f]").sub("", text)
    text = _pattern("[\ud800-\udfff]").sub("\ufffd", text)
    text = _pattern("[\u2028\u2029\x85]").sub("\n", text)
    text = _pattern(f"[{_INVISIBLE}]").sub("", text)
    for _ in range(_MOST_ROUNDS):
        settled = _composed(text)
        if settled == text:
            break
        text = settled
    return text


_MOST_ROUNDS = 4  # composing moves marks, which may leave a joiner between other neighbours; two rounds are common


def _composed(text: str) -> str:
    """Return the text in NFC, with joiners and emoji selectors only where they shape something."""
    text = _pattern(f"(?<![{_EMOJI}])[\ufe0e\ufe0f]").sub("", text)
    text = _pattern(f"[\u200c\u200d](?<!{_kept_joiner()})|[\u200c\u200d](?!{_kept_joiner_ahead()})").sub("", text)
    # Marks are limited before NFC as well: the standard library sorts a run of marks in quadratic time.
    return _limit_marks(unicodedata.normalize("NFC", _limit_marks(text)))


def _kept_joiner() -> str:
    """What a joiner that stays looks like from behind (a lookbehind needs one width: character and joiner)."""
    return f"[{_EMOJI}\ufe0f{_JOINING}][\u200c\u200d]"


def _kept_joiner_ahead() -> str:
    return f"[{_EMOJI}{_JOINING}]"


def _limit_marks(text: str) -> str:
    """Return the text with at most MAX_MARKS marks in a row."""
    if not _pattern(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1}}}").search(text):  # no mark is a word character
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        if character > "\u02ff" and unicodedata.category(character)[0] == "M":
            run += 1
            if run > MAX_MARKS:
                continue
        else:
            run = 0
        kept.append(character)
    return "".join(kept)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in order, each with its closing punctuation, none empty."""
    parts = _pattern(r"(?<=[.!?\u2026\u061f\u0964])(?=\s)|(?<=[\u3002\uff01\uff1f\uff61])|\n+").split(text)
    return [part.strip() for part in parts if part and part.strip()]


def words(text: str) -> list[str]:
    """Return the words of a text in order; a run of Chinese, Japanese or Thai is one word."""
    return _pattern(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:['\u2019][^\W_](?:[^\W_]|[{_MARKS}])*)*").findall(text)


def length_in_words(text: str) -> float:
    """Return how long a text is, in words; about two Chinese or Japanese characters make one, and four Thai ones."""
    han = len(_pattern(f"[{HAN_AND_KANA}]").findall(text))
    thai = len(_pattern(f"[{_THAI_AND_KIN}]").findall(text))
    spaced = text
    if han or thai:
        spaced = _pattern(f"[{HAN_AND_KANA}{_THAI_AND_KIN}]").sub(" ", text)
    return len(words(spaced)) + han / _HAN_CHARACTERS_PER_WORD + thai / _THAI_CHARACTERS_PER_WORD


def is_question(text: str) -> bool:
    """Return whether a text ends with a question mark of any script, closing quotes and emoji aside."""
    ending = _pattern(r"[\w?\uff1f\u061f\u037e;\u2047-\u2049\u2e2e\u1367\ufe16.!\u3002\uff01\u2026]").findall(
        text[-40:]
    )
    if not ending:
        return False
    last = ending[-1]
    while len(ending) > 1 and last in "!\uff01":  # "what?!" asks
        ending.pop()
        last = ending[-1]
    if last == ";":  # NFC turns the Greek question mark into a semicolon
        return _pattern("[\u0370-\u03ff]").search(text[-40:]) is not None
    return last in "?\uff1f\u061f\u037e\u2047\u2048\u2049\u2e2e\u1367\ufe16"
