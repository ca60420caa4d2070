"""What was last taught, and what it had replaced. Pure: knows memories, no rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.types import Memory, Status


def last_taught(memories: Sequence[Memory]) -> Sequence[Memory]:
    """Return what the last message that was remembered taught, given a scope's memories, newest first.

    Empty when that message repeated what was known: there is nothing to take back, and an older one is not meant.
    """
    if not memories:
        return []
    newest = memories[0]
    others = (memory for memory in memories if memory.id != newest.id)
    if any(source.said_at > newest.created for memory in others for source in memory.sources):
        return []
    sources = {source.id for source in newest.sources[-1:]}
    return [newest] + [
        memory
        for memory in memories[1:]
        if memory.created == newest.created and sources & {source.id for source in memory.sources}
    ]


def replaced_by(memories: Sequence[Memory], newer: Collection[Memory]) -> Sequence[Memory]:
    """Return the memories that nothing but these stands in place of."""
    heirs = {memory.id: memory.superseded_by for memory in newer}

    def stands(memory: Memory) -> bool:
        """Whether something else has replaced it too, by replacing what replaced it."""
        heir = memory.superseded_by
        while heir in heirs:
            heir = heirs[heir]
        return heir is not None

    return [
        memory
        for memory in memories
        if memory.status is Status.SUPERSEDED and memory.superseded_by in heirs and not stands(memory)
    ]
