"""What is kept and by whom it is processed, with buttons to opt out and in, to pause and to go on."""

from __future__ import annotations

from collections.abc import Callable

from adapters.slack.interface.home import home_screen
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.kit import Block, actions, confirm
from adapters.slack.interface.memory_list import listing_of
from adapters.slack.interface.presses import Press, Verb, Verbs, button
from adapters.slack.interface.responding import Replaced, Response, Said, Shown, Work
from adapters.slack.interface.screens import Screen
from adapters.slack.services import Services
from bot.types import Mode

_SURE = confirm("From then on I read and keep nothing that you say, and recall nothing.", "Opt out", "Stay")


async def privacy(services: Services, interaction: Interaction, choice: str = "") -> Response:
    """Return what is kept of the asker, and what they can choose; or what a choice in words led to."""
    told = await tell(services, interaction, "privacy", choice)
    return Said(told.whole, [await _buttons(services, interaction)])


async def _buttons(services: Services, interaction: Interaction) -> Block:
    owner = interaction.user_id
    mode = (await services.bot.panel.standing(interaction.scope)).mode
    if mode is Mode.OFF:
        return actions(button("optin", owner, label="Opt in", style="primary"))
    paused = mode is Mode.COMMANDS
    return actions(
        button("resume", owner, label="Resume") if paused else button("pause", owner, label="Pause"),
        button("optout", owner, label="Opt out", style="danger", asks=_SURE),
    )


async def _privacy(press: Press) -> Response:
    return await privacy(press.services, press.interaction)


def _chosen(command: str, text: str = "") -> Callable[[Press], Work]:
    """What a button does: a command, after which what can be chosen is shown anew.

    On the home tab that comes under what is said of it, else in place of what was pressed.
    """

    async def choose(press: Press) -> Response:
        services, interaction = press.services, press.interaction
        told = await tell(services, interaction, command, text)
        if not interaction.on_home:
            return Replaced(told.whole, [await _buttons(services, interaction)])
        listing = listing_of(interaction.view)

        async def build() -> Screen:
            return await home_screen(services, interaction.workspace, interaction.scope, listing, notice=told.whole)

        return Shown(build)

    return choose


VERBS: Verbs = {
    "privacy": Verb(_privacy, opens="Privacy"),
    "optout": Verb(_chosen("privacy", "opt-out")),
    "optin": Verb(_chosen("privacy", "opt-in")),
    "pause": Verb(_chosen("pause")),
    "resume": Verb(_chosen("resume")),
}
