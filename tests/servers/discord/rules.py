"""What Discord takes in a message and its embeds, as tables; the limits stand in its documentation of each resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.servers.discord.refusals import Fault
from tests.servers.discord.wire import Json

CONTENT_CHARACTERS = 2000
EMBEDS = 10
EMBEDS_CHARACTERS = 6000
NONCE_CHARACTERS = 25
FILES = 10

SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15
SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a text, how full a list or how large a number at a path may be."""

    path: str
    most: int
    least: int = 0
    required: bool = False


MESSAGE = (Limit("content", CONTENT_CHARACTERS), Limit("embeds", EMBEDS), Limit("nonce", NONCE_CHARACTERS))

EMBED = (
    Limit("title", 256),
    Limit("description", 4096),
    Limit("fields", 25),
    Limit("footer.text", 2048),
    Limit("author.name", 256),
)

EMBED_FIELD = (Limit("name", 256, 1, required=True), Limit("value", 1024, 1, required=True))

ALLOWED_MENTIONS = (Limit("users", 100), Limit("roles", 100))

THREAD = (Limit("name", 100, 1, required=True),)


def broken(thing: Json, limits: Iterable[Limit], where: str = "") -> Iterator[Fault]:
    """Yield the limits that a thing does not keep."""
    for limit in limits:
        path = f"{where}.{limit.path}".strip(".")
        value = value_at(thing, limit.path)
        if value is None:
            if limit.required:
                yield Fault(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str | list | int | float):
            yield Fault(path, "BASE_TYPE_BAD_TYPE", "This field has the wrong type")
        else:
            size = len(value) if isinstance(value, str | list) else value
            if not limit.least <= size <= limit.most:
                yield Fault(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {limit.least} and {limit.most} in length.")


def value_at(thing: object, path: str) -> object:
    """Return what stands at a dotted path, None if nothing does."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def message_faults(body: Json) -> Iterator[Fault]:
    """Yield what is wrong with a message, its components aside."""
    nonce = {} if body.get("nonce") is None else {"nonce": str(body["nonce"])}
    yield from broken({**body, **nonce}, MESSAGE)
    yield from embed_faults(body.get("embeds") or [])
    yield from allowed_mentions_faults(body.get("allowed_mentions") or {})


def embed_faults(embeds: list[Json]) -> Iterator[Fault]:
    """Yield what is wrong with the embeds of one message."""
    for number, embed in enumerate(embeds):
        yield from broken(embed, EMBED, f"embeds.{number}")
        for row, field in enumerate(embed.get("fields") or []):
            yield from broken(field, EMBED_FIELD, f"embeds.{number}.fields.{row}")
    if sum(map(embed_characters, embeds)) > EMBEDS_CHARACTERS:
        yield Fault("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_CHARACTERS}")


def embed_characters(embed: Json) -> int:
    """Return what an embed counts towards the limit of all."""
    fields = embed.get("fields") or []
    texts = [embed.get("title"), embed.get("description")]
    texts += [value_at(embed, "footer.text"), value_at(embed, "author.name")]
    texts += [field.get(name) for field in fields for name in ("name", "value")]
    return sum(len(str(text)) for text in texts if text)


def allowed_mentions_faults(allowed: Json) -> Iterator[Fault]:
    """Yield what is wrong with the list of those who may be pinged."""
    yield from broken(allowed, ALLOWED_MENTIONS, "allowed_mentions")
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            text = f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive."
            yield Fault("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
