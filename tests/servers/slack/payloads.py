"""The JSON of Slack's nouns, as its reference of objects and events shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.nouns import Channel, File, Message, Team, View
    from tests.servers.slack.people import Person

USER_TOKEN = re.compile(r"<@([UW]\w+)(?:\|[^>]*)?>")


def user(person: Person, seen_from: tuple[Team, ...]) -> Json:
    """Return a user as `users.info` gives it; one of other workspaces than those of the token is a stranger."""
    stranger = person.team not in seen_from
    told: Json = {
        "id": person.id,
        "team_id": person.team.id,
        "name": person.name.lower(),
        "real_name": person.name,
        "profile": {"real_name": person.name, "display_name": person.name, "team": person.team.id},
        "deleted": False,
        "is_bot": person.is_bot,
        "is_stranger": stranger,
        "updated": 0,
    }
    if not stranger:
        told |= {"tz": person.timezone, "tz_label": person.timezone, "tz_offset": 0}
        told |= {"is_admin": person.is_admin, "is_owner": person.is_owner, "is_primary_owner": False}
        told |= {"is_restricted": person.is_guest, "is_ultra_restricted": False, "is_app_user": False}
    if person.team.enterprise_id:
        told["enterprise_user"] = {
            "id": person.id,
            "enterprise_id": person.team.enterprise_id,
            "enterprise_name": person.team.enterprise_id,
            "is_admin": False,
            "is_owner": False,
            "teams": [other.team.id for other in person.server.people if other.id == person.id],
        }
    return told


def channel(it: Channel, member: bool) -> Json:
    """Return a channel as `conversations.info` gives it."""
    told: Json = {
        "id": it.id,
        "created": 0,
        "is_archived": it.archived,
        "is_im": it.kind == "im",
        "is_mpim": it.kind == "mpim",
        "is_private": it.is_private,
        "is_channel": it.kind == "channel",
        "is_group": it.kind == "group",
        "is_shared": it.ext_shared or it.org_shared,
        "is_ext_shared": it.ext_shared,
        "is_pending_ext_shared": it.pending_shared,
        "is_org_shared": it.org_shared,
        "is_general": False,
        "context_team_id": it.team.id,
    }
    if it.kind == "im":
        return {**told, "user": next(user_id for user_id in it.members if user_id != it.team.bot.id)}
    return {**told, "name": it.name, "is_member": member, "topic": {"value": ""}, "purpose": {"value": ""}}


def file(it: File, base: str) -> Json:
    """Return a file as messages carry it."""
    return {
        "id": it.id,
        "created": 0,
        "name": it.name,
        "title": it.title or it.name,
        "mimetype": it.mimetype,
        "filetype": it.name.rpartition(".")[2],
        "user": it.owner.id,
        "size": len(it.content),
        "mode": "hosted",
        "is_external": False,
        "file_access": "visible",
        "url_private": f"{base}/files-pri/{it.id}/{it.name}",
        "url_private_download": f"{base}/files-pri/{it.id}/download/{it.name}",
        "permalink": f"{base}/files/{it.id}",
    }


def message(it: Message) -> Json:
    """Return a message as history and the events about it hold it."""
    told: Json = {"type": "message", "ts": it.ts, "text": it.text, "team": it.author.team.id}
    if it.subtype:
        told["subtype"] = it.subtype
    if not it.author.is_classic:
        told["user"] = it.author.id
    if it.author.is_bot:
        told |= {"bot_id": it.author.bot_id, "app_id": it.author.app_id}
        told["bot_profile"] = {"id": it.author.bot_id, "app_id": it.author.app_id, "name": it.author.name}
    else:
        told["client_msg_id"] = f"00000000-0000-4000-8000-{it.ts.replace('.', '')[-12:]}"
    if it.thread_ts:
        told["thread_ts"] = it.thread_ts
        root = it.channel.messages.get(it.thread_ts)
        if root is not None and root is not it and it.subtype is None:
            told["parent_user_id"] = root.author.id
    if it.edited_ts:
        told["edited"] = {"user": it.author.id, "ts": it.edited_ts}
    if it.files:
        told["files"] = [file(one, it.channel.server.base_url) for one in it.files]
    if it.metadata:
        told["metadata"] = it.metadata
    told["blocks"] = it.blocks or [rich_text(it.text, it.ts)]
    if it.channel.ext_shared and not it.author.is_bot:
        told |= {"user_team": it.author.home_id, "source_team": it.author.home_id, "team": it.author.home_id}
    return told


def tombstone(it: Message) -> Json:
    """Return what stands in the place of a deleted message that has replies."""
    return {
        "type": "message",
        "subtype": "tombstone",
        "hidden": True,
        "user": "USLACKBOT",
        "text": "This message was deleted.",
        "ts": it.ts,
        "thread_ts": it.ts,
    }


def rich_text(text: str, ts: str) -> Json:
    """Return what Slack's editor makes of a text, as far as mentions go."""
    parts: list[Json] = []
    for number, part in enumerate(USER_TOKEN.split(text)):
        if number % 2:
            parts.append({"type": "user", "user_id": part})
        elif part:
            parts.append({"type": "text", "text": part})
    return {
        "type": "rich_text",
        "block_id": f"b{ts[-6:]}",
        "elements": [{"type": "rich_text_section", "elements": parts}],
    }


def view(it: View, app_id: str) -> Json:
    """Return a view as Slack answers and sends it: with its ids, its hash and what was filled in."""
    values: dict[str, Json] = {}
    for (block_id, action_id), state in it.state.items():
        values.setdefault(block_id, {})[action_id] = state
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "title": None, "submit": None}
    return {
        **defaults,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **it.content,
        "id": it.id,
        "team_id": it.team.id,
        "hash": it.hash,
        "state": {"values": values},
        "root_view_id": it.root_id,
        "previous_view_id": it.previous_id,
        "app_id": app_id,
        "app_installed_team_id": it.team.id,
        "bot_id": it.team.bot.bot_id,
    }


def interaction(kind: str, person: Person, team: Team, app_id: str, is_org: bool) -> Json:
    """Return what every payload of an interaction begins with."""
    enterprise = {"id": team.enterprise_id, "name": team.enterprise_id} if team.enterprise_id else None
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name.lower(),
            "name": person.name.lower(),
            "team_id": person.team.id,
        },
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": enterprise,
        "is_enterprise_install": is_org,
        "api_app_id": app_id,
        "token": "verification",
    }
