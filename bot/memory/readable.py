"""Which memories may be recalled where: the one rule, decided before any search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.protocols import NewMemory
from bot.types import DM_GUILD, Memory, Place, PlaceKind, Reach, Scope


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a memory was said and for whom: all that decides whether it may be read."""

    place_kind: PlaceKind
    channel_id: str
    reach: Reach


def setting_of(memory: Memory | NewMemory) -> Setting:
    """Return the setting of a memory."""
    return Setting(memory.place.kind, memory.place.channel_id, memory.reach)


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be read of one scope, by where it was said.

    own: the scope is the asker's (then DM and `anywhere` memories can count), else it holds shared notes.
    """

    own: bool
    asked_in: Place

    def permits(self, setting: Setting) -> bool:
        """Tell whether a memory of this setting may be read here.

        Where others than members of the guild read, that is only what was said in that very channel.
        """
        same_channel = setting.channel_id == self.asked_in.channel_id
        if self.asked_in.is_shared:
            return same_channel and setting.place_kind is not PlaceKind.DM
        if self.own and setting.reach is Reach.ANYWHERE:
            return True
        if setting.place_kind is PlaceKind.PUBLIC:
            return True
        if setting.place_kind is PlaceKind.PRIVATE:
            in_own_dm = self.own and self.asked_in.kind is PlaceKind.DM
            return in_own_dm or (self.asked_in.kind is PlaceKind.PRIVATE and same_channel)
        return self.own and self.asked_in.kind is PlaceKind.DM


def readable(
    asker: Scope, place: Place, others: Sequence[Scope] = (), *, notes: bool = True
) -> list[tuple[Scope, Rule]]:
    """Return the scopes that may be searched for this person in this place, each with its rule.

    A person's memories are for that person alone. Shared notes of the guild are read in its channels, never in DMs.

    Args:
        others: the asker's scopes in other guilds. They count only in DMs that belong to no guild (`DM_GUILD`), that
            is where the platform's user ids mean the same person everywhere.
        notes: whether the guild's admins allow shared notes.
    """
    own = Rule(own=True, asked_in=place)
    scopes = [(asker, own)]
    if place.kind is not PlaceKind.DM:
        scopes += [(asker.shared, Rule(own=False, asked_in=place))] if notes else []
    elif asker.guild_id == DM_GUILD:
        scopes += [(s, own) for s in others if _same_person(s, asker) and s != asker]
    return scopes


def _same_person(scope: Scope, asker: Scope) -> bool:
    return (scope.platform, scope.user_id) == (asker.platform, asker.user_id)


def covers(wide: Setting, narrow: Setting) -> bool:
    """Tell whether whatever is readable of `narrow` is readable of `wide` too, for the same person.

    That holds for any place, but for those that are shared with others than members of the guild.
    """
    if wide == narrow or wide.reach is Reach.ANYWHERE or wide.place_kind is PlaceKind.PUBLIC:
        return True
    # What was said in a DM is read in DMs alone, where everything of the person is.
    return narrow.place_kind is PlaceKind.DM and narrow.reach is Reach.HERE
