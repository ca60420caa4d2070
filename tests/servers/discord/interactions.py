"""The life of an interaction: asked, acknowledged once and in time, answered, followed up, dead after 15 minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.discord import payloads
from tests.servers.discord.component_rules import walk
from tests.servers.discord.forms import filled
from tests.servers.discord.permissions import bits, permissions_of
from tests.servers.discord.wire import Impossible, Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.discord.nouns import Channel, Message
    from tests.servers.discord.people import Person
    from tests.servers.discord.server import DiscordServer

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5

ACKNOWLEDGE_WITHIN_S = 3
TOKEN_LIVES_S = 15 * 60
FOLLOW_UPS_OF_GUEST = 5
ATTACHMENT_BYTES = 10 * 2**20

IN_GUILD, IN_BOT_DM, IN_OTHER_DM = 0, 1, 2

IN_DIRECT_MESSAGES = ("attach_files", "embed_links", "mention_everyone")
"""What the bot is told that it may do in direct messages; that it may write there is not among it. "Interaction
Object" of Discord's documentation."""


@dataclass(eq=False)
class Use:
    """One interaction and all that came of it.

    `messages` are the response and the follow-ups as they look now, `modal` the form that was opened,
    `choices` what autocomplete offered, `acknowledged_after_s` None as long as the bot has said nothing. `cut_off`: a
    connection broke before it was answered, so that the bot cannot know whether what it said was taken.
    """

    person: Person
    channel: Channel = field(repr=False)
    kind: int
    data: Json
    owners: dict[str, str]
    source: Message | None = None
    id: int = 0
    token: str = field(default_factory=lambda: secrets.token_hex(24))
    asked_at_s: float = 0.0
    acknowledged_after_s: float | None = None
    deferred: bool = False
    ephemeral: bool = False
    modal: Json | None = None
    choices: list[Json] | None = None
    original: Message | None = None
    shown: list[Message] = field(default_factory=list)
    follow_ups: int = 0
    updated: bool = False
    cut_off: bool = False

    @property
    def server(self) -> DiscordServer:
        """The server that it happens on."""
        return self.person.server

    @property
    def messages(self) -> list[Message]:
        """The messages that came of it and are still there."""
        return [message for message in self.shown if not message.deleted]

    @property
    def text(self) -> str:
        """What these messages say."""
        return "\n".join(message.text for message in self.messages if message.text)

    @property
    def is_answered(self) -> bool:
        """Whether the person sees more than "thinking"."""
        seen = any(not message.is_loading for message in self.messages)
        return seen or self.updated or self.modal is not None or self.choices is not None

    @property
    def is_guest(self) -> bool:
        """Whether the bot is here only because the person installed it for themselves."""
        return "0" not in self.owners and self.context != IN_BOT_DM

    @property
    def context(self) -> int:
        """Where it happened, by Discord's numbers."""
        return context_of(self.server, self.channel)

    @property
    def age_s(self) -> float:
        """How long ago it was asked."""
        return self.server.clock.now() - self.asked_at_s

    async def acknowledged(self, timeout_s: float = ACKNOWLEDGE_WITHIN_S) -> Use:
        """Wait for the bot to say anything at all."""
        await self.server.until(lambda: self.acknowledged_after_s is not None, timeout_s)
        return self

    async def answered(self, timeout_s: float = 5) -> Use:
        """Wait until the person sees more than "thinking"."""
        await self.server.until(lambda: self.is_answered, timeout_s)
        return self

    async def until(self, condition: Callable[[], object], timeout_s: float = 5) -> Use:
        """Wait for a condition."""
        await self.server.until(condition, timeout_s)
        return self

    async def submit(self, values: dict[str, object]) -> Use:
        """Fill the modal that was opened and send it; fields go by label or custom_id."""
        if self.modal is None:
            raise Impossible("no modal was opened")
        data = {"custom_id": self.modal["custom_id"], "components": filled(self.modal["components"], values)}
        return await seen(Use(self.person, self.channel, MODAL_SUBMIT, data, self.owners, self.source))

    def acknowledge(self, *, ephemeral: bool = False, deferred: bool = False) -> None:
        """Note the moment of the first answer."""
        self.acknowledged_after_s = self.age_s
        self.ephemeral, self.deferred = ephemeral, deferred


def context_of(server: DiscordServer, channel: Channel) -> int:
    """Return Discord's number for a guild, the bot's own DM, or somebody else's."""
    if channel.guild is not None:
        return IN_GUILD
    return IN_BOT_DM if server.bot in channel.recipients else IN_OTHER_DM


def begin(use: Use) -> Use:
    """Return a new interaction, after the bot was told of it."""
    server, channel = use.server, use.channel
    if channel.guild is not None and use.person.id not in channel.guild.members:
        raise Impossible(f"{use.person.name} is no member of {channel.guild.name}")
    use.id, use.asked_at_s = server.ids.next(), server.clock.now()
    server.uses[use.token] = use
    server.gateway.dispatch("INTERACTION_CREATE", payload(use), channel.guild)
    return use


async def seen(use: Use) -> Use:
    """Begin an interaction and return it when it was acknowledged, or when it is too late for that."""
    try:
        return await begin(use).acknowledged()
    except TimeoutError:
        return use


def payload(use: Use) -> Json:
    """Return what the bot is told: "Interaction Object" of Discord's documentation."""
    server, channel, guild = use.server, use.channel, use.channel.guild
    app_permissions = bits(IN_DIRECT_MESSAGES) if guild is None else permissions_of(server.bot, channel)
    theirs = permissions_of(use.person, channel)
    shape: Json = {
        "id": str(use.id),
        "application_id": str(server.bot.id),
        "type": use.kind,
        "token": use.token,
        "version": 1,
        "data": use.data,
        "channel_id": str(channel.id),
        "channel": {**payloads.channel(channel), "permissions": str(theirs)},
        "locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": use.owners,
        "context": use.context,
        "app_permissions": str(app_permissions),
        "attachment_size_limit": ATTACHMENT_BYTES,
    }
    if use.source is not None:
        shape["message"] = payloads.message(use.source, content=True, gateway=True)
    if guild is None:
        return {**shape, "user": payloads.user(use.person)}
    member = {**payloads.whole_member(guild.members[use.person.id]), "permissions": str(theirs)}
    return {
        **shape,
        "member": member,
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
    }


def component_of(message: Message, wanted: str) -> Json:
    """Return a button or select of a message by its label, custom_id or placeholder."""
    parts = [part for part in walk(message.components) if part.get("custom_id")]
    for part in parts:
        names = (part["custom_id"], part.get("label"), part.get("placeholder"), (part.get("emoji") or {}).get("name"))
        if wanted in names:
            if part.get("disabled"):
                raise Impossible(f"{wanted!r} is disabled")
            return part
    raise Impossible(f"no {wanted!r} here, only {[part.get('label') or part['custom_id'] for part in parts]}")
