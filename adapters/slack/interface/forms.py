"""Forms that are sent off: what was written, whether it is taken, and what is wrong with it, said at its field.

A form is answered by its acknowledgement, for which Slack waits 3 seconds: it stays open with what is wrong, or closes.
Work that takes longer is told of in the modal when it is done.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adapters.slack.faults import Gone
from adapters.slack.interface.commands import as_called
from adapters.slack.interface.gates import Gate
from adapters.slack.interface.interactions import Interaction
from adapters.slack.interface.kit import sections
from adapters.slack.interface.responding import ANSWER_S, FAILED, MEMORY_DOWN, Shown, show
from adapters.slack.interface.screens import Screen
from adapters.slack.reading import Json
from adapters.slack.services import Services
from bot.errors import BotError, InputError

log = logging.getLogger(__name__)

ACKNOWLEDGE_S = 0.3
"""Seconds that work gets before the form is acknowledged without its outcome."""

SETTLED_S = 0.5
"""Seconds after which an acknowledgement has changed the modal. It is sent some time after the listener gave it, and
would else cover the outcome that followed it."""

_OUT_OF_DATE = "That is from an older version of me. Please open it again."
_SAVING = "One moment, I am saving that …"
_SAVED = "Saved."


@dataclass(frozen=True, slots=True)
class Submission:
    """What was written into a form. values: by block, a text or the chosen values."""

    interaction: Interaction
    services: Services
    values: Mapping[str, str | Sequence[str]]
    metadata: str = ""
    below: str = ""

    def text(self, block_id: str) -> str:
        """Return what was written or chosen in a field of one value."""
        value = self.values.get(block_id, "")
        return value.strip() if isinstance(value, str) else ""

    def chosen(self, block_id: str) -> frozenset[str]:
        """Return what was chosen in a field of several values."""
        value = self.values.get(block_id, ())
        return frozenset() if isinstance(value, str) else frozenset(value)


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a form. wrong: by block, and nothing was done then. below: what the modal under it shows now."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    below: Shown | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a form does."""

    run: Callable[[Submission], Awaitable[Filed]]
    gate: Gate = Gate.OWNER


Forms: TypeAlias = Mapping[str, Form]


def submission_of(services: Services, interaction: Interaction, view: Json) -> Submission:
    """Return what a payload tells of a form."""
    states = (view.get("state") or {}).get("values") or {}
    values = {block_id: _value(state) for block_id, fields in states.items() for state in fields.values()}
    metadata, below = str(view.get("private_metadata") or ""), str(view.get("previous_view_id") or "")
    return Submission(interaction, services, values, metadata, below)


def _value(state: Mapping[str, Any]) -> str | list[str]:
    if "selected_options" in state:
        return [str(option["value"]) for option in state["selected_options"] or ()]
    if "selected_conversations" in state:
        return [str(one) for one in state["selected_conversations"] or ()]
    if "selected_option" in state:
        return str((state["selected_option"] or {}).get("value") or "")
    return str(state.get("value") or "")


class Filing:
    """One form on its way: carried out in the background, answered in time."""

    def __init__(self, submission: Submission, form: Form | None) -> None:
        self._submission = submission
        self._services = submission.services
        self._form = form
        self._reference = secrets.token_hex(3)
        self._filed: Filed | None = None
        self._decided = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._late = False

    async def answer(self) -> dict[str, Any]:
        """Return what the form is acknowledged with, once that is known, and soon anyway."""
        await _within(ACKNOWLEDGE_S, self._decided)
        if not self._decided.is_set():
            self._late = True
            return {"response_action": "update", "view": self._screen(_SAVING).modal()}
        wrong = self._outcome().wrong
        return {"response_action": "errors", "errors": dict(wrong)} if wrong else {}

    def acknowledged(self) -> None:
        """Note that the person's form was answered, so that screens can be changed."""
        self._acknowledged.set()

    async def carried_out(self) -> None:
        """Do what the form is for, and show what comes of it besides."""
        task = self._services.tasks.start(f"slack form {self._reference}", self._run())
        await asyncio.wait([task], timeout=ANSWER_S)
        task.cancel()  # what takes longer than anybody waits
        self._decided.set()
        await _within(ANSWER_S, self._acknowledged)
        filed = self._outcome()
        try:
            if self._late:
                await asyncio.sleep(SETTLED_S)
                await self._show_late(filed)
            if filed.below is not None:
                await show(self._services, self._submission.interaction, filed.below, self._submission.below)
        except Gone:
            pass  # the person closed it meanwhile
        except BotError as error:
            log.warning("what became of a form was not shown: %s", error)

    async def _run(self) -> None:
        try:
            self._filed = await self._checked()
        except InputError as error:
            self._filed = self._refused(str(error))
        except BotError as error:
            log.error("a form was not carried out: %s", error)
            self._filed = self._refused(MEMORY_DOWN)

    async def _checked(self) -> Filed:
        if self._form is None:
            return self._refused(_OUT_OF_DATE)
        interaction = self._submission.interaction
        refusal = await self._form.gate.refusal(self._services, interaction, interaction.user_id)
        return self._refused(refusal) if refusal else await self._form.run(self._submission)

    def _outcome(self) -> Filed:
        return self._filed or self._refused(FAILED.format(reference=self._reference))

    def _refused(self, line: str) -> Filed:
        """Nothing was done, and why stands at the first field."""
        blocks = (self._submission.interaction.view or {}).get("blocks") or []
        fields = [str(block["block_id"]) for block in blocks if block.get("type") == "input"]
        return Filed({fields[0]: as_called(line, self._services.settings.command_prefix)} if fields else {"": line})

    async def _show_late(self, filed: Filed) -> None:
        async def build() -> Screen:
            return self._screen("\n".join(filed.wrong.values()) or _SAVED)

        view = self._submission.interaction.view or {}
        await show(self._services, self._submission.interaction, Shown(build), str(view.get("id")))

    def _screen(self, text: str) -> Screen:
        view = self._submission.interaction.view or {}
        return Screen(str((view.get("title") or {}).get("text") or ""), sections(text))


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for something, but not longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
