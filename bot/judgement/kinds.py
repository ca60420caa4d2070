"""Guesses what sort of memory a text would make, from cue words of each language."""

from __future__ import annotations

from bot.judgement.lexicon import UNSPACED, Lexicon, fold, lexicons, script_of, split
from bot.types import Kind

_ORDER = (Kind.DECISION, Kind.PREFERENCE, Kind.EVENT, Kind.FACT)


def guess_kind(text: str) -> Kind:
    """Return the kind that the text's cue words point to, MESSAGE when none does."""
    tokens = split(text)
    known = lexicons(script_of(text))
    if not known:
        return Kind.MESSAGE
    seen = set(tokens)
    best = known[0]
    if len(known) > 2:
        best = max(known, key=lambda lexicon: (len(seen & lexicon.light), len(seen & lexicon.known)))
    joined = fold(text) if best.code in UNSPACED else f" {' '.join(tokens)} "
    return next((kind for kind in _ORDER if _cued(joined, kind, best)), Kind.MESSAGE)


def _cued(joined: str, kind: Kind, lexicon: Lexicon) -> bool:
    cues = {
        Kind.DECISION: lexicon.decision,
        Kind.PREFERENCE: lexicon.preference,
        Kind.EVENT: lexicon.event,
        Kind.FACT: lexicon.fact,
    }[kind]
    return any(cue in joined for cue in cues)
