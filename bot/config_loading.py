"""Reads the settings from a TOML file and the environment, and says in one line what is wrong with them."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import stat
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import inspect

from bot.config import Secret, Settings, Table
from bot.errors import ConfigError

Values: TypeAlias = Mapping[str, object]
AnyTable = TypeVar("AnyTable", bound=Table)

FILE_VARIABLE = "FORGETMENOT_CONFIG"
DEFAULT_FILE = "config.toml"
ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "FORGETMENOT_DATA": ("bot", "data"),
    "OPENAI_API_KEY": ("openai", "api_key"),
    "OPENAI_BASE_URL": ("openai", "base_url"),
    "OPENAI_MODEL": ("openai", "model"),
    "EMBEDDING_API_KEY": ("embeddings", "api_key"),
    "EMBEDDING_BASE_URL": ("embeddings", "base_url"),
    "EMBEDDING_MODEL": ("embeddings", "model"),
    "DISCORD_TOKEN": ("discord", "token"),
    "DISCORD_API_BASE": ("discord", "api_base"),
    "DISCORD_GATEWAY_URL": ("discord", "gateway_url"),
    "DISCORD_PROXY": ("discord", "proxy"),
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_CLIENT_ID": ("slack", "client_id"),
    "SLACK_CLIENT_SECRET": ("slack", "client_secret"),
    "SLACK_MODE": ("slack", "mode"),
    "SLACK_HTTP_HOST": ("slack", "http_host"),
    "SLACK_HTTP_PORT": ("slack", "http_port"),
    "SLACK_API_BASE": ("slack", "api_base"),
    "SLACK_PROXY": ("slack", "proxy"),
}
"""Which variable sets which (section, key)."""

WHERE_IN_SLACK: Mapping[str, str] = {
    "bot_token": "Install App → Bot User OAuth Token (xoxb-…)",
    "app_token": "Basic Information → App-Level Tokens → Generate Token and Scopes, with connections:write (xapp-…)",
    "signing_secret": "Basic Information → App Credentials → Signing Secret",
    "client_id": "Basic Information → App Credentials → Client ID",
    "client_secret": "Basic Information → App Credentials → Client Secret",
}
"""Where on https://api.slack.com/apps → your app each credential of Slack is shown."""

_SHOWN_CHARACTERS = 60
_PASSWORD_IN_ADDRESS = re.compile(r"//[^/@\s]*@")


def load_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Return the settings: the environment over the file over the defaults.

    Args:
        environment: variables by name, with white space around a value left off; an empty one counts as unset.
        folder: where `config.toml` is looked for when FORGETMENOT_CONFIG names no file.

    Raises:
        ConfigError: a setting, the file or a variable is wrong.
    """
    # Files of variables with Windows line ends leave one behind every value.
    given = {name: text for name, value in environment.items() if (text := value.strip())}
    _refuse_unknown_variables(given)
    path = _settings_file(given, folder)
    settings = _with_environment(_read_file(path) if path else Settings(), given)
    _refuse_half_of_slack(settings)
    return settings


def _settings_file(given: Mapping[str, str], folder: Path) -> Path | None:
    if FILE_VARIABLE in given:
        return Path(given[FILE_VARIABLE]).expanduser()
    path = folder / DEFAULT_FILE
    return path if path.exists() else None


def _refuse_unknown_variables(given: Iterable[str]) -> None:
    known = [FILE_VARIABLE, *ENVIRONMENT]
    for name in sorted(given):
        if name.startswith("FORGETMENOT_") and name not in known:
            raise ConfigError(f"environment: {name} is not a variable of this bot{_hint(name, known)}")


def _read_file(path: Path) -> Settings:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            parsed = tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; {FILE_VARIABLE} can name another") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text, as TOML has to be") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    settings = _checked_table(Settings, parsed, str(path))
    _refuse_shared_secrets(settings, mode, path)
    return settings


def _refuse_shared_secrets(settings: Settings, mode: int, path: Path) -> None:
    secrets = settings.secrets()
    if secrets and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            f"{path}: {next(iter(secrets))} is a secret, but the file's mode is {mode:04o}, expected 0600; "
            f"run: chmod 600 {shlex.quote(str(path))}"
        )


def _refuse_half_of_slack(settings: Settings) -> None:
    """A bot that nobody can reach, or that takes unsigned requests, must not look as if it ran."""
    variables = {place: name for name, place in ENVIRONMENT.items()}
    wanted = [f"{key} ({variables['slack', key]}): {WHERE_IN_SLACK[key]}" for key in settings.slack.missing]
    if wanted:
        mode = settings.slack.mode
        raise ConfigError(
            f"[slack] has a credential, but with mode = {mode!r} lacks {'; '.join(wanted)}; "
            "all are at https://api.slack.com/apps → your app"
        )


def _checked_table(kind: type[AnyTable], values: Values, file: str, *path: str) -> AnyTable:
    """Return the table that a file's values make.

    Args:
        path: names of the tables around it, none for the whole file.
    """
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    checked: dict[str, object] = {}
    for key, value in values.items():
        label = f"{file}: {_label(key, value, path)}"
        expected = fields.get(key)
        if expected is None:
            raise ConfigError(f"{label} is not a {'setting' if path else 'section'}{_hint(key, fields)}")
        if isinstance(expected, type) and issubclass(expected, Table):
            if not isinstance(value, dict):
                raise ConfigError(f"{label} is {_found(value)}, expected a table [{'.'.join((*path, key))}]")
            checked[key] = _checked_table(expected, value, file, *path, key)
        else:
            checked[key] = _checked_value(expected, value, label)
    return kind(**checked)


def _label(key: str, value: object, path: tuple[str, ...]) -> str:
    if isinstance(value, dict):
        return f"[{'.'.join((*path, key))}]"
    return f"[{'.'.join(path)}] {key}" if path else key


def _with_environment(settings: Settings, given: Mapping[str, str]) -> Settings:
    for variable, (section, key) in ENVIRONMENT.items():
        if variable in given:
            table = getattr(settings, section)
            expected = next(field.type for field in msgspec.structs.fields(table) if field.name == key)
            value = _checked_value(expected, given[variable], f"environment: {variable}", strict=False)
            table = msgspec.structs.replace(table, **{key: value})
            settings = msgspec.structs.replace(settings, **{section: table})
    return settings


def _checked_value(expected: type, value: object, label: str, *, strict: bool = True) -> object:
    try:
        return msgspec.convert(value, expected, strict=strict, dec_hook=_special)
    except msgspec.ValidationError as error:
        found = "a value that is not shown" if expected is Secret else _found(value)
        raise ConfigError(f"{label} is {found}, expected {_description(inspect.type_info(expected))}") from error


def _special(kind: type, value: object) -> object:
    """Make a value of a type that msgspec does not know."""
    if not isinstance(value, str):
        raise TypeError("not text")
    if kind is tzinfo:
        return _time_zone(value)
    return Path(value).expanduser() if kind is Path else kind(value)


def _time_zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # needs no time zone database, which slim containers lack
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:  # unknown; a folder of the database, such as Europe
        raise ValueError("no time zone of this name is installed") from error


def _found(value: object) -> str:
    text = _PASSWORD_IN_ADDRESS.sub("//***@", repr(value))
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _description(kind: inspect.Type) -> str:
    """Say in words what a setting of this type may be."""
    match kind:
        case inspect.Metadata(extra_json_schema={"description": str(text)}):
            return text
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=low, le=high):
            return f"a number from {low} to {high}"
        case inspect.LiteralType(values=choices):
            return f"one of {', '.join(map(str, choices))}"
        case inspect.EnumType(cls=choices):
            return f"one of {', '.join(choices)}"
        case inspect.CustomType(cls=custom) if custom is tzinfo:
            return "a time zone such as Europe/Berlin"
    return "text"


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
