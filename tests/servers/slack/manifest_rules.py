"""What Slack takes as an app manifest, as far as its reference ("App manifest") says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.servers.slack.rules import Fault, Limit, broken, value_at
from tests.servers.slack.scopes import EVENTS
from tests.servers.slack.wire import Json

SECTIONS = frozenset({"_metadata", "display_information", "features", "oauth_config", "settings", "functions"})
COLOUR = re.compile(r"#[0-9A-Fa-f]{3}(?:[0-9A-Fa-f]{3})?")
COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")

MANIFEST = (
    Limit("display_information.name", 35, 1, required=True),
    Limit("display_information.description", 140),
    Limit("display_information.long_description", 4000, 174),
    Limit("features.bot_user.display_name", 80, 1),
    Limit("features.slash_commands", 50),
    Limit("features.shortcuts", 10),
    Limit("features.agent_view.agent_description", 300, 1),
    Limit("features.agent_view.suggested_prompts", 4),
    Limit("oauth_config.scopes.bot", 255),
    Limit("oauth_config.redirect_urls", 1000),
    Limit("settings.event_subscriptions.bot_events", 100),
)
SLASH_COMMAND = (
    Limit("command", 32, 2, required=True),
    Limit("description", 2000, 1, required=True),
    Limit("usage_hint", 1000),
)
SHORTCUT = (
    Limit("name", 24, 1, required=True),
    Limit("callback_id", 255, 1, required=True),
    Limit("description", 150, 1, required=True),
)
PROMPT = (Limit("title", 75, 1, required=True), Limit("message", 1000, 1, required=True))


def manifest_faults(manifest: Json) -> Iterator[Fault]:
    """Yield what is wrong with a manifest."""
    for name in sorted(manifest.keys() - SECTIONS):
        yield Fault(name, "unknown section")
    yield from broken(manifest, MANIFEST, "")
    colour = value_at(manifest, "display_information.background_color")
    if colour is not None and not COLOUR.fullmatch(str(colour)):
        yield Fault("display_information.background_color", "must be a colour in hexadecimal digits")
    yield from _feature_faults(manifest)
    yield from _event_faults(manifest)
    yield from _address_faults(manifest)


def _feature_faults(manifest: Json) -> Iterator[Fault]:
    scopes = listed(manifest, "oauth_config.scopes.bot")
    commands = listed(manifest, "features.slash_commands")
    for number, command in enumerate(commands):
        yield from broken(command, SLASH_COMMAND, f"features.slash_commands.{number}")
        if not COMMAND.fullmatch(str(command.get("command"))):
            yield Fault(f"features.slash_commands.{number}.command", "must be / and a lower-case word")
    shortcuts = listed(manifest, "features.shortcuts")
    for number, shortcut in enumerate(shortcuts):
        yield from broken(shortcut, SHORTCUT, f"features.shortcuts.{number}")
        if shortcut.get("type") not in ("message", "global"):
            yield Fault(f"features.shortcuts.{number}.type", "must be message or global")
    for number, prompt in enumerate(listed(manifest, "features.agent_view.suggested_prompts")):
        yield from broken(prompt, PROMPT, f"features.agent_view.suggested_prompts.{number}")
    names = [command.get("command") for command in commands] + [shortcut.get("callback_id") for shortcut in shortcuts]
    for name in sorted({str(name) for name in names if names.count(name) > 1}):
        yield Fault("features", f"{name} stands twice")
    if (commands or shortcuts) and "commands" not in scopes:
        yield Fault("oauth_config.scopes.bot", "commands and shortcuts need the scope commands")
    agent = value_at(manifest, "features.agent_view")
    if agent is not None and "assistant:write" not in scopes:
        yield Fault("oauth_config.scopes.bot", "agent_view needs the scope assistant:write")
    if scopes and value_at(manifest, "features.bot_user.display_name") is None:
        yield Fault("features.bot_user", "bot scopes need a bot user")


def _event_faults(manifest: Json) -> Iterator[Fault]:
    scopes = set(listed(manifest, "oauth_config.scopes.bot"))
    for number, event in enumerate(listed(manifest, "settings.event_subscriptions.bot_events")):
        where = f"settings.event_subscriptions.bot_events.{number}"
        if event not in EVENTS:
            yield Fault(where, f"unknown event {event}")
        elif EVENTS[event] and scopes.isdisjoint(EVENTS[event]):
            yield Fault(where, f"{event} needs the scope {' or '.join(EVENTS[event])}")


def _address_faults(manifest: Json) -> Iterator[Fault]:
    if value_at(manifest, "settings.socket_mode_enabled"):
        return
    subscribed = listed(manifest, "settings.event_subscriptions.bot_events")
    if subscribed and value_at(manifest, "settings.event_subscriptions.request_url") is None:
        yield Fault("settings.event_subscriptions.request_url", "required without Socket Mode")
    interactive = value_at(manifest, "settings.interactivity.is_enabled")
    if interactive and value_at(manifest, "settings.interactivity.request_url") is None:
        yield Fault("settings.interactivity.request_url", "required without Socket Mode")
    for number, command in enumerate(listed(manifest, "features.slash_commands")):
        if not command.get("url"):
            yield Fault(f"features.slash_commands.{number}.url", "required without Socket Mode")


def listed(manifest: Json, path: str) -> list[Any]:
    """Return the list at a path, an empty one if nothing stands there."""
    found = value_at(manifest, path)
    return found if isinstance(found, list) else []
