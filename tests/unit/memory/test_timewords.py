"""Times that a question means, seen from a fixed moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.lexical import Analyzer
from bot.memory.timewords import asks_when, interval, speaks_of_time

NOW = datetime(2026, 3, 11, 15, 30, tzinfo=UTC)  # a Wednesday
NEW_YEAR = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
MOMENTS = st.integers(31_536_000, 3_786_912_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)  # 1971 to 2089
LEAP_DAY = datetime(2024, 2, 29, 12, tzinfo=UTC)


def days(question: str, now: datetime = NOW) -> tuple[date, date] | None:
    """Return the first day that a question means and the day after the last."""
    found = interval(question, now)
    if found is None:
        return None
    start, end = (datetime.fromtimestamp(seconds, now.tzinfo) for seconds in found)
    assert start.time() == end.time() == time(0)
    return start.date(), end.date()


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("what did I say today?", "2026-03-11", "2026-03-12"),
        ("was hab ich gestern gesagt", "2026-03-10", "2026-03-11"),
        ("昨日何を言った？", "2026-03-10", "2026-03-11"),
        ("what did I eat on 3 May 2023?", "2023-05-03", "2023-05-04"),
        ("on May 3rd, 2023", "2023-05-03", "2023-05-04"),
        ("what happened on March 11", "2026-03-11", "2026-03-12"),
        ("what happened on March 12", "2025-03-12", "2025-03-13"),
        ("on 29 February 2024", "2024-02-29", "2024-03-01"),
        ("in May 2023", "2023-05-01", "2023-06-01"),
        ("in december 2025", "2025-12-01", "2026-01-01"),
        ("what did I plan in February", "2026-02-01", "2026-03-01"),
        ("what did I plan in April", "2025-04-01", "2025-05-01"),
        ("im märz", "2026-03-01", "2026-04-01"),
        ("en août 2024", "2024-08-01", "2024-09-01"),
        ("where did I live in 2019", "2019-01-01", "2020-01-01"),
        ("last week", "2026-03-02", "2026-03-09"),
        ("this week", "2026-03-09", "2026-03-16"),
        ("last weekend", "2026-03-07", "2026-03-09"),
        ("last month", "2026-02-01", "2026-03-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("last Wednesday", "2026-03-04", "2026-03-05"),
        ("last Tuesday", "2026-03-10", "2026-03-11"),
        ("last Thursday", "2026-03-05", "2026-03-06"),
        ("last summer", "2025-06-01", "2025-09-01"),
        ("last winter", "2025-12-01", "2026-03-01"),
        ("a week ago", "2026-03-03", "2026-03-06"),
        ("3 days ago", "2026-03-07", "2026-03-10"),
    ],
)
def test_a_phrase_means_these_days(question: str, start: str, end: str) -> None:
    """Seen from Wednesday, 11 March 2026."""
    assert days(question) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("question", "now", "start", "end"),
    [
        ("yesterday", NEW_YEAR, "2025-12-31", "2026-01-01"),
        ("last month", NEW_YEAR, "2025-12-01", "2026-01-01"),
        ("last week", NEW_YEAR, "2025-12-22", "2025-12-29"),
        ("in December", NEW_YEAR, "2025-12-01", "2026-01-01"),
        ("on 31 December", NEW_YEAR, "2025-12-31", "2026-01-01"),
        ("on 1 January", NEW_YEAR, "2026-01-01", "2026-01-02"),
        ("this winter", NEW_YEAR, "2025-12-01", "2026-03-01"),
        ("last winter", NEW_YEAR, "2024-12-01", "2025-03-01"),
        ("on 29 February", LEAP_DAY, "2024-02-29", "2024-03-01"),
        ("last year", LEAP_DAY, "2023-01-01", "2024-01-01"),
        ("last month", LEAP_DAY, "2024-01-01", "2024-02-01"),
        ("last summer", datetime(2026, 8, 20, tzinfo=UTC), "2025-06-01", "2025-09-01"),
        ("this summer", datetime(2026, 8, 20, tzinfo=UTC), "2026-06-01", "2026-09-01"),
        ("last summer", datetime(2026, 9, 1, tzinfo=UTC), "2026-06-01", "2026-09-01"),
    ],
)
def test_ends_of_years_and_months_are_crossed(question: str, now: datetime, start: str, end: str) -> None:
    """A month, week or season may lie in another year than the day on which is asked."""
    assert days(question, now) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "question",
    [
        "what do I like to drink?",
        "on 31 June",
        "on 29 February 2025",
        "on 29 February",
        "on 0 May 2020",
        "",
        "march on!",
        "this may be wrong",
    ],
)
def test_what_names_no_day_that_exists_means_none(question: str) -> None:
    """No time, an impossible one, or a word that only looks like one: nothing to go by."""
    assert interval(question, NOW) is None


def test_the_day_is_that_of_the_given_time_zone() -> None:
    """Just after midnight in Auckland, yesterday is the day that ended there."""
    auckland = timezone(timedelta(hours=13))
    now = datetime(2026, 3, 12, 0, 30, tzinfo=auckland)

    assert days("yesterday", now) == (date(2026, 3, 11), date(2026, 3, 12))


@pytest.mark.parametrize("question", ["9" * 1900 + " years ago", "1 years ago " * 500, "last " * 1000, "on 1 " * 1000])
def test_huge_questions_are_answered(question: str) -> None:
    """Numbers and lengths without sense are no error."""
    found = interval(question, NOW)

    assert found is None or found[0] < found[1]


@given(st.text(max_size=60), MOMENTS)
def test_any_question_means_a_span_or_nothing(question: str, now: datetime) -> None:
    """The start lies before the end, whatever is asked and whenever."""
    found = interval(question, now)

    assert found is None or found[0] < found[1]


@given(
    st.sampled_from(
        [
            "today",
            "yesterday",
            "last week",
            "this month",
            "last year",
            "2 months ago",
            "in may",
            "last summer",
            "this winter",
            "on 31 december",
            "last friday",
            "a few days ago",
            "last weekend",
            "previous month",
        ]
    ),
    MOMENTS,
)
def test_every_phrase_means_something_on_every_day(question: str, now: datetime) -> None:
    """No day of the calendar makes a phrase fail, and what is past did not begin later than now."""
    found = interval(question, now)

    assert found is not None
    assert found[0] < found[1]
    assert found[0] <= now.timestamp()


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("When is my appointment?", True),
        ("  what day do we meet", True),
        ("Wann war das?", True),
        ("会议是什么时候？", True),
        ("What do I drink?", False),
        ("whenever you like", False),
        ("Tell me when", False),
    ],
)
def test_a_question_for_a_time_is_recognised(question: str, asks: bool) -> None:
    """It begins with a word for when, or holds one of a language that puts it elsewhere."""
    assert asks_when(question) is asks


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("I moved here in 2019", True),
        ("the dentist is on Tuesday", True),
        ("see you at 10:30", True),
        ("next week I'm away", True),
        ("wir treffen uns morgen", True),
        ("I like tea", False),
        ("room 2345", False),
        ("", False),
    ],
)
def test_a_text_that_names_a_time_is_recognised(text: str, dated: bool) -> None:
    """Weekdays, months, years, hours and words such as yesterday."""
    words = [word.surface for word in Analyzer().words(text)]

    assert speaks_of_time(text, words) is dated
