"""Settings: where they come from, what is refused, and what the person is told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
import Stemmer

from bot.config import EmbeddingsSettings, OpenAISettings, Secret, Settings, SnowballLanguage, Table
from bot.config_loading import ENVIRONMENT, WHERE_IN_SLACK, load_settings
from bot.errors import ConfigError
from bot.types import Kind, Mode

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

OF_OTHER_SHAPE = {"gateway_url": "ws://localhost:1", "mode": "http", "http_port": "1"}
"""Values of the variables that an address does not suit."""

ONE_WORKSPACE = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
WHOLE_SLACK = {**ONE_WORKSPACE, "SLACK_SIGNING_SECRET": "s", "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "c"}
"""Every credential, so that none is told to be missing."""

Load = Callable[..., Settings]
Refused = Callable[..., str]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a file's text with variables around it."""

    def load_text(text: str = "", mode: int = 0o644, **variables: str) -> Settings:
        path = tmp_path / "config.toml"
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return load_settings(variables, tmp_path)

    return load_text


@pytest.fixture
def refused(load: Load, tmp_path: Path) -> Refused:
    """Return what the person is told about wrong settings, without the folder's name."""

    def refusal(text: str = "", mode: int = 0o644, **variables: str) -> str:
        with pytest.raises(ConfigError) as caught:
            load(text, mode, **variables)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return refusal


class TestSources:
    def test_without_file_and_variables_everything_is_default(self, tmp_path: Path) -> None:
        """Nothing has to be configured to start."""
        assert load_settings({}, tmp_path) == Settings()

    def test_file_in_the_folder_is_read(self, load: Load) -> None:
        """config.toml of the folder changes what it names and leaves the rest."""
        settings = load("[bot]\nname = 'Vergissmeinnicht'\n[memory.half_life_days]\nfact = 10")

        assert settings.bot.name == "Vergissmeinnicht"
        assert settings.memory.half_life_days.of(Kind.FACT) == 10
        assert settings.memory.half_life_days.of(Kind.EVENT) == 120

    def test_variable_names_another_file(self, load: Load, tmp_path: Path) -> None:
        """FORGETMENOT_CONFIG wins over config.toml of the folder."""
        other = tmp_path / "other.toml"
        other.write_text("[bot]\nname = 'Other'")

        assert load("[bot]\nname = 'Here'", FORGETMENOT_CONFIG=str(other)).bot.name == "Other"

    def test_environment_wins_over_file(self, load: Load) -> None:
        """A variable replaces the file's value, and leaves the others."""
        settings = load("[openai]\nmodel = 'small'\nbase_url = 'http://here'", OPENAI_MODEL="large")

        assert settings.openai.model == "large"
        assert settings.openai.base_url == "http://here"

    def test_empty_variable_is_unset(self, load: Load) -> None:
        """An empty variable leaves the file's value."""
        assert load("[openai]\nmodel = 'small'", OPENAI_MODEL="").openai.model == "small"

    @pytest.mark.parametrize("blank", [" ", "\r\n"])
    def test_blank_variable_is_unset(self, load: Load, blank: str) -> None:
        """White space is no value, least of all a credential."""
        settings = load("[openai]\nmodel = 'small'", OPENAI_MODEL=blank, SLACK_SIGNING_SECRET=blank)

        assert settings.openai.model == "small"
        assert settings.platforms == ()

    def test_line_end_of_a_variable_is_left_off(self, load: Load) -> None:
        """A file of variables with Windows line ends puts one behind every value."""
        settings = load(SLACK_APP_TOKEN="xapp-1\r", SLACK_BOT_TOKEN="xoxb-1\r\n", SLACK_MODE="socket\r")

        assert (settings.slack.app_token, settings.slack.bot_token) == (Secret("xapp-1"), Secret("xoxb-1"))
        assert settings.slack.mode == "socket"

    @pytest.mark.parametrize("variable", ENVIRONMENT)
    def test_every_variable_sets_its_setting(self, load: Load, variable: str) -> None:
        """Each variable of the table changes the setting that the table names."""
        section, key = ENVIRONMENT[variable]
        value = OF_OTHER_SHAPE.get(key, "http://localhost:1")

        changed = getattr(getattr(load(**{**WHOLE_SLACK, variable: value}), section), key)

        assert changed != getattr(getattr(Settings(), section), key)

    def test_values_become_their_types(self, load: Load) -> None:
        """Folder, time zone and mode arrive as what they are."""
        settings = load("[bot]\ndata = '~/x'\ntimezone = 'Europe/Berlin'\n[memory]\nmode = 'ask'")

        assert settings.bot.data == Path.home() / "x"
        assert settings.bot.timezone == ZoneInfo("Europe/Berlin")
        assert settings.memory.mode is Mode.ASK
        assert load("[bot]\ntimezone = 'UTC'").bot.timezone is UTC


class TestRefusals:
    """What was found, what was expected, what to do; always one line."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (
                "[limits]\nqueue_totl = 3",
                "config.toml: [limits] queue_totl is not a setting; did you mean queue_total?",
            ),
            ("[limts]\nqueue_total = 3", "config.toml: [limts] is not a section; did you mean limits?"),
            (
                "[memory.half_life_days]\nfcat = 3",
                "config.toml: [memory.half_life_days] fcat is not a setting; did you mean fact?",
            ),
            ("[log]\nzzz = 3", "config.toml: [log] zzz is not a setting; known are level"),
            (
                "[limits]\nqueue_total = 'x'",
                "config.toml: [limits] queue_total is 'x', expected a whole number from 1 to 100000",
            ),
            (
                "[limits]\nqueue_total = true",
                "config.toml: [limits] queue_total is True, expected a whole number from 1 to 100000",
            ),
            (
                "[limits]\nqueue_total = 0",
                "config.toml: [limits] queue_total is 0, expected a whole number from 1 to 100000",
            ),
            (
                "[memory]\nrelevance_floor = nan",
                "config.toml: [memory] relevance_floor is nan, expected a number from 0 to 1",
            ),
            ("[memory]\nmode = 'x'", "config.toml: [memory] mode is 'x', expected one of auto, ask, commands, off"),
            ("[bot]\nname = ''", "config.toml: [bot] name is '', expected text that is not empty"),
            ("[bot]\npersona = 3", "config.toml: [bot] persona is 3, expected text"),
            ("[bot]\ndata = 3", "config.toml: [bot] data is 3, expected text"),
            (
                "[bot]\ntimezone = 'Europe'",
                "config.toml: [bot] timezone is 'Europe', expected a time zone such as Europe/Berlin",
            ),
            (
                "[bot]\ntimezone = 'Mars/Base'",
                "config.toml: [bot] timezone is 'Mars/Base', expected a time zone such as Europe/Berlin",
            ),
            (
                "[bot]\nlanguage = 'English'",
                "config.toml: [bot] language is 'English', expected auto, or a code such as en",
            ),
            ("openai = 3", "config.toml: openai is 3, expected a table [openai]"),
            (
                "[bot]\nname = 'A'\nname = 'B'\n",
                "config.toml: is not TOML: Cannot overwrite a value (at line 3, column 11)",
            ),
        ],
    )
    def test_wrong_file_is_told(self, refused: Refused, text: str, told: str) -> None:
        """A wrong setting stops the start with its place, what was found and what was expected."""
        assert refused(text) == told

    @pytest.mark.parametrize(
        ("variable", "value", "told"),
        [
            (
                "OPENAI_BASE_URL",
                "htp://me:hunter2@x/",
                "environment: OPENAI_BASE_URL is 'htp://***@x/', expected an address like http://host:port/path",
            ),
            (
                "FORGETMENOT_DTA",
                "x",
                "environment: FORGETMENOT_DTA is not a variable of this bot; did you mean FORGETMENOT_DATA?",
            ),
        ],
    )
    def test_wrong_variable_is_told(self, refused: Refused, variable: str, value: str, told: str) -> None:
        """A wrong or unknown variable stops the start; a password in an address is not repeated."""
        assert refused(**{variable: value}) == told

    def test_long_values_are_cut(self, refused: Refused) -> None:
        """One line stays one line, whatever was found."""
        told = refused(f"[log]\nlevel = '{'x' * 10_000}'")

        assert len(told) < 200
        assert "\n" not in told

    def test_missing_file_is_told(self, refused: Refused, tmp_path: Path) -> None:
        """A file that was named has to be there."""
        told = refused(FORGETMENOT_CONFIG=str(tmp_path / "none.toml"))

        assert told == "none.toml: cannot be read: No such file or directory; FORGETMENOT_CONFIG can name another"

    def test_folder_instead_of_file_is_told(self, refused: Refused, tmp_path: Path) -> None:
        """A folder cannot be read as a file."""
        assert "cannot be read: Is a directory" in refused(FORGETMENOT_CONFIG=str(tmp_path))

    def test_other_encoding_is_told(self, tmp_path: Path) -> None:
        """TOML is UTF-8."""
        (tmp_path / "config.toml").write_bytes("[bot]\nname = 'Übung'".encode("latin-1"))

        with pytest.raises(ConfigError, match="is not UTF-8"):
            load_settings({}, tmp_path)


class TestSecrets:
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
    def test_file_with_a_secret_must_be_private(self, refused: Refused, mode: int) -> None:
        """A key in a file that others can open stops the start, and is not repeated."""
        told = refused("[openai]\napi_key = 'sk-hush'", mode)

        assert "[openai] api_key is a secret" in told
        assert f"mode is {mode:04o}, expected 0600; run: chmod 600 " in told
        assert "hush" not in told

    def test_private_file_may_hold_a_secret(self, load: Load) -> None:
        """Mode 0600 is enough."""
        assert load("[openai]\napi_key = 'sk-hush'", 0o600).openai.api_key.reveal() == "sk-hush"

    def test_empty_secrets_need_no_private_file(self, load: Load) -> None:
        """The example can be copied as it is."""
        assert load("[openai]\napi_key = ''") == Settings()

    def test_white_space_around_a_secret_is_left_off(self, load: Load) -> None:
        """What was pasted with a line end is the same key; nothing but white space is none."""
        settings = load("[openai]\napi_key = ' sk-hush\\n'\n[slack]\nsigning_secret = ' '".replace("'", '"'), 0o600)

        assert settings.openai.api_key.reveal() == "sk-hush"
        assert not settings.slack.signing_secret

    def test_wrong_secret_is_not_repeated(self, refused: Refused) -> None:
        """A key of the wrong type is not shown."""
        assert refused("[openai]\napi_key = 12345") == (
            "config.toml: [openai] api_key is a value that is not shown, expected text"
        )

    def test_secret_shows_stars_everywhere(self) -> None:
        """Neither a secret nor the settings around it print its text."""
        secret = Secret("sk-hush")
        settings = Settings(openai=OpenAISettings(api_key=secret))

        assert [f"{secret}", repr(secret), str(secret)] == ["***"] * 3
        assert "hush" not in repr(settings)

    def test_secrets_are_listed_for_the_log(self, load: Load) -> None:
        """Every set secret is found, whichever section it stands in."""
        settings = load(OPENAI_API_KEY="a", EMBEDDING_API_KEY="b")

        assert {name: secret.reveal() for name, secret in settings.secrets().items()} == {
            "[openai] api_key": "a",
            "[embeddings] api_key": "b",
        }


class TestSlack:
    def test_without_credentials_it_is_not_served(self, load: Load) -> None:
        """The other settings alone do not ask for Slack."""
        settings = load("[slack]\ncontext = true\ncommand_prefix = 'team-'", SLACK_MODE="http")

        assert settings.platforms == ()

    @pytest.mark.parametrize(
        "credentials",
        [
            ONE_WORKSPACE,
            {"SLACK_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"},
            {"SLACK_APP_TOKEN": "xapp-1", "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "c"},
            {
                "SLACK_MODE": "http",
                "SLACK_SIGNING_SECRET": "s",
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "c",
            },
        ],
    )
    def test_with_its_credentials_it_is_served(self, load: Load, credentials: dict[str, str]) -> None:
        """Two credentials serve one workspace, by socket or by HTTP; OAuth takes the place of the bot token."""
        assert load(**credentials).platforms == ("slack",)

    def test_discord_and_slack_are_served_together(self, load: Load) -> None:
        """One process serves every platform that has its tokens."""
        assert load(DISCORD_TOKEN="x", **ONE_WORKSPACE).platforms == ("discord", "slack")

    @pytest.mark.parametrize(
        ("credentials", "lacks"),
        [
            ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["app_token"]),
            ({"SLACK_APP_TOKEN": "xapp-1"}, ["bot_token"]),
            ({"SLACK_SIGNING_SECRET": "s"}, ["app_token", "bot_token"]),
            ({"SLACK_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1"}, ["signing_secret"]),
            ({"SLACK_MODE": "http", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, ["signing_secret"]),
            ({"SLACK_CLIENT_ID": "1.2", "SLACK_APP_TOKEN": "xapp-1"}, ["client_secret"]),
            ({"SLACK_CLIENT_SECRET": "c", "SLACK_BOT_TOKEN": "xoxb-1"}, ["app_token", "client_id"]),
        ],
    )
    def test_half_of_it_stops_the_start(self, refused: Refused, credentials: dict[str, str], lacks: list[str]) -> None:
        """What is missing is named, with its variable and where Slack shows it; nothing else is."""
        told = refused(**credentials)

        assert [
            name for name in WHERE_IN_SLACK if f"{name} (SLACK_{name.upper()}): {WHERE_IN_SLACK[name]}" in told
        ] == [name for name in WHERE_IN_SLACK if name in lacks]

    def test_missing_credential_is_told_in_one_line(self, refused: Refused) -> None:
        """What was found, what was expected, and where to click."""
        assert refused(SLACK_MODE="http", SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="") == (
            "[slack] has a credential, but with mode = 'http' lacks signing_secret (SLACK_SIGNING_SECRET): Basic "
            "Information → App Credentials → Signing Secret; all are at https://api.slack.com/apps → your app"
        )

    def test_prefix_is_what_a_command_name_allows(self, refused: Refused) -> None:
        """Slack refuses a command with other letters, which would be found only when the manifest is pasted."""
        assert refused("[slack]\ncommand_prefix = 'Team '") == (
            "config.toml: [slack] command_prefix is 'Team ', expected at most 16 of a-z, 0-9, - and _, such as team-"
        )


KEY = Secret("k")
OWN_URL = "https://api.openai.com/v1"
LOCAL_URL = "http://localhost:1/v1"


class TestServices:
    @pytest.mark.parametrize(
        ("openai", "embeddings", "chosen"),
        [
            (OpenAISettings(), EmbeddingsSettings(), "static"),
            (OpenAISettings(api_key=KEY), EmbeddingsSettings(), "openai"),
            (OpenAISettings(api_key=KEY, base_url=OWN_URL), EmbeddingsSettings(), "openai"),
            (OpenAISettings(), EmbeddingsSettings(api_key=KEY), "openai"),
            (OpenAISettings(api_key=KEY, base_url=LOCAL_URL), EmbeddingsSettings(), "static"),
            (OpenAISettings(api_key=KEY, base_url=LOCAL_URL), EmbeddingsSettings(model="m"), "openai"),
            (OpenAISettings(api_key=KEY), EmbeddingsSettings(base_url=LOCAL_URL), "static"),
            (OpenAISettings(), EmbeddingsSettings(base_url=LOCAL_URL, api_key=KEY, model="m"), "openai"),
            (OpenAISettings(api_key=KEY, base_url=LOCAL_URL), EmbeddingsSettings(base_url=OWN_URL), "static"),
            (OpenAISettings(), EmbeddingsSettings(model="m"), "static"),
            (OpenAISettings(api_key=KEY), EmbeddingsSettings(embedder="static"), "static"),
            (OpenAISettings(), EmbeddingsSettings(embedder="openai"), "openai"),
        ],
    )
    def test_auto_chooses_what_can_serve(
        self, openai: OpenAISettings, embeddings: EmbeddingsSettings, chosen: str
    ) -> None:
        """OpenAI's own service with a key, another one with a named model, else the embedder that is built in."""
        assert Settings(openai=openai, embeddings=embeddings).chosen_embedder() == chosen

    def test_chat_key_stays_at_its_address(self) -> None:
        """The chat service's key is never sent to another embedding server."""
        chat = OpenAISettings(api_key=KEY)

        assert Settings(openai=chat).embedding_key == KEY
        assert not Settings(openai=chat, embeddings=EmbeddingsSettings(base_url=LOCAL_URL)).embedding_key

    @pytest.mark.parametrize(
        ("openai", "configured"),
        [
            (OpenAISettings(), False),
            (OpenAISettings(api_key=KEY), True),
            (OpenAISettings(base_url=LOCAL_URL), True),
        ],
    )
    def test_key_or_address_configures_the_chat_model(self, openai: OpenAISettings, *, configured: bool) -> None:
        """A local server needs no key."""
        assert openai.configured is configured


def _keys(table: type[Table], *path: str) -> set[tuple[str, ...]]:
    """Return the path of every setting."""
    found = set()
    for setting in msgspec.structs.fields(table):
        is_table = isinstance(setting.type, type) and issubclass(setting.type, Table)
        found |= _keys(setting.type, *path, setting.name) if is_table else {(*path, setting.name)}
    return found


def _keys_of_file(values: dict[str, object], *path: str) -> set[tuple[str, ...]]:
    found = set()
    for key, value in values.items():
        found |= _keys_of_file(value, *path, key) if isinstance(value, dict) else {(*path, key)}
    return found


def _uncommented(text: str) -> list[str]:
    """Return the settings without a comment, of words and not of dashes, in the line above."""
    lines = text.splitlines()
    settings = [(above, line) for above, line in zip(["", *lines], lines, strict=False) if re.match(r"\w+ = ", line)]
    return [line for above, line in settings if not re.match(r"# \w.*[\w\]\)]", above)]


class TestExample:
    def test_example_is_the_defaults(self, tmp_path: Path) -> None:
        """The example, used as it is, changes nothing."""
        assert load_settings({"FORGETMENOT_CONFIG": str(EXAMPLE)}, tmp_path) == Settings()

    def test_example_names_every_setting_and_no_other(self) -> None:
        """A setting that is added, renamed or removed has to be so in the example too."""
        assert _keys_of_file(tomllib.loads(EXAMPLE.read_text("utf-8"))) == _keys(Settings)

    def test_every_setting_has_a_reason(self) -> None:
        """A comment stands above each setting; the check notices one that is missing."""
        text = EXAMPLE.read_text("utf-8")

        assert _uncommented(text) == []
        assert _uncommented(text + "\nbare = 1") == ["bare = 1"]

    def test_every_variable_is_named(self) -> None:
        """The example says which variable wins over which setting."""
        text = EXAMPLE.read_text("utf-8")

        assert [name for name, (_, key) in ENVIRONMENT.items() if not re.search(rf"\[{name}\]\n{key} = ", text)] == []

    def test_stemmer_languages_are_those_of_the_library(self) -> None:
        """The list of languages is the installed Snowball's."""
        assert set(Stemmer.algorithms()) == set(get_args(SnowballLanguage))

    def test_half_lives_cover_every_kind(self) -> None:
        """A new kind of memory needs its half-life."""
        half_lives = Settings().memory.half_life_days

        assert {kind.value for kind in Kind} == set(half_lives.__struct_fields__)
