"""/privacy: what is kept and by whom it is processed, with buttons to opt out and in, to pause and to go on."""

from __future__ import annotations

from typing import Literal

import discord

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here, tell
from adapters.discord.interface.presses import Press, Verb, Verbs, button, view_of
from adapters.discord.interface.responding import Changed, Response, Said
from adapters.discord.services import Services
from bot.types import Mode, Scope

Choice = Literal["opt out", "opt out everywhere", "opt in", "opt in everywhere"]
"""What can be chosen beside the command, as people read it, and as the assistant takes it."""


async def privacy(interaction: Interaction, services: Services, choice: Choice | None) -> Response:
    """Return what is kept of the asker and what they can choose, or what became of their choice."""
    told = await tell(interaction, services, "privacy", choice or "")
    return Said(told.shown, await _view(interaction, services))


async def _view(interaction: Interaction, services: Services) -> discord.ui.View:
    scope, panel = scope_here(interaction), services.panel
    if (await panel.standing(scope.everywhere)).mode is Mode.OFF:
        return view_of(_button("return", scope, "Opt in everywhere", discord.ButtonStyle.primary))
    leave = _button("leave", scope, "Opt out everywhere", discord.ButtonStyle.danger)
    mode = (await panel.standing(scope)).mode
    if mode is Mode.OFF:
        return view_of(_button("optin", scope, "Opt in", discord.ButtonStyle.primary), leave)
    pausing = _button("resume", scope, "Resume") if mode is Mode.COMMANDS else _button("pause", scope, "Pause")
    return view_of(pausing, _button("optout", scope, "Opt out", discord.ButtonStyle.danger), leave)


def _button(
    verb: str, scope: Scope, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[discord.ui.View]:
    return button(verb, scope.user_id, label=label, style=style)


async def _optout(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt out")


async def _leave(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt out everywhere")


async def _optin(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt in")


async def _return(press: Press) -> Response:
    return await _chosen(press, "privacy", "opt in everywhere")


async def _pause(press: Press) -> Response:
    return await _chosen(press, "pause")


async def _resume(press: Press) -> Response:
    return await _chosen(press, "resume")


async def _chosen(press: Press, command: str, text: str = "") -> Response:
    told = await tell(press.interaction, press.services, command, text)
    return Changed(told.shown, await _view(press.interaction, press.services))


VERBS: Verbs = {
    "optout": Verb(_optout),
    "leave": Verb(_leave),
    "optin": Verb(_optin),
    "return": Verb(_return),
    "pause": Verb(_pause),
    "resume": Verb(_resume),
}
