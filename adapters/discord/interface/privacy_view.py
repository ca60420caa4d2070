"""/privacy: what is kept and by whom it is processed, with buttons to opt out and in, to pause and to go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import discord

from adapters.discord.interface.gates import Interaction
from adapters.discord.interface.interactions import scope_here, shown, tell
from adapters.discord.interface.presses import Press, Verb, Verbs, button, view_of
from adapters.discord.interface.responding import Changed, Response, Said, Work
from adapters.discord.services import Services
from bot.types import Mode, Scope

Choice = Literal["opt out", "opt out everywhere", "opt in", "opt in everywhere"]
"""What can be chosen beside the command, as people read it, and as the assistant takes it."""


async def privacy(interaction: Interaction, services: Services, choice: Choice | None) -> Response:
    """Return what is kept of the asker and what they can choose, or what became of their choice."""
    told = await tell(interaction, services, "privacy", choice or "")
    return Said(shown(told), await _view(interaction, services))


async def _view(interaction: Interaction, services: Services) -> discord.ui.View:
    scope, panel = scope_here(interaction), services.bot.panel
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


def _chosen(command: str, text: str = "") -> Callable[[Press], Work]:
    """What a button does: a command, after which what can be chosen is shown anew."""

    async def choose(press: Press) -> Response:
        told = await tell(press.interaction, press.services, command, text)
        return Changed(shown(told), await _view(press.interaction, press.services))

    return choose


VERBS: Verbs = {
    "optout": Verb(_chosen("privacy", "opt out")),
    "leave": Verb(_chosen("privacy", "opt out everywhere")),
    "optin": Verb(_chosen("privacy", "opt in")),
    "return": Verb(_chosen("privacy", "opt in everywhere")),
    "pause": Verb(_chosen("pause")),
    "resume": Verb(_chosen("resume")),
}
