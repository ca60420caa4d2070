"""A line of an exchange file is read strictly, and says what is wrong with it without telling what it holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import InputError
from bot.exchange.record import Record, person_id, read_record, record_line
from bot.types import Author, Kind, Memory, Place, PlaceKind, Reach, Scope, Source, Status

LINE: dict[str, object] = {"text": "I like tea", "author": "Ana", "time": "2026-03-01T12:00:00Z"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(**changes: object) -> Record:
    """Read the line with some fields changed."""
    return read_record({**LINE, **changes}, UTC)


def test_short_line_is_a_message() -> None:
    """Text, author and time are enough; it is to be judged like any message."""
    record = read()

    assert (record.text, record.author, record.time) == ("I like tea", Author("Ana", "Ana"), NOON)
    assert (record.place, record.reach, record.pinned, record.scope) == (None, Reach.HERE, False, None)
    assert not record.is_memory


@pytest.mark.parametrize(
    ("fields", "is_memory"),
    [({"kind": "fact"}, True), ({"kind": "message"}, False), ({"kind": "message", "status": "current"}, True)],
)
def test_kind_or_status_makes_a_memory(fields: dict[str, str], is_memory: bool) -> None:
    """An export always has a status; a chat log that calls its lines messages is still judged."""
    assert read(**fields).is_memory is is_memory


def test_time_without_a_zone_is_local() -> None:
    """The zone of the settings is meant."""
    record = read_record({**LINE, "time": "2026-07-01 12:00"}, ZoneInfo("Europe/Lisbon"))

    assert record.time.utcoffset() == timedelta(hours=1)


def test_line_without_a_source_gets_the_same_one_every_time() -> None:
    """It depends on who said what and when, and not on how the time is written."""
    assert read().source == read(time="2026-03-01T13:00:00+01:00").source
    assert len({read().source, read(text="x").source, read(author="Bo").source, read(time="2026-03-02").source}) == 4
    assert read(source="msg-1").source == "msg-1"


def test_memory_survives_being_written_and_read() -> None:
    """Every field of an export comes back."""
    memory = Memory(
        id=7,
        scope=Scope("discord", "guild", "ana"),
        text='Tea "with"\nmilk ☕',
        kind=Kind.PREFERENCE,
        status=Status.SUPERSEDED,
        place=Place(PlaceKind.PUBLIC, "kitchen", "thread"),
        reach=Reach.ANYWHERE,
        author=Author("bo", "Bo"),
        created=NOON,
        event_time=NOON - timedelta(days=1),
        importance=0.5,
        pinned=True,
        sources=(Source("msg-1", NOON),),
    )

    line = record_line(memory)

    assert "\n" not in line
    assert read_record(json.loads(line), UTC) == Record(
        text=memory.text,
        author=memory.author,
        time=memory.event_time,
        source="msg-1",
        place=memory.place,
        kind=memory.kind,
        status=memory.status,
        reach=memory.reach,
        pinned=True,
        scope=memory.scope,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": None}, '"text" is missing, expected text'),
        ({"text": 5}, '"text" is a number, expected text'),
        ({"author": 5}, '"author" is a number, expected a name or an object with id and name'),
        ({"author": {"name": "Ana"}}, '"author.id" is missing, expected text'),
        ({"author": "A" * 201}, '"author" is not one line of at most 200 printable characters'),
        ({"author": "An\na"}, '"author" is not one line of at most 200 printable characters'),
        ({"time": None}, '"time" is missing, expected ISO 8601'),
        ({"time": "yesterday"}, "\"time\" is 'yesterday', expected ISO 8601 such as 2026-03-01T12:30:00+01:00"),
        ({"time": "0026-03-01"}, '"time" is in the year 26, expected 1900 to 2199'),
        ({"time": 1772366400}, '"time" is a number, expected text'),
        (
            {"kind": "opinion"},
            "\"kind\" is 'opinion', expected one of preference, fact, decision, event, note, message",
        ),
        ({"status": "old"}, "\"status\" is 'old', expected one of current, superseded, proposed"),
        ({"reach": "moon"}, "\"reach\" is 'moon', expected one of here, anywhere, everyone"),
        ({"pinned": 1}, '"pinned" is a number, expected true or false'),
        ({"place": "dm"}, '"place" is text, expected an object'),
        ({"place": {"channel": "x"}}, '"place.kind" is missing, expected one of dm, private, public'),
        ({"place": {"kind": "dm"}}, '"place.channel" is missing, expected text'),
        ({"scope": {"platform": "discord", "guild": "", "user": "ana"}}, '"scope.guild" is missing, expected text'),
        ({"scope": {"platform": "discord", "guild": "g", "user": "@all"}}, '"scope.user" begins with @'),
        ({"source": ["a"]}, '"source" is an array, expected text'),
    ],
)
def test_wrong_field_is_named(changes: dict[str, object], said: str) -> None:
    """The reason says what was found and what was expected."""
    with pytest.raises(InputError) as refused:
        read(**changes)

    assert said in str(refused.value)


@pytest.mark.parametrize("line", [None, [], "text", 5])
def test_line_that_is_no_object_is_refused(line: object) -> None:
    """Whatever JSON it is."""
    with pytest.raises(InputError, match="expected an object with text, author and time"):
        read_record(line, UTC)


def test_reason_does_not_repeat_the_text(canary: str) -> None:
    """A refusal goes to a terminal or a log; what somebody said does not."""
    with pytest.raises(InputError) as refused:
        read(text=canary, time=5)

    assert canary not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Ana", "ana"),
        ("  Ana Lima ", "ana-lima"),
        ("José", "josé"),
        ("Ａｎａ", "ana"),
        ("日本", "日本"),
        ("@ana", "ana"),
    ],
)
def test_name_becomes_a_person(name: str, person: str) -> None:
    """Case, spaces and width make no difference; no person begins with @."""
    assert person_id(name) == person
    assert person_id(person) == person


@pytest.mark.parametrize("name", ["", "☕", "--", "x" * 201])
def test_name_without_a_letter_is_refused(name: str) -> None:
    """Two such people would become one."""
    with pytest.raises(InputError):
        person_id(name)
