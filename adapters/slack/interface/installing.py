"""Gives an app all that people operate the bot with: commands, shortcuts, buttons, forms, and the home tab."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncApp

from adapters.slack.interface import buttons, exporting, forget_view, list_presses, privacy_view, settings_view
from adapters.slack.interface.feedback import Feedback
from adapters.slack.interface.forms import Forms
from adapters.slack.interface.home import followed
from adapters.slack.interface.listeners import for_forms, for_home, for_presses, for_uses
from adapters.slack.interface.presses import Verb, Verbs
from adapters.slack.interface.shortcuts import SHORTCUTS
from adapters.slack.interface.slash import COMMANDS
from adapters.slack.services import Services

FORMS: Forms = {**list_presses.FORMS, **settings_view.FORMS}
"""What forms can be sent off, by their callback id."""

_EVERY = re.compile("")
"""One listener takes all of a sort: what nobody listens to is never acknowledged, and shown to people as a failure."""


def verbs(services: Services) -> Verbs:
    """Return everything that can be pressed, by its action id."""
    return {
        **buttons.VERBS,
        **exporting.VERBS,
        **forget_view.VERBS,
        **list_presses.VERBS,
        **privacy_view.VERBS,
        **settings_view.VERBS,
        "feedback": Verb(Feedback(services).press),
    }


def install(app: AsyncApp, services: Services) -> None:
    """Set up the interface of an app that is not connected yet."""
    slash = f"/{services.settings.command_prefix}"

    def command(body: dict[str, Any]) -> str:
        return str(body.get("command")).removeprefix(slash)

    def shortcut(body: dict[str, Any]) -> str:
        return str(body.get("callback_id"))

    app.command(_EVERY)(for_uses(services, COMMANDS, command))
    app.shortcut(_EVERY)(for_uses(services, SHORTCUTS, shortcut))
    app.action(_EVERY)(for_presses(services, verbs(services)))
    app.view(_EVERY)(for_forms(services, FORMS))
    app.event("app_home_opened")(for_home(services))
    services.tasks.start("slack home tabs", followed(services), endless=True)
