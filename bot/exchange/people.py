"""Whose memory a line goes into. Pure: knows the line and what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.errors import InputError
from bot.exchange.record import Record, person_id
from bot.types import SHARED_USER, Author, Place, PlaceKind, Scope

TERMINAL = "terminal"
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where lines go. What is given wins over what a line says; a line wins over the default.

    mapped: speaker, case-folded → person, whose own words those are. everybody_else: person who keeps the words of all
    others, under the others' names.
    """

    platform: str | None = None
    guild: str | None = None
    place: PlaceKind | None = None
    mapped: Mapping[str, str] = field(default_factory=dict)
    everybody_else: str | None = None

    @classmethod
    def chosen(
        cls, platform: str | None, guild: str | None, place: PlaceKind | None, pairs: Iterable[str]
    ) -> Destination:
        """Return the destination that `SPEAKER=PERSON` pairs make; the speaker `*` is everybody else.

        Raises:
            InputError: a pair is none, or the server of a chat platform is missing.
        """
        if platform not in {None, TERMINAL} and not guild:
            raise InputError(f"--platform {platform} needs --guild, the server they go to")
        mapped = {}
        for pair in pairs:
            speaker, _, person = pair.rpartition("=")
            if not speaker.strip() or not person.strip():
                raise InputError(f"--map {pair!r} is no pair such as Ana=me")
            mapped[_folded(speaker)] = _person(person.strip(), platform)
        return cls(platform, guild, place, mapped, mapped.pop(EVERYBODY, None))

    def owner(self, record: Record) -> tuple[Scope, Author | None]:
        """Return whose memory it is, and the author if that is somebody else.

        Raises:
            InputError: it does not say whose words they are.
        """
        if record.scope is not None:
            return self._owner_of_memory(record.scope, record.author)
        if record.author is None:
            if self.everybody_else is None:
                raise InputError('"author" is missing; add it, or say whose words these are with --map "*=NAME"')
            return self._scope(None, self.everybody_else), None
        speaker = record.author
        person = self.mapped.get(_folded(speaker.name)) or self.mapped.get(_folded(speaker.id))
        if person is None and self.everybody_else is not None:
            return self._scope(None, self.everybody_else), speaker
        return self._scope(None, person or _person(speaker.id, self.platform)), None

    def where(self, record: Record) -> Place:
        """Return where it was said; what is not known is a direct message."""
        channel = record.place.channel_id if record.place else self.platform or TERMINAL
        thread = record.place.thread_id if record.place else None
        kind = self.place or (record.place.kind if record.place else PlaceKind.DM)
        return Place(kind, channel, thread)

    def _owner_of_memory(self, scope: Scope, author: Author | None) -> tuple[Scope, Author | None]:
        """An exported memory stays with whom it was of, or goes to whom that person is mapped."""
        words_of = None if author is None or author.id == scope.user_id else author
        mapped = self.mapped.get(_folded(scope.user_id))
        if mapped is None and self.everybody_else is not None and scope.user_id != SHARED_USER:
            return self._scope(scope, self.everybody_else), words_of or Author(scope.user_id, scope.user_id)
        return self._scope(scope, mapped or scope.user_id), words_of

    def _scope(self, said: Scope | None, person: str) -> Scope:
        platform = self.platform or (said.platform if said else TERMINAL)
        return Scope(platform, self.guild or (said.guild_id if said else "home"), person)


def _person(name: str, platform: str | None) -> str:
    """What a person's id is made of: at the terminal a name, on chat platforms the platform's id as it is."""
    if name.startswith("@"):
        raise InputError(f"{name!r} begins with @, as no person's id does")
    return person_id(name) if platform in {None, TERMINAL} else name


def _folded(speaker: str) -> str:
    return speaker.strip().casefold()
