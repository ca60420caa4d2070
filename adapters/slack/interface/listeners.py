"""Listeners of the bolt app: each acknowledges at once, whatever it does then, and asks its gate before that.

bolt sends the acknowledgement when the listener is through, unless it raised; so a listener starts the work first, in
the background, and waits for none of it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.interface.forms import Filing, Forms, submission_of
from adapters.slack.interface.gates import Gate
from adapters.slack.interface.home import anew, opened
from adapters.slack.interface.interactions import Interaction, interaction_of
from adapters.slack.interface.presses import OUT_OF_DATE, Verbs, press_in, pressed
from adapters.slack.interface.responding import Response, Said, answer
from adapters.slack.interface.uses import Use, Uses, used
from adapters.slack.services import Services
from bot.errors import BotError

log = logging.getLogger(__name__)

Ack: TypeAlias = Callable[..., Awaitable[object]]
Body: TypeAlias = dict[str, Any]


class Listener(Protocol):
    """What bolt calls; the names of the parameters say what it is given."""

    async def __call__(self, ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        """Take one payload."""
        ...


_Listener = TypeVar("_Listener", bound=Callable[..., Any])


def gated(gates: Mapping[str, Gate]) -> Callable[[_Listener], _Listener]:
    """Note on a listener which gate each thing that it takes has, by its name."""

    def mark(listener: _Listener) -> _Listener:
        listener.__dict__["gates"] = gates
        return listener

    return mark


def for_uses(services: Services, uses: Uses, named: Callable[[Body], str]) -> Listener:
    """Return a listener for commands or shortcuts.

    Args:
        named: tells which of them a payload is about.
    """

    @gated({name: use.gate for name, use in uses.items()})
    async def heard(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        use = uses.get(named(body), _UNKNOWN)
        services.tasks.start("slack use", _carried_out(services, use, body, context))
        await ack()

    return heard


def for_presses(services: Services, verbs: Verbs) -> Listener:
    """Return a listener for whatever is pressed, chosen or written outside forms."""

    @gated({name: verb.gate for name, verb in verbs.items()})
    async def heard(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        services.tasks.start("slack press", _press_carried_out(services, verbs, body, context))
        await ack()

    return heard


def for_forms(services: Services, forms: Forms) -> Listener:
    """Return a listener for forms that are sent off."""

    @gated({name: form.gate for name, form in forms.items()})
    async def heard(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        interaction = interaction_of(services, context, body)
        view = interaction.view or {}
        form = forms.get(str(view.get("callback_id")))
        filing = Filing(submission_of(services, interaction, view), form)
        services.tasks.start("slack form", filing.carried_out())
        await ack(**await filing.answer())
        filing.acknowledged()

    return heard


def for_home(services: Services) -> Listener:
    """Return a listener for home and messages tabs that are opened."""

    @gated({"app_home_opened": Gate.ASKER})
    async def heard(ack: Ack, body: Body, context: AsyncBoltContext) -> None:
        services.tasks.start("slack home", _home_shown(services, body, context))
        await ack()

    return heard


async def _carried_out(services: Services, use: Use, body: Body, context: AsyncBoltContext) -> None:
    interaction = interaction_of(services, context, body)
    work = used(use, services, interaction, str(body.get("text") or ""))
    await answer(services, interaction, work, opens=use.opens)


async def _press_carried_out(services: Services, verbs: Verbs, body: Body, context: AsyncBoltContext) -> None:
    interaction = interaction_of(services, context, body)
    action = body["actions"][0]
    verb, press = verbs.get(str(action.get("action_id"))), press_in(interaction, services, action)
    opens = verb.opens if verb and press.owner_id == interaction.user_id else ""
    await answer(services, interaction, pressed(verb, press), opens=opens, anew=anew(services, interaction))


async def _home_shown(services: Services, body: Body, context: AsyncBoltContext) -> None:
    try:
        await opened(services, interaction_of(services, context, body), body["event"])
    except BotError as error:
        log.warning("a home tab was not shown: %s", error)


async def _unknown(_: Services, __: Interaction, ___: str) -> Response:
    return Said(OUT_OF_DATE)


_UNKNOWN = Use(_unknown)
