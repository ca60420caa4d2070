"""What a Discord message says, by whom and where, as the bot's own types; it asks nobody and remembers nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import discord

from adapters.discord.services import PLATFORM
from bot.events import IncomingMessage, MessageEdited
from bot.types import DM_GUILD, Author, Place, PlaceKind, Scope

_WRITTEN = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)|a?:(?P<emoji>\w+):\d+|/(?P<command>[^:<>]+):\d+"
    r"|t:(?P<moment>-?\d{1,12})(?::[a-zA-Z])?)>"
)
"""What Discord's clients show as something else: https://discord.com/developers/docs/reference#message-formatting"""

_ANSWERED = frozenset({discord.MessageType.default, discord.MessageType.reply})
_VOICE = frozenset({discord.ChannelType.voice, discord.ChannelType.stage_voice})


def place_of(channel: discord.abc.Snowflake, guild: discord.Guild | None) -> Place:
    """Return where something is said in a channel; one that is not known to be open to everyone is private.

    A DM is the one with the bot. Whoever gets a DM between two other people, as user-installed apps do, knows better.
    """
    if is_direct(channel):
        return Place(PlaceKind.DM, str(channel.id))
    if isinstance(channel, discord.Thread):
        parent_id, thread_id = str(channel.parent_id), str(channel.id)
        if channel.is_private():  # not all who read the parent read it, nor do those of another one
            return Place(PlaceKind.PRIVATE, thread_id, thread_id, parent_id)
        return Place(_openness(channel.parent, guild), parent_id, thread_id)
    return Place(_openness(channel, guild), str(channel.id))


def is_direct(channel: discord.abc.Snowflake) -> bool:
    """Tell whether a channel is the direct messages of one person with the bot."""
    is_known_as_one = isinstance(channel, discord.PartialMessageable) and channel.type is discord.ChannelType.private
    return isinstance(channel, discord.DMChannel) or is_known_as_one


def _openness(channel: discord.abc.Snowflake | None, guild: discord.Guild | None) -> PlaceKind:
    everyone = guild.get_role(guild.id) if guild is not None else None  # absent while the guild is unavailable
    if everyone is None or not isinstance(channel, discord.abc.GuildChannel):
        return PlaceKind.PRIVATE
    may = channel.permissions_for(everyone)
    # The text of a voice channel is for those who may also connect.
    is_open = may.view_channel and (may.connect or channel.type not in _VOICE)
    return PlaceKind.PUBLIC if is_open else PlaceKind.PRIVATE


def scope_of(user_id: int, guild_id: int | None) -> Scope:
    """Return whose memory a person's is in a guild, or in direct messages."""
    return Scope(PLATFORM, str(guild_id) if guild_id else DM_GUILD, str(user_id))


def guild_id_of(message: discord.Message) -> int | None:
    """Return the guild that a message was sent in, also one of which nothing else is known yet; None for a DM."""
    if message.guild is not None:
        return message.guild.id
    return message.channel.guild_id if isinstance(message.channel, discord.PartialMessageable) else None


def is_admin(person: discord.abc.User) -> bool:
    """Tell whether a person may change the settings of the guild in which they were met."""
    guild: discord.Guild | None = person.guild if isinstance(person, discord.Member) else None
    is_described = guild is not None and guild.get_role(guild.id) is not None  # else the library cannot tell
    return isinstance(person, discord.Member) and is_described and person.guild_permissions.manage_guild


def is_from_person(message: discord.Message) -> bool:
    """Tell whether a message is somebody's own: nothing of the bot itself, other bots, webhooks or Discord."""
    return message.type in _ANSWERED and not message.author.bot and message.webhook_id is None


def names_bot(message: discord.Message, own_id: int) -> bool:
    """Tell whether a message mentions the bot itself or the role that came with it.

    The list of mentions alone is not enough: it also holds whose message is replied to, when that pings.
    """
    written = {found["user"] for found in _WRITTEN.finditer(message.content)}
    mentioned = str(own_id) in written and any(user.id == own_id for user in message.mentions)
    return mentioned or bool(_own_roles(message.guild) & {role.id for role in message.role_mentions})


def is_hidden(message: discord.Message, own_id: int, *, reads_all: bool) -> bool:
    """Tell whether Discord may have left out what a message says.

    Without the right to read all, a bot is shown direct messages and what mentions it, replies that ping it included.

    Args:
        reads_all: whether Discord shows the bot what is not said to it.
    """
    is_shown = message.content or message.attachments or message.message_snapshots
    is_for_bot = guild_id_of(message) is None or any(user.id == own_id for user in message.mentions)
    return not (is_shown or reads_all or is_for_bot)


def text_of(message: discord.Message, own_id: int) -> str:
    """Return what the author typed, without mentions of the bot and with everything else readable."""
    own = {f"<@{own_id}>", f"<@!{own_id}>", *(f"<@&{role_id}>" for role_id in _own_roles(message.guild))}
    called = re.compile(f"[ \t]*(?:{'|'.join(map(re.escape, own))})")
    # At the start, "@bot, hello" and "@bot: hello" are an address; elsewhere punctuation belongs to the sentence.
    text = re.sub(rf"\A(?:{called.pattern})+[,:]?(?=\s|\Z)", "", message.content)
    return readable(called.sub("", text), message)


def readable(text: str, message: discord.Message) -> str:
    """Return a text with its mentions, emoji and timestamps as people see them, named as its message knows them."""
    people = {str(user.id): user.display_name for user in message.mentions}
    guild = message.guild
    return _WRITTEN.sub(lambda found: _shown(found, people, guild), text).strip()


def _shown(found: re.Match[str], people: Mapping[str, str], guild: discord.Guild | None) -> str:
    match found.lastgroup, found[found.lastgroup or 0]:
        case "user", number:
            return f"@{people.get(number, number)}"
        case "role", number:
            role = guild.get_role(int(number)) if guild is not None else None
            return f"@{role.name if role else number}"
        case "channel", number:
            channel = guild.get_channel_or_thread(int(number)) if guild is not None else None
            # Discord shows a private channel's name to its members alone; these words reach others too.
            is_open = channel is not None and place_of(channel, guild).kind is PlaceKind.PUBLIC
            return f"#{channel.name if channel and is_open else number}"
        case "emoji", name:
            return f":{name}:"
        case "command", name:
            return f"/{name}"
        case _, seconds:
            return _moment(int(seconds)) or found[0]


def _moment(seconds: int) -> str:
    """Return a timestamp as a date and time; nothing for one outside the calendar."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M UTC}"
    except (ValueError, OverflowError, OSError):
        return ""


def _own_roles(guild: discord.Guild | None) -> frozenset[int]:
    role = guild.self_role if guild is not None else None
    return frozenset({role.id}) if role is not None else frozenset()


def incoming(message: discord.Message, own_id: int, *, addressed: bool = True, again: str = "") -> IncomingMessage:
    """Return a message as the assistant takes it, without what stands beside it.

    Args:
        again: the interaction that asks for another answer to the same message, or nothing.
    """
    return IncomingMessage(
        dedupe_key=f"again:{again}" if again else str(message.id),
        scope=scope_of(message.author.id, guild_id_of(message)),
        place=place_of(message.channel, message.guild),
        author=author_of(message),
        text=text_of(message, own_id),
        source_id=str(message.id),
        sent_at=message.created_at,
        addressed=addressed,
        admin=is_admin(message.author),
        again=bool(again),
    )


def edited(message: discord.Message, own_id: int, *, reads_all: bool) -> MessageEdited | None:
    """Return a changed message as the assistant takes it; None when nobody changed it, or it cannot be read.

    An event without a time of editing is a link preview that was added. Such a preview, a pin and a thread that is
    begun with the message also come with the time of the last edit, so they have its dedupe key.
    """
    if message.edited_at is None or not is_from_person(message) or is_hidden(message, own_id, reads_all=reads_all):
        return None
    sent = incoming(message, own_id)
    key = f"{message.id}:{int(message.edited_at.timestamp() * 1000)}"
    return MessageEdited(key, sent.scope, sent.place, sent.author, sent.text, sent.source_id, message.edited_at)


def author_of(message: discord.Message) -> Author:
    """Return who sent a message, by the name that people see there."""
    return Author(str(message.author.id), message.author.display_name)
