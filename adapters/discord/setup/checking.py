"""Checks what Discord knows about the bot: token, switches, reach, permissions, commands. It changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

from adapters.discord.setup.application import Application, application_of
from adapters.discord.setup.asking import PORTAL, DiscordApi, Json, opened_api
from adapters.discord.setup.inviting import into_account, into_server
from adapters.discord.setup.membership import Guild, Membership, guilds_of, membership
from adapters.discord.setup.permissions import NEEDS
from adapters.discord.setup.registration import registered_names, registration_findings
from bot.config import DiscordSettings
from bot.findings import Finding, Findings, clock_finding, failing_alone, fine, problem, warning
from bot.protocols import Clock

REVIEWED_USERS = 10_000
"""Members from which on Discord reviews who reads messages, since June 2026; in Discord's documentation
"Getting started with privileged intent review"."""

CHECKED_GUILDS = 20
"""Servers that are looked at; each takes four requests."""

FEW_STARTS = 100
"""Session starts below which the day's 1,000 are nearly used up; past them Discord resets the token."""

NAMED_CHANNELS = 5
"""Channels that are named where something is missing in more."""

_BOT_PAGE = f"{PORTAL} → your application → Bot"


async def discord_findings(settings: DiscordSettings, clock: Clock) -> Findings:
    """Yield all that is right and wrong with the bot on Discord.

    Raises:
        ConfigError: there is no token, or one that cannot be one.
        PlatformError: the token is not valid, or Discord is not reachable.
    """
    async with opened_api(settings) as api:
        application = await application_of(api)
        user_id, name = await api.get("users/@me", _user)
        yield fine("Discord token", f"belongs to {name}, the bot of the application {application.name}")
        if found := clock_finding(api.host, api.date, clock()):
            yield found
        for finding in (*application_findings(application), _message_content(application, settings)):
            yield finding
        for about, findings in (
            ("Discord gateway", _gateway(api)),
            ("Discord commands", registration_findings(api, application.id)),
            ("Discord servers", _guilds(api, application, user_id)),
        ):
            async for finding in failing_alone(about, findings):
                yield finding


def _user(found: Json) -> tuple[str, str]:
    return str(found["id"]), str(found["username"])


def application_findings(application: Application) -> Iterator[Finding]:
    """Yield how the application's switches in the portal stand, where they matter."""
    about = "Discord application"
    if application.elsewhere:
        fix = f"{PORTAL} → your application → General Information: empty Interactions Endpoint URL, then Save Changes"
        yield problem(about, "commands and buttons go to a web address, and never reach the bot", fix)
    if application.needs_code_grant:
        fix = f"{_BOT_PAGE}: switch off Requires OAuth2 Code Grant, then Save Changes"
        yield problem(about, "it cannot be invited by an address alone", fix)
    if not application.public:
        yield fine(about, "only its owner can add it to servers (Public Bot is off)")
    if not application.in_servers:
        yield warning(about, "it cannot be added to servers", into_server(application).switch)
    account = into_account(application)
    switch = f"; for that, {account.switch}" if account.switch else ""
    yield fine(about, f"people {'cannot' if switch else 'can'} install it for themselves{switch}")


def _message_content(application: Application, settings: DiscordSettings) -> Finding:
    about, wish = "Discord message content", settings.message_content
    fix = f"{_BOT_PAGE} → Privileged Gateway Intents: switch on Message Content Intent, then Save Changes"
    quiet = 'set [discord] message_content = "off"'
    lost = (
        "the bot gets direct messages, mentions, replies to it and commands; it cannot follow a thread without being "
        "mentioned, see earlier messages of a channel, or listen in one"
    )
    if wish == "off":
        return fine(about, f"not asked for ([discord] message_content is off): {lost}")
    if application.reads_messages:
        return fine(about, "Message Content Intent is on")
    if wish == "on":
        text = "[discord] message_content is on, and Message Content Intent is off: Discord will refuse the connection"
        return problem(about, text, f"{fix}; or {quiet}")
    return warning(about, f"Message Content Intent is off: {lost}", f"{fix}; or, if that is meant, {quiet}")


async def _gateway(api: DiscordApi) -> Findings:
    about = "Discord gateway"
    await api.greeting()
    remaining, total, resets = await api.get("gateway/bot", _session_starts)
    text = f"answers; {remaining:,} of {total:,} session starts are left"
    if remaining < min(FEW_STARTS, total):
        fix = f"find out what restarts the bot so often; they are full again in {resets}"
        yield (warning if remaining else problem)(about, text, fix)
    else:
        yield fine(about, text)


def _session_starts(found: Json) -> tuple[int, int, timedelta]:
    limit = found["session_start_limit"]
    resets = timedelta(seconds=int(limit["reset_after"]) // 1000)
    return int(limit["remaining"]), int(limit["total"]), resets


async def _guilds(api: DiscordApi, application: Application, user_id: str) -> Findings:
    guilds = await guilds_of(api)
    yield _reach(application, guilds)
    for guild in guilds[:CHECKED_GUILDS]:
        async for finding in failing_alone(f"Discord server {guild.name}", _guild(api, application, guild, user_id)):
            yield finding
    if len(guilds) > CHECKED_GUILDS:
        yield fine("Discord servers", f"only the first {CHECKED_GUILDS} were looked at")


def _reach(application: Application, guilds: Sequence[Guild]) -> Finding:
    """Compare what the bot has spread to with where Discord begins to review; both counts are Discord's own."""
    about, members = "Discord servers", sum(guild.members for guild in guilds)
    text = (
        f"in {max(application.guilds, len(guilds)):,}, with about {members:,} members together; "
        f"installed by {application.user_installs:,} people for themselves"
    )
    if not guilds:
        return warning(about, text, "add it to a server: forgetmenot discord invite")
    if members < REVIEWED_USERS or not application.reads_messages:
        return fine(about, text)
    fix = f'{_BOT_PAGE}: ask for the review of Message Content Intent, or set [discord] message_content = "off"'
    return warning(about, f"{text}; from {REVIEWED_USERS:,} people on Discord reviews who reads messages", fix)


async def _guild(api: DiscordApi, application: Application, guild: Guild, user_id: str) -> Findings:
    about = f"Discord server {guild.name}"
    here, own_commands = await asyncio.gather(
        membership(api, guild, user_id), registered_names(api, application.id, guild.id)
    )
    for finding in permission_findings(about, application.name, here):
        yield finding
    if own_commands:
        text = f"people may see commands twice: {', '.join(own_commands)} are registered for this server too"
        yield warning(about, text, _without_commands(application, guild))


def _without_commands(application: Application, guild: Guild) -> str:
    """Return what removes a server's own commands: the bot makes none, so another program did, with the same token."""
    path = f"applications/{application.id}/guilds/{guild.id}/commands"
    headers = '-H "Authorization: Bot $DISCORD_TOKEN" -H "Content-Type: application/json"'
    return f"curl -X PUT {headers} -d '[]' https://discord.com/api/v10/{path}"


def permission_findings(about: str, bot: str, here: Membership) -> Iterator[Finding]:
    """Yield what the bot may and may not do in the channels of one server."""
    role = f"Server Settings → Roles → {bot} → Permissions"
    if here.base.administrator:
        yield warning(about, "the bot is administrator, which it never needs", f"{role}: switch off Administrator")
    if not here.visible:
        yield problem(about, "the bot sees no channel", f"{role}: switch on View Channels")
        return
    missing = [(need, here.without(need)) for need in NEEDS if here.without(need)]
    for need, channels in missing:
        everywhere = len(channels) == len(here.visible)
        where = "" if everywhere else f" in {_named(channels)}"
        text = f"{need.shown} is missing{where}, which the bot needs {need.reason}"
        by_channel = f"the channel → Edit Channel → Permissions → {bot}: allow {need.shown}; unless that is meant"
        fix = by_channel if need.met(here.base) else f"{role}: switch on {need.shown}"
        yield (problem if everywhere and need.essential else warning)(about, text, fix)
    if not missing:
        hidden = f"; hidden from it: {here.hidden}" if here.hidden else ""
        yield fine(about, f"has its permissions in every channel that it sees ({len(here.visible)}{hidden})")


def _named(channels: Sequence[str]) -> str:
    more = f" and {len(channels) - NAMED_CHANNELS} more" if len(channels) > NAMED_CHANNELS else ""
    return ", ".join(f"#{name}" for name in channels[:NAMED_CHANNELS]) + more
