"""Finds payment cards, bank accounts and wallet seed phrases: numbers and words that carry their own proof."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bot.judgement.secret_formats import compiled, naming_words

_GAP = r"[ \t\n.\-\u2010-\u2015\u00a0/_]{0,2}"
_CARD_GROUPS = (
    rf"(?<!\d)(?=(\d{{4}}{_GAP}(?:\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{{6}}{_GAP}\d{{4,5}})(?!\d)"
    rf"|\d{{6}}{_GAP}\d{{13}}(?!\d)))"
)
_CARD_RUN = rf"(?<![\d+/@#])\d(?:{_GAP}\d){{12,18}}(?!{_GAP}\d)"

# Issuer ranges and lengths: ISO/IEC 7812 as published by the card networks. Lengths 17 and 18, rare on cards, are left
# out: the message and user ids of Discord have them.
_ISSUERS = (
    (r"4", {16, 19}),
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", {16}),
    (r"3[47]", {15}),
    (r"30[0-5]|36|3[89]", {14, 16, 19}),
    (r"6011|64[4-9]|65", {16, 19}),
    (r"35(?:2[89]|[3-8])", {16}),
    (r"62|81", {16, 19}),
    (r"5018|5020|5038|5893|6304|6759|676[1-3]", {16, 19}),
)
_OLD_VISA_LENGTH = 13  # also the length of a European article number, so it counts only when grouped or named

_IBAN = r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \t\n.-]{0,2}[A-Za-z0-9]){11,30}"

_LEAST_SEED_WORDS = 12
_SEED_GAP = r"[\s,;|/\"'\d.)(:_-]{1,12}"


def find_cards(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield payment card numbers: issuer range, length and check digit are right."""
    for found in compiled(_CARD_GROUPS).finditer(text):
        if text[max(0, found.start() - 1) : found.start()] != "+" and is_card(_digits(found[1])):
            yield "payment card", found.start(1), found.end(1)
    for found in compiled(_CARD_RUN).finditer(text):
        digits = _digits(found[0])
        old_visa = len(digits) == _OLD_VISA_LENGTH and digits[0] == "4" and _named_a_card(text, found.start(), found[0])
        if is_card(digits) or (old_visa and _luhn(digits)):
            yield "payment card", found.start(), found.end()


def _named_a_card(text: str, start: int, written: str) -> bool:
    before = text[max(0, start - 40) : start].lower()
    return not written.isdigit() or any(
        word in before for word in ("card", "visa", "karte", "carte", "tarjeta", "carta")
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def is_card(digits: str) -> bool:
    """Return whether a row of digits can be a payment card number."""
    if len(set(digits)) < 2:
        return False
    fits = any(len(digits) in lengths and compiled(prefix).match(digits) for prefix, lengths in _ISSUERS)
    return fits and _luhn(digits)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + doubled) % 10 == 0


def find_ibans(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield bank account numbers: the country's length and the ISO 7064 remainder are right."""
    for found in compiled(_IBAN).finditer(text):
        length = naming_words().iban_lengths.get(found[0][:2].upper())
        end = _end_of(found[0], length) if length else None
        if end and _remainder_is_one(found[0][:end]):
            yield "IBAN", found.start(), found.start() + end


def _end_of(text: str, letters: int) -> int | None:
    """Return where a number of letters and digits is reached, None when the word goes on or stops short."""
    seen = 0
    for at, character in enumerate(text):
        seen += character.isalnum()
        if seen == letters:
            return None if at + 1 < len(text) and text[at + 1].isalnum() else at + 1
    return None


def _remainder_is_one(iban: str) -> bool:
    compact = "".join(character for character in iban.upper() if character.isalnum())
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def find_seed_phrases(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield runs of 12 or more words that are all in the English word list of BIP-39."""
    spans: list[tuple[int, int]] = []
    known = _seed_words()
    for found in compiled("[A-Za-z]+").finditer(text):
        near = not spans or compiled(_SEED_GAP).fullmatch(text, spans[-1][1], found.start()) is not None
        listed = found[0].lower() in known
        if spans and not (near and listed):
            yield from _phrase(spans)
            spans = []
        if listed:
            spans.append(found.span())
    yield from _phrase(spans)


def _phrase(spans: list[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    if len(spans) >= _LEAST_SEED_WORDS:
        yield "seed phrase", spans[0][0], spans[-1][1]


@cache
def _seed_words() -> frozenset[str]:
    """The 2,048 words of BIP-39 (English), SHA-256 2f5eed53...dbda."""
    listed = (Path(__file__).parent / "words" / "seed_english.txt").read_text(encoding="ascii")
    return frozenset(listed.split())
