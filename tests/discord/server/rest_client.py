"""An HTTP client in the place of a bot: it asks with names instead of ids, and builds what is to be refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.servers.discord import Channel, DiscordServer, Guild, Message, Person, Use
from tests.servers.discord.interactions import begin
from tests.servers.discord.rules import COMPONENTS_V2

SAY = "/channels/{general}/messages"
X: Mapping[str, object] = {"content": "x"}


@dataclass
class RestClient:
    """Sends requests with the bot's token; `names` stand for ids in paths and bodies."""

    server: DiscordServer
    http: aiohttp.ClientSession
    general: Channel
    ann: Person
    names: dict[str, int | str]

    async def ask(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
        """Return the status of the answer, and what it says."""
        headers = {"Authorization": f"Bot {token or self.server.token}"}
        url = self.server.api_base + self._named(path)
        sent = None if body is None else json.loads(self._named(json.dumps(body)))
        async with self.http.request(method, url, json=sent, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if response.content_type == "application/json" else text

    def asks(self, kind: int, source: Message | None = None, channel: Channel | None = None, **data: object) -> Use:
        """Let Ann begin an interaction, named "use" and "token"; in a channel that is given, the bot is a guest."""
        place = channel or self.general
        owners = {"1": str(self.ann.id)} if channel or place.guild is None else {"0": str(place.guild.id)}
        use = begin(Use(self.ann, place, kind, {"type": 1, **data}, owners, source))
        self.names |= {"use": use.id, "token": use.token}
        return use

    def channel(self, name: str) -> Channel:
        """Return the channel of a name."""
        return self.server.channels[int(self.names[name])]

    def _named(self, text: str) -> str:
        for name, number in self.names.items():
            text = text.replace(f"{{{name}}}", str(number))
        return text


async def named_places(guild: Guild, general: Channel, ann: Person) -> dict[str, int | str]:
    """Return names for channels and messages, most of them such that something is not allowed there."""
    server = guild.server
    ben = server.add_person("Ben")
    ben.closes_dms()
    said = await ann.says(general, "hello")
    own, gone = server.post(general, server.bot, "mine"), server.post(general, server.bot, "gone")
    server.delete(gone)
    join = server.system_says(general, ann)
    names = {"bot": server.bot.id, "general": general.id, "anns": said.id, "own": own.id, "gone": gone.id}
    names |= {"join": join.id, "dm": ann.dm.id, "closed": ben.dm.id, "guild": guild.id, "ann": ann.id}
    return {**names, **_places(guild, general, ann)}


def _places(guild: Guild, general: Channel, ann: Person) -> dict[str, int]:
    """Return channels in which something is not allowed."""
    locked, old = general.add_thread("locked", owner=ann), general.add_thread("old", owner=ann)
    in_old = guild.server.post(old, guild.server.bot, "mine")
    locked.archive(locked=True)
    old.archive()
    channels = {name: guild.add_channel(name) for name in ("mute", "blind", "deleted", "unthreaded")}
    thread = channels["unthreaded"].add_thread("talk", owner=ann)
    channels["mute"].forbid("send_messages", "attach_files", "add_reactions", "create_public_threads")
    channels["blind"].forbid("read_message_history")
    channels["unthreaded"].forbid("send_messages_in_threads")
    channels["deleted"].delete()
    seen = guild.server.post(channels["blind"], ann, "look")
    elsewhere = guild.server.add_guild("Elsewhere", with_bot=False)
    others = {
        "staff": guild.add_channel("staff", private=True),
        "forum": guild.add_channel("forum", forum=True),
        "foreign": elsewhere.add_channel("hall"),
        "closed_thread": general.add_thread("closed", private=True, owner=ann),
        "locked": locked,
        "old": old,
        "thread": thread,
    }
    ids = {name: channel.id for name, channel in {**channels, **others}.items()}
    return {**ids, "in_old": in_old.id, "seen": seen.id, "elsewhere": elsewhere.id}


def button(custom_id: str | None = "x", **more: object) -> dict[str, object]:
    """Return a button."""
    return {"type": 2, "style": 1, "label": "b", **({"custom_id": custom_id} if custom_id else {}), **more}


def row(*parts: object) -> dict[str, object]:
    """Return a row of components."""
    return {"type": 1, "components": list(parts)}


def select(count: int = 1, **more: object) -> dict[str, object]:
    """Return a select."""
    return {"type": 3, "custom_id": "s", "options": [{"label": "o", "value": str(n)} for n in range(count)], **more}


def texts(*contents: str) -> dict[str, object]:
    """Return a message of components v2."""
    return {"flags": COMPONENTS_V2, "components": [{"type": 10, "content": content} for content in contents]}


def embed(**more: object) -> dict[str, object]:
    """Return a message with one embed."""
    return {"embeds": [more]}
