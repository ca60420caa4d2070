"""What one message taught is taken back exactly: no more, no less, and what it had replaced counts again."""

from __future__ import annotations

from pathlib import Path

from bot.memory.core import MemoryCore
from bot.types import Action, Author, Memory, Reach, Scope, Statement, Status
from tests.memory.folders import ANNA, BEN, DM, PUBLIC, Clock, told
from tests.store.remains import contents


async def test_what_a_message_taught_is_erased(core: MemoryCore, folder: Path) -> None:
    """Its memory is gone from disk, others stay, and the message teaches it no second time."""
    await _learn(core, "I love oolong tea", "m1")
    await _learn(core, "My cat is called Miso", "m2")

    learned = await core.unlearn(ANNA, "m2")

    assert [memory.text for memory in learned] == ["My cat is called Miso"]
    assert await _texts(core) == ["I love oolong tea"]
    assert not any(b"Miso" in content for content in contents(folder))
    assert (await core.remember(ANNA, told("My cat is called Miso", source_id="m2"))).action is Action.DROPPED


async def test_what_two_messages_taught_loses_only_one(core: MemoryCore, clock: Clock) -> None:
    """A merged memory stays without that source, goes with its last one, and is told of as it was."""
    await _learn(core, "I love oolong tea", "m1")
    clock.move(minutes=1)
    assert await _learn(core, "I love oolong tea", "m2") is Action.MERGED

    first = await core.unlearn(ANNA, "m1")
    left = await core.list(ANNA)
    last = await core.unlearn(ANNA, "m2")

    assert [source.id for source in first[0].sources] == ["m1", "m2"]
    assert [source.id for source in left[0].sources] == ["m2"]
    assert len(last) == 1
    assert await core.list(ANNA) == []


async def test_what_it_replaced_is_current_again(core: MemoryCore) -> None:
    """The older statement counts and is recalled again."""
    await _learn(core, "I live in Lisbon", "m1")
    assert await _learn(core, "I live in Turin now", "m2") is Action.UPDATED

    await core.unlearn(ANNA, "m2")

    (older,) = await core.list(ANNA)
    assert (older.text, older.status, older.superseded_by) == ("I live in Lisbon", Status.CURRENT, None)
    assert (await core.recall(ANNA, "where do I live?", place=PUBLIC)).hits[0].memory.id == older.id


async def test_what_was_replaced_again_stays_history(core: MemoryCore) -> None:
    """Taking back the middle of three makes the oldest no rival of the newest."""
    for source_id, text in (("m1", "I live in Lisbon"), ("m2", "I live in Turin now"), ("m3", "I live in Oslo now")):
        await _learn(core, text, source_id)
    before = await core.list(ANNA)

    await core.unlearn(ANNA, "m2")

    assert [memory.status for memory in before] == [Status.CURRENT, Status.SUPERSEDED, Status.SUPERSEDED]
    assert await _standing(core) == {"I live in Oslo now": Status.CURRENT, "I live in Lisbon": Status.SUPERSEDED}


async def test_own_shared_notes_are_taken_back_too(core: MemoryCore) -> None:
    """The author's note of that message goes; asked by somebody else, nothing does."""
    note = Statement(
        "The wifi is called Heron", PUBLIC, "m1", author=Author("anna", "Anna"), reach=Reach.EVERYONE, explicit=True
    )
    await core.remember(ANNA, note)

    by_ben = await core.unlearn(BEN, "m1")
    kept = await core.list(ANNA.shared)
    by_anna = await core.unlearn(ANNA, "m1")

    assert by_ben == []
    assert len(kept) == len(by_anna) == 1
    assert await core.list(ANNA.shared) == []


async def test_other_scopes_keep_what_they_learned(core: MemoryCore) -> None:
    """The same message id in another guild is another message."""
    elsewhere = Scope("slack", "other guild", "anna")
    for scope in (ANNA, elsewhere):
        await core.remember(scope, told("I love oolong tea", DM, "m1"))

    await core.unlearn(ANNA, "m1")

    assert await core.list(ANNA) == []
    assert len(await core.list(elsewhere)) == 1


async def test_a_message_that_taught_nothing(core: MemoryCore) -> None:
    """Nothing is taken back, and nothing else is touched."""
    await _learn(core, "I love oolong tea", "m1")

    assert await core.unlearn(ANNA, "m9") == []
    assert await _texts(core) == ["I love oolong tea"]


async def _learn(core: MemoryCore, text: str, source_id: str) -> Action:
    return (await core.remember(ANNA, told(text, source_id=source_id))).action


async def _texts(core: MemoryCore) -> list[str]:
    return [memory.text for memory in await core.list(ANNA)]


async def _standing(core: MemoryCore) -> dict[str, Status]:
    memories: list[Memory] = list(await core.list(ANNA))
    return {memory.text: memory.status for memory in memories}
