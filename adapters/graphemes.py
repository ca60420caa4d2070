"""Where a text may be cut without cutting a character that a person sees as one.

Covers what chats hold, after Unicode Standard Annex 29: combining marks, variation selectors, keycaps, skin tones,
joined emoji, flags of two letters and of tags, Hangul syllables, conjuncts of Indic scripts and CR LF. Prepended marks
(a few Arabic and Indic signs) are not covered.
"""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_EXTENDING = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")  # joiners, skin tones, tags
_FLAG_LETTERS_BEFORE = re.compile("[\U0001f1e6-\U0001f1ff]+\\Z")
_VIRAMA = 9  # canonical combining class

_LEADING, _VOWEL, _TRAILING, _OPEN, _CLOSED = "L", "V", "T", "LV", "LVT"
_HANGUL_PAIRS = {
    _LEADING: (_LEADING, _VOWEL, _OPEN, _CLOSED),
    _OPEN: (_VOWEL, _TRAILING),
    _VOWEL: (_VOWEL, _TRAILING),
    _CLOSED: (_TRAILING,),
    _TRAILING: (_TRAILING,),
}


def may_cut(text: str, at: int) -> bool:
    """Tell whether a text falls into two at an index without harm to what a person sees as one character.

    A backslash stays with what it escapes.
    """
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return before != "\\" and (before, after) != ("\r", "\n")
    return not (
        _extends(after)
        or before == _JOINER
        or (unicodedata.combining(before) == _VIRAMA and unicodedata.category(after) == "Lo")
        or _hangul(after) in _HANGUL_PAIRS.get(_hangul(before), ())
        or (_is_flag_letter(after) and _flag_letters_before(text, at) % 2 == 1)
    )


def last_cut(text: str, most: int) -> int:
    """Return the last index of up to `most` at which a text may be cut; `most` when one character is longer."""
    return next((at for at in range(most, 0, -1) if may_cut(text, at)), most)


def _extends(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Mc") or _EXTENDING.match(character) is not None


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, at: int) -> int:
    found = _FLAG_LETTERS_BEFORE.search(text, 0, at)
    return len(found[0]) if found else 0


def _hangul(character: str) -> str:
    """Return the part of a syllable that a character is, "" for what is not Korean."""
    if "\u1100" <= character <= "\u115f" or "\ua960" <= character <= "\ua97c":
        return _LEADING
    if "\u1160" <= character <= "\u11a7" or "\ud7b0" <= character <= "\ud7c6":
        return _VOWEL
    if "\u11a8" <= character <= "\u11ff" or "\ud7cb" <= character <= "\ud7fb":
        return _TRAILING
    if "\uac00" <= character <= "\ud7a3":
        return _CLOSED if (ord(character) - 0xAC00) % 28 else _OPEN
    return ""
