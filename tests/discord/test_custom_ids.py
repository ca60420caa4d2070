"""What custom ids carry, and that they stay within what Discord takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.interface.custom_ids import MAX_CHARACTERS, CustomId, packed, parsed, unpacked
from adapters.discord.interface.presses import id_of
from bot.types import SEQUENCE_BITS

LARGEST_OWNER = str(2**64 - 1)

MEMORY_IDS = st.lists(
    st.builds(
        lambda scope, sequence: scope << SEQUENCE_BITS | sequence,
        st.integers(1, 2**31 - 1),
        st.integers(1, 2**SEQUENCE_BITS - 1),
    ),
    min_size=1,
    max_size=10,
)


@given(MEMORY_IDS)
def test_packed_ids_come_back_and_fit(ids: list[int]) -> None:
    """As many ids as there is room for come back as they were, in a custom id that Discord takes."""
    text, count = packed(ids)

    assert count >= 1
    assert unpacked(text) == ids[:count]
    assert len(id_of("forget", LARGEST_OWNER, text)) <= MAX_CHARACTERS


def test_a_page_of_one_person_fits() -> None:
    """Ten memories of one scope, the usual question, are asked about at once."""
    ids = [2**31 - 1 << SEQUENCE_BITS | 99_990 + number for number in range(10)]

    assert packed(ids)[1] == 10


def test_parsed_gives_back_what_was_written() -> None:
    """Verb, owner and what it is about, an interaction's id with its colon included."""
    custom_id = CustomId("undo", LARGEST_OWNER, ("interaction:123", "all"))

    assert parsed(str(custom_id)) == custom_id


@pytest.mark.parametrize("text", ["", "undo", "undo/ann", "undo/1/I'm vegan", "UNDO/1", "undo/123456789012345678901"])
def test_what_is_not_ours_is_not_parsed(text: str) -> None:
    """Custom ids of other shapes, texts among them, are nobody's."""
    assert parsed(text) is None


@pytest.mark.parametrize("about", ["x" * 100, "I'm vegan"])
def test_what_cannot_be_sent_is_refused(about: str) -> None:
    """A custom id that is too long, or holds a text, is not made."""
    with pytest.raises(ValueError, match="cannot be sent"):
        id_of("undo", "1", about)
