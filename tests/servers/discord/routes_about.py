"""Routes about the bot itself, its guilds, people, commands, and where the gateway is."""

from __future__ import annotations

from tests.servers.discord import payloads
from tests.servers.discord.command_rules import CHAT_INPUT, CREATES_A_DAY, refuse_commands
from tests.servers.discord.gateway import IDENTIFIES_A_DAY
from tests.servers.discord.refusals import (
    INVALID_FORM,
    TOO_MANY_COMMANDS_MADE,
    UNKNOWN_COMMAND,
    UNKNOWN_GUILD,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Fault,
    Refusal,
)
from tests.servers.discord.rest import Call, Reply, Routes
from tests.servers.discord.wire import Json

GLOBAL = "/applications/{application}/commands"
OF_GUILD = "/applications/{application}/guilds/{guild}/commands"

routes = Routes()


@routes.on("GET", "/gateway", free=True)
async def gateway(call: Call) -> Reply:
    """Where the gateway is."""
    return {"url": call.server.gateway_url}


@routes.on("GET", "/gateway/bot")
async def gateway_for_bot(call: Call) -> Reply:
    """Where the gateway is, and how often the bot may still identify today."""
    left = IDENTIFIES_A_DAY - call.server.gateway.identifies
    limit = {"total": IDENTIFIES_A_DAY, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": call.server.gateway_url, "shards": call.server.shards, "session_start_limit": limit}


@routes.on("GET", "/users/@me")
async def myself(call: Call) -> Reply:
    """The bot's user."""
    return payloads.me(call.server.bot)


@routes.on("GET", "/applications/@me")
@routes.on("GET", "/oauth2/applications/@me")
async def application(call: Call) -> Reply:
    """The bot's application."""
    return payloads.application(call.server)


@routes.on("GET", "/users/@me/guilds")
async def guilds(call: Call) -> Reply:
    """The guilds that the bot is in."""
    return [payloads.partial_guild(guild) for guild in call.server.guilds.values() if guild.has_bot]


@routes.on("DELETE", "/users/@me/guilds/{guild}")
async def leave_guild(call: Call) -> Reply:
    """Leave a guild."""
    call.guild().removes_bot()
    return None


@routes.on("POST", "/users/@me/channels")
async def open_dm(call: Call) -> Reply:
    """Open the DM with a person; that their DMs are closed shows on sending only."""
    person = call.server.people.get(int(call.body.get("recipient_id") or 0))
    if person is None or person.bot:
        raise Refusal(INVALID_FORM, [Fault("recipient_id", "INVALID_RECIPIENT", "Cannot send messages to this user")])
    return payloads.channel(person.dm)


@routes.on("GET", "/users/{user}")
async def user(call: Call) -> Reply:
    """A person."""
    person = call.server.people.get(call.number("user"))
    if person is None:
        raise Refusal(UNKNOWN_USER)
    return payloads.user(person)


@routes.on("GET", "/guilds/{guild}")
async def guild(call: Call) -> Reply:
    """A guild."""
    return payloads.guild(call.guild())


@routes.on("GET", "/guilds/{guild}/channels")
async def channels(call: Call) -> Reply:
    """The channels of a guild."""
    return list(map(payloads.channel, call.guild().channels))


@routes.on("GET", "/guilds/{guild}/roles")
async def roles(call: Call) -> Reply:
    """The roles of a guild."""
    return list(map(payloads.role, call.guild().roles.values()))


@routes.on("GET", "/guilds/{guild}/members/{user}")
async def member(call: Call) -> Reply:
    """A member of a guild."""
    found = call.guild().members.get(call.number("user"))
    if found is None:
        raise Refusal(UNKNOWN_MEMBER)
    return payloads.whole_member(found)


# Commands


def _scope(call: Call) -> int | None:
    if call.number("application") != call.server.bot.id:
        raise Refusal(UNKNOWN_COMMAND)
    if "guild" not in call.http.match_info:
        return None
    if call.number("guild") not in call.server.guilds:
        raise Refusal(UNKNOWN_GUILD)
    return call.number("guild")


@routes.on("GET", GLOBAL)
@routes.on("GET", OF_GUILD)
async def get_commands(call: Call) -> Reply:
    """The commands of a scope."""
    return call.server.commands.get(_scope(call), [])


@routes.on("PUT", GLOBAL)
@routes.on("PUT", OF_GUILD)
async def put_commands(call: Call) -> Reply:
    """Replace all commands of a scope."""
    return registered(call, _scope(call), list(call.body))


@routes.on("POST", GLOBAL)
@routes.on("POST", OF_GUILD)
async def add_command(call: Call) -> Reply:
    """Add a command, or replace the one of its name."""
    scope = _scope(call)
    others = [one for one in call.server.commands.get(scope, []) if key_of(one) != key_of(call.body)]
    return registered(call, scope, [*others, call.body])[-1]


@routes.on("PATCH", f"{GLOBAL}/{{command}}")
@routes.on("PATCH", f"{OF_GUILD}/{{command}}")
async def edit_command(call: Call) -> Reply:
    """Change a command."""
    scope, old = _scope(call), _command(call)
    others = [one for one in call.server.commands[scope] if one is not old]
    return registered(call, scope, [*others, {**old, **call.body}])[-1]


@routes.on("DELETE", f"{GLOBAL}/{{command}}")
@routes.on("DELETE", f"{OF_GUILD}/{{command}}")
async def delete_command(call: Call) -> Reply:
    """Delete a command."""
    command = _command(call)
    call.server.commands[_scope(call)].remove(command)
    return None


def _command(call: Call) -> Json:
    for command in call.server.commands.get(_scope(call), []):
        if command["id"] == call.text("command"):
            return command
    raise Refusal(UNKNOWN_COMMAND)


def registered(call: Call, scope: int | None, wanted: list[Json]) -> list[Json]:
    """Make these the commands of a scope, and return them as Discord keeps them: known names keep their ids."""
    refuse_commands(wanted)
    server = call.server
    known = {key_of(command): command["id"] for command in server.commands.get(scope, [])}
    made = server.commands_made.get(scope, 0) + sum(key_of(command) not in known for command in wanted)
    if made > CREATES_A_DAY:
        raise Refusal(TOO_MANY_COMMANDS_MADE)
    server.commands_made[scope] = made
    guild = {} if scope is None else {"guild_id": str(scope)}
    server.commands[scope] = [
        {
            "type": CHAT_INPUT,
            "description": "",
            "options": [],
            "contexts": None,
            "integration_types": [0],
            "default_member_permissions": None,
            "nsfw": False,
            **command,
            **guild,
            "id": known.get(key_of(command)) or str(server.ids.next()),
            "application_id": str(server.bot.id),
            "version": str(server.ids.next()),
        }
        for command in wanted
    ]
    return server.commands[scope]


def key_of(command: Json) -> tuple[int, str]:
    """Return what makes a command the same one: its kind and name."""
    return command.get("type", CHAT_INPUT), str(command.get("name"))
