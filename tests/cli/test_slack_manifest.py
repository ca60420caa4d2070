"""The manifest is written before there is a token, can be piped, and says beside it where it goes."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Call
from tests.servers.slack.wire import Json


def written(forgetmenot: Call, *arguments: str) -> Json:
    """Return the manifest that the command writes as JSON."""
    result = forgetmenot("slack", "manifest", "--json", *arguments)
    assert result.code == 0
    return dict(json.loads(result.out))


def test_yaml_comes_first_and_the_way_beside_it(forgetmenot: Call) -> None:
    """Standard output has nothing but the manifest; standard error the buttons to press."""
    result = forgetmenot("slack", "manifest")

    assert result.code == 0
    assert result.out.startswith("_metadata:\n  major_version: 2\n")
    assert '\n  name: "Forget-me-not"\n' in result.out
    for words in (
        "https://api.slack.com/apps → Create New App → From a manifest → YAML",
        "App Manifest, paste, Save Changes",
        "for other scopes also Install App → Reinstall",
    ):
        assert words in result.err


def test_settings_decide_what_is_in_it(forgetmenot: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bot would not use is not asked for; mode "http" has addresses."""
    by_socket = written(forgetmenot)
    monkeypatch.setenv("SLACK_MODE", "http")
    by_http = written(forgetmenot, "--url", "https://memory.example.org/")

    assert by_socket["settings"]["socket_mode_enabled"]
    assert not by_http["settings"]["socket_mode_enabled"]
    assert by_http["settings"]["interactivity"]["request_url"] == "https://memory.example.org/slack/events"


def test_options_win_over_settings(forgetmenot: Call) -> None:
    """Name, profile and number of workspaces can be tried without a settings file."""
    made = written(forgetmenot, "--name", "Memo", "--context", "--oauth")

    assert made["features"]["bot_user"]["display_name"] == "Memo"
    assert "channels:history" in made["oauth_config"]["scopes"]["bot"]
    assert made["settings"]["token_rotation_enabled"]
    assert "channels:history" not in written(forgetmenot, "--minimal")["oauth_config"]["scopes"]["bot"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--oauth"], "Put the public address of the bot in place of https://bot.example.com"),
        (["--oauth"], "Manage Distribution → Activate Public Distribution"),
        (["--oauth"], "for other scopes also open /slack/install again for each workspace"),
        (["--context"], "set [slack] context = true, or the bot will not"),
    ],
)
def test_what_is_left_to_do_is_told(forgetmenot: Call, arguments: list[str], told: str) -> None:
    """Only where it is: not for the plain manifest."""
    assert told in forgetmenot("slack", "manifest", *arguments).err
    assert told not in forgetmenot("slack", "manifest").err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--url", "http://memory.example.org"], "'http://memory.example.org' is no public address, expected one like"),
        (["--url", "memory.example.org"], "is no public address"),
        (["--name", ""], "has 0 characters, Slack takes 1 to 35; give another with --name"),
        (["--name", "x" * 36], "has 36 characters, Slack takes 1 to 35; give another with --name"),
    ],
)
def test_wrong_usage_writes_nothing(forgetmenot: Call, arguments: list[str], told: str) -> None:
    """One line, and exit code 2."""
    result = forgetmenot("slack", "manifest", *arguments)

    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert told in result.err
