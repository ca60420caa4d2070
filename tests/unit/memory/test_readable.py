"""The table of who may recall what where, written out, and that merging never moves what is visible."""

from __future__ import annotations

from itertools import product

import pytest

from bot.memory.readable import Rule, Setting, covers, readable
from bot.types import DM_GUILD, SHARED_USER, Place, PlaceKind, Reach, Scope

DM, PRIVATE, PUBLIC = PlaceKind.DM, PlaceKind.PRIVATE, PlaceKind.PUBLIC
ANNA = Scope("slack", "guild", "anna")
HOME, OTHER = "channel 1", "channel 2"

ASKED_IN = {
    "own DM": Place(DM, "dm of anna"),
    "same private": Place(PRIVATE, HOME),
    "other private": Place(PRIVATE, OTHER),
    "public": Place(PUBLIC, "square"),
    "same, with strangers": Place(PRIVATE, HOME, is_shared=True),
    "other, with strangers": Place(PRIVATE, OTHER, is_shared=True),
}
"""Where a question can be asked; what was said in a channel was said in HOME."""

TABLE = [
    # said as, whose, own DM, same private, other private, public, same and other with strangers
    (Setting(DM, "dm of anna", Reach.HERE), True, (True, False, False, False, False, False)),
    (Setting(PRIVATE, HOME, Reach.HERE), True, (True, True, False, False, True, False)),
    (Setting(PUBLIC, HOME, Reach.HERE), True, (True, True, True, True, True, False)),
    (Setting(DM, "dm of anna", Reach.ANYWHERE), True, (True, True, True, True, False, False)),
    (Setting(PRIVATE, HOME, Reach.ANYWHERE), True, (True, True, True, True, True, False)),
    (Setting(PUBLIC, HOME, Reach.ANYWHERE), True, (True, True, True, True, True, False)),
    (Setting(PUBLIC, HOME, Reach.EVERYONE), False, (False, True, True, True, True, False)),
    (Setting(PRIVATE, HOME, Reach.EVERYONE), False, (False, True, False, False, True, False)),
    (Setting(DM, "dm of ben", Reach.EVERYONE), False, (False, False, False, False, False, False)),
]
"""The table: a memory's setting, whether it is in the asker's own scope, and where it may be recalled."""

CELLS = [
    pytest.param(setting, own, place, expected, id=f"{setting.place_kind}-{setting.reach}-asked in {place}")
    for setting, own, row in TABLE
    for place, expected in zip(ASKED_IN, row, strict=True)
]


@pytest.mark.parametrize(("setting", "own", "place", "expected"), CELLS)
def test_the_table_holds(setting: Setting, own: bool, place: str, expected: bool) -> None:
    """Every cell: whether the scopes searched for this person here give a memory of this setting."""
    owner = ANNA if own else ANNA.shared

    may_read = dict(readable(ANNA, ASKED_IN[place]))

    assert (owner in may_read and may_read[owner].permits(setting)) is expected


@pytest.mark.parametrize("place", ASKED_IN.values(), ids=ASKED_IN)
@pytest.mark.parametrize(
    "owner",
    [
        Scope("slack", "guild", "ben"),
        Scope("slack", "other guild", "anna"),
        Scope("slack", "other guild", SHARED_USER),
        Scope("discord", "guild", "anna"),
    ],
    ids=["another person", "another guild", "its shared notes", "another platform"],
)
def test_no_other_scope_is_searched(owner: Scope, place: Place) -> None:
    """Another person's, guild's or platform's memories are searched nowhere, not even when offered."""
    assert owner not in dict(readable(ANNA, place, others=[owner]))


def test_a_dm_without_a_guild_reads_the_persons_guilds() -> None:
    """Where user ids mean the same person everywhere, their DM reads what they said in each guild."""
    asker = Scope("discord", DM_GUILD, "anna")
    own = [Scope("discord", "guild", "anna"), Scope("discord", "other guild", "anna")]
    foreign = [
        Scope("discord", "guild", "ben"),
        Scope("slack", "guild", "anna"),
        Scope("discord", "guild", SHARED_USER),
    ]

    searched = [scope for scope, _ in readable(asker, Place(DM, "d"), [*own, *foreign, asker])]

    assert searched == [asker, *own]


def test_a_guild_does_not_read_the_dm_without_a_guild() -> None:
    """What was said in such a DM is read in no guild, private channels included."""
    asker = Scope("discord", "guild", "anna")
    in_dm = Scope("discord", DM_GUILD, "anna")

    assert all(in_dm not in dict(readable(asker, place, [in_dm])) for place in ASKED_IN.values())


def test_a_thread_reads_as_its_channel() -> None:
    """A thread that is open to the readers of its channel changes nothing: it has the kind and channel of it."""
    said = Setting(PRIVATE, HOME, Reach.HERE)

    assert Rule(own=True, asked_in=Place(PRIVATE, HOME, "thread")).permits(said)
    assert not Rule(own=True, asked_in=Place(PRIVATE, OTHER, HOME)).permits(said)


@pytest.mark.parametrize("own", [True, False], ids=["own", "shared"])
def test_a_private_thread_reads_for_itself(own: bool) -> None:
    """What is said in a private thread is read there, and neither in another one of its channel nor in the channel."""
    here, next_door = (Place(PRIVATE, thread, thread, parent_id=HOME) for thread in ("thread 1", "thread 2"))
    said = Setting(here.kind, here.channel_id, Reach.HERE if own else Reach.EVERYONE)

    read_in = [Rule(own=own, asked_in=place).permits(said) for place in (here, next_door, Place(PRIVATE, HOME))]

    assert read_in == [True, False, False]


@pytest.mark.parametrize(("said", "asked"), [(PRIVATE, PUBLIC), (DM, PRIVATE), (DM, PUBLIC)])
def test_a_channel_that_was_opened_up_keeps_what_was_said_before(said: PlaceKind, asked: PlaceKind) -> None:
    """The kind of place at the time of saying counts: the channel, now open to more people, does not read it."""
    assert not Rule(own=True, asked_in=Place(asked, HOME)).permits(Setting(said, HOME, Reach.HERE))


PERSONAL = [
    Setting(kind, channel, reach)
    for kind, channel, reach in product(PlaceKind, (HOME, OTHER), (Reach.HERE, Reach.ANYWHERE))
]
SHARED = [Setting(kind, channel, Reach.EVERYONE) for kind, channel in product(PlaceKind, (HOME, OTHER))]
PLACES = [Place(kind, channel) for kind, channel in product(PlaceKind, (HOME, OTHER, "third"))]


@pytest.mark.parametrize(("settings", "own"), [(PERSONAL, True), (SHARED, False)], ids=["own", "shared"])
def test_what_covers_is_readable_wherever_the_other_is(settings: list[Setting], own: bool) -> None:
    """Keeping only the covering one of two memories hides nothing from anybody, in any place."""
    lost = [
        (wide, narrow, place)
        for wide, narrow, place in product(settings, settings, PLACES)
        if covers(wide, narrow)
        and Rule(own=own, asked_in=place).permits(narrow)
        and not Rule(own=own, asked_in=place).permits(wide)
    ]

    assert lost == []


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (Setting(DM, "d", Reach.HERE), Setting(PUBLIC, HOME, Reach.HERE)),
        (Setting(DM, "d", Reach.HERE), Setting(PRIVATE, HOME, Reach.HERE)),
        (Setting(PRIVATE, HOME, Reach.HERE), Setting(PRIVATE, OTHER, Reach.HERE)),
        (Setting(PRIVATE, HOME, Reach.HERE), Setting(PUBLIC, HOME, Reach.HERE)),
        (Setting(PRIVATE, HOME, Reach.HERE), Setting(DM, "d", Reach.ANYWHERE)),
    ],
)
def test_what_is_read_in_fewer_places_covers_nothing_wider(wide: Setting, narrow: Setting) -> None:
    """A memory of a DM or private channel never stands in for one that is read elsewhere."""
    assert not covers(wide, narrow)


def test_a_missing_id_never_widens_what_is_read() -> None:
    """Scopes and places refuse ids that are absent, empty or no text."""
    for wrong in (None, "", 0, 7, b"x"):
        for position in range(3):
            ids: list[object] = ["slack", "guild", "anna"]
            ids[position] = wrong
            with pytest.raises(ValueError, match="must be a non-empty string"):
                Scope(*ids)  # type: ignore[arg-type]  # what an adapter could get wrong
        with pytest.raises(ValueError, match="channel_id"):
            Place(PUBLIC, wrong)  # type: ignore[arg-type]  # as above


def test_an_unknown_kind_of_place_is_refused() -> None:
    """Only the three kinds there are can be asked in."""
    with pytest.raises(ValueError, match="stage"):
        Place("stage", HOME)  # type: ignore[arg-type]  # what an adapter could get wrong
