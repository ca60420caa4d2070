"""One line of an exchange file as a checked record, and a memory as such a line. Knows no files and no rows."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import TypeVar

from bot.errors import InputError
from bot.types import SHARED_USER, Author, Kind, Memory, Place, PlaceKind, Reach, Scope, Status

MAX_NAME_CHARACTERS = 200
"""Longest id or name; the platforms' own limits lie below."""

_YEARS = range(1900, 2200)
_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "an array",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "missing",
}

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Record:
    """One line: something that was said, or a memory. `time` is aware; `source` names the line for good."""

    text: str
    author: Author | None
    time: datetime
    source: str
    place: Place | None = None
    kind: Kind | None = None
    status: Status | None = None
    reach: Reach = Reach.HERE
    pinned: bool = False
    scope: Scope | None = None

    @property
    def is_memory(self) -> bool:
        """Whether somebody decided already that it is worth keeping; else it is a message to be judged."""
        return self.status is not None or self.kind not in {None, Kind.MESSAGE}


def read_record(fields: object, timezone: tzinfo) -> Record:
    """Return the record that a decoded line holds; names that are not known are left out.

    Args:
        timezone: of times that name none.

    Raises:
        InputError: what was found and what was expected; says nothing of the text.
    """
    if not isinstance(fields, dict):
        raise InputError(f"the line is {_name(fields)}, expected an object with text, author and time")
    text = _required(fields, "text", str)
    author = _author(fields)
    time = _time(_required(fields, "time", str, "ISO 8601"), timezone)
    return Record(
        text=text,
        author=author,
        time=time,
        source=_text(fields, "source") or _digest(author, time, text),
        place=_place(fields),
        kind=_choice(fields, "kind", Kind),
        status=_choice(fields, "status", Status),
        reach=_choice(fields, "reach", Reach) or Reach.HERE,
        pinned=_optional(fields, "pinned", bool) or False,
        scope=_scope(fields),
    )


def record_line(memory: Memory) -> str:
    """Return a memory as one line of JSON, without its end."""
    author = memory.author or Author(memory.scope.user_id, memory.scope.user_id)
    fields = {
        "text": memory.text,
        "author": {"id": author.id, "name": author.name},
        "time": memory.event_time.astimezone(UTC).isoformat(),
        "place": {
            "kind": memory.place.kind,
            "channel": memory.place.channel_id,
            **({"thread": memory.place.thread_id} if memory.place.thread_id else {}),
        },
        "kind": memory.kind,
        "status": memory.status,
        "reach": memory.reach,
        "pinned": memory.pinned,
        **({"source": memory.sources[0].id} if memory.sources else {}),
        "scope": {
            "platform": memory.scope.platform,
            "guild": memory.scope.guild_id,
            "user": memory.scope.user_id,
        },
    }
    return json.dumps(fields, ensure_ascii=False)


def person_id(name: str) -> str:
    """Return what a person of this name is called at the terminal: "Ana Lima" is ana-lima.

    Raises:
        InputError: the name has no letter or digit.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    person = re.sub(r"[^\w.-]+", "-", folded).strip("-.")
    if not re.search(r"\w", person) or len(person) > MAX_NAME_CHARACTERS:
        raise InputError(f"a person's name needs a letter or digit, and at most {MAX_NAME_CHARACTERS} characters")
    return person


def _author(fields: Mapping[str, object]) -> Author | None:
    """The author; a name alone is the id as well."""
    found = fields.get("author")
    if isinstance(found, dict):
        author_id = _required_text(found, "id", "author.")
        return Author(author_id, _text(found, "name", "author.") or author_id)
    if found is not None and not isinstance(found, str):
        raise InputError(f'"author" is {_name(found)}, expected a name or an object with id and name')
    name = _text(fields, "author")
    return Author(name, name) if name else None


def _place(fields: Mapping[str, object]) -> Place | None:
    found = _optional(fields, "place", dict)
    if found is None:
        return None
    kind = _choice(found, "kind", PlaceKind, "place.")
    if kind is None:
        raise InputError(f'"place.kind" is missing, expected one of {", ".join(PlaceKind)}')
    return Place(kind, _required_text(found, "channel", "place."), _text(found, "thread", "place."))


def _scope(fields: Mapping[str, object]) -> Scope | None:
    found = _optional(fields, "scope", dict)
    if found is None:
        return None
    platform, guild, user = (_required_text(found, name, "scope.") for name in ("platform", "guild", "user"))
    if user.startswith("@") and user != SHARED_USER:
        raise InputError(f'"scope.user" begins with @, which no person\'s id does; shared notes have {SHARED_USER}')
    return Scope(platform, guild, user)


def _time(text: str, timezone: tzinfo) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f'"time" is {text[:40]!r}, expected ISO 8601 such as 2026-03-01T12:30:00+01:00') from error
    if time.year not in _YEARS:
        raise InputError(f'"time" is in the year {time.year}, expected {_YEARS.start} to {_YEARS.stop - 1}')
    return time if time.tzinfo else time.replace(tzinfo=timezone)


def _digest(author: Author | None, time: datetime, text: str) -> str:
    """A name for a line that has none: the same line has the same one whenever it is read."""
    told = json.dumps([author.name if author else "", time.timestamp(), text])
    return f"line:{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _choice(fields: Mapping[str, object], name: str, choices: type[Choice], within: str = "") -> Choice | None:
    found = _text(fields, name, within)
    try:
        return choices(found) if found else None
    except ValueError as error:
        raise InputError(f'"{within}{name}" is {found!r}, expected one of {", ".join(choices)}') from error


def _required_text(fields: Mapping[str, object], name: str, within: str) -> str:
    found = _text(fields, name, within)
    if not found:
        raise InputError(f'"{within}{name}" is missing, expected text')
    return found


def _text(fields: Mapping[str, object], name: str, within: str = "") -> str | None:
    """An id or a name: short, of one line."""
    found = _optional(fields, name, str, within)
    if found is not None and (len(found) > MAX_NAME_CHARACTERS or not found.isprintable()):
        raise InputError(f'"{within}{name}" is not one line of at most {MAX_NAME_CHARACTERS} printable characters')
    return found


def _required(fields: Mapping[str, object], name: str, kind: type[Value], expected: str = "") -> Value:
    found = _optional(fields, name, kind)
    if found is None:
        raise InputError(f'"{name}" is missing, expected {expected or _NAMES[kind]}')
    return found


def _optional(fields: Mapping[str, object], name: str, kind: type[Value], within: str = "") -> Value | None:
    found = fields.get(name)
    if found is not None and not isinstance(found, kind):
        raise InputError(f'"{within}{name}" is {_name(found)}, expected {_NAMES[kind]}')
    return found


def _name(found: object) -> str:
    return _NAMES.get(type(found), "something else")
