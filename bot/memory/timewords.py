"""Times that a question means ("last week", "in May 2023"), and whether a text speaks of a time at all."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import TypeAlias

Interval: TypeAlias = tuple[float, float]
"""Start (inclusive) and end (exclusive), Unix seconds."""

_MONTHS = (
    "january januar janvier enero gennaio janeiro januari",
    "february februar février febrero febbraio fevereiro februari",
    "march märz mars marzo março maart",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre diciembre dicembre dezembro",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_SHORT_MONTH = {name[:3]: number for name, number in _MONTH.items() if name in {n.split()[0] for n in _MONTHS}}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "a few": 3,
    "a couple of": 2,
}

_TIME_WORDS = frozenset(
    """
    yesterday today tomorrow tonight ago recently weekend last next gestern heute morgen hier demain ayer mañana ieri
    domani ontem amanhã вчера завтра 昨日 明日 昨天 明天
    """.split()  # noqa: SIM905 - a list would be one word a line
) | {*_MONTH, *_SHORT_MONTH, *_WEEKDAYS}
_CLOCK = re.compile(r"\d{1,2}:\d\d")

_WHEN = (
    "when|what (?:date|day|month|year|time)|which (?:day|month|year)|how long ago"
    "|wann|quand|cuándo|cuando|quando|wanneer|когда|いつ|什么时候|什麼時候|何时|언제"
)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Compile on first use, so that importing costs nothing."""
    months = "|".join(sorted({*_MONTH, *_SHORT_MONTH}, key=len, reverse=True))
    number = "|".join(sorted(_NUMBERS, key=len, reverse=True))
    sources = {
        "when": rf"^\W*(?:{_WHEN})\b|いつ|什么时候|什麼時候|何时|언제",
        "day": rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?({months})|({months}) (\d{{1,2}})(?:st|nd|rd|th)?)\b"
        r"(?:,? (?:of )?((?:19|20)\d\d))?",
        "month": rf"\b(?!this may\b)(?:in|im|en|during|since|last|this|of|early|late) ({months})\b"
        r"(?:,? ((?:19|20)\d\d))?",
        "year": r"\b(?:in|during|since|im jahr|en) ((?:19|20)\d\d)\b",
        "ago": rf"\b(\d+|{number}) (day|week|month|year)s? ago\b",
        "span": r"\b(last|past|this|previous) (week|month|year|weekend|spring|summer|autumn|fall|winter"
        rf"|{'|'.join(_WEEKDAYS)})\b",
        "near": r"\b(yesterday|today|tonight|gestern|heute|hier|ayer|hoy|ieri|oggi|ontem|hoje|gisteren|вчера|сегодня)\b"
        r"|(昨日|今日|昨天|今天)",
    }
    return re.compile(sources[name], re.IGNORECASE)


def asks_when(question: str) -> bool:
    """Tell whether a question asks for a time."""
    return _pattern("when").search(question) is not None


def speaks_of_time(text: str, words: Collection[str]) -> bool:
    """Tell whether a text names a time.

    Args:
        words: its lower-case words; a look at them is ten times faster than a pattern over the text.
    """
    if not _TIME_WORDS.isdisjoint(words):
        return True
    if any(len(word) == 4 and word[:2] in {"19", "20"} and word.isdecimal() for word in words):
        return True
    return ":" in text and _CLOCK.search(text) is not None


def interval(question: str, now: datetime) -> Interval | None:
    """Return the time that a question means, seen from `now` (timezone-aware); None when it names none."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for find in (_day, _month, _year, _ago, _span, _near):
        found = find(question[:2000], midnight)
        if found is not None:
            return found[0].timestamp(), found[1].timestamp()
    return None


_Found: TypeAlias = tuple[datetime, datetime] | None


def _day(question: str, midnight: datetime) -> _Found:
    match = _pattern("day").search(question)
    if not match:
        return None
    day, month = int(match[1] or match[4]), _month_number(match[2] or match[3])
    year = int(match[5]) if match[5] else midnight.year
    try:
        start = midnight.replace(year=year, month=month, day=day)
        if not match[5] and start > midnight:
            start = start.replace(year=year - 1)
    except ValueError:  # 31 June, 29 February of another year
        return None
    return start, start + timedelta(days=1)


def _month(question: str, midnight: datetime) -> _Found:
    match = _pattern("month").search(question)
    if not match:
        return None
    month = _month_number(match[1])
    year = int(match[2]) if match[2] else midnight.year - (month > midnight.month)
    return _months(midnight, year, month, 1)


def _year(question: str, midnight: datetime) -> _Found:
    match = _pattern("year").search(question)
    return _months(midnight, int(match[1]), 1, 12) if match else None


def _ago(question: str, midnight: datetime) -> _Found:
    match = _pattern("ago").search(question)
    if not match:
        return None
    count = _NUMBERS.get(match[1].lower()) or int(match[1])
    days = min(count * _UNIT_DAYS[match[2].lower()], 100 * 365)
    slack = max(1, days // 5)  # "two months ago" is rarely exact
    return midnight - timedelta(days=days + slack), midnight - timedelta(days=days - slack - 1)


def _span(question: str, midnight: datetime) -> _Found:
    match = _pattern("span").search(question)
    if not match:
        return None
    back, unit = match[1].lower() != "this", match[2].lower()
    monday = midnight - timedelta(days=midnight.weekday())
    if unit in _WEEKDAYS:
        behind = (midnight.weekday() - _WEEKDAYS.index(unit)) % 7 or 7
        start = midnight - timedelta(days=behind)
        return start, start + timedelta(days=1)
    if unit in _SEASONS:
        return _season(midnight, _SEASONS[unit], over=back)
    if unit == "week":
        start = monday - timedelta(days=7 * back)
        return start, start + timedelta(days=7)
    if unit == "weekend":
        start = monday + timedelta(days=5 - 7 * back)
        return start, start + timedelta(days=2)
    if unit == "month":
        index = midnight.year * 12 + midnight.month - 1 - back
        return _months(midnight, index // 12, index % 12 + 1, 1)
    return _months(midnight, midnight.year - back, 1, 12)


def _season(midnight: datetime, month: int, *, over: bool) -> tuple[datetime, datetime]:
    """The latest season from this month on that has begun, or that is over; a winter goes on in the next year."""
    years = (_months(midnight, midnight.year - back, month, 3) for back in range(3))
    return next((start, end) for start, end in years if (end if over else start) <= midnight)


def _near(question: str, midnight: datetime) -> _Found:
    match = _pattern("near").search(question)
    if not match:
        return None
    word = (match[1] or match[2]).lower()
    yesterday = {"yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren", "вчера", "昨日", "昨天"}
    start = midnight - timedelta(days=int(word in yesterday))
    return start, start + timedelta(days=1)


def _month_number(name: str) -> int:
    return _MONTH.get(name.lower()) or _SHORT_MONTH[name.lower()]


def _months(midnight: datetime, year: int, month: int, count: int) -> tuple[datetime, datetime]:
    end = year * 12 + month - 1 + count
    start = midnight.replace(year=year, month=month, day=1)
    return start, start.replace(year=end // 12, month=end % 12 + 1)
