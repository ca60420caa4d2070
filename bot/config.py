"""The settings: one frozen structure per section of the file, with defaults and allowed ranges.

Where they come from, and how a wrong one is reported, is the business of `bot.config_loading`.
`config.example.toml` gives each setting's reason.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Meta, Struct, field

from bot.events import PlatformLimits
from bot.types import Kind, Mode


class Secret:
    """A token, key or password that shows itself as `***`; false when it is empty.

    White space around it is left off: no secret has any, and a line end that was pasted along breaks an HTTP header.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text.strip()

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***"


EmbedderName: TypeAlias = Literal["openai", "static"]

# What `description` says is shown to the person who set something else.
HttpAddress = Annotated[
    str, Meta(pattern=r"^(https?://[^\s/@]+(/[^\s@]*)?)?$", description="an address like http://host:port/path")
]
GatewayAddress = Annotated[
    str, Meta(pattern=r"^wss?://[^\s/@]+(/[^\s@]*)?$", description="an address like wss://host:port/path")
]
Host = Annotated[str, Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", description="a host name such as wikipedia.org")]
LanguageCode = Annotated[str, Meta(pattern="^(auto|[a-z]{2,3})$", description="auto, or a code such as en")]
CommandPrefix = Annotated[
    str, Meta(pattern="^[a-z0-9_-]{0,16}$", description="at most 16 of a-z, 0-9, - and _, such as team-")
]
Filled = Annotated[str, Meta(min_length=1, description="text that is not empty")]
Days = Annotated[float, Meta(ge=1, le=36500)]
Seconds = Annotated[float, Meta(ge=0.1, le=600)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Price = Annotated[float, Meta(ge=0, le=10_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
# fmt: off
SnowballLanguage = Literal[
    "arabic", "armenian", "basque", "catalan", "czech", "danish", "dutch", "dutch_porter", "english", "esperanto",
    "estonian", "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian",
    "lithuanian", "nepali", "norwegian", "persian", "polish", "porter", "portuguese", "romanian", "russian", "serbian",
    "sesotho", "spanish", "swedish", "tamil", "turkish", "yiddish",
]
# fmt: on


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file."""


class BotSettings(Table, frozen=True):
    """Who the bot is, and where it keeps its data."""

    data: Path = Path("data")
    name: Filled = "Forget-me-not"
    persona: str = "You are a friendly member of this chat. You answer in few, plain words."
    language: LanguageCode = "auto"
    timezone: tzinfo = UTC


class OpenAISettings(Table, frozen=True):
    """The chat model. A proxy is a secret because its address may hold a password."""

    api_key: Secret = Secret()
    base_url: HttpAddress = ""
    model: Filled = "gpt-4o-mini"
    more_models: tuple[Filled, ...] = ()
    images: bool = False
    prompt_price: Price = 0
    completion_price: Price = 0
    proxy: Secret = Secret()
    deadline_s: Seconds = 60
    idle_s: Seconds = 20
    connect_s: Seconds = 5
    max_retries: Annotated[int, Meta(ge=0, le=10)] = 2
    max_reply_tokens: Annotated[int, Meta(ge=16, le=100_000)] = 800
    context_tokens: Annotated[int, Meta(ge=1000, le=2_000_000)] = 8000

    @property
    def configured(self) -> bool:
        """Whether there is a chat model to ask: a key, or the address of a server that needs none."""
        return bool(self.api_key or self.base_url)


class EmbeddingsSettings(Table, frozen=True):
    """What makes vectors of texts."""

    embedder: Literal["auto", "openai", "static"] = "auto"
    model: str = ""
    dimensions: Annotated[int, Meta(ge=8, le=8192)] = 512
    api_key: Secret = Secret()
    base_url: HttpAddress = ""
    proxy: Secret = Secret()
    deadline_s: Seconds = 10


class HalfLifeDays(Table, frozen=True):
    """Days after which a memory of a kind counts half."""

    preference: Days = 730
    fact: Days = 730
    decision: Days = 365
    event: Days = 120
    note: Days = 730
    message: Days = 180

    def of(self, kind: Kind) -> float:
        """Return the half-life of one kind, in days."""
        return float(getattr(self, kind))


class MemorySettings(Table, frozen=True):
    """What is kept, and how it is found again."""

    mode: Mode = Mode.AUTO
    retention_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    max_memories_per_person: Annotated[int, Meta(ge=1, le=100_000)] = 5000
    recall_limit: Annotated[int, Meta(ge=1, le=100)] = 10
    recall_tokens: Annotated[int, Meta(ge=50, le=10_000_000)] = 1000
    relevance_floor: Share = 0.27
    merge: bool = True
    decay: bool = True
    stemmer_language: SnowballLanguage = "english"
    cache_mb: Annotated[int, Meta(ge=1, le=65536)] = 32
    index_file_from: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    half_life_days: HalfLifeDays = field(default_factory=HalfLifeDays)


class RepliesSettings(Table, frozen=True):
    """What an answer is made from, and how it is shown."""

    recent_turns: Annotated[int, Meta(ge=0, le=200)] = 20
    recent_hours: Annotated[float, Meta(ge=0, le=168)] = 24
    marks: Literal["buttons", "words", "none"] = "buttons"
    linked_hosts: tuple[Host, ...] = ()


class LimitsSettings(Table, frozen=True):
    """What one person, one guild and the whole process may use."""

    messages_per_minute_per_person: Positive = 20
    messages_per_minute_per_guild: Positive = 120
    tokens_per_day_per_guild: Positive = 500_000
    queue_per_scope: Annotated[int, Meta(ge=1, le=1000)] = 3
    queue_total: Annotated[int, Meta(ge=1, le=100_000)] = 500
    max_message_characters: Annotated[int, Meta(ge=100, le=1_000_000)] = 20_000
    shutdown_s: Seconds = 10


class DiscordSettings(Table, frozen=True):
    """Discord; without a token it is not started."""

    token: Secret = Secret()
    message_content: Literal["auto", "on", "off"] = "auto"
    context_messages: Annotated[int, Meta(ge=0, le=100)] = 10
    edit_interval_s: Annotated[float, Meta(ge=1.2, le=60)] = 1.5
    catch_up_minutes: Annotated[float, Meta(ge=0, le=1440)] = 15
    catch_up_messages: Annotated[int, Meta(ge=1, le=100)] = 50
    purge_after_days: Annotated[float, Meta(ge=0, le=30)] = 7
    api_base: HttpAddress = "https://discord.com/api/v10"
    gateway_url: GatewayAddress = "wss://gateway.discord.gg/"
    proxy: Secret = Secret()

    @property
    def configured(self) -> bool:
        """Whether Discord is to be started."""
        return bool(self.token)


class SlackSettings(Table, frozen=True):
    """Slack; without tokens it is not started. Several workspaces install it by OAuth when it has a client id."""

    bot_token: Secret = Secret()
    app_token: Secret = Secret()
    signing_secret: Secret = Secret()
    client_id: str = ""
    client_secret: Secret = Secret()
    mode: Literal["socket", "http"] = "socket"
    http_host: Filled = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535)] = 3000
    context: bool = False
    context_messages: Annotated[int, Meta(ge=0, le=100)] = 10
    edit_interval_s: Annotated[float, Meta(ge=1.2, le=60)] = 1.5
    command_prefix: CommandPrefix = ""
    memory_characters: Annotated[int, Meta(ge=0, le=1_000_000)] = 300
    memory_days: Annotated[int, Meta(ge=0, le=36500)] = 90
    api_base: HttpAddress = "https://slack.com/api/"
    proxy: Secret = Secret()

    @property
    def configured(self) -> bool:
        """Whether Slack is to be started: one credential is enough to want it, not to have it."""
        return bool(self.bot_token or self.app_token or self.signing_secret or self.several_workspaces)

    @property
    def several_workspaces(self) -> bool:
        """Whether workspaces install the bot by OAuth, which gives each its own bot token."""
        return bool(self.client_id or self.client_secret)

    @property
    def missing(self) -> tuple[str, ...]:
        """The credentials that a configured Slack still needs, by their names in the file."""
        needed = ["app_token"] if self.mode == "socket" else ["signing_secret"]
        needed += ["client_id", "client_secret"] if self.several_workspaces else ["bot_token"]
        return tuple(name for name in needed if self.configured and not getattr(self, name))


class LogSettings(Table, frozen=True):
    """What is logged to standard error; never contents, at any level."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Table, frozen=True):
    """Everything that can be set."""

    bot: BotSettings = field(default_factory=BotSettings)
    openai: OpenAISettings = field(default_factory=OpenAISettings)
    embeddings: EmbeddingsSettings = field(default_factory=EmbeddingsSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)
    replies: RepliesSettings = field(default_factory=RepliesSettings)
    limits: LimitsSettings = field(default_factory=LimitsSettings)
    discord: DiscordSettings = field(default_factory=DiscordSettings)
    slack: SlackSettings = field(default_factory=SlackSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def platforms(self) -> tuple[str, ...]:
        """The chat platforms that are to be served."""
        return tuple(name for name in ("discord", "slack") if getattr(self, name).configured)

    @property
    def platform_limits(self) -> dict[str, PlatformLimits]:
        """What platforms allow of memory, by the name of those that have a limit of their own."""
        return {"slack": PlatformLimits(self.slack.memory_characters, self.slack.memory_days)}

    @property
    def embedding_address(self) -> str:
        """The address of the embedding service; empty means OpenAI's own."""
        return self.embeddings.base_url or self.openai.base_url

    @property
    def embedding_key(self) -> Secret:
        """The key for the embedding service. The chat model's key goes to no other address than its own."""
        if self.embeddings.api_key or self.embedding_address != self.openai.base_url:
            return self.embeddings.api_key
        return self.openai.api_key

    def chosen_embedder(self) -> EmbedderName:
        """Return what makes the vectors.

        `auto` takes OpenAI's own service when there is a key for it, and another service when an embedding model is
        named, because a server that offers chat need not offer embeddings.
        """
        if self.embeddings.embedder != "auto":
            return self.embeddings.embedder
        usable = self.embedding_key if is_openai(self.embedding_address) else self.embeddings.model
        return "openai" if usable else "static"

    def secrets(self) -> dict[str, Secret]:
        """Return every secret that is set, by its place in the file, so that a log can keep them out."""
        tables = {section: getattr(self, section) for section in self.__struct_fields__}
        values = {
            f"[{section}] {key}": getattr(table, key)
            for section, table in tables.items()
            for key in table.__struct_fields__
        }
        return {name: value for name, value in values.items() if isinstance(value, Secret) and value}


def is_openai(address: str) -> bool:
    """Tell whether an address is OpenAI's own; an empty one is."""
    return not address or urlsplit(address).hostname == "api.openai.com"
