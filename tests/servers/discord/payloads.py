"""The JSON of Discord's objects. What the message-content rule hides is hidden here, in one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.servers.discord.intents import LIMITED_FLAGS
from tests.servers.discord.permissions import permissions_of
from tests.servers.discord.wire import Json, iso, time_of

if TYPE_CHECKING:
    from tests.servers.discord.interactions import Use
    from tests.servers.discord.nouns import Attachment, Channel, Guild, Member, Message, Role
    from tests.servers.discord.people import Person
    from tests.servers.discord.server import DiscordServer

COMMAND_BADGE = 1 << 23


def user(person: Person) -> Json:
    """A person, as everybody sees them."""
    return {
        "id": str(person.id),
        "username": person.name.lower().replace(" ", "_"),
        "discriminator": "0",
        "global_name": None if person.bot else person.name,
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
    }


def me(person: Person) -> Json:
    """The bot, as it sees itself."""
    return {**user(person), "verified": True, "mfa_enabled": False, "email": None, "flags": 0}


def member(member: Member) -> Json:
    """A membership, without the person."""
    return {
        "nick": member.nick,
        "roles": [str(role.id) for role in member.roles],
        "joined_at": iso(time_of(member.guild.id)),
        "premium_since": None,
        "avatar": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }


def whole_member(given: Member) -> Json:
    """A membership with the person."""
    return {**member(given), "user": user(given.person)}


def member_event(given: Member) -> Json:
    """What is sent when a person joins or leaves."""
    return {**whole_member(given), "guild_id": str(given.guild.id)}


def role(given: Role) -> Json:
    """A role."""
    tags = {"tags": {"bot_id": str(given.bot.id)}} if given.bot else {}
    return {
        "id": str(given.id),
        "name": given.name,
        "permissions": str(given.permissions),
        "mentionable": given.mentionable,
        "managed": given.bot is not None,
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "flags": 0,
        **tags,
    }


def role_event(guild: Guild, given: Role) -> Json:
    """What is sent when a role is made or changed."""
    return {"guild_id": str(guild.id), "role": role(given)}


def channel(given: Channel) -> Json:
    """A channel of any kind."""
    last = {"last_message_id": str(max(given.messages)) if given.messages else None}
    shape = {"id": str(given.id), "type": int(given.kind), "flags": 0, **last}
    if given.guild is None:
        return {**shape, "recipients": [user(person) for person in given.recipients if person is not given.server.bot]}
    shape |= {"guild_id": str(given.guild.id), "name": given.name, "rate_limit_per_user": 0}
    if given.is_thread:
        return {**shape, **_thread(given)}
    forum: Json = {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    return {
        **shape,
        **(forum if given.kind.name == "FORUM" else {}),
        "position": 0,
        "parent_id": None,
        "topic": given.topic,
        "nsfw": False,
        "permission_overwrites": [
            {"id": str(target), "type": 0 if target == given.guild.id else 1, "deny": str(deny), "allow": str(allow)}
            for target, (deny, allow) in given.overwrites.items()
        ],
    }


def _thread(given: Channel) -> Json:
    count = len(given.messages)
    bot = given.server.bot.id
    made = iso(time_of(given.id))
    return {
        "parent_id": str(given.parent.id) if given.parent else None,
        "owner_id": str(given.owner.id) if given.owner else "0",
        "message_count": count,
        "total_message_sent": count,
        "member_count": len(given.thread_members),
        "thread_metadata": {
            "archived": given.archived,
            "locked": given.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": made,
            "create_timestamp": made,
            **({"invitable": True} if given.is_private_thread else {}),
        },
        **({"member": thread_member(given, bot)} if bot in given.thread_members else {}),
    }


def thread_member(thread: Channel, user_id: int) -> Json:
    """A membership of a thread."""
    return {"id": str(thread.id), "user_id": str(user_id), "join_timestamp": iso(time_of(thread.id)), "flags": 0}


def thread_members(thread: Channel, added: Person) -> Json:
    """What is sent when somebody is added to a thread."""
    return {
        "id": str(thread.id),
        "guild_id": str(thread.guild.id) if thread.guild else None,
        "member_count": len(thread.thread_members),
        "added_members": [thread_member(thread, added.id)],
    }


def partial_guild(guild: Guild) -> Json:
    """A guild, as a list of guilds or an interaction shows it."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "owner": False,
        "features": [],
        "locale": "en-US",
        "permissions": str(guild.everyone.permissions),
    }


def guild(given: Guild) -> Json:
    """A guild, as it can be asked for."""
    return {
        "id": str(given.id),
        "name": given.name,
        "icon": None,
        "owner_id": str(given.owner.id),
        "roles": [role(one) for one in given.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "preferred_locale": "en-US",
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "system_channel_id": str(given.system_channel.id) if given.system_channel else None,
        "nsfw_level": 0,
        "mfa_level": 0,
        "premium_tier": 0,
    }


def whole_guild(given: Guild, *, all_members: bool) -> Json:
    """A guild, as the gateway sends it: with channels, threads that the bot sees, and the members it may know."""
    bot = given.server.bot
    known = [one for one in given.members.values() if all_members or one.person is bot]
    threads = [one for one in given.threads if permissions_of(bot, one)]
    return {
        **guild(given),
        "member_count": len(given.members),
        "large": False,
        "joined_at": iso(time_of(given.id)),
        "members": [whole_member(one) for one in known],
        "channels": [channel(one) for one in given.channels],
        "threads": [channel(one) for one in threads],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(server: DiscordServer, given: Attachment) -> Json:
    """A file of a message."""
    url = f"{server.cdn_base}/attachments/{given.id}/{given.name}"
    size = {"width": 1, "height": 1} if (given.content_type or "").startswith("image/") else {}
    return {
        "id": str(given.id),
        "filename": given.name,
        "size": len(given.content),
        "url": url,
        "proxy_url": url,
        **({"content_type": given.content_type} if given.content_type else {}),
        **({"description": given.description} if given.description else {}),
        **size,
    }


def shows_content(given: Message) -> bool:
    """Whether a bot without the message-content intent sees what a message says.

    "You might not need a privileged intent", Discord support: own messages, direct messages, mentions of the bot.
    """
    bot = given.channel.server.bot
    return given.author is bot or given.channel.guild is None or bot.id in given.mentions


def message(given: Message, *, content: bool, gateway: bool = False) -> Json:
    """A message as the bot gets it; `content` says whether all contents are shown to it."""
    guild_of = given.channel.guild
    shape: Json = {
        "id": str(given.id),
        "channel_id": str(given.channel.id),
        "type": int(given.kind),
        "author": user(given.author),
        "timestamp": iso(given.created_at),
        "edited_timestamp": None if given.edited_at is None else iso(given.edited_at),
        "flags": given.flags,
        "tts": False,
        "pinned": False,
        "mention_everyone": bool(given.mentions.everyone),
        "mention_roles": list(map(str, given.mentions.roles)),
        "mentions": _mentioned(given, gateway=gateway),
        **_contents(given, shown=content or shows_content(given)),
        **_optional(given, content=content),
    }
    if gateway and guild_of is not None:
        shape["guild_id"] = str(guild_of.id)
        if given.author.id in guild_of.members:
            shape["member"] = member(guild_of.members[given.author.id])
    return shape


def _mentioned(given: Message, *, gateway: bool) -> list[Json]:
    server, guild_of = given.channel.server, given.channel.guild
    ids = dict.fromkeys([*given.mentions.users, *([given.mentions.replied] if given.mentions.replied else [])])
    found = [server.people[one] for one in ids if one in server.people]
    members = guild_of.members if gateway and guild_of else {}
    return [{**user(one), **({"member": member(members[one.id])} if one.id in members else {})} for one in found]


def _contents(given: Message, *, shown: bool) -> Json:
    if not shown:
        return {"content": "", "embeds": [], "attachments": [], "components": []}
    files = [attachment(given.channel.server, one) for one in given.attachments]
    return {"content": given.content, "embeds": given.embeds, "attachments": files, "components": given.components}


def _optional(given: Message, *, content: bool) -> Json:
    """Return the fields that only some messages have."""
    found: Json = {}
    if given.nonce is not None:
        found["nonce"] = given.nonce
    if given.webhook_id is not None:
        found["webhook_id"] = str(given.webhook_id)
    if given.answers is not None:
        found |= {"application_id": str(given.author.id), "interaction_metadata": asked(given.answers)}
    if given.thread is not None:
        found["thread"] = channel(given.thread)
    if given.reactions:
        one = {"count": 1, "me": True, "me_burst": False, "burst_colors": []}
        details = {"count_details": {"burst": 0, "normal": 1}}
        found["reactions"] = [{**one, **details, "emoji": {"id": None, "name": name}} for name in given.reactions]
    if given.reference is not None:
        origin = given.reference
        found["message_reference"] = _reference(origin, 0)
        found["referenced_message"] = None if origin.deleted else message(_flat(origin), content=content)
    if given.forwarded is not None:
        found["message_reference"] = _reference(given.forwarded, 1)
        snapshot = message(given.forwarded, content=content or shows_content(given))
        found["message_snapshots"] = [{"message": snapshot}]
    return found


def _reference(origin: Message, kind: int) -> Json:
    guild_of = origin.channel.guild
    place = {"guild_id": str(guild_of.id)} if guild_of else {}
    return {"type": kind, "message_id": str(origin.id), "channel_id": str(origin.channel.id), **place}


def _flat(given: Message) -> Message:
    """Return a message without what it refers to: Discord nests one level."""
    return replace(given, reference=None, forwarded=None, thread=None)


def asked(use: Use) -> Json:
    """What a message says about the interaction that it answers."""
    return {
        "id": str(use.id),
        "type": use.kind,
        "user": user(use.person),
        "authorizing_integration_owners": use.owners,
    }


def application(server: DiscordServer) -> Json:
    """The bot's application, as its developer set it up."""
    enabled = [LIMITED_FLAGS[name] for name in server.intents]
    badge = COMMAND_BADGE if any(server.commands.values()) else 0
    params = {"scopes": ["bot", "applications.commands"], "permissions": "0"}
    for_user = {"scopes": ["applications.commands"], "permissions": "0"}
    kinds = {"0": {"oauth2_install_params": params}, "1": {"oauth2_install_params": for_user}}
    return {
        "id": str(server.bot.id),
        "name": server.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "verify_key": "0" * 64,
        "bot_public": True,
        "bot_require_code_grant": False,
        "flags": sum(enabled) + badge,
        "owner": user(server.owner),
        "bot": user(server.bot),
        "team": None,
        "install_params": params,
        "integration_types_config": {kind: kinds[kind] for kind in server.install_types},
        "approximate_guild_count": sum(one.has_bot for one in server.guilds.values()),
        "approximate_user_install_count": sum(one.installed for one in server.people.values()),
        "interactions_endpoint_url": server.interactions_endpoint_url,
        "redirect_uris": [],
        "tags": [],
    }
