"""Finds keys, tokens, passwords, cards and accounts in a text, however they are dressed up, and takes them out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from bot.judgement import secret_formats as formats
from bot.judgement.disguise import Plain, undisguised
from bot.judgement.secret_formats import compiled
from bot.judgement.secret_numbers import find_cards, find_ibans, find_seed_phrases


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret's kind, for people, and where it stands in the text (start inclusive, end exclusive)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with its secrets replaced, and their kinds in order."""

    text: str
    kinds: tuple[str, ...]


def find_secrets(text: str) -> tuple[Finding, ...]:
    """Return the secrets in a text in order, none overlapping. Takes time linear in the length."""
    plain = undisguised(text)
    found = sorted(_all(plain), key=lambda span: (span[1], -span[2]))
    merged: list[tuple[str, int, int]] = []
    for kind, start, end in found:
        if merged and start < merged[-1][2]:
            first = merged[-1]
            merged[-1] = (first[0], first[1], max(first[2], end))
        else:
            merged.append((kind, start, end))
    return tuple(Finding(kind, *plain.original(start, end)) for kind, start, end in merged)


def redact(text: str) -> Redacted:
    """Return the text with each secret replaced by a note such as "[OpenAI key removed]"."""
    findings = find_secrets(text)
    parts: list[str] = []
    at = 0
    for finding in findings:
        parts += (text[at : finding.start], f"[{finding.kind} removed]")
        at = finding.end
    return Redacted("".join([*parts, text[at:]]), tuple(finding.kind for finding in findings))


def _all(plain: Plain) -> Iterator[tuple[str, int, int]]:
    yield from _private_keys(plain.text)
    yield from _prefixed(plain.text)
    yield from _without_prefix(plain.text)
    yield from find_cards(plain.text)
    yield from find_ibans(plain.text)
    yield from find_seed_phrases(plain.text)
    yield from _urls(plain.lower)
    yield from _named(plain)


def _positions(text: str, anchor: str) -> Iterator[int]:
    at = text.find(anchor)
    while at >= 0:
        yield at
        at = text.find(anchor, at + len(anchor))


def _private_keys(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield whole private key blocks; one whose end is missing reaches as far as its lines look like key."""
    if "PRIVATE" not in text and "PuTTY" not in text:
        return
    starts = [found.span() for found in compiled(formats.PRIVATE_KEY_START).finditer(text)]
    ends = [found.span() for found in compiled(formats.PRIVATE_KEY_END).finditer(text)]
    for at, (start, body) in enumerate(starts):
        limit = starts[at + 1][0] if at + 1 < len(starts) else len(text)
        closing = bisect_left(ends, (body, 0))
        if closing < len(ends) and ends[closing][0] < limit:
            yield "private key", start, ends[closing][1]
        else:
            cut = compiled(formats.PRIVATE_KEY_CUT).match(text, body, limit)
            yield "private key", start, cut.end() if cut else body


def _prefixed(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield tokens that start with their issuer's own letters."""
    for shape in formats.FORMATS:
        body = compiled(shape.body)
        for anchor in shape.anchors:
            done = 0
            for start in _positions(text, anchor):
                if start < done or (
                    start and (text[start - 1].isalnum() or text[start - 1] in "_-") and "/" not in anchor
                ):
                    continue
                found = body.match(text, start + len(anchor))
                if not found:
                    continue
                done = found.end()  # prose after a prefix is not looked at again: a key in it would have had digits
                if not shape.mixed or _is_mixed(found[0]):
                    done = _with_wrapped_rest(text, done)
                    yield shape.kind, start, done


def _is_mixed(value: str) -> bool:
    """Return whether a value has the digits and capitals of a random token; prose of the same length has not."""
    digits = sum(character.isdigit() for character in value)
    capitals = sum(character.isupper() for character in value)
    return digits + capitals >= (4 if any(character.isspace() for character in value) else 1)


def _with_wrapped_rest(text: str, end: int) -> int:
    """Return where a token ends that a line break or space cut: what follows is still no ordinary word."""
    while found := compiled(r"\s{1,2}([\w+/=-]{4,200})(?![^\s`\"'.,)])").match(text, end):
        digits = sum(character.isdigit() for character in found[1])
        capitals = sum(character.isupper() for character in found[1][1:])
        small = sum(character.islower() for character in found[1])
        if not small or digits + capitals < 2:
            break
        end = found.end()
    return end


def _without_prefix(text: str) -> Iterator[tuple[str, int, int]]:
    for kind, pattern, needs in (
        ("Discord bot token", formats.DISCORD_BOT, "."),
        ("Telegram bot token", formats.TELEGRAM_BOT, ":"),
        ("Azure client secret", formats.AZURE_CLIENT, "Q~"),
    ):
        if needs in text:
            for found in compiled(pattern).finditer(text):
                if _is_mixed(found[0]):
                    yield kind, *found.span()


def _urls(lower: str) -> Iterator[tuple[str, int, int]]:
    """Yield passwords inside addresses."""
    if "://" not in lower or "@" not in lower:
        return
    for found in compiled(formats.LOGIN_IN_ADDRESS).finditer(lower):
        kind = "database password" if found[0].startswith(formats.DATABASE_SCHEMES) else "password in a link"
        yield kind, *found.span(1)


def _named(plain: Plain) -> Iterator[tuple[str, int, int]]:
    """Yield values that a word before them names: a password, a key, a bearer token."""
    listed = formats.naming_words()
    passwords = chain(
        _after(plain.lower, listed.password, formats.AFTER_PASSWORD_WORD),
        _after(plain.lower, listed.short_password, formats.AFTER_SHORT_PASSWORD_WORD, whole_words=True),
    )
    for found in passwords:
        if end := _password_end(plain.text, found):
            yield "password", found.start(1), end
    for found in _after(plain.lower, listed.key, formats.AFTER_KEY_WORD):
        if _looks_random(plain.text[found.start(1) : found.end(1)]):
            yield "access key", found.start(1), _with_wrapped_rest(plain.text, found.end(1))
    for word, pattern in (("authorization", formats.AFTER_AUTHORIZATION), ("bearer", formats.AFTER_BEARER)):
        for found in _after(plain.lower, (word,), pattern):
            if any(character.isdigit() for character in found[1]):
                yield "access token", *found.span(1)


def _after(text: str, words: tuple[str, ...], pattern: str, *, whole_words: bool = False) -> Iterator[re.Match[str]]:
    """Yield where a pattern follows one of the words; "wifipassword" counts as well unless `whole_words`."""
    value = compiled(pattern)
    for word in words:
        for start in _positions(text, word):
            if whole_words and start and text[start - 1].isalnum():
                continue
            if found := value.match(text, start + len(word)):
                yield found


def _password_end(text: str, found: re.Match[str]) -> int | None:
    """Return where a password ends, None when what follows the word "password" is ordinary prose."""
    start = found.start(1)
    value = text[start : found.end(1)].rstrip(".,:;!?)]}。、！？*_")
    if len(value) < 4 or value.startswith(("http://", "https://", "[", "<", "${", "os.")):
        return None
    end = start + len(value)
    quoted = start > 0 and text[start - 1] in "\"'“‘«„`「*"
    digit = any(character.isdigit() for character in value)
    symbol = any(not character.isalnum() and character not in "-'’./" for character in value)
    inner_capital = any(character.isupper() for character in value[1:]) and value != value.upper()
    if digit or symbol or inner_capital or quoted:
        return end
    assigned = any(mark in found[0] for mark in ":=：") and len(value) >= 8 and value.isascii() and "." not in value
    return end if assigned and value.lower() not in formats.naming_words().not_passwords else None


def _looks_random(value: str) -> bool:
    """Return whether a value reads like a key: letters and digits mixed, not a path or a version."""
    letters = sum(character.isalpha() for character in value)
    digits = sum(character.isdigit() for character in value)
    capitals = sum(character.isupper() for character in value[1:])
    return (
        letters >= 4
        and (digits >= 2 or (len(value) >= 20 and digits + capitals >= 4))
        and value.count("/") <= 3 + len(value) // 16
        and value.count(".") <= 3
    )
