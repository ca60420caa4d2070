"""What stands beside a message: what it replies to, what was said before, what is attached. Data, nobody's request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

import discord

from adapters.attached import described, is_image, is_small_text
from adapters.discord.files import Files
from adapters.discord.reading import author_of, guild_id_of, is_from_person, names_bot, readable, scope_of
from adapters.discord.referring import replied_to, starter_of
from adapters.discord.sending import FAULTS
from adapters.surroundings import (
    DEADLINE_S,
    FILE_CHARACTERS,
    MOST_IMAGES,
    MOST_NAMED_FILES,
    MOST_READ_FILES,
    QUOTED_CHARACTERS,
    cut,
    newest,
)
from bot.events import Quoted, Relation, Surroundings
from bot.types import Author, Scope


class Looking:
    """Looks around a message.

    Args:
        earlier: how many messages before it are looked at.
        sees_images: whether the model may be given images; else they are named like other files.
        opted_out: tells whether a person wants nothing of theirs to be read.
    """

    def __init__(
        self, files: Files, *, earlier: int, sees_images: bool, opted_out: Callable[[Scope], Awaitable[bool]]
    ) -> None:
        self._files = files
        self._earlier = earlier
        self._sees_images = sees_images
        self._opted_out = opted_out

    async def around(self, message: discord.Message, own_id: int, *, reads_all: bool) -> Surroundings:
        """Return what stands beside a message, oldest first; what is not there in time is left out.

        Args:
            reads_all: whether Discord shows the bot what is not said to it.

        Raises:
            StoreError: who opted out could not be read.
        """
        referred = await replied_to(message)
        if referred is not None and not await self._may_read(referred):
            referred = None
        attached = [*message.attachments, *(referred.attachments if referred is not None else ())]
        for snapshot in message.message_snapshots:
            attached += snapshot.attachments
        before, files = await asyncio.gather(self._before(message, own_id, reads_all), self._contents(attached))
        context = [*before, *([_quoted(Relation.REPLIED_TO, referred)] if referred is not None else ())]
        context += [*_forwarded(message), *files]
        images = [file.url for file in attached if self._is_shown(file)][:MOST_IMAGES]
        return Surroundings(tuple(quoted for quoted in context if quoted.text), tuple(images))

    async def _before(self, message: discord.Message, own_id: int, reads_all: bool) -> list[Quoted]:
        """What was said before: how the thread began, and the last messages. In a DM the assistant knows them."""
        if message.guild is None:
            return []
        starter, earlier = await asyncio.gather(
            _in_time(_starter(message)), _in_time(self._last(message) if reads_all else _nothing())
        )
        known = {
            message.id,
            *((message.reference.message_id,) if message.reference else ()),
            *(one.id for one in starter),
        }
        people = [one for one in earlier if one.id not in known and is_from_person(one) and not names_bot(one, own_id)]
        words = [_quoted(Relation.EARLIER, one) for one in people if await self._may_read(one)]
        begun = [_quoted(Relation.STARTER, one) for one in starter if await self._may_read(one)]
        return [*begun, *newest(words)]

    async def _last(self, message: discord.Message) -> list[discord.Message]:
        """The last messages, oldest first; none where the bot may not read what was said before."""
        channel, guild = message.channel, message.guild
        if guild is None or isinstance(channel, discord.PartialMessageable) or not self._earlier:
            return []
        if not channel.permissions_for(guild.me).read_message_history:
            return []
        found = [one async for one in channel.history(limit=self._earlier, before=message)]
        return found[::-1]

    async def _may_read(self, message: discord.Message) -> bool:
        """Tell whether somebody's words may be given to a model: those who opted out said no."""
        if message.author.bot:
            return True
        return not await self._opted_out(scope_of(message.author.id, guild_id_of(message)))

    async def _contents(self, attached: Sequence[discord.Attachment]) -> list[Quoted]:
        """Small text files read, other files named."""
        small = [file for file in attached if is_small_text(file)][:MOST_READ_FILES]
        texts = dict(zip(small, await asyncio.gather(*map(self._text, small)), strict=True))
        named = [file for file in attached if not self._is_shown(file)][:MOST_NAMED_FILES]
        return [Quoted(Relation.FILE, texts.get(file) or described(file), name=file.filename) for file in named]

    async def _text(self, file: discord.Attachment) -> str:
        try:
            async with asyncio.timeout(DEADLINE_S):
                return cut(await self._files.text(file) or "", FILE_CHARACTERS)
        except FAULTS:
            return ""

    def _is_shown(self, file: discord.Attachment) -> bool:
        return self._sees_images and is_image(file) and self._files.is_known(file.url)


async def _starter(message: discord.Message) -> list[discord.Message]:
    found = await starter_of(message.channel) if isinstance(message.channel, discord.Thread) else None
    return [found] if found is not None and found.id != message.id else []


async def _nothing() -> list[discord.Message]:
    return []


async def _in_time(work: Awaitable[list[discord.Message]]) -> list[discord.Message]:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await work
    except FAULTS:
        return []


def _quoted(relation: Relation, message: discord.Message) -> Quoted:
    author = author_of(message)
    if message.author.bot:
        author = Author(author.id, f"{author.name} (a bot)")
    return Quoted(relation, cut(readable(message.content, message), QUOTED_CHARACTERS), author)


def _forwarded(message: discord.Message) -> Iterator[Quoted]:
    """What was forwarded with a message. Discord does not say who wrote it, so it is nobody's in particular."""
    for snapshot in message.message_snapshots:
        yield Quoted(Relation.FORWARDED, cut(readable(snapshot.content, message), QUOTED_CHARACTERS))
