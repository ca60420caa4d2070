"""Where memories came from, as links: the assistant's texts name messages by their ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here
from adapters.discord.services import Services
from bot.types import DM_GUILD, Memory

_LINE = re.compile(r"^  from (?P<sources>.*\bmessage [0-9].*)$", re.MULTILINE)
"""Stands under a memory; see `bot.commands.reasons`."""

_LINKED = 3  # messages of one memory; a link takes up to 95 characters
_EVERY = 100_000  # memories on one page, of which a person has fewer


async def linked(interaction: Interaction, services: Services, text: str) -> str:
    """Return a text about what the asker is remembered of, with links in place of the ids of messages."""
    if not _LINE.search(text):
        return text
    page = await services.bot.panel.page(scope_here(interaction), size=_EVERY)
    return with_links(text, page.memories)


def with_links(text: str, memories: Iterable[Memory]) -> str:
    """Return a text with links in place of the ids of messages, as far as these memories came from them."""
    links = {f"message {source.id}": link_to(memory, source.id) for memory in memories for source in memory.sources}
    return _LINE.sub(lambda found: f"  from {_named(found['sources'].split(', '), links)}", text)


def link_to(memory: Memory, message_id: str) -> str:
    """Return the address of a message that a memory came from."""
    guild = "@me" if memory.scope.guild_id == DM_GUILD else memory.scope.guild_id
    return f"https://discord.com/channels/{guild}/{memory.place.thread_id or memory.place.channel_id}/{message_id}"


def _named(sources: list[str], links: Mapping[str, str]) -> str:
    """The newest sources with their links; one without is a message of whoever made a note for everyone."""
    named = [links.get(one, "a message" if one.startswith("message ") else one) for one in sources]
    more = [f"{len(named) - _LINKED} more"] if len(named) > _LINKED else []
    return ", ".join([*named[-_LINKED:], *more])
