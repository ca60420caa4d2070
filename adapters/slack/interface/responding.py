"""Answers a use of the interface, so that only whoever used it sees the answer, in the place where it was used.

A message's answer goes through its response URL, which takes 5 messages in 30 minutes
(https://docs.slack.dev/interactivity/handling-user-interaction#message_responses), else to the channel for the one
person's eyes; what is used on a home tab or in a modal is answered there. All was acknowledged before.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.faults import Gone, our_errors
from adapters.slack.interface.commands import as_called
from adapters.slack.interface.homes import HomeTab
from adapters.slack.interface.interactions import Interaction
from adapters.slack.interface.kit import TITLE_CHARACTERS, Block, cut, escaped, sections, small
from adapters.slack.interface.screens import NOTICE, Screen
from adapters.slack.reading import Json
from adapters.slack.services import Services
from adapters.slack.workspaces import Workspace
from bot.errors import BotError, InputError, PlatformError
from bot.types import Scope

log = logging.getLogger(__name__)

ANSWER_S = 29 * 60.0
"""Seconds after which an answer is given up; a response URL lives for 30 minutes."""

MOST_MESSAGES = 4
"""Messages of one answer, so that of the five that a response URL takes one is left for an error."""

SECTIONS_EACH = 4
"""Paragraphs of one message, near the 12,000 characters that Slack says are the most it shows well."""

FAILED = "That did not work, and the mistake is mine. Whoever runs this bot finds it in the log as {reference}."
MEMORY_DOWN = "I can't reach my memory right now. Whoever runs this bot can see why in its log."
_NOT_TAKEN = "Slack did not take that. Please try again in a moment."
_REST = "… and more, which is too long to be shown here."
_WAIT = "One moment …"
_DONE = "Done."
_NOTIFIED = 150  # characters of an answer that stand in a notification
_UPDATED = 4000  # characters of the text beside blocks: https://docs.slack.dev/reference/methods/chat.update


@dataclass(frozen=True, slots=True)
class Said:
    """A message that only the asker sees; in a modal that was opened for it, and on a home tab, what that says.

    is_exact: its text names no commands of the bot, whatever it looks like.
    """

    text: str
    blocks: Sequence[Block] = ()
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Replaced:
    """What becomes of the message or modal that the button stands in, which only the asker sees."""

    text: str
    blocks: Sequence[Block] = ()


@dataclass(frozen=True, slots=True)
class Struck:
    """The message stays but for the buttons of some verbs; aside is said to the asker alone."""

    verbs: frozenset[str]
    aside: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A modal or home tab as it is when its turn comes."""

    build: Callable[[], Awaitable[Screen]]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing is to be seen of it here."""


Response: TypeAlias = Said | Replaced | Struck | Shown | Unchanged
Work: TypeAlias = Coroutine[object, object, Response]

Anew: TypeAlias = Callable[[str], Awaitable[Screen]]
"""Builds a screen as it is by now, under a line that says what just happened."""


async def answer(
    services: Services, interaction: Interaction, work: Work, *, opens: str = "", anew: Anew | None = None
) -> None:
    """Do the work and answer with what it returns; its errors become an honest line.

    Args:
        opens: the title of a modal that is opened before anything else, since a trigger lives for 3 seconds only.
        anew: builds the screen that it is used on, if that shows what may change meanwhile.
    """
    reference = secrets.token_hex(3)
    answering = _Answering(services, interaction, anew)
    task = services.tasks.start(f"slack interaction {reference}", answering.carried_out(work, opens))
    await asyncio.wait([task], timeout=ANSWER_S)
    if not answering.over and not task.cancelled():
        task.cancel()
        await answering.complain(FAILED.format(reference=reference))


async def show(services: Services, interaction: Interaction, shown: Shown, view_id: str = "") -> None:
    """Build a screen and put it where it belongs: into a modal, or on the person's home tab.

    Args:
        view_id: the modal; where it was used when not given.

    Raises:
        Gone: the person closed the modal.
        BotError: it could not be built or sent.
    """
    if interaction.on_home and not view_id:
        await publish(services, interaction.workspace, interaction.scope, shown)
        return
    view_id = view_id or str((interaction.view or {}).get("id"))
    async with services.screens.turn(view_id):
        view = (await shown.build()).modal()
        with our_errors("a modal"):
            await interaction.client.views_update(view_id=view_id, view=view)


async def publish(
    services: Services, workspace: Workspace, scope: Scope, shown: Shown, *, even_if_same: bool = True
) -> None:
    """Build a person's home tab and send it.

    Args:
        even_if_same: also when it shows what it showed before, which somebody who pressed something expects.

    Raises:
        BotError: it could not be built or sent.
    """
    async with services.screens.turn(scope):
        screen = await shown.build()
        home = HomeTab.of(screen)
        if not even_if_same and services.homes.get(scope) == home:
            return
        with our_errors("a home tab"):
            await workspace.client.views_publish(user_id=scope.user_id, view=screen.home())
        await services.homes.sent(scope, home)


class _Answering:
    """One answer on its way; `over` when it was given or why not was told."""

    def __init__(self, services: Services, interaction: Interaction, anew: Anew | None) -> None:
        self._services = services
        self._interaction = interaction
        self._anew = anew
        self._opened = ""
        self._title = ""
        self.over = False

    async def carried_out(self, work: Work, opens: str) -> None:
        """Do the work and deliver what it returns."""
        try:
            try:
                if opens:
                    await self._open(opens)
                await self._deliver(await work)
            finally:
                work.close()  # when the modal could not be opened
        except InputError as error:
            await self.complain(str(error))
        except Gone:
            pass  # the person closed it meanwhile
        except PlatformError as error:
            log.warning("an interaction went unanswered: %s", error)
            await self.complain(_NOT_TAKEN)
        except BotError as error:
            log.error("an interaction failed: %s", error)
            await self.complain(MEMORY_DOWN)
        self.over = True

    async def complain(self, line: str) -> None:
        """Say a line to the asker, if anything still can be said."""
        try:
            await self._say(Said(line))
        except PlatformError as error:
            log.warning("nor could that be told: %s", error)

    async def _open(self, title: str) -> None:
        interaction = self._interaction
        self._title = cut(title, TITLE_CHARACTERS)
        view = Screen(self._title, [small(_WAIT)]).modal()
        in_modal = interaction.view is not None and not interaction.on_home
        call = interaction.client.views_push if in_modal else interaction.client.views_open
        with our_errors("a modal"):
            opened = await call(trigger_id=interaction.trigger_id, view=view)
        self._opened = str((opened.get("view") or {}).get("id"))

    async def _deliver(self, response: Response) -> None:
        match response:
            case Said():
                await self._say(response)
            case Replaced():
                await self._replace(response)
            case Struck():
                await self._strike(response)
            case Shown() if not self._opened and self._interaction.view is None:
                await self._say(Said(_DONE))
            case Shown():
                await show(self._services, self._interaction, response, self._opened)
            case Unchanged():
                pass

    async def _say(self, said: Said) -> None:
        view = self._interaction.view
        if self._opened:
            await self._fill(self._opened, self._title, said.text, said.blocks)
        elif view is not None:
            await self._note(view, said.text)
        else:
            await self._send(said.text if said.is_exact else self._called(said.text), said.blocks)

    async def _replace(self, replaced: Replaced) -> None:
        view = self._interaction.view
        if view is None:
            await self._send(self._called(replaced.text), replaced.blocks, replace=True)
        else:
            title = str((view.get("title") or {}).get("text") or "")
            await self._fill(str(view.get("id")), title, replaced.text, replaced.blocks)

    async def _strike(self, struck: Struck) -> None:
        message, interaction = self._interaction.message, self._interaction
        if message is None:  # only the asker sees it, and what it said is not known
            await self._send(self._called(struck.aside), (), replace=True)
            return
        with our_errors("a message without its buttons"):
            await interaction.client.chat_update(
                channel=interaction.channel_id,
                ts=str(message.get("ts")),
                text=str(message.get("text") or "")[:_UPDATED],
                blocks=without(message, struck.verbs),
            )
        await self._send(self._called(struck.aside), ())

    async def _fill(self, view_id: str, title: str, text: str, blocks: Sequence[Block]) -> None:
        async def build() -> Screen:
            return Screen(title, [*sections(self._called(text)), *blocks])

        await show(self._services, self._interaction, Shown(build), view_id)

    async def _note(self, view: Json, text: str) -> None:
        """Say something on top of a screen, which is built anew, or of a form, which stays as it is."""

        async def build() -> Screen:
            kept = [block for block in view.get("blocks") or [] if block.get("block_id") != NOTICE]
            if self._anew is not None:
                try:
                    return await self._anew(text)
                except BotError:  # what the screen showed may be forgotten by now, so the line stands alone
                    kept = []
            named = {name: str((view.get(name) or {}).get("text") or "") for name in ("title", "submit")}
            metadata, callback_id = str(view.get("private_metadata") or ""), str(view.get("callback_id") or "")
            notice = self._called(text)
            return Screen(named["title"], kept, metadata, callback_id, named["submit"], notice=notice)

        await show(self._services, self._interaction, Shown(build))

    async def _send(self, text: str, blocks: Sequence[Block], *, replace: bool = False) -> None:
        """Send a text in as many messages as it takes, up to the most."""
        pieces = sections(text)
        if len(pieces) > MOST_MESSAGES * SECTIONS_EACH:
            pieces = [*pieces[: MOST_MESSAGES * SECTIONS_EACH - 1], small(_REST)]
        for start in range(0, len(pieces), SECTIONS_EACH):
            shown = pieces[start : start + SECTIONS_EACH]
            if start + SECTIONS_EACH >= len(pieces):
                shown += blocks
            await self._post(cut(text, _NOTIFIED), shown, replace=replace and not start)

    async def _post(self, text: str, blocks: list[Block], *, replace: bool) -> None:
        interaction = self._interaction
        body: dict[str, Any] = {"text": escaped(text), "blocks": blocks}
        if interaction.thread_ts and not replace:
            body["thread_ts"] = interaction.thread_ts
        if interaction.response_url and await _responded(interaction, {**body, "replace_original": replace}):
            return
        with our_errors("an answer"):
            if interaction.channel_id:
                await interaction.client.chat_postEphemeral(
                    channel=interaction.channel_id, user=interaction.user_id, **body
                )

    def _called(self, text: str) -> str:
        return as_called(text, self._services.settings.command_prefix)


async def _responded(interaction: Interaction, body: dict[str, Any]) -> bool:
    """Post to the response URL; False when it is over.

    Raises:
        PlatformError: Slack could not be reached.
    """
    client = interaction.client
    webhook = AsyncWebhookClient(interaction.response_url, session=client.session, retry_handlers=[])
    webhook.proxy = client.proxy  # else the library takes the environment's, whatever NO_PROXY says
    with our_errors("an answer"):
        response = await webhook.send_dict({**body, "response_type": "ephemeral"})
    return response.status_code < 400


def without(message: Json, verbs: frozenset[str]) -> list[Block]:
    """Return a message's blocks but for the buttons of some verbs."""
    blocks = []
    for block in message.get("blocks") or []:
        if "elements" not in block or block.get("type") != "actions":
            blocks.append(block)
        elif left := [element for element in block["elements"] if element.get("action_id") not in verbs]:
            blocks.append({**block, "elements": left})
    return blocks
