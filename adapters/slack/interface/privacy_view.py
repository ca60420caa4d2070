"""What is kept and by whom it is processed, with buttons to opt out and in, to pause and to go on."""

from __future__ import annotations

from adapters.slack.interface.home import home_screen
from adapters.slack.interface.interactions import Interaction, tell
from adapters.slack.interface.kit import Block, actions, confirm
from adapters.slack.interface.memory_list import listing_of
from adapters.slack.interface.presses import Press, Verb, Verbs, button
from adapters.slack.interface.responding import Replaced, Response, Said, Shown
from adapters.slack.interface.screens import Screen
from adapters.slack.services import Services
from bot.types import Mode

_SURE = confirm("From then on I read and keep nothing that you say, and recall nothing.", "Opt out", "Stay")


async def privacy(services: Services, interaction: Interaction, choice: str = "") -> Response:
    """Return what is kept of the asker, and what they can choose; or what a choice in words led to."""
    told = await tell(services, interaction, "privacy", choice)
    return Said(told.text, [await _buttons(services, interaction)])


async def _buttons(services: Services, interaction: Interaction) -> Block:
    owner = interaction.user_id
    mode = (await services.panel.standing(interaction.scope)).mode
    if mode is Mode.OFF:
        return actions(button("optin", owner, label="Opt in", style="primary"))
    paused = mode is Mode.COMMANDS
    return actions(
        button("resume", owner, label="Resume") if paused else button("pause", owner, label="Pause"),
        button("optout", owner, label="Opt out", style="danger", asks=_SURE),
    )


async def _privacy(press: Press) -> Response:
    return await privacy(press.services, press.interaction)


async def _optout(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt-out")


async def _optin(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt-in")


async def _pause(press: Press) -> Response:
    return await _chosen(press, "pause")


async def _resume(press: Press) -> Response:
    return await _chosen(press, "resume")


async def _chosen(press: Press, command: str, text: str = "") -> Response:
    """Do it, and show what can be chosen then: on the home tab under what is said of it, else in place of what was."""
    services, interaction = press.services, press.interaction
    told = await tell(services, interaction, command, text)
    if not interaction.on_home:
        return Replaced(told.text, [await _buttons(services, interaction)])
    listing = listing_of(interaction.view)

    async def build() -> Screen:
        return await home_screen(services, interaction.workspace, interaction.scope, listing, notice=told.text)

    return Shown(build)


VERBS: Verbs = {
    "privacy": Verb(_privacy, opens="Privacy"),
    "optout": Verb(_optout, changes=True),
    "optin": Verb(_optin, changes=True),
    "pause": Verb(_pause, changes=True),
    "resume": Verb(_resume, changes=True),
}
