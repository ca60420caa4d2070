"""The app manifest: what Slack takes, nothing that the bot does not use, the same in YAML and JSON."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

import adapters.slack
from adapters.slack.interface.commands import SHORTCUTS, SLASH_COMMANDS
from adapters.slack.setup.manifest import MAX_NAME, Wish, in_json, in_yaml, manifest
from adapters.slack.setup.scopes import EVENTS, SCOPES, events_for, scopes_for
from bot.errors import ConfigError
from tests.servers.slack import SlackServer
from tests.servers.slack import scopes as slack_scopes
from tests.servers.slack.manifest_rules import manifest_faults
from tests.servers.slack.methods import METHODS
from tests.servers.slack.wire import Json

SOURCES = sorted(Path(adapters.slack.__file__).parent.rglob("*.py"))
URL = "https://memory.example.org"

EVERY_WISH = [
    Wish("Forget-me-not", context=context, by_http=by_http, several_workspaces=several, prefix=prefix, url=URL)
    for context, by_http, several, prefix in itertools.product((False, True), (False, True), (False, True), ("", "x-"))
]

CONTEXT_SCOPES = {"channels:history", "groups:history", "mpim:history"}
CONTEXT_EVENTS = {"message.channels", "message.groups", "message.mpim"}


def from_yaml(text: str) -> Json:
    """Read back the little of YAML that is written: nested mappings, lists, and scalars as JSON has them."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines()]
    result, rest = _block(lines, 0)
    assert rest == []
    assert isinstance(result, dict)
    return result


def _block(lines: list[tuple[int, str]], depth: int) -> tuple[object, list[tuple[int, str]]]:
    """Return the mapping or list that begins at a depth, and the lines behind it."""
    items: list[object] = []
    pairs: Json = {}
    while lines and lines[0][0] == depth:
        text = lines[0][1]
        if text.startswith("- "):
            content = text.removeprefix("- ")
            if re.match(r"\w+:", content):
                item, lines = _block([(depth + 2, content), *lines[1:]], depth + 2)
            else:
                item, lines = json.loads(content), lines[1:]
            items.append(item)
            continue
        key, _, value = text.partition(":")
        if value.strip():
            pairs[key], lines = json.loads(value), lines[1:]
        else:
            pairs[key], lines = _block(lines[1:], lines[1][0])
    return items or pairs, lines


@pytest.mark.parametrize("wish", EVERY_WISH, ids=str)
def test_every_manifest_is_one_that_slack_takes(wish: Wish) -> None:
    """No fault by Slack's rules, and YAML that reads as the JSON does."""
    made = manifest(wish)

    assert list(manifest_faults(json.loads(in_json(made)))) == []
    assert from_yaml(in_yaml(made)) == json.loads(in_json(made)) == made


async def test_slack_validates_it_and_makes_the_app_of_it() -> None:
    """apps.manifest.validate has nothing to say, and the app then has the commands and shortcuts of the bot."""
    async with SlackServer() as server:
        made = manifest(Wish("Forget-me-not", prefix="team-"))
        sent = {"manifest": in_json(made)}
        headers = {"Authorization": f"Bearer {server.config_token}"}
        async with server.client.post(f"{server.api_base}apps.manifest.validate", json=sent, headers=headers) as told:
            answer = await told.json()
        server.configure(json.loads(sent["manifest"]))

    assert answer["ok"]
    assert server.commands == {"/team-remember", "/team-forget", "/team-memories", "/team-forgetmenot"}
    assert server.commands == {command.slashed("team-") for command in SLASH_COMMANDS}
    assert server.shortcuts == {shortcut.callback_id for shortcut in SHORTCUTS}


def test_context_is_what_the_profiles_differ_by() -> None:
    """What is said around a mention is asked for only where it is wanted."""
    small, large = (manifest(Wish("F", context=context)) for context in (False, True))

    assert _scopes(large) - _scopes(small) == CONTEXT_SCOPES
    assert _events(large) - _events(small) == CONTEXT_EVENTS
    assert _scopes(small) <= _scopes(large)
    assert not any("history" in scope for scope in _scopes(small) - {"im:history"})


def test_socket_mode_names_no_address() -> None:
    """Only where Slack posts it is told where; the placeholder stands nowhere else."""
    by_socket, by_http = (in_json(manifest(Wish("F", by_http=by_http, url=URL))) for by_http in (False, True))

    assert "https://" not in by_socket
    assert by_http.count(f"{URL}/slack/events") == 2 + len(SLASH_COMMANDS)


def test_several_workspaces_need_a_way_back_and_tokens_that_rotate() -> None:
    """One workspace gets a token that lasts, since it stands in the settings."""
    one, several = (manifest(Wish("F", several_workspaces=several, url=URL)) for several in (False, True))

    assert _at(several, "oauth_config", "redirect_urls") == [f"{URL}/slack/oauth_redirect"]
    assert "redirect_urls" not in _at(one, "oauth_config")
    switches = ("org_deploy_enabled", "token_rotation_enabled")
    assert [[_at(made, "settings", switch) for switch in switches] for made in (one, several)] == [
        [False, False],
        [True, True],
    ]


def test_direct_messages_can_be_written() -> None:
    """Slack's default is a tab that nobody can write into."""
    assert _at(manifest(Wish("F")), "features", "app_home") == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


@pytest.mark.parametrize("name", ["", "x" * (MAX_NAME + 1)])
def test_name_that_slack_refuses_is_refused_here(name: str) -> None:
    """With what was found, what was expected and the option that helps."""
    with pytest.raises(ConfigError, match=f"has {len(name)} characters, Slack takes 1 to 35; give another with --name"):
        manifest(Wish(name))


def test_hard_texts_survive_in_yaml() -> None:
    """Quotes, colons, hashes and words that YAML takes for something else."""
    hard = ['say "hi": # no', "yes", "- x", "Größe\\", "1.0", "null", "a: b"]

    assert from_yaml(in_yaml({"texts": hard, "maps": [{"a": text, "b": True} for text in hard]})) == {
        "texts": hard,
        "maps": [{"a": text, "b": True} for text in hard],
    }


def test_every_need_has_its_reason() -> None:
    """Names are Slack's, stand once, and say what for."""
    assert {need.name for need in SCOPES} <= slack_scopes.ALL_SCOPES
    assert {need.name for need in EVENTS} <= slack_scopes.EVENTS.keys()
    for needs in (SCOPES, EVENTS):
        assert len({need.name for need in needs}) == len(needs)
        assert all(need.reason for need in needs)


@pytest.mark.parametrize("context", [False, True])
def test_every_event_comes_by_a_scope(*, context: bool) -> None:
    """An event whose scope is missing would never arrive."""
    granted = set(scopes_for(context=context))

    for event in events_for(context=context):
        needed = slack_scopes.EVENTS[event]
        assert not needed or granted & set(needed), event


def test_nothing_is_asked_for_that_is_not_used() -> None:
    """Every scope is that of a method that is called, of an event, or of a feature; and every such method has one."""
    called = {METHODS[name].scopes for name in _methods_called()}
    by_methods = {scope for scopes in called for scope in scopes}
    by_events = {scope for event in events_for(context=True) for scope in slack_scopes.EVENTS[event]}

    assert set(scopes_for(context=True)) - by_methods - by_events == {
        "commands",  # the commands and shortcuts themselves
        "files:read",  # the addresses of files, which are no method
    }
    assert [scopes for scopes in called if scopes and not set(scopes) & set(scopes_for(context=False))] == []


def test_every_event_has_its_listener() -> None:
    """What is subscribed to is what is listened to, the other way round too."""
    listened = {event for path in SOURCES for event in re.findall(r'app\.event\("(\w+)"\)', path.read_text("utf-8"))}

    assert {event.partition(".")[0] for event in events_for(context=True)} == listened


def _methods_called() -> set[str]:
    """Return the methods of the Web API that the adapter's source names."""
    found = {
        name.replace("_", ".")
        for path in SOURCES
        for name in re.findall(r"client\.([a-z]+(?:_\w+)+)", path.read_text("utf-8"))
    }
    uploads = {"files.getUploadURLExternal", "files.completeUploadExternal"} if "files.upload.v2" in found else set()
    return (found | uploads) & METHODS.keys()


def _scopes(made: Json) -> set[str]:
    return set(_at(made, "oauth_config", "scopes", "bot"))


def _events(made: Json) -> set[str]:
    return set(_at(made, "settings", "event_subscriptions", "bot_events"))


def _at(made: Json, *path: str) -> Any:  # noqa: ANN401 - whatever stands there
    found: Any = made
    for key in path:
        found = found[key]
    return found
