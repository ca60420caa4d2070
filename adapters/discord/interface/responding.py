"""Answers an interaction in time: at once when the work is quick, else acknowledged first and answered when it is done.

Discord takes a first response for 3 seconds and further ones for 15 minutes
(https://discord.com/developers/docs/interactions/receiving-and-responding#responding-to-an-interaction).
Everything is seen by the asker alone, which an acknowledgement fixes for good.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import aiohttp
import discord
from discord.utils import MISSING, escape_markdown

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here
from adapters.discord.sending import MESSAGE_CHARACTERS
from adapters.discord.services import Services
from adapters.discord.wording import FAILED
from adapters.splitting import split
from bot.assistant import MEMORY_DOWN
from bot.errors import BotError, InputError, StoreError

log = logging.getLogger(__name__)

ACKNOWLEDGE_S = 0.7
"""Seconds that work gets before it is acknowledged, so that the acknowledgement is there within one."""

TOKEN_S = 14 * 60.0
"""Seconds after which an answer is given up; Discord ends an interaction's token after 15 minutes."""

TRY_S = 1.0
"""Seconds that Discord gets to take an acknowledgement; two tries and the work before them are within its 3."""

MAX_FURTHER = 5
"""Messages after the first; Discord allows so many where the bot is not a member of the server."""

_REST = "The rest is in the file."
_PRESS_AGAIN = "That took me too long. Please press it again."
_NO_MENTIONS = discord.AllowedMentions.none()

_LOST = (aiohttp.ClientError, OSError)
"""Errors after which nobody knows whether Discord took what it was sent."""

_TAKEN_ALREADY = 40060
"""JSON error code of a second first response:
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file to be sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A message that only the asker sees."""

    text: str
    view: discord.ui.View | None = None
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """What becomes of the message that the button stands under.

    text None: its text stays. view None: its buttons go. aside: said to the asker besides.
    """

    text: str | None
    view: discord.ui.View | None = None
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing is to be seen of it here."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A form to be filled in."""

    form: discord.ui.Modal


Response: TypeAlias = Said | Changed | Unchanged | Opened
Work: TypeAlias = Coroutine[object, object, Response]


async def respond(interaction: Interaction, services: Services, work: Work, *, changes: bool = False) -> None:
    """Do the work and answer the interaction with what it returns; its errors become an honest line.

    One that was delivered before is passed over.

    Args:
        changes: the answer changes the message that was pressed, so that no new one is announced.
    """
    if not services.once.first(interaction.id):
        work.close()
        return
    reference = secrets.token_hex(3)
    exchange = _Exchange(interaction)
    results: list[Response] = []
    task = services.tasks.start(f"interaction {reference}", _collect(interaction, services, work, results))
    try:
        await asyncio.wait([task], timeout=ACKNOWLEDGE_S)
        if not task.done():
            await exchange.defer(thinking=not changes)
            await asyncio.wait([task], timeout=TOKEN_S)
        if task.done():
            await exchange.answer(results[0] if results else Said(FAILED.format(reference=reference)))
        else:
            log.warning("an interaction went unanswered: it took longer than its token lives (%s)", reference)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an interaction went unanswered: %s (%s)", _named(error), reference)


async def say(interaction: Interaction, text: str) -> None:
    """Say one line to the asker, however far the interaction has come."""
    try:
        await _Exchange(interaction).answer(Said(text))
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.warning("an interaction went unanswered: %s", _named(error))


async def say_failed(interaction: Interaction, what: str, error: Exception) -> None:
    """Say that something failed unexpectedly, and log by which error."""
    reference = secrets.token_hex(3)
    # The type alone: texts of foreign errors may hold what people said.
    log.error("%s failed: %s (%s)", what, type(error).__name__, reference)
    await say(interaction, FAILED.format(reference=reference))


def _named(error: Exception) -> str:
    """What failed, without the texts that an error of Discord's quotes."""
    if isinstance(error, discord.HTTPException):
        return f"HTTP {error.status}, code {error.code}"
    return type(error).__name__


async def _collect(interaction: Interaction, services: Services, work: Work, results: list[Response]) -> None:
    try:
        results.append(await _introduced(interaction, services, await work))
    except InputError as error:
        results.append(Said(escape_markdown(str(error))))  # it quotes what they wrote
    except BotError as error:
        log.error("an interaction failed: %s", error)
        results.append(Said(MEMORY_DOWN))


async def _introduced(interaction: Interaction, services: Services, response: Response) -> Response:
    """The answer with the notice of first contact before it, where the assistant, who would give it, was not asked."""
    if not isinstance(response, Said):
        return response
    try:
        notice = await services.bot.panel.introduce(scope_here(interaction))
    except StoreError:  # it comes with a later answer; this one may have needed no memory
        return response
    return replace(response, text=f"-# {notice}\n{response.text}") if notice else response


class _Exchange:
    """What was said to one interaction: of that the library knows only what was confirmed."""

    def __init__(self, interaction: Interaction) -> None:
        self._interaction = interaction
        self._begun = interaction.response.is_done()
        self._waits = interaction.response.type is discord.InteractionResponseType.deferred_channel_message
        self._is_sure = True

    async def defer(self, *, thinking: bool) -> None:
        """Acknowledge, and once more when the answer to that is lost: Discord takes one, and says so of the other.

        Args:
            thinking: a message shows that, until it gets its text.
        """
        try:
            await self._try_to_defer(thinking)
        except _LOST:
            try:
                await self._try_to_defer(thinking)
            except _LOST:
                self._is_sure = False
            except discord.HTTPException as error:
                if error.code != _TAKEN_ALREADY:
                    raise
        self._begun, self._waits = True, thinking

    async def _try_to_defer(self, thinking: bool) -> None:
        async with asyncio.timeout(TRY_S):
            await self._interaction.response.defer(ephemeral=True, thinking=thinking)

    async def answer(self, response: Response) -> None:
        """Answer, as the first response where no acknowledgement came through."""
        try:
            await self._deliver(response)
        except discord.NotFound:
            if self._is_sure:
                raise
            self._begun = self._waits = False
            await self._deliver(response)

    async def _deliver(self, response: Response) -> None:
        match response:
            case Said():
                await self._say(response)
            case Changed():
                await self._change(response)
            case Unchanged():
                if not self._begun:
                    await self._interaction.response.defer()
            case Opened(form):
                if self._begun:  # a form can only be the first response
                    await self._say(Said(_PRESS_AGAIN))
                else:
                    await self._interaction.response.send_modal(form)

    async def _change(self, changed: Changed) -> None:
        text = MISSING if changed.text is None else changed.text
        edit = self._interaction.edit_original_response if self._begun else self._interaction.response.edit_message
        await edit(content=text, view=changed.view, allowed_mentions=_NO_MENTIONS)
        self._begun = True
        if changed.aside:
            await self._say(Said(changed.aside))

    async def _say(self, said: Said) -> None:
        """Send a text in as many messages as it takes, up to the most; what is beyond them goes into a file."""
        texts, view, files = split(said.text, MESSAGE_CHARACTERS), said.view, said.files
        most = MAX_FURTHER if self._begun and not self._waits else MAX_FURTHER + 1
        if len(texts) > most:
            rest = "\n".join(texts[most - 1 :])
            files = (*files, Attached("rest.txt", rest.encode()))
            texts = [*texts[: most - 1], _REST]
        for number, text in enumerate(texts, 1):
            last = number == len(texts)
            await self._send(text, view if last else None, files if last else ())

    async def _send(self, text: str, view: discord.ui.View | None, files: Sequence[Attached]) -> None:
        uploads = [discord.File(io.BytesIO(file.content), file.name) for file in files]
        if self._waits:
            await self._interaction.edit_original_response(
                content=text, view=view, attachments=uploads, allowed_mentions=_NO_MENTIONS
            )
            self._waits = False
            return
        send = self._interaction.followup.send if self._begun else self._interaction.response.send_message
        await send(
            text,
            view=view or MISSING,
            files=uploads,
            ephemeral=True,
            suppress_embeds=True,
            allowed_mentions=_NO_MENTIONS,
        )
        self._begun = True
