"""Writes the app manifest that a configuration needs, for Slack's page "Create New App". Knows no app and no workspace.

The structure is Slack's: https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapters.slack.interface.commands import PROMPTS, SHORTCUTS, SLASH_COMMANDS
from adapters.slack.setup.scopes import events_for, scopes_for
from bot.errors import ConfigError

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | bool | int"

EVENTS_PATH = "/slack/events"
"""Where mode "http" takes everything that Slack posts."""

REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends a browser back to at the end of an installation."""

MAX_NAME = 35
"""Characters of an app's name."""

PLACEHOLDER_URL = "https://bot.example.com"

_DESCRIPTION = "Remembers what each person tells it, and answers with that in mind."
_LONG_DESCRIPTION = (
    "An AI that remembers what you tell it, and answers with that in mind, next week too. Mention it in a channel, or "
    "write to it directly. Nobody else is shown what it knows of you. See, change and forget all of it on its Home tab."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a manifest is wanted for.

    by_http: Slack posts events, in place of a socket that the bot opens. url: the public address that it then posts to,
    and that OAuth ends at. prefix: what stands before the name of every command.
    """

    name: str
    context: bool = False
    by_http: bool = False
    several_workspaces: bool = False
    prefix: str = ""
    url: str = PLACEHOLDER_URL


def manifest(wish: Wish) -> dict[str, Json]:
    """Return the manifest as Slack's reference structures it.

    Raises:
        ConfigError: the name is empty, or too long for Slack.
    """
    if not 0 < len(wish.name) <= MAX_NAME:
        found = f"the app's name {wish.name!r} has {len(wish.name)} characters, Slack takes 1 to {MAX_NAME}"
        raise ConfigError(f"{found}; give another with --name")
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": wish.name,
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#3f5f8f",
        },
        "features": _features(wish),
        "oauth_config": _oauth(wish),
        "settings": _settings(wish),
    }


def _features(wish: Wish) -> dict[str, Json]:
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": wish.name, "always_online": True},
        "agent_view": {
            "agent_description": _DESCRIPTION,
            "suggested_prompts": [{"title": prompt.title, "message": prompt.message} for prompt in PROMPTS],
        },
        "shortcuts": [
            {
                "name": shortcut.name,
                "type": "message" if shortcut.on_message else "global",
                "callback_id": shortcut.callback_id,
                "description": shortcut.description,
            }
            for shortcut in SHORTCUTS
        ],
        "slash_commands": [
            {
                "command": command.slashed(wish.prefix),
                "description": command.description,
                "usage_hint": command.usage_hint,
                "should_escape": True,  # people and channels arrive as ids
                **_posted_to(wish, "url"),
            }
            for command in SLASH_COMMANDS
        ],
    }


def _oauth(wish: Wish) -> dict[str, Json]:
    redirects = {"redirect_urls": [wish.url + REDIRECT_PATH]} if wish.several_workspaces else {}
    return {**redirects, "scopes": {"bot": scopes_for(context=wish.context)}}


def _settings(wish: Wish) -> dict[str, Json]:
    several = wish.several_workspaces
    return {
        "event_subscriptions": {**_posted_to(wish, "request_url"), "bot_events": events_for(context=wish.context)},
        "interactivity": {"is_enabled": True, **_posted_to(wish, "request_url")},
        "org_deploy_enabled": several,
        "socket_mode_enabled": not wish.by_http,
        "token_rotation_enabled": several,  # a single token in the settings must not run out
    }


def _posted_to(wish: Wish, key: str) -> dict[str, str]:
    return {key: wish.url + EVENTS_PATH} if wish.by_http else {}


def in_json(content: Mapping[str, Json]) -> str:
    """Return a manifest as indented JSON."""
    return json.dumps(content, indent=2, ensure_ascii=False)


def in_yaml(content: Mapping[str, Json]) -> str:
    """Return a manifest as YAML: mappings and lists as lines, texts as JSON strings, which YAML reads alike."""
    return "\n".join(_yaml_of_mapping(content, ""))


def _yaml_of_mapping(content: Mapping[str, Json], indent: str) -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _yaml_of_mapping(value, f"{indent}  ")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield f"{indent}{key}:"
            for item in value:
                yield from _yaml_of_item(item, f"{indent}  ")
        else:
            yield f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}"


def _yaml_of_item(item: Json, indent: str) -> Iterator[str]:
    if not isinstance(item, Mapping):
        yield f"{indent}- {json.dumps(item, ensure_ascii=False)}"
        return
    first, *rest = _yaml_of_mapping(item, f"{indent}  ")
    yield f"{indent}- {first.strip()}"
    yield from rest
