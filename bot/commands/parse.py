"""Reads a command out of a message: "/forget #12", "/memories kind:preference tea"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeVar

from bot.errors import InputError
from bot.types import Kind, Reach

_COMMAND = re.compile(r"\s*/([a-z]+)(?:\s+(.*))?$", re.IGNORECASE | re.DOTALL)
_OPTION = re.compile(r"(?:(?<=\s)|^)(kind|for|page):(\S+)", re.IGNORECASE)
_NUMBER = re.compile(r"#?(?:(s)|([0-9]{1,9})\.)?([0-9]{1,9})", re.IGNORECASE)

_T = TypeVar("_T")

_REACH = {"me": Reach.HERE, "here": Reach.HERE, "anywhere": Reach.ANYWHERE, "everyone": Reach.EVERYONE}
_YES = frozenset(
    """
    yes y yeah yep sure ok okay ja jawohl oui si sí sim да da はい うん 是 好 好的 对 是的 예 네 tak evet
    """.split()  # noqa: SIM905 - a list would be one word a line
)
_NO = frozenset(
    """
    no n nope nah nein non não nao nee niet нет いいえ いや 不 不是 不要 아니요 아니 nie hayır
    """.split()  # noqa: SIM905 - as above
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what was written after it.

    argument: the text without options. options: lower-case name → value, as written.
    """

    name: str
    argument: str = ""
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Number:
    """How people name a memory: its sequence number, of their own or of the guild's shared notes.

    uid: of the scope that it counts in, for one that is neither; 0 for those.
    """

    sequence: int
    shared: bool = False
    uid: int = 0

    def __str__(self) -> str:
        return f"#{f'{self.uid}.' if self.uid else 's' if self.shared else ''}{self.sequence}"


def parse(text: str) -> Command | None:
    """Return the command that a message is; None for an ordinary message."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    rest = match[2] or ""
    options = {name.lower(): value.lower() for name, value in _OPTION.findall(rest)}
    return Command(match[1].lower(), _OPTION.sub("", rest).strip(), options)


def numbers(argument: str) -> list[Number]:
    """Return the memory numbers that an argument consists of; empty when it is anything else."""
    matches = [_NUMBER.fullmatch(one) for one in argument.replace(",", " ").replace("#", " #").split()]
    return [Number(int(m[3]), bool(m[1]), int(m[2] or 0)) for m in matches if m] if all(matches) else []


def kind(options: dict[str, str]) -> Kind | None:
    """Return the kind that `kind:` names.

    Raises:
        InputError: there is no such kind; the text says which there are.
    """
    return _chosen("kind", options, {one.value: one for one in Kind})


def reach(options: dict[str, str]) -> Reach:
    """Return for whom `for:` says a memory is; for the person here when it is not given.

    Raises:
        InputError: there is no such choice; the text says which there are.
    """
    return _chosen("for", options, _REACH) or Reach.HERE


def is_yes(text: str) -> bool:
    """Tell whether a whole message is a yes."""
    return _bare(text) in _YES


def is_no(text: str) -> bool:
    """Tell whether a whole message is a no."""
    return _bare(text) in _NO


def _chosen(name: str, options: dict[str, str], choices: dict[str, _T]) -> _T | None:
    value = options.get(name)
    if value is not None and value not in choices:
        raise InputError(f"{name}:{value} is not known; I know {', '.join(f'{name}:{one}' for one in choices)}.")
    return None if value is None else choices[value]


def _bare(text: str) -> str:
    return text.strip().strip(".!。！/").casefold()
