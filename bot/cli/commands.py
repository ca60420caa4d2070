"""The commands and their options. What they do is imported when one runs, so that --version is quick."""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bot.config import Settings

AnyCommand = TypeVar("AnyCommand", bound=Callable[..., Any])

PLACES = click.Choice(["dm", "private", "public"])
FOLDER = click.Path(path_type=Path)
FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
READ_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def _keep(context: click.Context, option: click.Parameter, value: Path | None) -> None:
    """Remember an option for the whole call; it may stand before the command or behind it."""
    if value is not None and option.name is not None:
        context.find_root().meta[option.name] = value


def settings_options(command: AnyCommand) -> AnyCommand:
    """Let a command be told where its settings and data are."""
    for name, kind, told in (("--data", FOLDER, "Folder of the data."), ("--config", FILE, "Settings file.")):
        command = click.option(name, type=kind, help=told, expose_value=False, callback=_keep)(command)
    return command


def load(context: click.Context) -> Settings:
    """Return the settings: options over the environment over the file.

    Raises:
        ConfigError: something is wrong with them.
    """
    from bot.config_loading import FILE_VARIABLE, load_settings
    from bot.logs import configure_logging

    given = context.find_root().meta
    environment = dict(os.environ)
    for option, variable in (("config", FILE_VARIABLE), ("data", "FORGETMENOT_DATA")):
        if option in given:
            environment[variable] = str(given[option])
    settings = load_settings(environment, Path.cwd())
    configure_logging(settings.log.level, settings.secrets().values())
    return settings


def seat_options(command: AnyCommand) -> AnyCommand:
    """Let a command be told who sits at the terminal, and where."""
    for option in (
        click.option("--place", type=PLACES, default="dm", show_default=True, help="Who else could be reading."),
        click.option("--guild", default="home", show_default=True, help="The server that the terminal stands for."),
        click.option("--as", "person", default="me", show_default=True, help="Who you are."),
        click.option("--json", "json_lines", is_flag=True, help="Answer with one JSON object a line."),
    ):
        command = option(command)
    return command


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"forgetmenot {version('forgetmenot-bot')}")
    except PackageNotFoundError:
        click.echo("forgetmenot (not installed)")
    context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@settings_options
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show it.")
def forgetmenot() -> None:
    """A chat bot that remembers what people tell it.

    Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 data folder in use, 4 data written by a newer version,
    130 interrupted.
    """


@forgetmenot.command()
@settings_options
@seat_options
@click.pass_context
def run(context: click.Context, person: str, guild: str, place: str, *, json_lines: bool) -> int:
    """Serve the platforms that have a token; without any, talk with the bot here, as `chat` does."""
    from bot.cli.talking import Seat, serve_platforms, serve_terminal

    settings = load(context)
    if settings.platforms:
        return serve_platforms(settings)
    return serve_terminal(settings, Seat(person, guild, place, json_lines))


@forgetmenot.command()
@settings_options
@seat_options
@click.pass_context
def chat(context: click.Context, person: str, guild: str, place: str, *, json_lines: bool) -> int:
    """Talk with the bot here, whatever platforms there are."""
    from bot.cli.talking import Seat, serve_terminal

    return serve_terminal(load(context), Seat(person, guild, place, json_lines))


@forgetmenot.command()
def demo() -> None:
    """Watch the bot remember, without accounts and keys."""
    import asyncio

    from bot.cli.demo import play

    asyncio.run(play(sys.stdout))


@forgetmenot.command()
@settings_options
@click.pass_context
def reindex(context: click.Context) -> int:
    """Make the vectors that are missing, as after a change of the embedder."""
    from bot.cli.reindexing import make_vectors

    return make_vectors(load(context))


@forgetmenot.command()
@settings_options
@click.option("--as", "person", help="Whose memories: a person at the terminal.  [default: me]")
@click.option("--user", help="Whose memories: a user id of the platform.")
@click.option("--guild", help="Only those of one server.")
@click.option("--platform", default="terminal", show_default=True, help="Where the person is known.")
@click.option("--all", "everybody", is_flag=True, help="Everybody's memories.")
@click.option("-o", "--output", type=FILE, default="-", help="File to write; only you will be able to read it.")
@click.pass_context
def export(
    context: click.Context,
    *,
    person: str | None,
    user: str | None,
    guild: str | None,
    platform: str,
    everybody: bool,
    output: Path,
) -> int:
    """Write memories as lines of JSON, the oldest first."""
    from bot.cli.exporting import Wanted, bring_out

    return bring_out(load(context), Wanted(person, user, guild, platform, everybody), output)


@forgetmenot.command(name="import")
@settings_options
@click.argument("file", type=READ_FILE)
@click.option("--map", "pairs", multiple=True, metavar="SPEAKER=PERSON", help="Who a speaker is; * is all others.")
@click.option("--guild", help="Server they go to.  [default: the line's, else home]")
@click.option("--platform", help="Platform they go to.  [default: the line's, else terminal]")
@click.option("--place", type=PLACES, help="Who else could read them.  [default: the line's, else dm]")
@click.option("--filter/--no-filter", "filtered", default=True, help="Keep what is worth it, or every message.")
@click.option("--dry-run", is_flag=True, help="Tell what would be kept, and keep nothing.")
@click.pass_context
def import_(
    context: click.Context,
    *,
    file: Path,
    pairs: tuple[str, ...],
    guild: str | None,
    platform: str | None,
    place: str | None,
    filtered: bool,
    dry_run: bool,
) -> int:
    """Remember lines of JSON: memories, or the messages of a conversation. Lines that were imported are left out."""
    from bot.cli.importing import Brought, bring_in

    return bring_in(load(context), file, Brought(pairs, guild, platform, place, filtered, dry_run))


@forgetmenot.command()
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> int:
    """Check everything that is configured, and say what to click or type where something is wrong.

    Looks at the settings, the data folder, a bot that runs on it, the model services, and on Discord at the token, the
    switches of the developer portal, permissions and commands, on Slack at tokens and scopes. Changes nothing, costs
    nothing, and the bot may run.

    Exit codes: 0 no problem (there may be warnings), 1 a problem.
    """
    from bot.cli.doctor import examine

    return examine(lambda: load(context), as_json=as_json)


@forgetmenot.group()
def discord() -> None:
    """Set up Discord."""


@discord.command()
@settings_options
@click.option("--guild", default="", metavar="ID", help="Only the address for this server.")
@click.pass_context
def invite(context: click.Context, guild: str) -> int:
    """Print the addresses that invite the bot.

    One adds it to a server, with the permissions that it uses and no others; one adds its commands to a person's
    account. They are made from the token alone. Standard output has the addresses, standard error what each is for.
    """
    from bot.cli.inviting import invite_to_discord

    return invite_to_discord(load(context), guild)


@forgetmenot.group()
def slack() -> None:
    """Set up Slack."""


@slack.command()
@settings_options
@click.option("--yaml/--json", "as_yaml", default=True, help="How it is written.  [default: YAML]")
@click.option("--context/--minimal", "around", default=None, help="Read channels too, or not.  [default: the setting]")
@click.option("--oauth/--single", "several", default=None, help="For several workspaces, or one.  [default: as set]")
@click.option("--name", default=None, help="Name of the app.  [default: the bot's]")
@click.option("--url", default="", help='Public address of the bot, for mode "http" and several workspaces.')
@click.pass_context
def manifest(
    context: click.Context, *, as_yaml: bool, around: bool | None, several: bool | None, name: str | None, url: str
) -> int:
    """Write the manifest that the app is made from.

    It has the scopes, events, shortcuts and commands that this configuration needs, and no others. Needs no token and
    no network. Standard output has the manifest, standard error where to paste it.
    """
    from bot.cli.manifesting import Asked, write_manifest

    return write_manifest(load(context), Asked(around, several, name, url), as_json=not as_yaml)


@forgetmenot.command()
@settings_options
@click.pass_context
def stats(context: click.Context) -> int:
    """Tell how much is remembered and used; never what."""
    from bot.cli.counting import count

    return count(load(context))
