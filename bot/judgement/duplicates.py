"""Says whether a new statement repeats an older one, replaces it, or stands beside it. In doubt it stands beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.judgement.lexicon import Phrases, fold, script_of, split
from bot.judgement.text import clean, is_question, words

SAME_COSINE = 0.90
"""From here on two texts with the same content words, numbers and names say the same."""
_FRAME_COSINE = 0.45
"""Least cosine of an update whose two texts differ in one value of something that has one value at a time."""
_CHANGE_COSINE = 0.33
"""The same when a word such as "now" says that something changed; static embeddings of short updates go this low."""
_NEGATED_COSINE = 0.50
_LONGEST_VALUE = 5  # words


class Relation(StrEnum):
    """What a new statement is to an older one."""

    SAME = "same"
    UPDATE = "update"
    DIFFERENT = "different"


def compare(old: str, new: str, cosine: float, old_stems: frozenset[str], new_stems: frozenset[str]) -> Relation:
    """Return what a new statement is to an older one of the same person.

    Args:
        cosine: of the two embeddings, -1 to 1.
        old_stems: stemmed content words of the older text.
        new_stems: the same of the new text.
    """
    old, new = clean(old), clean(new)
    if split(old) == split(new):
        return Relation.SAME
    if is_question(old) or is_question(new):
        return Relation.DIFFERENT
    before, after = _read(old), _read(new)
    if before.negated != after.negated:
        flipped = cosine >= _NEGATED_COSINE and _same_content(before, after, old_stems, new_stems)
        return Relation.UPDATE if flipped else Relation.DIFFERENT
    if (
        cosine >= SAME_COSINE
        and old_stems == new_stems
        and before.names == after.names
        and before.numbers == after.numbers
    ):
        return Relation.UPDATE if _reordered(before, after) else Relation.SAME
    if cosine >= (_CHANGE_COSINE if after.changed else _FRAME_COSINE) and _one_value_differs(before, after):
        return Relation.UPDATE
    return Relation.DIFFERENT


def _reordered(before: _Statement, after: _Statement) -> bool:
    """Tell whether the same words stand in another order: "tea over coffee" is not "coffee over tea"."""
    return before.tokens != after.tokens and sorted(before.tokens) == sorted(after.tokens)


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement without its words of change and negation, relations as one token such as "<home>"."""

    tokens: tuple[str, ...]
    changed: bool
    negated: bool
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    unspaced: bool


@dataclass(frozen=True, slots=True)
class _Words:
    """The word lists, folded."""

    change: Phrases
    never: Phrases
    pale: frozenset[str]
    relations: dict[str, Phrases]
    single: frozenset[str]
    states: frozenset[str]
    several: frozenset[str]
    measures: frozenset[str]
    stems: tuple[str, ...]
    unspaced: tuple[str, ...]
    unspaced_change: tuple[str, ...]
    unspaced_never: tuple[str, ...]


@cache
def _words() -> _Words:
    listed = tomllib.loads((Path(__file__).parent / "words" / "changes.toml").read_text(encoding="utf-8"))
    single = listed["single"]
    return _Words(
        change=_phrases(listed["change"]),
        never=_phrases(listed["never"]),
        pale=frozenset(_flat(listed["pale"])),
        relations={name: _phrases(entries) for name, entries in listed["relations"].items()},
        single=frozenset(_flat(single["words"])),
        states=frozenset(_flat(single["states"])),
        several=frozenset(_flat(single["several"])),
        measures=frozenset(_flat(single["measures"])),
        stems=tuple({word for key in ("change", "never") for word in _flat(listed[key])}),
        unspaced=_runs(single["unspaced"]),
        unspaced_change=_runs(listed["change"]),
        unspaced_never=_runs(listed["never"]),
    )


def _entries(listed: str) -> Iterator[str]:
    return (entry for part in listed.split(",") if (entry := " ".join(part.split())))


def _flat(listed: str) -> Iterator[str]:
    return (token for entry in _entries(listed) for token in split(entry))


def _phrases(listed: str) -> Phrases:
    return Phrases(tuple(tokens) for entry in _entries(listed) if (tokens := split(entry)))


def _runs(listed: str) -> tuple[str, ...]:
    """Return the Chinese and Japanese entries of a list, longest first."""
    return tuple(sorted((fold(e) for e in _entries(listed) if script_of(e) in {"kana", "han"}), key=len, reverse=True))


def _read(text: str) -> _Statement:
    unspaced = script_of(text) in {"kana", "han"}
    said = words(text)
    return (_read_unspaced if unspaced else _read_spaced)(
        text,
        tuple(word for word in said[1:] if word[0].isupper() and word != "I" and "'" not in word),
        tuple(word for word in said if any(character.isdigit() for character in word)),
    )


def _read_spaced(text: str, names: tuple[str, ...], numbers: tuple[str, ...]) -> _Statement:
    listed = _words()
    tokens, negated = _without(listed.never, split(text))
    tokens, changed = _without(listed.change, tokens)
    changed = changed or not _CHANGING_VERBS.isdisjoint(tokens)
    kept: list[str] = []
    at = 0
    while at < len(tokens):  # after the words of change: they stand in the middle of "wohne jetzt in"
        name, step = _relation(tokens, at)
        kept.append(name or tokens[at])
        at += step or 1
    return _Statement(tuple(kept), changed, negated, names, numbers, unspaced=False)


_CHANGING_VERBS = frozenset({"moved", "switched", "changed", "joined", "relocated"})


def _without(phrases: Phrases, tokens: list[str]) -> tuple[list[str], bool]:
    """Return the tokens without the phrases, and whether there were any."""
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        step = phrases.match(tokens, at)
        if not step:
            kept.append(tokens[at])
        at += step or 1
    return kept, len(kept) < len(tokens)


def _relation(tokens: list[str], at: int) -> tuple[str, int]:
    """Return the longest relation that starts at a token, as "<name>", and its length."""
    found = {name: phrases.match(tokens, at) for name, phrases in _words().relations.items()}
    name = max(found, key=lambda relation: found[relation])
    if not found[name]:
        return "", 0
    size = found[name]
    after = tokens[at + size] if at + size < len(tokens) else ""
    if found["is"] == found["home"] == size and not _is_measure(after):  # "moved to Berlin" against "moved to 10:00"
        name = "home"
    return f"<{name}>", size


def _read_unspaced(text: str, names: tuple[str, ...], numbers: tuple[str, ...]) -> _Statement:
    listed = _words()
    run = "".join(split(text))
    changed = negated = False
    for word in listed.unspaced_never:
        negated = negated or word in run
        run = run.replace(word, "")
    for word in listed.unspaced_change:
        changed = changed or word in run
        run = run.replace(word, "")
    return _Statement(tuple(run), changed, negated, names, numbers, unspaced=True)


def _is_measure(token: str) -> bool:
    return token[:1].isdigit() or token in _words().measures


def _same_content(before: _Statement, after: _Statement, old_stems: frozenset[str], new_stems: frozenset[str]) -> bool:
    """Return whether two statements of opposite sense speak of the same thing."""
    if before.unspaced or after.unspaced:
        return before.tokens == after.tokens
    if before.tokens[:1] != after.tokens[:1]:  # "I", "we", "my", a name: what they are about
        return False
    left, right = _without_change(old_stems), _without_change(new_stems)
    if left == right:
        return bool(left) and before.names == after.names and before.numbers == after.numbers
    # "I play tennis on Mondays" ends with "I don't play tennis anymore", which denies the start of it.
    denied, stated = _content(after), _content(before)
    return after.negated and len(denied) >= 2 and stated[: len(denied)] == denied


def _content(statement: _Statement) -> tuple[str, ...]:
    return tuple(token for token in statement.tokens if token not in _words().pale)


def _without_change(stems: frozenset[str]) -> frozenset[str]:
    """Return the stems that do not come from a word of change or negation, nor from a helping verb."""
    listed = _words()
    return frozenset(
        stem
        for stem in stems
        if stem not in listed.pale and not (len(stem) >= 3 and any(word.startswith(stem) for word in listed.stems))
    )


def _one_value_differs(before: _Statement, after: _Statement) -> bool:
    """Return whether the texts are equal but for one value of something that has one value at a time."""
    if before.unspaced != after.unspaced:
        return False
    head, tail = _common(before.tokens, after.tokens)
    old = before.tokens[len(head) : len(before.tokens) - len(tail)]
    new = after.tokens[len(head) : len(after.tokens) - len(tail)]
    if not old or not new or max(len(old), len(new)) > _LONGEST_VALUE + 3 * before.unspaced:
        return False
    if before.unspaced:
        return _unspaced_single("".join(head), "".join(tail), "".join(old), "".join(new))
    return _has_one_value(head, tail, old, new, after.changed and _renamed(before.names, after.names))


def _common(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what two rows of tokens share at the start and at the end."""
    limit = min(len(old), len(new))
    start = next((at for at in range(limit) if old[at] != new[at]), limit)
    rest = limit - start
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return old[:start], old[len(old) - end :]


def _has_one_value(
    head: tuple[str, ...], tail: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...], renamed: bool
) -> bool:
    listed = _words()
    if any(token.startswith("<") for token in (*old, *new)):
        return False
    if any(token in _ONE_EACH for token in head):
        return _before_value(head) in _ONE_EACH
    measured = _without_measures(old) == _without_measures(new)
    if listed.several & set(head):  # "I have two cats" and "three cats": only the number may change
        return all(_is_measure(token) for token in (*old, *new)) and bool(tail)
    subject_is_single = any(token in listed.single or token.startswith("lieblings") for token in head)
    if "<is>" not in head:
        return subject_is_single and measured and "<is>" not in tail
    if listed.states & set(old) and listed.states & set(new):
        return True
    return subject_is_single or (measured and len(head) >= 2) or (renamed and len(head) >= 3)


def _renamed(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    return bool(old) and len(old) == len(new) and old != new


def _without_measures(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a value that are no number, day or month; a value of words only never equals another."""
    return tuple(token for token in value if not _is_measure(token))


_ONE_EACH = frozenset({"<home>", "<employer>", "<role>"})


def _before_value(head: tuple[str, ...]) -> str:
    """Return what stands right before the differing value, articles aside."""
    return next((token for token in reversed(head) if token not in _words().pale), "")


def _unspaced_single(head: str, tail: str, old: str, new: str) -> bool:
    """Return whether what stands around the differing characters has one value at a time, and is about the same."""
    about_another = any(mark in old or mark in new for mark in "はがも我你他她的")
    return not about_another and any(word in head or word in tail for word in _words().unspaced)
