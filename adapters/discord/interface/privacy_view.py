"""/privacy: what is kept and by whom it is processed, with buttons to opt out and in, to pause and to go on."""

from __future__ import annotations

import discord

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here, tell
from adapters.discord.interface.presses import Press, Verb, Verbs, button, view_of
from adapters.discord.interface.responding import Changed, Response, Said
from adapters.discord.services import Services
from bot.types import Mode


async def privacy(interaction: Interaction, services: Services) -> Response:
    """Return what is kept of the asker, and what they can choose."""
    told = await tell(interaction, services, "privacy")
    return Said(told.text, await _view(interaction, services))


async def _view(interaction: Interaction, services: Services) -> discord.ui.View:
    scope = scope_here(interaction)
    standing = await services.panel.standing(scope)
    if standing.mode is Mode.OFF:
        return view_of(button("optin", scope.user_id, label="Opt in", style=discord.ButtonStyle.primary))
    paused = standing.mode is Mode.COMMANDS
    return view_of(
        button("resume", scope.user_id, label="Resume") if paused else button("pause", scope.user_id, label="Pause"),
        button("optout", scope.user_id, label="Opt out", style=discord.ButtonStyle.danger),
    )


async def _optout(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt-out")


async def _optin(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt-in")


async def _pause(press: Press) -> Response:
    return await _chosen(press, "pause")


async def _resume(press: Press) -> Response:
    return await _chosen(press, "resume")


async def _chosen(press: Press, command: str, text: str = "") -> Response:
    told = await tell(press.interaction, press.services, command, text)
    return Changed(told.text, await _view(press.interaction, press.services))


VERBS: Verbs = {
    "optout": Verb(_optout),
    "optin": Verb(_optin),
    "pause": Verb(_pause),
    "resume": Verb(_resume),
}
