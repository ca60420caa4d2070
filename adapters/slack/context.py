"""What stands beside a message: how its thread began, what was said before, what is shared. Data, nobody's request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from adapters.attached import described, is_image, is_small_text
from adapters.slack.directory import Directory
from adapters.slack.faults import FAULTS
from adapters.slack.files import Files, SharedFile, file_of
from adapters.slack.history import MOST_OF_THREAD, messages_of
from adapters.slack.reading import TOMBSTONE, Json, Said, named_in, names_bot, readable, said_in
from adapters.slack.workspaces import Workspace
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
from bot.errors import PlatformError
from bot.events import Quoted, Relation, Surroundings
from bot.types import Author, Place, PlaceKind

_Fetch: TypeAlias = Callable[[SharedFile, str], Awaitable[str | None]]
_Result = TypeVar("_Result")


class Looking:
    """Looks around a message.

    Args:
        earlier: how many messages before it are looked at; 0 where the app may read no history.
        sees_images: whether the model may be given images; else they are named like other files.
    """

    def __init__(self, files: Files, directory: Directory, *, earlier: int, sees_images: bool) -> None:
        self._files = files
        self._directory = directory
        self._earlier = earlier
        self._sees_images = sees_images

    async def around(self, said: Said, place: Place, workspace: Workspace) -> Surroundings:
        """Return what stands beside a message, oldest first; what is not there in time is left out.

        Whose words may not be given to a model, the assistant knows.
        """
        before, (files, images) = await asyncio.gather(
            _in_time(self._before(said, place, workspace), []), self._shared(said, workspace)
        )
        return Surroundings(tuple(quoted for quoted in (*before, *files) if quoted.text), tuple(images))

    async def _before(self, said: Said, place: Place, workspace: Workspace) -> list[Quoted]:
        """What was said before, in the thread or else in the channel. In a DM the assistant knows it."""
        if place.kind is PlaceKind.DM or not self._earlier:
            return []
        limit = MOST_OF_THREAD if said.thread_ts is not None else self._earlier
        told = await messages_of(workspace, said.channel_id, said.thread_ts, limit=limit, latest=said.ts)
        others = [one for one in told if one.get("ts") != said.ts and one.get("subtype") != TOMBSTONE]
        starter = [one for one in others if one.get("ts") == said.thread_ts]
        earlier = [one for one in others if one.get("ts") != said.thread_ts][-self._earlier :]
        quoted = [await self._quoted(Relation.STARTER, one, workspace) for one in starter]
        people = [one for one in earlier if _is_for_others(one, workspace)]
        return [*quoted, *newest([await self._quoted(Relation.EARLIER, one, workspace) for one in people])]

    async def _quoted(self, relation: Relation, told: Json, workspace: Workspace) -> Quoted:
        text = str(told.get("text") or "")
        names = await self._directory.names(workspace, *named_in(text))
        author = await self._author(told, workspace)
        return Quoted(relation, cut(readable(text, names), QUOTED_CHARACTERS), author)

    async def _author(self, told: Json, workspace: Workspace) -> Author | None:
        if told.get("bot_id"):
            name = str((told.get("bot_profile") or {}).get("name") or told.get("username") or "an app")
            return Author(str(told["bot_id"]), f"{name} (a bot)")
        user_id = told.get("user")
        if not isinstance(user_id, str):
            return None
        return Author(user_id, (await self._directory.person(workspace, user_id)).name)

    async def _shared(self, said: Said, workspace: Workspace) -> tuple[list[Quoted], list[str]]:
        """Images as addresses, small text files read, other files named."""
        files = [file_of(told) for told in said.files]
        images, small = await asyncio.gather(
            self._fetched(
                self._files.image,
                [file for file in files if self._sees_images and is_image(file)],
                MOST_IMAGES,
                workspace,
            ),
            self._fetched(
                self._files.text, [file for file in files if is_small_text(file)], MOST_READ_FILES, workspace
            ),
        )
        named = [file for file in files if file not in images][:MOST_NAMED_FILES]
        texts = {file: cut(text, FILE_CHARACTERS) for file, text in small.items()}
        return [Quoted(Relation.FILE, texts.get(file) or described(file), name=file.filename) for file in named], list(
            images.values()
        )

    async def _fetched(
        self, fetch: _Fetch, files: Sequence[SharedFile], most: int, workspace: Workspace
    ) -> dict[SharedFile, str]:
        token = workspace.client.token or ""
        found = await asyncio.gather(*(_in_time(fetch(file, token), None) for file in files[:most]))
        return {file: content for file, content in zip(files, found, strict=False) if content}


def _is_for_others(told: Json, workspace: Workspace) -> bool:
    """Tell whether a message is a person's and was not said to the bot; what was, the assistant knows."""
    said = said_in(told)
    return said is not None and not names_bot(said.text, workspace.user_id)


async def _in_time(work: Awaitable[_Result], otherwise: _Result) -> _Result:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await work
    except (*FAULTS, PlatformError):
        return otherwise
