"""The command that writes the manifest which a Slack app is made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import click

from bot.cli.platforms import slack_manifest
from bot.config import Settings

_URL = re.compile(r"https://[^\s/?#@]+(/[^\s?#@]*)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; None leaves it to the settings, and an empty url to whoever pastes the manifest."""

    context: bool | None
    several_workspaces: bool | None
    name: str | None
    url: str


def write_manifest(settings: Settings, asked: Asked, *, as_json: bool) -> int:
    """Show the manifest on standard output, and what to do with it on standard error; return the exit code.

    Raises:
        ConfigError: the name is empty, or too long for Slack.
    """
    if asked.url and not _URL.fullmatch(asked.url):
        raise click.UsageError(f"--url {asked.url!r} is no public address, expected one like https://bot.example.com")
    slack = settings.slack
    context = slack.context if asked.context is None else asked.context
    several = slack.several_workspaces if asked.several_workspaces is None else asked.several_workspaces
    text = slack_manifest(
        settings,
        name=settings.bot.name if asked.name is None else asked.name,
        url=asked.url.rstrip("/"),
        context=context,
        several_workspaces=several,
        as_json=as_json,
    )
    click.echo(text)
    form = "JSON" if as_json else "YAML"
    click.echo(f"Paste it: https://api.slack.com/apps → Create New App → From a manifest → {form}", err=True)
    for line in _notes(asked, context=context, several=several, needs_url=several or slack.mode == "http"):
        click.echo(line, err=True)
    return 0


def _notes(asked: Asked, *, context: bool, several: bool, needs_url: bool) -> Iterator[str]:
    if needs_url and not asked.url:
        yield "Put the public address of the bot in place of https://bot.example.com, or give it with --url."
    if context and asked.context:
        yield "It asks to read channels: set [slack] context = true, or the bot will not."
    if several:
        yield "For workspaces beyond its own: your app → Manage Distribution → Activate Public Distribution."
    granted = "open /slack/install again for each workspace" if several else "Install App → Reinstall"
    change = "To change an app that there is: your app → App Manifest, paste, Save Changes"
    yield f"{change}; for other scopes also {granted}."
